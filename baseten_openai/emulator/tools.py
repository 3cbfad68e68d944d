"""Which tools the emulated model calls, and with what arguments.

The rule is simple on purpose, so that a test can foresee it:

1. ``tool_choice`` ``"none"``: never. A named function: that one. ``"required"``: the best match, or
   the first tool. ``"auto"`` (or nothing): only when the last message is the user's and a tool
   matches its text.
2. A tool is *named* when its name, or every telling word of it (``get_weather``: "weather"), stands
   in the text; it *matches* when named, or when a word of its name, description, property names
   or enum values does. More words are a better match; the first tool wins a tie.
3. Several calls, unless ``parallel_tool_calls`` is false or ``tool_choice`` names one function:
   one for each tool named, if two or more are; else the same tool once for each part of the text
   ("Paris and London", "2, 3 and 4") that brings values of its own and other arguments.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from . import hints as prompt_hints
from .instances import instance

JSON = dict[str, Any]

_NO_PARAMETERS: JSON = {"type": "object", "properties": {}}
_VERBS = (
    "get fetch find search lookup look list show compute calculate calc create make do run call"
    " read set add tool function api current"
)
_COMMON_VERBS = frozenset(_VERBS.split())
_FILLERS = (
    "that this with from given tool function returns return which what when where have will your"
    " must should would could into about their they them then than only some value values result"
    " results name text string number object list using used call called for the and get"
)
_COMMON_WORDS = frozenset(_FILLERS.split())
_SHORTEST = 4
_PARTS = re.compile(r"\s+and\s+|\s*[,;]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a function; ``arguments`` is JSON text."""

    name: str
    arguments: str


def calls(body: JSON, user_text: str, *, users_turn: bool) -> list[Call]:
    """Return the calls that the model makes for this request, possibly none.

    Raises NoInstanceError when a tool's parameters cannot be fulfilled.
    """
    functions = [tool["function"] for tool in body.get("tools") or ()]
    choice = body.get("tool_choice") or "auto"
    if not functions or choice == "none" or (choice == "auto" and not users_turn):
        return []
    hints = prompt_hints.read(user_text)
    if isinstance(choice, dict):
        name = choice["function"]["name"]
        return [_call(_by_name(functions, name), hints)]
    chosen = [function for function in functions if _is_named(function["name"], hints)]
    if not chosen:
        best = max(functions, key=lambda function: _overlap(function, user_text))
        if choice == "auto" and not _overlap(best, user_text):
            return []
        chosen = [best]
    if body.get("parallel_tool_calls") is False:
        return [_call(chosen[0], hints)]
    if len(chosen) > 1:
        return [_call(function, hints) for function in chosen]
    return _repeated(chosen[0], hints)


def _by_name(functions: list[JSON], name: str) -> JSON:
    return next(function for function in functions if function["name"] == name)


def _call(function: JSON, hints: prompt_hints.Hints) -> Call:
    arguments = instance(function.get("parameters") or _NO_PARAMETERS, hints)
    return Call(function["name"], json.dumps(arguments, ensure_ascii=False))


def _repeated(function: JSON, hints: prompt_hints.Hints) -> list[Call]:
    """Return a call for each part of the text that has values, or one call."""
    found: list[Call] = []
    for part in _PARTS.split(hints.text):
        own = prompt_hints.read(part)
        call = _call(function, own)
        if own.has_values and call not in found and _takes(call, own):
            found.append(call)
    return found if len(found) > 1 else [_call(function, hints)]


def _takes(call: Call, hints: prompt_hints.Hints) -> bool:
    """Return whether the arguments contain a value from the text, and not only sample values."""
    values = [*map(str, hints.numbers), *hints.names, *hints.quoted]
    return any(value in call.arguments for value in values)


def _is_named(name: str, hints: prompt_hints.Hints) -> bool:
    if hints.mentions(name):
        return True
    telling = [word for word in _split(name) if word not in _COMMON_VERBS]
    return bool(telling) and all(hints.mentions(word) for word in telling)


def _overlap(function: JSON, text: str) -> int:
    """Count the words of the function's name that occur in the text, in singular or plural."""
    words = {*_split(function["name"])} | _words_of(function.get("parameters") or {})
    words |= {*_split(function.get("description") or "")}
    words = {word for word in words - _COMMON_WORDS if len(word) >= _SHORTEST}
    spoken = {word for word in _split(text) if len(word) >= _SHORTEST}
    return sum(any(_akin(word, other) for other in spoken) for word in words)


def _words_of(schema: Any) -> set[str]:
    if not isinstance(schema, dict):
        return set()
    found: set[str] = set()
    for name, part in (schema.get("properties") or {}).items():
        found |= {*_split(name)} | _words_of(part)
        if isinstance(part, dict):
            found |= {*_split(str(part.get("description") or ""))}
            texts = [value for value in part.get("enum") or () if isinstance(value, str)]
            found |= {word for text in texts for word in _split(text)}
    return found


def _akin(one: str, other: str) -> bool:
    return one == other or one + "s" == other or one == other + "s"


def _split(text: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return [word.lower() for word in re.split(r"[\W_]+", spaced) if word]
