"""The SDK's two stream classes, with the chunks repaired.

Only ``_iter_events`` is overridden: in every supported version it yields the events from which the SDK
makes chunks. Code that reads bytes or lines bypasses it and gets them as received.
"""

from __future__ import annotations

import contextlib
import json
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

import openai

from .. import call_notes, internal_errors
from ..chat.stream_repair import NoRepair, StreamRepair
from ..errors import BasetenError, StreamInterruptedError
from ..routing.endpoints import CHAT
from ..usage import recorder
from . import error_conversion, stream_events
from .http_errors import stream_failures, timeouts
from .partial_answer import PartialAnswer
from .responses_reader import ResponsesReader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from ..chat.request_context import RequestContext

_T = TypeVar("_T")
_MAX_SHOWN = 200


class _ParsedEvent:
    """An event whose JSON is parsed already, with the attributes that the SDK's loop reads.

    A stream uses one object for all events: the SDK reads it before it asks for the next.
    """

    __slots__ = ("chunk", "data")
    event = None
    id = None
    retry = None

    def __init__(self, data: str = "") -> None:
        self.chunk: Any = None
        self.data = data  # the SDK only looks for [DONE] in it

    def json(self) -> Any:
        return self.chunk


_DONE = _ParsedEvent("[DONE]")


class _StreamReader:
    """What the sync and the async stream share: an event in, the chunks to pass on out."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.context: RequestContext = response.extensions[call_notes.EXTENSION]
        self.repair: StreamRepair | NoRepair = StreamRepair(self.context)
        self.record = self.context.record
        self.partial = PartialAnswer()
        self.done = False

    def read(self, event: Any) -> list[Any]:
        """Return the chunks to pass on for an event, which is its data or the SDK's object.

        Sets ``done`` at the end of the stream. Raises the error that an error event describes.
        """
        text = event if type(event) is str else event.data
        if self.done or not text or text.isspace():
            return []
        if text.startswith("[DONE]"):
            self.done = True
            last = self._finish()
            self.close()  # the SDK reads no further, and an async generator may stay open
            return last
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            shown = error_conversion.without_key(text, self.response)[:_MAX_SHOWN]
            message = f"The stream contained an event that is not JSON: {shown!r}"
            raise StreamInterruptedError(message, request=self.response.request) from error
        if text is not event and getattr(event, "event", None) == "error":
            data = data if isinstance(data, dict) else {"message": str(data)}
            raise error_conversion.from_stream_event(data, self.response)
        if not isinstance(data, dict):
            return [data]
        if ("choices" not in data or "error" in data) and error_conversion.is_stream_error(data):
            raise error_conversion.from_stream_event(data, self.response)
        if self.record is not None and self.record.first is None:
            self.record.first = perf_counter()
        held = self.repair.held
        try:
            chunks = self.repair.feed(data)
        except Exception as error:  # noqa: BLE001  # a bug of ours
            internal_errors.log_once("stream repair", error)
            self.repair = NoRepair(self.repair.usage)
            chunks = [data] if held is None else [held, data]
        for chunk in chunks:
            self.partial.add(chunk)
        return chunks

    def end(self, cause: Exception | None = None) -> list[Any]:
        """Return the last chunks after the body ended, or broke because of ``cause``.

        Raises unless the answer was complete. After a failed repair that is unknown, and only ``cause``
        is an error.
        """
        if self.done:
            return []
        complete = self.repair.complete
        if complete or (complete is None and cause is None):
            return self._finish()
        if isinstance(cause, openai.APITimeoutError):
            raise cause
        if isinstance(cause, timeouts()):
            raise openai.APITimeoutError(request=self.response.request) from cause
        message = (
            "The stream ended before the answer was complete: neither a finish reason nor [DONE] "
            "came. The text received so far is incomplete."
        )
        if isinstance(cause, UnicodeDecodeError):
            message = "The stream contained bytes that are not UTF-8. The text received so far is incomplete."
        raise StreamInterruptedError(message, request=self.response.request) from cause

    def rest(self) -> list[Any]:
        """Return the chunk that was held back until the end, which failed, so that no text is lost."""
        held, self.repair.held = self.repair.held, None
        if held is None:
            return []
        self.partial.add(held)
        return [held]

    def failed(self, error: Exception) -> None:
        """Attach what had arrived to the error, and count the call."""
        with contextlib.suppress(Exception):  # the error must reach the user even without it
            error.partial = self.partial.completion(self.repair.usage)  # type: ignore[attr-defined]  # declared on ours, set on the SDK's too
        if self.record is not None:
            recorder.safely(self.record.failed, error, returned=True)

    def close(self) -> None:
        """Count a call whose stream was read to its end or abandoned. Later calls do nothing."""
        record, self.record = self.record, None
        if record is not None:
            whole = self.done or bool(self.repair.complete)
            recorder.safely(record.ended, self.repair.usage, whole=whole)

    def _finish(self) -> list[Any]:
        held = self.repair.held
        try:
            return self.repair.finish()
        except BasetenError:
            raise
        except Exception as error:  # noqa: BLE001  # a bug of ours
            internal_errors.log_once("end of stream repair", error)
            return [] if held is None else [held]
        finally:
            call_notes.log_repairs(self.context.notes)


def _reader_of(response: Any) -> _StreamReader | ResponsesReader:
    is_chat = response.extensions[call_notes.EXTENSION].path == CHAT
    return _StreamReader(response) if is_chat else ResponsesReader(response)


class RepairedStream(openai.Stream[_T]):
    """``openai.Stream`` of a chat completion or a response from Baseten."""

    def _events(self) -> Iterator[Any]:
        if not stream_events.knows(self._decoder):
            return super()._iter_events()
        return stream_events.events(self._decoder, self.response.iter_bytes())

    def _iter_events(self) -> Iterator[Any]:
        reader, parsed = _reader_of(self.response), _ParsedEvent()
        cause: Exception | None = None
        try:
            try:
                for event in self._events():
                    for chunk in reader.read(event):
                        parsed.chunk = chunk
                        yield parsed
                    if reader.done:
                        yield _DONE
            except stream_failures() as error:
                if isinstance(error, BasetenError):
                    raise
                cause = error
            for chunk in reader.end(cause):
                parsed.chunk = chunk
                yield parsed
        except Exception as error:
            held = reader.rest()
            reader.failed(error)
            self.response.close()  # older SDKs leave the connection open
            for chunk in held:
                parsed.chunk = chunk
                yield parsed
            raise
        finally:
            reader.close()


class RepairedAsyncStream(openai.AsyncStream[_T]):
    """``openai.AsyncStream`` of a chat completion or a response from Baseten."""

    def _events(self) -> AsyncIterator[Any]:
        if not stream_events.knows(self._decoder):
            return super()._iter_events()
        return stream_events.aevents(self._decoder, self.response.aiter_bytes())

    async def _iter_events(self) -> AsyncIterator[Any]:
        reader, parsed = _reader_of(self.response), _ParsedEvent()
        cause: Exception | None = None
        try:
            try:
                async for event in self._events():
                    for chunk in reader.read(event):
                        parsed.chunk = chunk
                        yield parsed
                    if reader.done:
                        yield _DONE
            except stream_failures() as error:
                if isinstance(error, BasetenError):
                    raise
                cause = error
            for chunk in reader.end(cause):
                parsed.chunk = chunk
                yield parsed
        except Exception as error:
            held = reader.rest()
            reader.failed(error)
            await self.response.aclose()
            for chunk in held:
                parsed.chunk = chunk
                yield parsed
            raise
        finally:
            reader.close()
