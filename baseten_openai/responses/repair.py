"""Repair a plain response: the fields OpenAI code relies on, where they are missing.

Pure functions on the parsed JSON; what is given is never changed, only replaced along the path that
changes, and what is right passes as the same object. Streams are repaired in ``stream_repair``.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from .context import Repair
from .tools import restore

if TYPE_CHECKING:
    from .context import ResponsesContext

JSON = dict[str, Any]

REPAIRS: dict[str, Repair] = {
    "ids": Repair(
        "ids were missing, repeated or of another kind: each item has one of its own",
        "3P evidence.md#bridge-deviations",
    ),
    "output": Repair(
        "an empty message came beside tool calls, or the final output differed from the events: it "
        "is given as streamed",
        "3P evidence.md#bridge-deviations; OFF evidence.md#function-call-events",
    ),
    "arguments": Repair(
        "the end of a function call came early, or with other arguments than were streamed: it is "
        "given last, with the arguments that were streamed",
        "OFF evidence.md#function-call-events",
    ),
    "order": Repair(
        "events were missing or out of order: they are given in OpenAI's order",
        "OAI evidence.md#responses-streams; 3P evidence.md#bridge-deviations",
    ),
    "status": Repair(
        "the status and the kind of the last event differed: both say the same", "OAI MaxTokens"
    ),
    "usage": Repair(
        "usage came by the names of chat: it is given by those of responses",
        "3P usage is in the Responses form; not seen otherwise",
    ),
}
"""What was repaired, as told by a note, once per call. Filling in an absent field is not."""

PREFIXES = {
    "message": "msg_",
    "reasoning": "rs_",
    "function_call": "fc_",
    "custom_tool_call": "ctc_",
}
"""How ids begin (OAI)."""

_ABSENT: JSON = {
    "object": "response",
    "background": False,
    "completed_at": None,
    "error": None,
    "frequency_penalty": 0.0,
    "incomplete_details": None,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "model": "",
    "parallel_tool_calls": True,
    "presence_penalty": 0.0,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "service_tier": "default",
    "store": False,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "usage": None,
    "user": None,
}
"""What a field is that the response lacks and the request did not set: null, or OpenAI's default (OAI)."""

_ECHOED = (
    "instructions",
    "max_output_tokens",
    "model",
    "parallel_tool_calls",
    "reasoning",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
)
"""Fields of the request that a response repeats (OAI)."""


def made_id(kind: str, *seeds: object) -> str:
    """Return an id that follows from ``seeds``, so that it stays the same when made again."""
    digest = hashlib.sha256("/".join(map(str, seeds)).encode("utf-8", "replace")).hexdigest()
    return f"{PREFIXES.get(kind, 'item_')}{digest[:32]}"


def is_foreign_id(given: object) -> bool:
    """Tell an id that is none, or a chat completion's."""
    return not isinstance(given, str) or not given or given.startswith("chatcmpl")


def repair_response(body: JSON, context: ResponsesContext) -> JSON:
    """Return a response with every field and item repaired, in the form that was asked for."""
    return give_back(complete_response(body, context), context)


def complete_response(body: JSON, context: ResponsesContext) -> JSON:
    """Return a response with every field and item repaired."""
    if not isinstance(body.get("output"), list):
        return body
    made = _with_all_fields(body, context)
    output = made["output"]
    items = _repair_items(output, str(made["id"]), context)
    return made if items is output else {**made, "output": items}


def _with_all_fields(body: JSON, context: ResponsesContext) -> JSON:
    """Fill in what is missing beside ``output``."""
    missing = {name: value for name, value in _ABSENT.items() if name not in body}
    for name in _ECHOED:
        if name not in body and context.asked.get(name) is not None:
            missing[name] = context.asked[name]
    if not isinstance(body.get("id"), str) or not body["id"]:
        missing["id"] = "resp_" + made_id("", json.dumps(body, default=str))[5:]
    if not isinstance(body.get("created_at"), int | float):
        missing["created_at"] = body.get("created") or 0
    if not isinstance(body.get("status"), str):
        missing["status"] = "incomplete" if body.get("incomplete_details") else "completed"
    if missing:  # no note: it says no more than the absence did, as in chat
        body = {**body, **missing}
    usage = body["usage"]
    whole = whole_usage(usage)
    if whole is usage:
        return body
    if "input_tokens" not in usage:
        context.note_repair("usage", REPAIRS)
    return {**body, "usage": whole}


_DETAILS: dict[str, JSON] = {
    "input": {"cache_write_tokens": 0, "cached_tokens": 0},
    "output": {"reasoning_tokens": 0},
}
"""Required by the SDK's types; a part of the tokens that is not counted is none."""


