"""The items of ``input``: what was replayed from an earlier answer is made fit, and nothing else.

Each step takes an item and returns it, a changed copy, or ``None`` to leave it out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .context import Refusal, changed_items, without
from .tools import as_function_call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .context import Remembered, ResponsesContext

JSON = dict[str, Any]

_OPENAI_ID = re.compile(r"[a-z]{2,5}_[0-9a-f]{48,}")
"""Ids of OpenAI's items as recorded, such as ``msg_`` and 50 hexadecimal digits."""

_OPENAI_SECRET = "gAAAA"  # noqa: S105  # how OpenAI's encrypted reasoning begins, as recorded

_CALLS = frozenset({"function_call", "custom_tool_call", "custom_tool_call_output"})


def as_items(given: Any) -> list[Any]:
    """Return an ``input`` as a list of items: a text is a message of the user's."""
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    return list(given) if isinstance(given, list) else []


def continue_conversation(body: JSON, memory: Remembered, context: ResponsesContext) -> JSON:
    """Replace ``previous_response_id`` by the conversation that it stands for."""
    previous = body.get("previous_response_id")
    if not isinstance(previous, str):
        return body
    before = memory.conversation(previous)
    if before is None:
        context.refusals.append(_unknown_response(previous))
        return body
    context.echo["previous_response_id"] = previous
    message = (
        "previous_response_id is sent as the conversation that this process remembers: "
        "Baseten stores no responses"
    )
    context.note("advice", "previous_response_id", message)
    items = [*before, *as_items(body.get("input"))]
    return {**without(body, "previous_response_id"), "input": items}


def _unknown_response(response_id: str) -> Refusal:
    return Refusal(
        "previous_response_id",
        "previous_response_id",
        f"Previous response with id {response_id!r} not found. Baseten stores no responses: this "
        "process answers previous_response_id from its own memory, and does not have that id",
        "send the whole conversation in input; or set BASETEN_OPENAI_RESPONSES to a file, so that "
        "processes share the memory and it outlives them",
        otherwise=None,
    )


def translate_input(body: JSON, memory: Remembered, context: ResponsesContext) -> JSON:
    """Return the body with every item of ``input`` made fit."""
    items = body.get("input")
    if not isinstance(items, list):
        return body

    def translate(item: JSON) -> JSON | None:
        return _translate_item(item, memory, context)

    made = changed_items(items, translate)
    return body if made is items else {**body, "input": made}


def _translate_item(item: JSON, memory: Remembered, context: ResponsesContext) -> JSON | None:
    kind = item.get("type", "message")
    if kind == "item_reference":
        found = memory.item(str(item.get("id")))
        if found is None:
            context.refusals.append(_unknown_item(item))
            return item
        item, kind = found, found.get("type", "message")
    if isinstance(item.get("id"), str) and _OPENAI_ID.fullmatch(item["id"]):
        context.note(
            "dropped", "input.id", "item ids of OpenAI's are not sent: they mean nothing here"
        )
        item = without(item, "id")
    if kind == "message":
        return _translate_message(item, context)
    if kind in {"reasoning", "compaction"}:
        return _readable(item, context)
    if kind in _CALLS:
        sent = as_function_call(item)
        if sent is not item:
            message = "custom and namespaced tool calls are sent as function calls"
            context.note("converted", "input", message)
        return without(sent, "parsed_arguments") if "parsed_arguments" in sent else sent
    return item


def _unknown_item(item: JSON) -> Refusal:
    return Refusal(
        "input",
        "item references",
        f"input refers to the item {item.get('id')!r}: Baseten stores no items, and this process does "
        "not remember that one",
        "send the item itself",
        otherwise=None,
    )


def _translate_message(item: JSON, context: ResponsesContext) -> JSON:
    if item.get("role") == "developer":
        context.note("converted", "input.role", "role 'developer' is sent as 'system'")
        item = {**item, "role": "system"}
    parts = item.get("content")
    if isinstance(parts, list):
        made = changed_items(parts, _without_parsed)
        item = item if made is parts else {**item, "content": made}
    return item


def _without_parsed(part: JSON) -> JSON:
    """Leave out what the SDK's ``parse()`` and ``stream()`` added for the user alone."""
    return without(part, "parsed") if "parsed" in part else part


def _readable(item: JSON, context: ResponsesContext) -> JSON | None:
    """Leave out what only OpenAI can read; the whole item where nothing else is in it."""
    secret = item.get("encrypted_content")
    if not (isinstance(secret, str) and secret.startswith(_OPENAI_SECRET)):
        return item
    message = "encrypted reasoning of OpenAI's is not sent: Baseten cannot read it"
    context.note("dropped", "input.encrypted_content", message)
    kept = without(item, "encrypted_content")
    return kept if kept.get("summary") or kept.get("content") else None


def parts(body: JSON) -> Iterator[tuple[str, JSON]]:
    """Yield every content part of ``input``, also those of tool outputs, and where it stands."""
    items = body.get("input")
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if not isinstance(item, dict):
            continue
        for field in ("content", "output"):
            held = item.get(field)
            for number, part in enumerate(held if isinstance(held, list) else ()):
                if isinstance(part, dict):
                    yield f"input[{index}].{field}[{number}]", part
