"""What a tool call of a response must have, plain or streamed: an id, a type, a name, arguments as text.

Engines leave parts of it out or write them differently (evidence.md#incomplete-tool-calls). Pure functions.
"""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

JSON = dict[str, Any]

_SEPARATORS = re.compile(r"<\|[^<>|]*\|>|\s+|\bto=")
_COUNTER = re.compile(r":\d+$")  # functions.<name>:<n>, evidence.md#shared-tool-call-ids
_PREFIX = "functions."


def made_id() -> str:
    """Return a new id in OpenAI's form."""
    return f"call_{uuid.uuid4().hex[:24]}"


def given_id(value: object) -> str:
    """Return the id that an engine sent as text; empty if it sent none."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def meant_name(name: str, tools: Collection[str]) -> str:
    """Return the tool of the request that a name with format tokens or a prefix means, if exactly one."""
    if name in tools or not tools:
        return name
    pieces = [piece.removeprefix(_PREFIX) for piece in _SEPARATORS.split(name)]
    found = {made for piece in pieces for made in (piece, _COUNTER.sub("", piece)) if made in tools}
    return found.pop() if len(found) == 1 else name


def arguments_text(value: object) -> str:
    """Return arguments as JSON text; an absent value is empty text."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def is_whole(arguments: str) -> bool:
    """Return whether the arguments are complete JSON."""
    try:
        json.loads(arguments)
    except (ValueError, RecursionError):
        return False
    return True


def completed(call: Any, tools: Collection[str]) -> Any:
    """Return a tool call of a plain response with all its parts; unchanged if nothing is missing."""
    if not isinstance(call, dict) or call.get("type", "function") not in ("function", None, ""):
        return call
    function = call.get("function")
    function = function if isinstance(function, dict) else {}
    name, arguments = function.get("name"), function.get("arguments")
    named = meant_name(name, tools) if isinstance(name, str) else ""
    text = arguments_text(arguments)
    text = text if text.strip() else "{}"
    made = {
        "id": given_id(call.get("id")) or made_id(),
        "type": "function",
        "function": {**function, "name": named, "arguments": text},
    }
    return (
        call if all(call.get(part) == value for part, value in made.items()) else {**call, **made}
    )


def agreed_finish(finish: object, *, called: bool, named: bool) -> object:
    """Return the finish reason that agrees with the calls; ``named``: the request names the function."""
    if called and finish == "stop" and not named:
        return "tool_calls"
    return "stop" if finish == "tool_calls" and not called else finish
