"""Check that messages have the form of the OpenAPI document, and that tool results match their calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .fields import PARTS, ROLES

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON = dict[str, Any]

_CALL_KEYS = frozenset({"id", "index", "function", "type"})
_FUNCTION_KEYS = frozenset({"name", "arguments"})


def parts(messages: list[JSON]) -> Iterator[JSON]:
    """Yield every content part of every message. The messages must be valid."""
    for message in messages:
        content = message.get("content")
        if isinstance(content, list):
            yield from content


def problems(messages: list[Any]) -> Iterator[str]:
    """Yield the errors, as ``messages.<n>...: <why>``.

    A tool result must answer a call made earlier. Ids may repeat: Kimi's do in every turn (REC).
    """
    called: set[str] = set()
    for number, message in enumerate(messages):
        where = f"messages.{number}"
        if not isinstance(message, dict):
            yield f"{where}: Input should be a valid object"
            continue
        role = message.get("role")
        if role not in ROLES:
            yield f"{where}.role ({role!r}): Unexpected message role"
            continue
        yield from _content(message, where)
        if role == "assistant":
            yield from _calls(message, where, called)
        elif message.get("tool_calls"):
            yield f"{where}.tool_calls: only the assistant calls tools"
        given = message.get("tool_call_id")
        if role == "tool" and not (isinstance(given, str) and given in called):
            yield f"{where}.tool_call_id ({given!r}): no earlier tool call has this id"


def _content(message: JSON, where: str) -> Iterator[str]:
    content = message.get("content")
    if content is None:
        if message["role"] != "assistant":
            yield f"{where}.content: Field required"
    elif isinstance(content, list):
        for number, part in enumerate(content):
            yield from _part(part, f"{where}.content.{number}")
    elif not isinstance(content, str):
        yield f"{where}.content: Input should be a valid string or list"


def _part(part: Any, where: str) -> Iterator[str]:
    kind = part.get("type") if isinstance(part, dict) else None
    if not isinstance(kind, str) or kind not in PARTS:
        yield f"{where}.type ({kind!r}): Input should be one of {', '.join(map(repr, PARTS))}"
        return
    for key in sorted(PARTS[kind] - part.keys()):
        yield f"{where}.{key}: Field required"
    for key in sorted(part.keys() - PARTS[kind] - {"type"}):
        yield f"{where}.{key}: Extra inputs are not permitted"
    if kind == "text" and not isinstance(part.get("text"), str):
        yield f"{where}.text: Input should be a valid string"
    if kind == "image_url":
        image = part.get("image_url")
        if not isinstance(image, dict) or not isinstance(image.get("url"), str):
            yield f"{where}.image_url.url: Input should be a valid string"


def _calls(message: JSON, where: str, called: set[str]) -> Iterator[str]:
    if message.get("function_call") is not None:
        yield f"{where}.function_call: Extra inputs are not permitted"
    calls = message.get("tool_calls")
    if calls is not None and not isinstance(calls, list):
        yield f"{where}.tool_calls: Input should be a valid list"
        return
    for number, call in enumerate(calls or ()):
        place = f"{where}.tool_calls.{number}"
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or call.get("type", "function") != "function":
            yield f"{place}.type: Input should be 'function'"
            continue
        for key in sorted(call.keys() - _CALL_KEYS):
            yield f"{place}.{key}: Extra inputs are not permitted"
        for key in sorted(function.keys() - _FUNCTION_KEYS):
            yield f"{place}.function.{key}: Extra inputs are not permitted"
        if not isinstance(call.get("id"), str):
            yield f"{place}.id: Input should be a valid string"
        elif not isinstance(function.get("name"), str) or "arguments" not in function:
            yield f"{place}.function: name and arguments are required"
        else:
            called.add(call["id"])
