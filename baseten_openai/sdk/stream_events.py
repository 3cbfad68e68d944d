"""Decode the events of a stream. Events of unusual form go through the SDK's decoder.

Baseten sends an event as a line ``data: {...}`` and an empty line (evidence.md#streaming). In the Responses
API a line ``event: name`` comes first. For a chunk that ``fast_construct`` builds,
the SDK's decoder would take half of the time.
"""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

from openai import _streaming

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

_END = b"\n\n"
_DECODER: type | None = getattr(_streaming, "SSEDecoder", None)


def knows(decoder: object) -> bool:
    """Return whether ``decoder`` is the SDK's own, and not one that a user's client has replaced."""
    return type(decoder) is _DECODER


class NamedEvent:
    """An event with a name. It has the attributes of the SDK's ``ServerSentEvent``."""

    __slots__ = ("data", "event")
    id = None
    retry = None

    def __init__(self, event: str, data: str) -> None:
        """Take the name and the data."""
        self.event = event or None
        self.data = data

    def json(self) -> Any:
        """Parse the data."""
        return json.loads(self.data)


def data_of(whole: bytes) -> list[str | NamedEvent] | None:
    """Split complete events: return the data of each, or a ``NamedEvent``; ``None`` for an unusual form."""
    if not whole.startswith((b"data: ", b"event: ")):
        return None
    try:
        text = whole.decode()
    except UnicodeDecodeError:
        return None
    found: list[str | NamedEvent] = []
    for event in text[:-2].split("\n\n"):
        named = event.startswith("event: ")
        name, _, line = event.partition("\n") if named else ("", "", event)
        if not line.startswith("data: ") or "\n" in line:
            return None
        found.append(NamedEvent(name[7:], line[6:]) if named else line[6:])
    return found


class Buffer:
    """Hold back the bytes of an incomplete event.

    Lines must end in a line feed alone: the SDK's decoder ends an event at a carriage return, too.
    """

    __slots__ = ("held",)

    def __init__(self) -> None:
        """Start at the beginning of an event."""
        self.held: list[bytes] = []

    def take(self, piece: bytes) -> bytes:
        """Return the complete events up to the end of ``piece``; empty if there is none."""
        if self.held and piece:
            across = self.held[-1].endswith(b"\n") and piece.startswith(b"\n")
            if _END not in piece and not across:
                self.held.append(piece)
                return b""
            piece = b"".join([*self.held, piece])
            self.held = []
        if piece.endswith(_END):
            return piece
        end = piece.rfind(_END) + len(_END)
        if end < len(_END):
            end = 0
        if end < len(piece):
            self.held.append(piece[end:])
        return piece[:end]


def events(decoder: Any, pieces: Iterator[bytes]) -> Iterator[Any]:
    """Yield the data of each event, a ``NamedEvent``, or the SDK's event."""
    buffer = Buffer()
    for piece in pieces:
        if b"\r" in piece:
            yield from decoder.iter_bytes(itertools.chain(buffer.held, [piece], pieces))
            return
        if whole := buffer.take(piece):
            data = data_of(whole)
            yield from decoder.iter_bytes(iter([whole])) if data is None else data
    yield from decoder.iter_bytes(
        iter(buffer.held)
    )  # an incomplete event: the SDK raises its usual error


async def aevents(decoder: Any, pieces: AsyncIterator[bytes]) -> AsyncIterator[Any]:
    """Do the same for an async stream."""
    buffer = Buffer()
    async for piece in pieces:
        if b"\r" in piece:
            async for event in decoder.aiter_bytes(_chained([*buffer.held, piece], pieces)):
                yield event
            return
        if whole := buffer.take(piece):
            data = data_of(whole)
            for event in decoder.iter_bytes(iter([whole])) if data is None else data:
                yield event
    for event in decoder.iter_bytes(iter(buffer.held)):
        yield event


async def _chained(first: list[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for piece in first:
        yield piece
    async for piece in rest:
        yield piece
