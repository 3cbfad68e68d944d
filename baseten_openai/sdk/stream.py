"""The SDK's two streams with Baseten's answers repaired on the way; for the rest they are the SDK's.

Only ``_iter_events`` is overridden: it yields the events the SDK reads its chunks from, in every
supported version. Bytes and lines, which do not pass it, stay as received.
"""

from __future__ import annotations

import contextlib
import json
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

import openai

from .. import call_notes, internal_errors
from ..chat.stream_repair import StreamRepair
from ..errors import BasetenError, StreamInterruptedError, http_library
from ..usage import recorder
from . import error_conversion, stream_events
from .partial_answer import PartialAnswer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from ..chat.prepare import Call

_T = TypeVar("_T")
_MAX_SHOWN = 200


class _Event:
    """An event whose JSON is read already, as the SDK's loop wants it."""

    __slots__ = ("chunk", "data")
    event = None
    id = None
    retry = None

    def __init__(self, chunk: Any, data: str = "") -> None:
        self.chunk = chunk
        self.data = data  # the SDK looks at it for [DONE] only

    def json(self) -> Any:
        return self.chunk


def _as_sent(event: Any, data: Any) -> Any:
    return _Event(data) if type(event) is str else event


class _Reader:
    """What the sync and the async stream share: one event in, the events to give on out."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.call: Call = response.extensions[call_notes.EXTENSION]
        self.repair: StreamRepair | None = StreamRepair(self.call)
        self.record = self.call.record
        self.partial = PartialAnswer()
        self.event = _Event(None)
        self.done = False

    def take(self, event: Any) -> Any:  # noqa: C901, PLR0911  # a call more costs each chunk
        """Take one event; return the one to give on, or a list. Raises what an error event says.

        The one is the same object each time: the SDK reads it before it asks for the next.
        """
        text = event if type(event) is str else event.data
        if self.done or not text or text.isspace():
            return []
        if text.startswith("[DONE]"):
            self.done = True
            last = [*self._finish(), _Event(None, text)]
            self.close()  # the SDK reads no further, and an async generator may be left open
            return last
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            shown = error_conversion.without_key(text, self.response)[:_MAX_SHOWN]
            message = f"The stream held an event that is no JSON: {shown!r}"
            raise StreamInterruptedError(message, request=self.response.request) from error
        if text is not event and getattr(event, "event", None) == "error":
            data = data if isinstance(data, dict) else {"message": str(data)}
            raise error_conversion.from_stream_event(data, self.response)
        if not isinstance(data, dict):
            return [_as_sent(event, data)]
        if ("choices" not in data or "error" in data) and error_conversion.is_stream_error(data):
            raise error_conversion.from_stream_event(data, self.response)
        if self.repair is None:
            return [_as_sent(event, data)]
        if self.record is not None and self.record.first is None:
            self.record.first = perf_counter()
        held = self.repair.held
        try:
            chunks = self.repair.feed(data)
        except Exception as error:  # noqa: BLE001  # a bug of ours
            internal_errors.report("stream repair", error)
            self.repair = None
            sent = _as_sent(event, data)
            return [_Event(held), sent] if held else [sent]
        if len(chunks) == 1:  # most often
            self.partial.add(chunks[0])
            self.event.chunk = chunks[0]
            return self.event
        for chunk in chunks:
            self.partial.add(chunk)
        return [_Event(chunk) for chunk in chunks]

    def end(self, cause: Exception | None = None) -> list[Any]:
        """Take the end of the body, or what broke it. Raises unless the answer was complete."""
        if self.done or self.repair is None:
            if cause is not None and not self.done:
                raise error_conversion.connection_error(cause) from cause
            return []
        if self.repair.complete:
            return self._finish()
        if isinstance(cause, openai.APITimeoutError):
            raise cause
        if isinstance(cause, http_library().TimeoutException):
            raise openai.APITimeoutError(request=self.response.request) from cause
        message = (
            "The stream ended before the answer did: neither a finish reason nor [DONE] came. "
            "What had arrived is incomplete."
        )
        if isinstance(cause, UnicodeDecodeError):
            message = "The stream held bytes that are no UTF-8. What had arrived is incomplete."
        raise StreamInterruptedError(message, request=self.response.request) from cause

    def rest(self) -> list[_Event]:
        """Return the chunk that waits for the end, which is not to come: no text of it is lost."""
        if self.repair is None or self.repair.held is None:
            return []
        held, self.repair.held = self.repair.held, None
        self.partial.add(held)
        return [_Event(held)]

    def failed(self, error: Exception) -> None:
        """Let the error carry what had arrived, and count the call."""
        with contextlib.suppress(Exception):  # the error must come through, whatever it carries
            error.partial = self._arrived()  # type: ignore[attr-defined]  # declared by ours, set on the SDK's too
        if self.record is not None:
            recorder.safely(self.record.failed, error, returned=True)

    def _arrived(self) -> Any:
        return self.partial.completion(self.repair.usage if self.repair else None)

    def close(self) -> None:
        """Count a call whose stream was read, or left before its end."""
        record, self.record = self.record, None
        if record is not None:
            usage, whole = (
                (self.repair.usage, self.repair.complete) if self.repair else (None, False)
            )
            recorder.safely(record.ended, usage, whole=whole or self.done)

    def _finish(self) -> list[_Event]:
        held = self.repair.held if self.repair else None
        try:
            return [_Event(chunk) for chunk in self.repair.finish()] if self.repair else []
        except BasetenError:
            raise
        except Exception as error:  # noqa: BLE001  # a bug of ours
            internal_errors.report("end of stream repair", error)
            return [_Event(held)] if held else []
        finally:
            call_notes.log_repairs(self.call.notes)


def _failures() -> tuple[type[Exception], ...]:
    """Name what a broken connection raises: the HTTP library's, the SDK's (3.x), half a character."""
    http = http_library()
    return (http.RequestError, http.StreamError, openai.APIConnectionError, UnicodeDecodeError)


class RepairedStream(openai.Stream[_T]):
    """``openai.Stream`` over a chat answer of Baseten's."""

    def _events(self) -> Iterator[Any]:
        if not stream_events.knows(self._decoder):
            return super()._iter_events()
        return stream_events.events(self._decoder, self.response.iter_bytes())

    def _iter_events(self) -> Iterator[Any]:
        reader = _Reader(self.response)
        cause: Exception | None = None
        try:
            try:
                for event in self._events():
                    taken = reader.take(event)
                    if taken is reader.event:
                        yield taken
                    else:
                        yield from taken
            except _failures() as error:
                if isinstance(error, BasetenError):
                    raise
                cause = error
            yield from reader.end(cause)
        except Exception as error:
            held = reader.rest()
            reader.failed(error)
            self.response.close()  # the older SDKs leave the connection open
            yield from held
            raise
        finally:
            reader.close()


class RepairedAsyncStream(openai.AsyncStream[_T]):
    """``openai.AsyncStream`` over a chat answer of Baseten's."""

    def _events(self) -> AsyncIterator[Any]:
        if not stream_events.knows(self._decoder):
            return super()._iter_events()
        return stream_events.aevents(self._decoder, self.response.aiter_bytes())

    async def _iter_events(self) -> AsyncIterator[Any]:
        reader = _Reader(self.response)
        cause: Exception | None = None
        try:
            try:
                async for event in self._events():
                    taken = reader.take(event)
                    if taken is reader.event:
                        yield taken
                    else:
                        for given_on in taken:
                            yield given_on
            except _failures() as error:
                if isinstance(error, BasetenError):
                    raise
                cause = error
            for event in reader.end(cause):
                yield event
        except Exception as error:
            held = reader.rest()
            reader.failed(error)
            await self.response.aclose()
            for event in held:
                yield event
            raise
        finally:
            reader.close()
