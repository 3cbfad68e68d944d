"""What our streams do with the events of the Responses API: repair them, remember the response."""

from __future__ import annotations

import json
from time import perf_counter
from typing import TYPE_CHECKING, Any

import openai
from openai.types.responses import Response

from .. import call_notes, internal_errors
from ..errors import StreamInterruptedError
from ..responses.stream_repair import StreamRepair
from ..usage import recorder
from . import error_conversion, responses_memory
from .http_errors import timeouts

if TYPE_CHECKING:
    from ..responses.context import ResponsesContext

_MAX_SHOWN = 200


class ResponsesReader:
    """What the sync and the async stream share: an event in, the events to pass on out."""

    def __init__(self, response: Any) -> None:
        """Read the stream of ``response``."""
        self.response = response
        self.context: ResponsesContext = response.extensions[call_notes.EXTENSION]
        self.repair: StreamRepair | None = StreamRepair(self.context)
        self.record = self.context.record
        self.done = False

    def read(self, event: Any) -> list[Any]:
        """Return the events to pass on. Raises the error that an error event describes."""
        text = event if type(event) is str else event.data
        if self.done or not text or text.isspace():
            return []
        if text.startswith("[DONE]"):
            if self.repair is None or self.repair.complete:
                self.done = True
                self.close()
            return []
        data = self._parsed(text, getattr(event, "event", None))
        if not isinstance(data, dict) or self.repair is None:
            return [data]
        if self.record is not None and self.record.first is None:
            self.record.first = perf_counter()
        try:
            events = self.repair.feed(data)
        except Exception as error:  # noqa: BLE001  # a bug of ours
            internal_errors.log_once("responses stream repair", error)
            held, self.repair = self.repair.held, None
            return [*held, data]
        if self.repair.terminal is not None and events:
            responses_memory.remember(self.response, self.repair.terminal, self.context)
        return events

    def _parsed(self, text: str, name: str | None) -> Any:
        """Return the data of an event with a ``name``, unless it describes an error."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            shown = error_conversion.without_key(text, self.response)[:_MAX_SHOWN]
            message = f"The stream contained an event that is not JSON: {shown!r}"
            raise StreamInterruptedError(message, request=self.response.request) from error
        if name == "error" and not isinstance(data, dict):
            data = {"message": str(data)}
        kind = data.get("type") if isinstance(data, dict) else "response."
        is_event = isinstance(kind, str) and kind.startswith("response.")
        if "error" in (name, kind) or (not is_event and error_conversion.is_stream_error(data)):
            raise error_conversion.from_stream_event(data, self.response)
        return data

    def end(self, cause: Exception | None = None) -> list[Any]:
        """Return nothing after the terminal event; raise where the body ended or broke before it."""
        if self.done or (self.repair is None and cause is None):
            return []
        if self.repair is not None and self.repair.complete:
            call_notes.log_repairs(self.context.notes)
            return []
        if isinstance(cause, openai.APITimeoutError):
            raise cause
        if isinstance(cause, timeouts()):
            raise openai.APITimeoutError(request=self.response.request) from cause
        message = (
            "The stream ended before the response was complete: no response.completed, "
            "response.incomplete or response.failed came. What was received so far is incomplete."
        )
        if isinstance(cause, UnicodeDecodeError):
            message = "The stream contained bytes that are not UTF-8. What was received so far is incomplete."
        raise StreamInterruptedError(message, request=self.response.request) from cause

    def rest(self) -> list[Any]:
        """Return nothing: what is held back is in the error's ``partial``."""
        return []

    def failed(self, error: Exception) -> None:
        """Attach the response so far to the error, and count the call."""
        try:
            so_far = self.repair.partial() if self.repair is not None else None
            if so_far is not None:
                error.partial = Response.construct(**so_far)  # type: ignore[attr-defined]  # declared on ours, set on the SDK's too
        except Exception as bug:  # noqa: BLE001  # the error must reach the user even without it
            internal_errors.log_once("partial response", bug)
        if self.record is not None:
            recorder.safely(self.record.failed, error, returned=True)

    def close(self) -> None:
        """Count a call whose stream was read to its end or abandoned. Later calls do nothing."""
        record, self.record = self.record, None
        if record is not None:
            usage = self.repair.usage if self.repair is not None else None
            whole = self.done or (self.repair is not None and self.repair.complete)
            recorder.safely(record.ended, usage, whole=whole)
