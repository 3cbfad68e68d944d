"""Give streamed calls back in the form of the tools that the user described.

The events are in order already: a call's ``added``, its deltas, its ends. The argument of a custom tool's
function is a JSON object with one string, whose text is streamed as it comes.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from .stream_items import CALL_DELTA, CALL_DONE
from .tools import CUSTOM_INPUT, custom_id, custom_input, restore

if TYPE_CHECKING:
    from .context import GivenTool

JSON = dict[str, Any]

_OPENING = re.compile(rf'\s*\{{\s*"{CUSTOM_INPUT}"\s*:\s*"')
_WHOLE = re.compile(
    r'(?:[^"\\]'
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4}"
    r'|\\["\\/bfnrt])+'
)
"""Characters of a JSON string that are whole: no half of an escape, no half of a pair."""


class StreamedInput:
    """The text of a custom call, out of pieces of JSON."""

    __slots__ = ("_at", "_json", "text")

    def __init__(self) -> None:
        """Start before the first piece."""
        self._json = ""
        self._at: int | None = None  # where the next character is
        self.text = ""

    def feed(self, piece: str) -> str:
        """Take more JSON; return the text that became readable."""
        self._json += piece
        if self._at is None:
            opening = _OPENING.match(self._json)
            if opening is None:
                return ""
            self._at = opening.end()
        found = _WHOLE.match(self._json, self._at)
        if found is None:
            return ""
        self._at = found.end()
        text: str = json.loads(f'"{found[0]}"', strict=False)
        self.text += text
        return text


class CustomCalls:
    """The calls of one stream that are given back in another form."""

    __slots__ = ("_given_tools", "_inputs")

    def __init__(self, given_tools: dict[str, GivenTool]) -> None:
        """Start before the first event."""
        self._given_tools = given_tools
        self._inputs: dict[str, StreamedInput] = {}  # by the id of the function call's item

    def convert(self, event: JSON) -> list[JSON]:
        """Return the events that stand for ``event``."""
        kind, item = event.get("type"), event.get("item")
        if isinstance(item, dict):
            restored = restore(item, self._given_tools)
            if kind == "response.output_item.added" and restored.get("type") == "custom_tool_call":
                self._inputs[str(item.get("id"))] = StreamedInput()
                restored = {**restored, CUSTOM_INPUT: ""}
            return [event if restored is item else {**event, "item": restored}]
        streamed = self._inputs.get(str(event.get("item_id")))
        if streamed is None:
            return [event]
        place = {"item_id": custom_id(event["item_id"]), "output_index": event.get("output_index")}
        if kind == CALL_DELTA:
            text = streamed.feed(str(event.get("delta") or ""))
            return [_delta(text, place)] if text else []
        if kind == CALL_DONE:
            whole = custom_input(event.get("arguments"))
            rest = whole[len(streamed.text) :] if whole.startswith(streamed.text) else ""
            done = {"type": "response.custom_tool_call_input.done", CUSTOM_INPUT: whole, **place}
            return [*([_delta(rest, place)] if rest else []), done]
        return [{**event, **place}]


def _delta(text: str, place: JSON) -> JSON:
    return {"type": "response.custom_tool_call_input.delta", "delta": text, **place}
