"""Responses as they come over the wire, written by hand (evidence.md#chat-completions)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from baseten_openai.chat.request_context import RequestContext
from baseten_openai.chat.stream_repair import StreamRepair
from baseten_openai.routing.endpoints import CHAT

if TYPE_CHECKING:
    from collections.abc import Iterable

JSON = dict[str, Any]

MODEL = "zai-org/GLM-5.2"
USAGE = {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13}


def call_of(**wishes: bool) -> RequestContext:
    """What is known of a chat call that asked for ``structured``, ``legacy_functions``..."""
    call = RequestContext(CHAT)
    for name, value in wishes.items():
        assert hasattr(call, name), name
        setattr(call, name, value)
    return call


def completion(message: JSON, **choice: Any) -> JSON:
    """A plain answer with one choice."""
    made = {"index": 0, "message": message, "finish_reason": "stop"} | choice
    head = {"id": "chatcmpl-1", "created": 1782162065, "model": MODEL}
    return {**head, "object": "chat.completion", "choices": [made], "usage": USAGE}


def chunk(*choices: JSON, **fields: Any) -> JSON:
    """A chunk of a stream, with these choices."""
    head = {"id": "chatcmpl-1", "created": 1782162065, "model": MODEL}
    return {**head, "object": "chat.completion.chunk", "choices": list(choices), **fields}


def choice(delta: JSON, index: int = 0, **fields: Any) -> JSON:
    return {"index": index, "delta": delta, **fields}


def says(delta: JSON, index: int = 0, *, usage: JSON | None = None, **fields: Any) -> JSON:
    """A chunk with one choice, which has the further ``fields``."""
    beside = {} if usage is None else {"usage": usage}
    return chunk(choice(delta, index, **fields), **beside)


def tool(index: int = 0, **fields: Any) -> JSON:
    """A part of a tool call; ``name`` and ``arguments`` belong to its function."""
    function = {name: fields.pop(name) for name in ("name", "arguments") if name in fields}
    return {"index": index, "type": "function", **fields, "function": function}


def repaired(chunks: Iterable[JSON], call: RequestContext | None = None) -> list[JSON]:
    """Take the chunks through the repair of a stream that ends with ``[DONE]``."""
    repair = StreamRepair(call or call_of())
    given = [made for one in chunks for made in repair.feed(one)]
    return [*given, *repair.finish()]


def judged(chunks: Iterable[JSON]) -> ChatCompletion:
    """Let the SDK's own accumulator make the answer, from chunks of the shape its types have."""
    state: Any = ChatCompletionStreamState()
    for one in chunks:
        state.handle_chunk(ChatCompletionChunk.model_validate(one))
    made: ChatCompletion = state.current_completion_snapshot
    return made


def message_of(chunks: Iterable[JSON]) -> JSON:
    """The only choice's message, as the accumulator makes it: what is not null."""
    (only,) = judged(chunks).choices
    return only.message.to_dict(exclude_unset=False, exclude_none=True)


def event(data: object) -> bytes:
    """An event of an event stream."""
    return b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"
