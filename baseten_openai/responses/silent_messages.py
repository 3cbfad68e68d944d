"""Hold back a message that says nothing yet: beside a tool call it is left out (evidence.md#bridge-deviations).

Every message begins with events without text. They wait for its first text, which follows at once in
most streams. Where a function call comes instead, code that keeps one item a turn would trip over the
empty message, and servers refuse it when it is sent back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .repair import REPAIRS, is_empty_message

if TYPE_CHECKING:
    from .context import ResponsesContext

JSON = dict[str, Any]

_ADDED, _DONE = "response.output_item.added", "response.output_item.done"
_TEXT_FIELDS = {
    "response.output_text.delta": "delta",
    "response.output_text.done": "text",
    "response.refusal.delta": "delta",
    "response.refusal.done": "refusal",
}
_PARTS = frozenset({"response.content_part.added", "response.content_part.done"})
_ITEMS = frozenset({_ADDED, _DONE})


class SilentMessages:
    """The events of one silent message, if there is one."""

    __slots__ = ("called", "context", "held")

    def __init__(self, context: ResponsesContext) -> None:
        """Start before the first event."""
        self.context = context
        self.held: list[JSON] = []
        self.called = False

    def feed(self, event: JSON) -> list[JSON]:
        """Return the events that can be taken now, in order."""
        kind = str(event.get("type"))
        if kind == "response.output_text.delta" and not self.held and "item" not in event:
            return [event]  # most events, of which the rest changes nothing
        calls = kind.startswith("response.function_call") or _item_kind(event) == "function_call"
        self.called = self.called or calls
        if kind == _ADDED and _item_kind(event) == "message" and is_empty_message(event["item"]):
            released = self._release()
            self.held = [event]
            return released
        if not self.held:
            return [event]
        if self._is_silent(event, kind):
            self.held.append(event)
            return []
        if _speaks(event, kind):
            held, self.held = self.held, []
            return [*held, event]
        response = event.get("response")
        output = response.get("output") if isinstance(response, dict) else None
        if isinstance(output, list):
            self.called = self.called or any(
                isinstance(item, dict) and item.get("type") == "function_call" for item in output
            )
        return [*self._release(), event]

    def _release(self) -> list[JSON]:
        held, self.held = self.held, []
        if held and self.called:
            self.context.note_repair("output", REPAIRS)
            return []
        return held

    def _is_silent(self, event: JSON, kind: str) -> bool:
        """Tell an event of the message that has no text."""
        if kind in _TEXT_FIELDS:
            return not event.get(_TEXT_FIELDS[kind])
        if kind in _PARTS:
            part = event.get("part")
            return isinstance(part, dict) and not (part.get("text") or part.get("refusal"))
        if kind == _DONE and _item_kind(event) == "message":
            return is_empty_message(event["item"])
        return False


def _speaks(event: JSON, kind: str) -> bool:
    """Tell an event with text of a message."""
    part = event.get("part")
    of_message = isinstance(part, dict) and part.get("type") in ("output_text", "refusal")
    return kind in _TEXT_FIELDS or of_message or _item_kind(event) == "message"


def _item_kind(event: JSON) -> object:
    item = event.get("item") if event.get("type") in _ITEMS else None
    return item.get("type") if isinstance(item, dict) else None
