"""What is wrong with a request to ``/v1/responses`` that chat's checks do not see.

How the service reacts to OpenAI's other parameters is unknown. As for chat, the emulator refuses what
Baseten does not document, so that a client that forwards it is found out. All wordings are its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .checks import invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON = dict[str, Any]

FIELDS: dict[str, tuple[type, ...]] = {
    "model": (str,),
    "input": (str, list),
    "instructions": (str,),
    "include": (list,),
    "max_output_tokens": (int,),
    "parallel_tool_calls": (bool,),
    "reasoning": (dict,),
    "stream": (bool,),
    "temperature": (int, float),
    "text": (dict,),
    "tool_choice": (str, dict),
    "tools": (list,),
    "top_logprobs": (int,),
    "top_p": (int, float),
    "user": (str,),
    "chat_template_args": (dict,),  # Baseten's own, documented for chat
    "thinking": (dict,),
}
"""Documented, or taken by the engines that serve the endpoint; conversations are not among them (DOC)."""

_ROLES = ("system", "user", "assistant")
_NEEDED: dict[str, tuple[str, ...]] = {
    "message": ("role", "content"),
    "function_call": ("call_id", "name", "arguments"),
    "function_call_output": ("call_id", "output"),
    "reasoning": ("summary",),
}
_PARTS: dict[str, str] = {
    "input_text": "text",
    "output_text": "text",
    "refusal": "refusal",
    "input_image": "image_url",
}
_FORMATS = ("text", "json_object", "json_schema")
_LEAST_TOKENS = 1


def problem(body: JSON) -> str | None:
    """Return the first thing wrong with a request, or None."""
    for rule in (_fields, _text, _tools, _input):
        for message in rule(body):
            return invalid(message)
    return None


def _fields(body: JSON) -> Iterator[str]:
    for name, value in body.items():
        types = FIELDS.get(name)
        if types is None:
            yield f"{name}: Extra inputs are not permitted"
        elif not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            yield f"{name} ({value!r}): Input should be of another type"
    if "input" not in body:
        yield "input: Field required"
    if body.get("max_output_tokens", _LEAST_TOKENS) < _LEAST_TOKENS:
        yield "max_output_tokens: Input should be greater than or equal to 1"


def _text(body: JSON) -> Iterator[str]:
    text = body.get("text")
    if text is None:
        return
    form = text.get("format")
    if not isinstance(form, dict):  # OFF text_format_default: it must be given
        yield "text.format: Field required"
    elif form.get("type") not in _FORMATS:
        yield f"text.format.type ({form.get('type')!r}): unknown type"
    elif form["type"] == "json_schema" and not isinstance(form.get("schema"), dict):
        yield "text.format.schema: Field required"
    for name in text.keys() - {"format"}:
        yield f"text.{name}: Extra inputs are not permitted"


def _tools(body: JSON) -> Iterator[str]:
    for index, tool in enumerate(body.get("tools", ())):
        if not isinstance(tool, dict) or tool.get("type") != "function":
            yield f"tools.{index}.type: Input should be 'function'"
        elif not isinstance(tool.get("name"), str):
            yield f"tools.{index}.name: Field required"
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and choice.get("type") != "function":
        yield f"tool_choice.type ({choice.get('type')!r}): Input should be 'function'"


def _input(body: JSON) -> Iterator[str]:
    given = body["input"]
    if isinstance(given, str):
        return
    if not given:
        yield "input: List should have at least 1 item"
    for index, item in enumerate(given):
        yield from _item(item, f"input.{index}")


def _item(item: Any, where: str) -> Iterator[str]:
    if not isinstance(item, dict):
        yield f"{where}: Input should be a valid object"
        return
    kind = item.get("type", "message")
    if kind not in _NEEDED:
        yield f"{where}.type ({kind!r}): unknown type"
        return
    if item.get("encrypted_content"):
        yield f"{where}.encrypted_content: it cannot be decrypted"
    for name in _NEEDED[kind]:
        if name not in item:
            yield f"{where}.{name}: Field required"
            return
    if kind == "message" and item["role"] not in _ROLES:
        yield f"{where}.role ({item['role']!r}): Unexpected message role"
    if kind == "function_call" and not isinstance(item["arguments"], str):
        yield f"{where}.arguments: Input should be a valid string"
    content = item.get("content" if kind == "message" else "output", "")
    if kind in {"message", "function_call_output"} and not isinstance(content, str):
        yield from _parts(content, where)


def _parts(content: Any, where: str) -> Iterator[str]:
    if not isinstance(content, list):
        yield f"{where}.content: Input should be a valid string or list"
        return
    for number, part in enumerate(content):
        kind = part.get("type") if isinstance(part, dict) else None
        if not isinstance(kind, str) or kind not in _PARTS:
            yield f"{where}.content.{number}.type ({kind!r}): unknown type"
        elif not isinstance(part.get(_PARTS[kind]), str):
            yield f"{where}.content.{number}.{_PARTS[kind]}: Field required"
