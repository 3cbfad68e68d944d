"""Write an answer as server-sent events in a dialect (evidence.md#streaming)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from . import tokens
from .shapes import CREATED, compact, encode, finish_fields, ids, usage, usage_block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .answers import Answer
    from .dialects import Dialect
    from .tools import Call

JSON = dict[str, Any]

DONE = b"data: [DONE]\n\n"


class _Delta(NamedTuple):
    """The content of one delta, and its tokens of answer and of reasoning."""

    fields: JSON
    tokens: int = 0
    reasoning: int = 0


def event(value: JSON) -> bytes:
    """Return one server-sent event."""
    return encode(f"data: {compact(value)}\n\n")


def events(body: JSON, answer: Answer, dialect: Dialect, prompt_tokens: int) -> list[bytes]:
    """Return all events of a streamed answer, in order."""
    made = [event(chunk) for chunk in chunks(body, answer, dialect, prompt_tokens)]
    if not answer.stopped or dialect.done_after_stop:
        made.append(DONE)
    return made


def chunks(body: JSON, answer: Answer, dialect: Dialect, prompt_tokens: int) -> list[JSON]:
    """Return the chunks of a streamed answer, in order."""
    options = body.get("stream_options") or {}
    # the OpenAPI document has the switch; its effect was never recorded
    running = options.get("continuous_usage_stats") is not False
    total = usage(answer, dialect, prompt_tokens)
    made: list[JSON] = []
    spent = thought = 0
    for delta, finish in _with_finish(_deltas(body, answer, dialect), answer, dialect):
        spent += delta.tokens
        thought += delta.reasoning
        choice = {"index": 0, "delta": _dressed(delta.fields, dialect, first=not made), **finish}
        counted = usage_block(prompt_tokens, spent, thought, dialect)
        late = dialect.late_content and bool(made) and "finish_reason" in _choice(made[-1])
        made.append(_chunk(body, [choice], counted if running and not late else None, dialect))
    silent = answer.stopped and not dialect.usage_chunk_after_stop
    if not silent and finish_fields(answer, dialect):
        made.append(_chunk(body, [], total, dialect))
    return made


def _choice(chunk: JSON) -> JSON:
    return chunk["choices"][0] if chunk["choices"] else {}


def _chunk(body: JSON, choices: list[JSON], counted: JSON | None, dialect: Dialect) -> JSON:
    chunk: JSON = {
        "id": ids(body).completion,
        "choices": choices,
        "created": CREATED,
        "model": body["model"],
    }
    if dialect.all_keys:
        chunk |= {"service_tier": None, "system_fingerprint": None}
    chunk["object"] = "chat.completion.chunk"
    if counted is not None or dialect.all_keys:
        chunk["usage"] = counted
    return chunk


def _dressed(fields: JSON, dialect: Dialect, *, first: bool) -> JSON:
    """Return the delta with the keys the dialect adds."""
    role = "assistant" if first or dialect.role == "every" else None
    if not dialect.all_keys:
        return ({"role": role} if role else {}) | fields
    empty: list[JSON] | None = (
        None if dialect.empty_tool_calls is None else [*dialect.empty_tool_calls]
    )
    content = None if dialect.role == "own chunk" and first else dialect.empty_content
    dressed: JSON = {
        "content": fields.get("content", content),
        "function_call": None,
        "tool_calls": fields.get("tool_calls", empty),
        "role": role,
        "refusal": None,
    }
    if "reasoning_content" in fields:
        dressed["reasoning_content"] = fields["reasoning_content"]
    return dressed


def _deltas(body: JSON, answer: Answer, dialect: Dialect) -> Iterator[_Delta]:
    if dialect.role == "own chunk":
        yield _Delta({})
    if answer.opening:
        yield _Delta({"content": answer.opening}, tokens.count(answer.opening))
    for text in tokens.groups(answer.reasoning):
        count = tokens.count(text)
        yield _Delta({"reasoning_content": text}, count, count)
    for text in tokens.groups(answer.content):
        yield _Delta({"content": text}, tokens.count(text))
    for index, call in enumerate(answer.calls):
        yield from _call_deltas(body, index, call, dialect)


def _call_deltas(body: JSON, index: int, call: Call, dialect: Dialect) -> Iterator[_Delta]:
    if dialect.tool_arguments == "whole":
        parts = [call.arguments]
    else:
        parts = tokens.groups(call.arguments) or [""]
        if dialect.tool_arguments == "after name":
            parts.insert(0, "")
    continued: dict[str, JSON] = {"absent": {}, "null": {"name": None}, "empty": {"name": ""}}
    total = tokens.count(call.name + " " + call.arguments)
    spent = 0
    for number, part in enumerate(parts):
        name = continued[dialect.continuation_name] if number else {"name": call.name}
        delta = {
            "index": index,
            "id": ids(body).tool_call(index, call.name, dialect, number),
            "type": "function",
            "function": {**name, "arguments": part},
        }
        last = number == len(parts) - 1
        count = total - spent if last else min(tokens.count(part), total - spent)
        spent += count
        yield _Delta({"tool_calls": [delta]}, count)


def _with_finish(
    deltas: Iterator[_Delta], answer: Answer, dialect: Dialect
) -> list[tuple[_Delta, JSON]]:
    """Place finish_reason as in the dialect: on the last delta, after it, or before it."""
    made: list[tuple[_Delta, JSON]] = [(delta, {}) for delta in deltas]
    finish = finish_fields(answer, dialect)
    cut = answer.finish == "length" or answer.stopped
    how = "cut" if cut else "tools" if answer.calls else "end"
    if how == "end" and _comes_late(made, dialect):
        made.insert(-1, (_Delta({"reasoning_content": ""}), finish))
    elif made and (how in dialect.finish_shares_chunk or not finish):
        made[-1] = (made[-1][0], finish)
    else:
        made.append((_Delta({}), finish))
    return made


def _comes_late(made: list[tuple[_Delta, JSON]], dialect: Dialect) -> bool:
    contents = sum("content" in delta.fields for delta, _ in made)
    return dialect.late_content and contents == 1 and len(made) > 1
