"""Clients whose transport answers in the process: no socket, so that only Python is measured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openai

import baseten_openai
from baseten_openai.errors import http_library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MODEL = "openai/gpt-oss-120b"
_USAGE = {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25}
_TOP = {"id": "chatcmpl-1", "created": 1, "model": MODEL}


def completion() -> bytes:
    """Make a plain response in the form of evidence.md#chat-completions."""
    message = {"role": "assistant", "content": "Hello.", "reasoning_content": "They say hello."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = {**_TOP, "object": "chat.completion", "choices": [choice], "usage": _USAGE}
    return json.dumps(body).encode()


def events(count: int, *, usage_on_every_chunk: bool = True) -> Iterator[bytes]:
    """Make a stream of ``count`` chunks, with a usage block on each as Baseten sends it, or none."""
    top = {**_TOP, "object": "chat.completion.chunk"}
    usage = {"usage": _USAGE} if usage_on_every_chunk else {}
    first = {"role": "assistant", "content": ""}
    for number in range(count):
        delta = {"content": f"word {number} "} if number else first
        yield _event({**top, "choices": [{"index": 0, "delta": delta}], **usage})
    yield _event({**top, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], **usage})
    yield _event({**top, "choices": [], "usage": _USAGE})
    yield b"data: [DONE]\n\n"


def _event(chunk: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def transport(answer: Callable[[], bytes | Iterator[bytes]], *, is_async: bool = False) -> Any:
    """Make an HTTP client that gives ``answer`` to each request."""
    http = http_library()

    def respond(_request: Any) -> Any:
        body = answer()
        kind = "application/json" if isinstance(body, bytes) else "text/event-stream"
        return http.Response(200, headers={"content-type": kind}, content=body)

    return (http.AsyncClient if is_async else http.Client)(transport=http.MockTransport(respond))


def clients(
    answer: Callable[[], bytes | Iterator[bytes]], *, is_async: bool = False
) -> tuple[Any, Any]:
    """Make the bare SDK's client and ours, each over a transport that gives ``answer``."""

    def make(cls: Any) -> Any:
        url = "https://inference.baseten.co/v1"
        http_client = transport(answer, is_async=is_async)
        return cls(api_key="abcd1234.benchmark", base_url=url, http_client=http_client)

    if is_async:
        return make(openai.AsyncOpenAI), make(baseten_openai.AsyncOpenAI)
    return make(openai.OpenAI), make(baseten_openai.OpenAI)
