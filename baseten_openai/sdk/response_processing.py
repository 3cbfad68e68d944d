"""What happens to a response: it carries its context, its stream is replaced, its data is repaired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_origin

import openai
from pydantic import BaseModel

from .. import call_notes, internal_errors
from ..chat.repair import repair_completion
from ..chat.request_context import PreparedBody, RequestContext
from ..responses.context import ResponsesContext
from ..responses.repair import repair_response
from ..routing.endpoints import CHAT, RESPONSES
from ..usage import recorder
from . import error_conversion, responses_memory
from .stream import RepairedAsyncStream, RepairedStream

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    Kwargs = dict[str, Any]

_STREAMS: dict[Any, Any] = {
    openai.Stream: RepairedStream,
    openai.AsyncStream: RepairedAsyncStream,
}

REPAIRED = frozenset({CHAT, RESPONSES})
"""Endpoints whose responses are repaired."""


def begin(body: object, kw: Kwargs) -> RequestContext | None:
    """Attach the context to the response, and select our stream for that of a repaired endpoint.

    ``kw`` are the arguments of the SDK's ``_process_response``; ``stream_cls`` may be replaced.
    """
    response = kw["response"]
    error_conversion.copy_request_id(response)
    if not isinstance(body, PreparedBody):
        return None
    context = body.context
    response.extensions[call_notes.EXTENSION] = context
    if kw["stream"] and context.path in REPAIRED:
        asked = kw["stream_cls"]
        origin: Any = get_origin(asked)
        repaired = _STREAMS.get(asked if origin is None else origin)
        if repaired is not None:  # None: the user's own class
            context.streamed = True
            kw["stream_cls"] = repaired[get_args(asked) or kw["cast_to"]]
    return context


class JSONErrors:
    """Context manager: a response that is not JSON raises ``InvalidResponseError``."""

    __slots__ = ("_response",)

    def __init__(self, response: Any) -> None:
        """Look at ``response`` if the SDK fails to read it."""
        self._response = response

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        """Replace the error, unless the response is JSON and something else failed."""
        if isinstance(error, error_conversion.NO_JSON) and not error_conversion.is_json(
            self._response
        ):
            raise error_conversion.invalid_response(self._response) from error


def end(context: RequestContext | None, result: Any, kw: Kwargs) -> Any:
    """Attach the notes to ``result``. Raises ``InvalidResponseError`` where a model was expected."""
    if context is None or context.streamed:
        return result
    if (result is None or isinstance(result, str)) and _is_model(kw["cast_to"]):
        raise error_conversion.invalid_response(kw["response"])
    if context.notes:
        call_notes.remember(result, context.notes)
    return result


def _is_model(cast_to: object) -> bool:
    return isinstance(cast_to, type) and issubclass(cast_to, BaseModel)


def repaired_data(wrapped: Callable[..., Any], context: RequestContext, kw: Kwargs) -> Any:
    """Return what the SDK's ``_process_response_data`` makes of the repaired data of a response.

    Raises the error that the data describes, where a proxy sent one with status 200.
    """
    data: dict[str, Any] = kw["data"]
    whole = "choices" if context.path == CHAT else "output"
    if whole not in data and error_conversion.is_stream_error(data):
        raise error_conversion.from_stream_event(data, kw["response"])
    try:
        if isinstance(context, ResponsesContext):
            repaired = repair_response(data, context)
            responses_memory.remember(kw["response"], repaired, context)
        else:
            repaired = repair_completion(data, context)
    except Exception as bug:  # noqa: BLE001  # the response as received is better than none
        internal_errors.log_once("response repair", bug)
        repaired = data
    result = wrapped(**{**kw, "data": repaired})
    _count(context, data.get("usage"))
    if context.notes:
        call_notes.log_repairs(context.notes)
        call_notes.remember(result, context.notes)
    return result


def counted_data(wrapped: Callable[..., Any], context: RequestContext, kw: Kwargs) -> Any:
    """Return what the SDK makes of the data of embeddings and legacy completions; count their tokens."""
    result = wrapped(**kw)
    _count(context, kw["data"].get("usage"))
    return result


def _count(context: RequestContext, usage: object) -> None:
    if context.record is None or usage is None:
        return
    context.record.usage = usage
    if context.record.is_over:  # a raw response is parsed, or a stream is read, after the call
        recorder.safely(context.record.enqueue)
