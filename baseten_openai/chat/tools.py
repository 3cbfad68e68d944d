"""Make the tools of a request fit Baseten's document, which allows no other keys beside ``function``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..call_notes import Note
from .parameters import FUNCTION_KEYS, TOOL_KEYS

if TYPE_CHECKING:
    from ..models.catalog import Model
    from .translation_log import TranslationLog

JSON = dict[str, Any]


def tidy_tools(body: JSON, _model: Model, log: TranslationLog) -> JSON:
    """Move the keys beside ``function`` that belong into it; leave out the others. Both are noted."""
    tools = body.get("tools")
    if not isinstance(tools, list) or not any(map(_has_others, tools)):
        return body
    tidied = [
        _tidied(tool, index, log) if _has_others(tool) else tool for index, tool in enumerate(tools)
    ]
    return {**body, "tools": tidied}


def _has_others(tool: object) -> bool:
    return (
        isinstance(tool, dict)
        and isinstance(tool.get("function"), dict)
        and tool.get("type", "function") == "function"
        and not tool.keys() <= TOOL_KEYS
    )


def _tidied(tool: JSON, index: int, log: TranslationLog) -> JSON:
    function: JSON = tool["function"]
    kept = {name: value for name, value in tool.items() if name in TOOL_KEYS}
    for name, value in tool.items():
        if name in TOOL_KEYS:
            continue
        param = f"tools[{index}].{name}"
        if name in FUNCTION_KEYS and value is not None and function.get(name) is None:
            function = {**function, name: value}
            message = f"{param} is sent as tools[{index}].function.{name}, where it belongs"
            log.notes.append(Note("converted", param, message))
        else:
            message = f"{param} is not sent: Baseten allows only type and function in a tool"
            log.notes.append(Note("dropped", param, message))
    return {**kept, "function": function}
