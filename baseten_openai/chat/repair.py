"""Repair a response that is not a stream: add the fields that OpenAI code needs and Baseten leaves out.

Pure functions on the parsed JSON: arguments are never changed, and only what is on the path of a change
is copied. ``stream_repair`` does the same for streams, so that both have the same fields. Each row of
``REPAIRS`` cites the fact in docs/evidence.md that makes it necessary.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from ..call_notes import Note

if TYPE_CHECKING:
    from .request_context import RequestContext

JSON = dict[str, Any]


class Repair(NamedTuple):
    """The text of a repair's note, and the evidence for the need for it."""

    message: str
    evidence: str


REPAIRS: dict[str, Repair] = {
    "content": Repair(
        "the text came as reasoning_content, without content: it is returned as content",
        "REC MiniMax M2.5 with structured output, evidence.md#misplaced-content",
    ),
    "finish_reason": Repair(
        "finish_reason was missing or came before the last text: it is returned with the last chunk",
        "REC GLM 5 in JSON modes, evidence.md#missing-finish-reason; "
        "DeepSeek V4 Pro and GLM 5.2 streams, evidence.md#late-text",
    ),
    "function_call": Repair(
        "tool_calls are returned as function_call, because the request used functions",
        "no recording: the reverse of our own conversion",
    ),
    "role": Repair(
        "role came on every chunk: it is returned once", "REC, evidence.md#repeated-role"
    ),
    "tool_calls": Repair(
        "tool calls came with repeated or changing ids and names, or as several deltas "
        "in one chunk: each call has one id and name",
        "REC, evidence.md#repeated-tool-call-ids; OFF, evidence.md#same-index-deltas",
    ),
    "tool_calls.id": Repair(
        "parallel tool calls shared one id: each now has its own",
        "REC Kimi K2, evidence.md#shared-tool-call-ids",
    ),
    "usage": Repair(
        "usage came on every chunk, or was not asked for: it is returned once, last, if asked for",
        "REC, evidence.md#usage-on-every-chunk",
    ),
}
"""The notes of repairs, at most one of each per call. Setting an absent field to null is not noted."""


def note_repair(context: RequestContext, what: str) -> None:
    """Add the note of a repair, the first time it happens in a call."""
    if what not in context.repaired:
        context.repaired |= {what}
        context.notes.append(Note("repaired", what, REPAIRS[what].message))


def repair_completion(body: JSON, context: RequestContext) -> JSON:
    """Return a ``chat.completion`` with every choice repaired."""
    choices = body.get("choices")
    if not isinstance(choices, list):
        return body
    repaired = []
    for choice in choices:
        is_choice = isinstance(choice, dict) and isinstance(choice.get("message"), dict)
        repaired.append(_repair_choice(choice, context) if is_choice else choice)
    return {**body, "choices": repaired}


def _is_call(call: object) -> bool:
    return isinstance(call, dict) and isinstance(call.get("function"), dict)


def _repair_choice(choice: JSON, context: RequestContext) -> JSON:
    message = _repair_message(choice["message"], context)
    finish = choice.get("finish_reason")
    if not finish:
        finish = "tool_calls" if message.get("tool_calls") else "stop"
        note_repair(context, "finish_reason")
    if context.structured and not message.get("tool_calls") and finish != "length":
        text = misplaced_document(message["content"], message["reasoning_content"])
        if text is not None:
            message["content"] = text
            note_repair(context, "content")
    calls = message.get("tool_calls") if context.legacy_functions else None
    if isinstance(calls, list) and _is_call(calls[0]) and not message.get("function_call"):
        message["function_call"] = calls[0]["function"]
        if others := calls[1:]:  # function_call holds one call; keep the others
            message["tool_calls"] = others
        else:
            del message["tool_calls"]
        finish = "function_call" if finish == "tool_calls" else finish
        note_repair(context, "function_call")
    return {**choice, "message": message, "finish_reason": finish}


def _repair_message(message: JSON, context: RequestContext) -> JSON:
    message = {"role": "assistant", "content": None, **message}
    if message.get("reasoning_content") is None:
        message["reasoning_content"] = message.get("reasoning")
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        if calls:
            message["tool_calls"] = _distinct_ids(calls, context)
        else:
            del message["tool_calls"]
    return message


def _distinct_ids(calls: list[Any], context: RequestContext) -> list[Any]:
    taken: set[str] = set()
    distinct = []
    for index, given in enumerate(calls):
        made = given
        if isinstance(given, dict) and isinstance(given.get("id"), str):
            made_id = distinct_id(given["id"], index, taken, context)
            made = given if made_id == given["id"] else {**given, "id": made_id}
        distinct.append(made)
    return distinct


def distinct_id(given: str, index: int, taken: set[str], context: RequestContext) -> str:
    """Return ``given``, or a variation of it if another call of the same response has it already."""
    made = given
    while made in taken:
        made = f"{made}-{index}"
        note_repair(context, "tool_calls.id")
    taken.add(made)
    return made


def misplaced_document(content: object, reasoning: object) -> str | None:
    """Return the JSON document that came as ``reasoning`` where ``content`` should hold it."""
    if not isinstance(reasoning, str) or (isinstance(content, str) and content.strip()):
        return None
    try:
        json.loads(reasoning)
    except (ValueError, RecursionError):
        return None
    return reasoning