def whole_usage(usage: Any) -> Any:
    """Return a usage block with the names and details of the Responses API."""
    if not isinstance(usage, dict):
        return usage
    made = usage
    for name, other in (("input", "prompt"), ("output", "completion")):
        if f"{name}_tokens" not in made and f"{other}_tokens" in made:
            made = {**made, f"{name}_tokens": made[f"{other}_tokens"]}
            details = made.get(f"{other}_tokens_details")
            if isinstance(details, dict):
                made[f"{name}_tokens_details"] = details
    for name, empty in _DETAILS.items():
        if isinstance(made.get(f"{name}_tokens"), int):
            details = made.get(f"{name}_tokens_details")
            kept = details if isinstance(details, dict) else {}
            if not empty.keys() <= kept.keys():
                made = {**made, f"{name}_tokens_details": {**empty, **kept}}
    counts = (made.get("input_tokens"), made.get("output_tokens"))
    if "total_tokens" not in made and all(isinstance(count, int) for count in counts):
        made = {**made, "total_tokens": counts[0] + counts[1]}  # type: ignore[operator]  # both are ints
    return made


def _repair_items(output: list[Any], response_id: str, context: ResponsesContext) -> list[Any]:
    called = any(isinstance(i, dict) and i.get("type") == "function_call" for i in output)
    taken: set[str] = set()
    made: list[Any] = []
    same = True
    for index, item in enumerate(output):
        new = item
        if isinstance(item, dict):
            if called and is_empty_message(item):
                context.note_repair("output", REPAIRS)
                same = False
                continue
            new = repair_item(item, context)
            new = _with_own_id(new, taken, (response_id, index), context)
        made.append(new)
        same = same and new is item
    return output if same else made


def is_empty_message(item: JSON) -> bool:
    """Tell a message that says nothing."""
    if item.get("type") != "message":
        return False
    content = item.get("content")
    if not isinstance(content, list):
        return not content
    return all(isinstance(p, dict) and not (p.get("text") or p.get("refusal")) for p in content)


def _with_own_id(
    item: JSON, taken: set[str], seeds: tuple[object, ...], context: ResponsesContext
) -> JSON:
    given, kind = item.get("id"), str(item.get("type"))
    if is_foreign_id(given) or given in taken:
        item = {**item, "id": made_id(kind, *seeds)}
        context.note_repair("ids", REPAIRS)
    taken.add(str(item["id"]))
    if kind == "function_call" and (not item.get("call_id") or f"call {item['call_id']}" in taken):
        item = {**item, "call_id": "call_" + made_id("call", *seeds)[5:]}
        context.note_repair("ids", REPAIRS)
    if kind == "function_call":
        taken.add(f"call {item['call_id']}")
    return item


def repair_item(item: JSON, context: ResponsesContext) -> JSON:
    """Return an item with every field that code reads; ids aside."""
    kind = item.get("type")
    missing: JSON = {}
    if kind == "message":
        missing = {"role": "assistant", "status": "completed", "content": []}
        content = item.get("content")
        if isinstance(content, str):
            item = {**item, "content": [{"type": "output_text", "text": content}]}
        if isinstance(item.get("content"), list):
            parts = [_repair_part(part) for part in item["content"]]
            if any(new is not old for new, old in zip(parts, item["content"], strict=True)):
                item = {**item, "content": parts}
    elif kind == "function_call":
        missing = {"status": "completed", "arguments": "", "name": ""}
        if isinstance(item.get("arguments"), dict | list):
            context.note_repair("arguments", REPAIRS)
            item = {**item, "arguments": json.dumps(item["arguments"], ensure_ascii=False)}
    elif kind == "reasoning":
        missing = {"summary": []}
    absent = {name: value for name, value in missing.items() if item.get(name) is None}
    return {**item, **absent} if absent else item


def _repair_part(part: Any) -> Any:
    if not isinstance(part, dict) or part.get("type") != "output_text":
        return part
    absent: JSON = {"annotations": [], "logprobs": []}
    missing = {name: value for name, value in absent.items() if part.get(name) is None}
    if not isinstance(part.get("text"), str):
        missing["text"] = ""
    return {**part, **missing} if missing else part


def give_back(response: JSON, context: ResponsesContext) -> JSON:
    """Return a repaired response in the form that was asked for: its tools, and what it echoes."""
    if context.given_tools and isinstance(response.get("output"), list):
        output = [
            restore(i, context.given_tools) if isinstance(i, dict) else i
            for i in response["output"]
        ]
        response = {**response, "output": output}
    echo = {name: value for name, value in context.echo.items() if response.get(name) != value}
    return {**response, **echo} if echo else response
