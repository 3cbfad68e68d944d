"""Repair a plain answer: the fields OpenAI code relies on, where Baseten leaves them out.

Pure functions on the parsed JSON; what is given is never changed, only replaced along the path that
changes. Streams are repaired in ``stream_repair``, so that both carry the same fields. Each row
of ``REPAIRS`` cites the fact in docs/evidence.md that makes it necessary.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from ..call_notes import Note

if TYPE_CHECKING:
    from .prepare import Call

JSON = dict[str, Any]


class Repair(NamedTuple):
    """What the user is told of a repair, and the evidence of its need."""

    message: str
    evidence: str


REPAIRS: dict[str, Repair] = {
    "content": Repair(
        "the answer came as reasoning_content, with no content: it is given as content",
        "REC MiniMax M2.5 with structured output, evidence.md#misplaced-content",
    ),
    "finish_reason": Repair(
        "finish_reason was missing or came before the last text: it is given with the last chunk",
        "REC GLM 5 in JSON modes, evidence.md#missing-finish-reason; "
        "DeepSeek V4 Pro and GLM 5.2 streams, evidence.md#late-text",
    ),
    "function_call": Repair(
        "tool_calls are given as function_call, which is what was asked for",
        "no recording: our own conversion, taken back",
    ),
    "role": Repair("role came on every chunk: it is given once", "REC, evidence.md#repeated-role"),
    "tool_calls": Repair(
        "tool calls came with repeated or changing ids and names, or as several deltas "
        "in one chunk: each call has one id and name",
        "REC, evidence.md#repeated-tool-call-ids; OFF, evidence.md#same-index-deltas",
    ),
    "tool_calls.id": Repair(
        "parallel tool calls shared one id: they are told apart",
        "REC Kimi K2, evidence.md#shared-tool-call-ids",
    ),
    "usage": Repair(
        "usage came on every chunk, or unasked: it is given once, last, if asked",
        "REC, evidence.md#usage-on-every-chunk",
    ),
}
"""What was repaired, as told by a note, once per call. Filling an absent field with null is not."""


def note_repair(call: Call, what: str) -> None:
    """Note a repair, the first time it happens in a call."""
    if what not in call.repaired:
        call.repaired |= {what}
        call.notes.append(Note("repaired", what, REPAIRS[what].message))


def repair_completion(body: JSON, call: Call) -> JSON:
    """Return a ``chat.completion`` with every choice repaired."""
    choices = body.get("choices")
    if not isinstance(choices, list):
        return body
    repaired = []
    for choice in choices:
        is_choice = isinstance(choice, dict) and isinstance(choice.get("message"), dict)
        repaired.append(_repair_choice(choice, call) if is_choice else choice)
    return {**body, "choices": repaired}


def _is_call(call: object) -> bool:
    return isinstance(call, dict) and isinstance(call.get("function"), dict)


def _repair_choice(choice: JSON, call: Call) -> JSON:
    message = _repair_message(choice["message"], call)
    finish = choice.get("finish_reason")
    if not finish:
        finish = "tool_calls" if message.get("tool_calls") else "stop"
        note_repair(call, "finish_reason")
    if call.structured and not message.get("tool_calls") and finish != "length":
        text = misplaced_document(message["content"], message["reasoning_content"])
        if text is not None:
            message["content"] = text
            note_repair(call, "content")
    calls = message.get("tool_calls") if call.legacy_functions else None
    if isinstance(calls, list) and _is_call(calls[0]) and not message.get("function_call"):
        message["function_call"] = calls[0]["function"]
        if others := calls[1:]:  # legacy code has no room for a second call, but it is not lost
            message["tool_calls"] = others
        else:
            del message["tool_calls"]
        finish = "function_call" if finish == "tool_calls" else finish
        note_repair(call, "function_call")
    return {**choice, "message": message, "finish_reason": finish}


def _repair_message(message: JSON, call: Call) -> JSON:
    message = {"role": "assistant", "content": None, **message}
    if message.get("reasoning_content") is None:
        message["reasoning_content"] = message.get("reasoning")
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        if calls:
            message["tool_calls"] = _distinct_ids(calls, call)
        else:
            del message["tool_calls"]
    return message


def _distinct_ids(calls: list[Any], call: Call) -> list[Any]:
    taken: set[str] = set()
    distinct = []
    for index, given in enumerate(calls):
        made = given
        if isinstance(given, dict) and isinstance(given.get("id"), str):
            made_id = distinct_id(given["id"], index, taken, call)
            made = given if made_id == given["id"] else {**given, "id": made_id}
        distinct.append(made)
    return distinct


def distinct_id(given: str, index: int, taken: set[str], call: Call) -> str:
    """Return ``given``, or a variation of it when another call of the answer has it already."""
    made = given
    while made in taken:
        made = f"{made}-{index}"
        note_repair(call, "tool_calls.id")
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
