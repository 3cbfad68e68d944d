"""The output of a stream: its items, one after the other, whatever the order of the events.

An item ends when the next one begins. A function call is the exception: while its arguments are not whole,
the events of other items wait for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .repair import REPAIRS, is_empty_message, is_foreign_id, made_id
from .stream_items import CALL_DELTA, CALL_DONE, PART_KINDS, Item, is_json

if TYPE_CHECKING:
    from .context import ResponsesContext

JSON = dict[str, Any]

_ADDED, _DONE = "response.output_item.added", "response.output_item.done"
_TEXTS = {
    f"response.{kind.events}.{end}": (name, end)
    for name, kind in PART_KINDS.items()
    for end in ("delta", "done")
}
_PARTS = {
    f"response.{kind.part}.{end}": (kind.index_name, end)
    for kind in PART_KINDS.values()
    for end in ("added", "done")
}
_STEPS = {
    CALL_DELTA: "_arguments",
    CALL_DONE: "_arguments_done",
    _ADDED: "_added",
    _DONE: "_item_done",
}
"""The methods for the other events."""


class StreamOutput:
    """The items of one stream."""

    __slots__ = ("context", "deferred", "items", "open", "response_id")

    def __init__(self, context: ResponsesContext) -> None:
        """Start with no item."""
        self.context = context
        self.response_id = ""
        self.items: list[Item] = []
        self.open: Item | None = None
        self.deferred: list[JSON] = []  # events that wait for the open function call

    def feed(self, event: JSON, kind: str) -> list[JSON]:
        """Take an event that is neither the first nor the last; return those to give on."""
        made = self._take(event, kind)
        while self.deferred and not self._must_wait():
            made += self._take_deferred()
        return made

    def end(self, output: list[Any], status: str) -> list[JSON]:
        """Return the events that end every item; ``output`` is what the last event holds."""
        made: list[JSON] = []
        while self.open is not None or self.deferred:
            made += self._close_open(status, output)
            made += self._take_deferred()
        called = any(item.kind == "function_call" for item in self.items)
        for given, item in self._pairs(output):
            if item is None and not (called and is_empty_message(given)):
                new = self._new(str(given.get("type")), given.get("id"), None)
                made += self._ended(new, None, given, status)
        return made

    def final(self, output: list[Any]) -> list[Any]:
        """Return the items as they were streamed; as in ``output`` where that says the same."""
        said = {id(item): given for given, item in self._pairs(output) if item is not None}
        made = []
        for item in self.items:
            given = said.get(id(item))
            if given is not None and item.agrees(given):
                made.append(given)
                continue
            if given is not None:
                self.context.note_repair("output", REPAIRS)
            made.append(item.final)
        return made

    def _pairs(self, output: list[Any]) -> list[tuple[JSON, Item | None]]:
        """Pair the items of the last event with those of the stream: by id, else by kind in order."""
        given_items = [given for given in output if isinstance(given, dict)]
        left = list(self.items)
        found: dict[int, Item] = {}
        for by_id in (True, False):
            for number, given in enumerate(given_items):
                if number in found:
                    continue
                for item in left:
                    if item.kind == given.get("type") and (
                        not by_id or given.get("id") in item.ids
                    ):
                        found[number] = item
                        left.remove(item)
                        break
        return [(given, found.get(number)) for number, given in enumerate(given_items)]

    def _take_deferred(self) -> list[JSON]:
        waiting, self.deferred = self.deferred, []
        return [made for event in waiting for made in self._take(event, event["type"])]

    def _take(self, event: JSON, kind: str) -> list[JSON]:
        if kind in _TEXTS:
            return self._text(event, *_TEXTS[kind])
        if kind in _PARTS:
            return self._part(event, *_PARTS[kind])
        if kind in _STEPS:
            made: list[JSON] = getattr(self, _STEPS[kind])(event)
            return made
        given = event.get("item_id")
        item = next((item for item in reversed(self.items) if given in item.ids), None)
        return [event if item is None or item.closed else item.aligned(event)]

    # -- which item an event is about ------------------------------------------------------------

    def _target(self, event: JSON, kind: str, item_id: Any) -> Item | None:
        """Return the open item if the event is about it, whatever id it goes by."""
        item = self.open
        if item is None or item.kind != kind:
            return None
        if item_id in item.ids:
            return item
        index = event.get("output_index")
        if index is not None and item.given_index is not None and index != item.given_index:
            return None
        if any(item_id in other.ids for other in self.items):
            return None
        if isinstance(item_id, str):
            item.ids.append(item_id)
        return item

    def _item_for(
        self, event: JSON, kind: str, item_id: Any, *, ends: bool
    ) -> tuple[Item | None, list[JSON]]:
        """Return the item of an event, begun if need be, and the events before that."""
        item = self._target(event, kind, item_id)
        if item is not None:
            return item, []
        if ends and self._has_ended(kind, item_id, event.get("output_index")):
            self.context.note_repair("order", REPAIRS)
            return None, []
        if self._must_wait():
            self.deferred.append(event)
            return None, []
        made = self._close_open("completed")
        return self._new(kind, item_id, event.get("output_index")), made

    def _has_ended(self, kind: str, item_id: Any, index: Any) -> bool:
        for item in self.items:
            if item.closed and item.kind == kind:
                if item_id in item.ids:
                    return True
                known = any(item_id in other.ids for other in self.items)
                if not known and index is not None and index == item.given_index:
                    return True
        return False

    def _must_wait(self) -> bool:
        """Tell whether a function call is open whose arguments are not whole yet."""
        item = self.open
        if item is None or item.kind != "function_call":
            return False
        return not is_json(item.streamed_arguments())

    def _new(self, kind: str, given_id: Any, index: Any) -> Item:
        item_id = given_id
        if is_foreign_id(given_id) or any(given_id == item.id for item in self.items):
            item_id = made_id(kind, self.response_id, len(self.items))
            self.context.note_repair("ids", REPAIRS)
        item = Item(kind, str(item_id), len(self.items), self.context)
        item.given_index = index
        if isinstance(given_id, str):
            item.ids.append(given_id)
        self.items.append(item)
        self.open = item
        return item

    # -- beginning and ending --------------------------------------------------------------------

    def _added(self, event: JSON) -> list[JSON]:
        given = event.get("item")
        if not isinstance(given, dict):
            return []
        kind, item = str(given.get("type")), self.open
        if item is not None and item.kind == kind:
            again = given.get("id") in item.ids
            index = event.get("output_index")
            late = not item.given and (index is None or index == item.given_index)
            if again or late:  # announced twice, or after it began
                self.context.note_repair("order", REPAIRS)
                item.given = item.given or given
                if isinstance(given.get("id"), str):
                    item.ids.append(given["id"])
                return [] if item.announced else item.announce(None)
        if self._must_wait():
            self.deferred.append(event)
            return []
        made = self._close_open("completed")
        new = self._new(kind, given.get("id"), event.get("output_index"))
        new.given = given
        return [*made, *new.announce(event)]

    def _item_done(self, event: JSON) -> list[JSON]:
        given = event.get("item")
        if not isinstance(given, dict):
            return []
        kind = str(given.get("type"))
        item, made = self._item_for(event, kind, given.get("id"), ends=True)
        if item is None:
            return made
        if kind == "function_call" and not self._is_whole(item, given.get("arguments")):
            item.held.append(event)  # it came early, or its arguments are no JSON: see _close_open
            return made
        return [*made, *self._ended(item, event, given, "completed")]

    def _is_whole(self, item: Item, final: Any) -> bool:
        streamed = item.streamed_arguments()
        return item.arguments_done or (streamed == final and is_json(streamed))

    def _close_open(self, status: str, output: list[Any] | None = None) -> list[JSON]:
        """End the open item, as another begins or the stream ends."""
        item = self.open
        if item is None:
            return []
        event = next((held for held in item.held if held["type"] == _DONE), None)
        described: JSON = event["item"] if event is not None else {}
        if not described and output is not None:
            described = next((given for given, match in self._pairs(output) if match is item), {})
        return self._ended(item, event, described, status)

    def _ended(self, item: Item, event: JSON | None, given: JSON, status: str) -> list[JSON]:
        if self.open is item:
            self.open = None
        return item.close(event, given, status)

    # -- texts and arguments ---------------------------------------------------------------------

    def _text(self, event: JSON, name: str, end: str) -> list[JSON]:
        kind = PART_KINDS[name]
        item, made = self._item_for(event, kind.item, event.get("item_id"), ends=end == "done")
        if item is None:
            return made
        if not item.announced:
            made += item.announce(None)
        part = item.part(name, _index(item, name, event.get(kind.index_name)))
        if end == "delta":
            if part.text_done:  # more text after the end of the text: a part of its own
                self.context.note_repair("order", REPAIRS)
                part = item.part(name, _index(item, name, None) + 1)
            return [*made, *item.delta(part, event)]
        if part.text_done:
            self.context.note_repair("order", REPAIRS)
            return made
        return [*made, *item.end_text(part, event)]

    def _part(self, event: JSON, index_name: str, end: str) -> list[JSON]:
        given = event.get("part")
        name = given.get("type") if isinstance(given, dict) else None
        if not isinstance(name, str) or name not in PART_KINDS:
            return [event]
        kind = PART_KINDS[name]
        item, made = self._item_for(event, kind.item, event.get("item_id"), ends=end == "done")
        if item is None:
            return made
        if not item.announced:
            made += item.announce(None)
        part = item.part(name, _index(item, name, event.get(index_name)))
        if end == "added" and not part.announced:
            return [*made, *item.begin_part(part, event)]
        if end == "done" and not part.done:
            return [*made, *item.end_part(part, event)]
        self.context.note_repair("order", REPAIRS)
        return made

    def _arguments(self, event: JSON) -> list[JSON]:
        item, made = self._item_for(event, "function_call", event.get("item_id"), ends=True)
        text = event.get("delta")
        if item is None or not isinstance(text, str):
            return made
        if item.arguments_done:
            if text.strip():
                self.context.note_repair("arguments", REPAIRS)
            return made
        if item.held:
            self.context.note_repair("arguments", REPAIRS)  # its end came before
        item.arguments.append(text)
        if not item.announced:
            item.waiting = True
            return made
        return [*made, item.aligned(event)]

    def _arguments_done(self, event: JSON) -> list[JSON]:
        item, made = self._item_for(event, "function_call", event.get("item_id"), ends=True)
        if item is None:
            return made
        if item.arguments_done or any(held["type"] == CALL_DONE for held in item.held):
            self.context.note_repair("order", REPAIRS)
            return made
        if event.get("name") and not item.given.get("name"):
            item.given = {**item.given, "name": event["name"]}
        item.held.append(event)
        whole = item.announced and self._is_whole(item, event.get("arguments"))
        return [*made, *(item.end_call() if whole else ())]


def _index(item: Item, name: str, given: Any) -> int:
    """Return the index of a part; the last one's where the event has none."""
    if isinstance(given, int):
        return given
    return max((part.index for part in item.parts.values() if part.name == name), default=0)
