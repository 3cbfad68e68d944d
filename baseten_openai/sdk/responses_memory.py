"""The memory of responses that all clients of this process share, and what answers from it.

``responses.retrieve``, ``.delete``, ``.cancel`` and ``.input_items.list`` are answered here, without a
request: Baseten stores no responses, so there is no endpoint to ask.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from .. import errors, internal_errors
from ..responses.fallback_store import FallbackStore
from ..responses.file_store import FileStore
from ..responses.memory import MAX_BYTES, MAX_RESPONSES, Memory, ProcessStore, Record, is_whole
from ..responses.stored import deleted, item_list

if TYPE_CHECKING:
    from ..responses.context import ResponsesContext
    from ..responses.memory import Store

JSON = dict[str, Any]

VARIABLE = "BASETEN_OPENAI_RESPONSES"
COUNT_VARIABLE = "BASETEN_OPENAI_MAX_RESPONSES"
BYTES_VARIABLE = "BASETEN_OPENAI_MAX_RESPONSE_BYTES"

_STORED = re.compile(r"/responses/(?P<id>[^/?]+)(?P<rest>/input_items|/cancel)?")
_NO_ENDPOINTS = frozenset({"compact", "input_tokens"})

_memories: dict[tuple[str, int, int], Memory] = {}


def memory() -> Memory:
    """Return the memory that the environment describes; the same one while it stays the same."""
    path = os.environ.get(VARIABLE, "").strip()
    bounds = (_number(COUNT_VARIABLE, MAX_RESPONSES), _number(BYTES_VARIABLE, MAX_BYTES))
    found = _memories.get((path, *bounds))
    if found is None:
        store: Store = ProcessStore(*bounds)
        if path:
            store = FallbackStore(FileStore(path, *bounds), ProcessStore(*bounds))
        found = _memories.setdefault((path, *bounds), Memory(store))
    return found


def _number(variable: str, default: int) -> int:
    text = os.environ.get(variable, "").strip().replace("_", "")
    if not text:
        return default
    if not text.isdecimal():
        message = f"{variable} must be a whole number, not {text!r}."
        raise errors.ConfigurationError(message)
    return int(text)


def remember(response: Any, answer: Any, context: ResponsesContext) -> None:
    """Keep an answered call, whose HTTP ``response`` holds its request; never raises."""
    if not context.remembers or not is_whole(answer):
        return
    try:
        record = Record(bytes(response.request.content), json.dumps(answer).encode())
        memory().store.put(answer["id"], record)
    except Exception as bug:  # noqa: BLE001  # the answer must reach the user, remembered or not
        internal_errors.log_once("memory of responses", bug)


def local_response(options: Any, base_url: Any) -> Any:
    """Return an HTTP response to a request for a stored response; ``None`` for every other request.

    Raises ``NotFoundError`` for an id that the memory does not have, ``BadRequestError`` for what OpenAI
    refuses too, ``UnsupportedFeatureError`` for a stream of a stored response.
    """
    found = _STORED.fullmatch(str(options.url))
    if found is None or found["id"] in _NO_ENDPOINTS:
        return None
    method, rest, response_id = str(options.method).upper(), found["rest"], unquote(found["id"])
    params = options.params if isinstance(options.params, dict) else {}
    record = memory().store.get(response_id)
    if record is None:
        raise _not_found(response_id)
    body: JSON
    if rest == "/cancel":
        message = "Cannot cancel a synchronous response."
        raise errors.malformed(
            message, param="response_id", hint="only background responses can be cancelled."
        )
    if rest is not None:
        body = item_list(record, response_id, params)
    elif method == "DELETE":
        memory().store.delete(response_id)
        body = deleted(response_id)
    elif params.get("stream"):
        raise _no_stream()
    else:
        body = record.answer()
    http = errors.http_library()
    url = f"{str(base_url).rstrip('/')}{options.url}"
    given = options.headers if isinstance(options.headers, dict) else {}
    marks = {name: value for name, value in given.items() if isinstance(value, str)}
    return http.Response(
        200,
        request=http.Request(method, url, headers=marks),  # they mark raw and streaming responses
        headers={"content-type": "application/json", errors.LOCAL_HEADER: "answered-from-memory"},
        content=json.dumps(body).encode(),
    )


def _no_stream() -> errors.UnsupportedFeatureError:
    message = "A remembered response cannot be streamed again"
    hint = "leave stream out: retrieve() returns the whole response."
    return errors.unsupported(
        message, model="", param="stream", feature="streams of stored responses", hint=hint
    )


def _not_found(response_id: str) -> errors.NotFoundError:
    message = (
        f"Response with id {response_id!r} not found. Baseten stores no responses: this process "
        "answers from its own memory, and does not have that id"
    )
    return errors.NotFoundError(
        message,
        response=errors.local_response(404),
        body={"message": message, "type": "invalid_request_error", "param": None, "code": None},
        hint=f"keep the response in your program, or set {VARIABLE} to a file, so that processes share "
        "the memory and it outlives them.",
    )
