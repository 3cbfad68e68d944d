"""One item of a stream, from its ``added`` to its ``done``: what was said of it, and the events of it.

The methods return the events to give on. An event that is right is the one that was given.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from .repair import REPAIRS, repair_item

if TYPE_CHECKING:
    from .context import ResponsesContext

JSON = dict[str, Any]


class PartKind(NamedTuple):
    """A kind of text within an item: its events, and the field that holds the whole of it."""

    events: str  # response.<events>.delta and .done
    field: str
    index_name: str  # content_index or summary_index
    part: str  # response.<part>.added and .done
    item: str
    needs_part: bool = True


PART_KINDS: dict[str, PartKind] = {
    "output_text": PartKind("output_text", "text", "content_index", "content_part", "message"),
    "refusal": PartKind("refusal", "refusal", "content_index", "content_part", "message"),
    "reasoning_text": PartKind(
        "reasoning_text", "text", "content_index", "content_part", "reasoning", needs_part=False
    ),
    "summary_text": PartKind(
        "reasoning_summary_text", "text", "summary_index", "reasoning_summary_part", "reasoning"
    ),
}
"""By the ``type`` of the part. The order of events: OAI; ``reasoning_text``: SDK."""

_NEW: dict[str, JSON] = {
    "message": {"type": "message", "status": "in_progress", "content": [], "role": "assistant"},
    "reasoning": {"type": "reasoning", "summary": []},
    "function_call": {"type": "function_call", "status": "in_progress", "arguments": ""},
}

CALL_DELTA = "response.function_call_arguments.delta"
CALL_DONE = "response.function_call_arguments.done"


class Part:
    """A text that is streamed."""

    __slots__ = ("announced", "done", "final", "index", "kind", "name", "text", "text_done")

    def __init__(self, name: str, index: int) -> None:
        """Start with nothing said."""
        self.name, self.kind, self.index = name, PART_KINDS[name], index
        self.text: list[str] = []
        self.final: str | None = None
        self.announced = self.text_done = self.done = False

    def whole(self, given: Any = None) -> str:
        """Return the whole text: as its end says it, else as it was streamed.

        OpenAI's own summaries of reasoning end with another wording than was streamed.
        """
        if self.final is not None:
            return self.final
        return given if isinstance(given, str) and given else "".join(self.text)

    def template(self, given: Any, text: str) -> JSON:
        """Return the part with ``text``, as given where that is right."""
        base: JSON = {"type": self.name, self.kind.field: text}
        if self.name == "output_text":
            base = {"type": self.name, "annotations": [], "logprobs": [], "text": text}
        if not isinstance(given, dict) or given.get("type") != self.name:
            return base
        lacks = any(name not in given for name in base)
        return (
            {**base, **given, self.kind.field: text}
            if lacks
            else _with(given, self.kind.field, text)
        )


class Item:
    """One item of the output."""

    __slots__ = (
        "announced",
        "arguments",
        "arguments_done",
        "closed",
        "context",
        "final",
        "given",
        "given_index",
        "held",
        "id",
        "ids",
        "index",
        "kind",
        "parts",
        "waiting",
    )

    def __init__(self, kind: str, item_id: str, index: int, context: ResponsesContext) -> None:
        """Start before the first event of it is given on."""
        self.kind, self.id, self.index, self.context = kind, item_id, index, context
        self.ids: list[str] = []  # those that the server used
        self.given_index: Any = None
        self.given: JSON = {}  # the item as the server last described it
        self.announced = self.closed = self.arguments_done = False
        self.waiting = False  # arguments came before the name of the function
        self.parts: dict[tuple[str, int], Part] = {}
        self.arguments: list[str] = []
        self.held: list[JSON] = []  # ends of a function call that came before its arguments did
        self.final: JSON = {}

    def announce(self, event: JSON | None) -> list[JSON]:
        """Return the ``added`` event: the server's, or one made."""
        self.announced = True
        described = event["item"] if event is not None else _NEW.get(self.kind, {"type": self.kind})
        empty = {**described, "id": self.id} if described.get("id") != self.id else described
        if self.kind == "message":
            empty = _with(empty, "content", [])
            empty = {"status": "in_progress", "role": "assistant", **empty}
        elif self.kind == "function_call":
            empty = _with(empty, "arguments", "")
            for name in ("call_id", "name"):
                if empty.get(name) is None and self.given.get(name) is not None:
                    empty = {**empty, name: self.given[name]}
            empty = {"status": "in_progress", **empty}
        elif self.kind == "reasoning" and empty.get("summary"):
            empty = {**empty, "summary": []}
        if event is None:
            self.context.note_repair("order", REPAIRS)
            event = {
                "type": "response.output_item.added",
                "item": empty,
                "output_index": self.index,
            }
            return [event]
        made = event if empty == described else {**event, "item": empty}
        return [self.aligned(made, in_item=True)]

    def aligned(self, event: JSON, part: Part | None = None, *, in_item: bool = False) -> JSON:
        """Return an event with this item's index and id."""
        wanted: JSON = {"output_index": self.index}
        if not in_item:
            wanted["item_id"] = self.id
        if part is not None:
            wanted[part.kind.index_name] = part.index
        for name, value in wanted.items():  # not all(...): this runs for every delta
            if event.get(name) != value:
                break
        else:
            return event
        if any(event.get(name) not in (None, value) for name, value in wanted.items()):
            self.context.note_repair("ids", REPAIRS)
        return {**event, **wanted}

    def part(self, name: str, index: int) -> Part:
        """Return a part, begun if need be."""
        found = self.parts.get((name, index))
        if found is None:
            found = self.parts[name, index] = Part(name, index)
        return found

    def begin_part(self, part: Part, event: JSON | None) -> list[JSON]:
        """Return the events before the first text of a part; other parts end there."""
        if part.announced:
            return []
        made = [
            e for other in self.parts.values() if other is not part for e in self.end_part(other)
        ]
        part.announced = True
        given = event.get("part") if event is not None else None
        template = part.template(given, "")
        if event is not None:
            new = event if template == given else {**event, "part": template}
            return [*made, self.aligned(new, part)]
        self.context.note_repair("order", REPAIRS)
        return [*made, self._event(part, f"{part.kind.part}.added", {"part": template})]

    def delta(self, part: Part, event: JSON) -> list[JSON]:
        """Return the events for more text of a part."""
        made = self.begin_part(part, None) if part.kind.needs_part else []
        text = event.get("delta")
        part.text.append(text if isinstance(text, str) else "")
        new = self.aligned(event, part)
        if part.name == "output_text" and new.get("logprobs") is None:
            new = {**new, "logprobs": []}
        return [*made, new]

    def end_text(self, part: Part, event: JSON | None, given: Any = None) -> list[JSON]:
        """Return the event that ends a text; before it, text that only the end held."""
        if part.text_done:
            return []
        field = part.kind.field
        if event is not None and given is None:
            given = event.get(field)
        made = self.begin_part(part, None) if part.kind.needs_part else []
        text = part.whole(given)
        if text and not part.text:
            self.context.note_repair("order", REPAIRS)
            made += self.delta(
                part, self._event(part, f"{part.kind.events}.delta", {"delta": text})
            )
        part.text_done, part.final = True, text
        logprobs: JSON = {"logprobs": []} if part.name == "output_text" else {}
        if event is None:
            self.context.note_repair("order", REPAIRS)
            return [*made, self._event(part, f"{part.kind.events}.done", {field: text, **logprobs})]
        new = self.aligned(_with(event, field, text), part)
        lacks = logprobs and new.get("logprobs") is None
        return [*made, {**new, **logprobs} if lacks else new]

    def end_part(self, part: Part, event: JSON | None = None, given: Any = None) -> list[JSON]:
        """Return the events that end a part."""
        if part.done:
            return []
        held = event.get("part") if event is not None else None
        if isinstance(held, dict) and given is None:
            given = held.get(part.kind.field)
        made = self.end_text(part, None, given)
        part.done = True
        if not part.announced:
            return made  # reasoning_text, which need not be part of a part
        template = part.template(held, part.whole(given))
        if event is None:
            self.context.note_repair("order", REPAIRS)
            return [*made, self._event(part, f"{part.kind.part}.done", {"part": template})]
        new = event if template == held else {**event, "part": template}
        return [*made, self.aligned(new, part)]

    def _event(self, part: Part, kind: str, fields: JSON) -> JSON:
        where = {"item_id": self.id, "output_index": self.index, part.kind.index_name: part.index}
        return {"type": f"response.{kind}", **where, **fields}

    def streamed_arguments(self) -> str:
        """Return what the deltas of a call add up to."""
        return "".join(self.arguments)

    def close(self, event: JSON | None, described: JSON, status: str) -> list[JSON]:
        """Return the events that end the item, which is ``described`` so by the server."""
        known = self.given
        self.given = described or known
        for name in ("call_id", "name", "role"):
            if self.given.get(name) is None and known.get(name) is not None:
                self.given = {**self.given, name: known[name]}
        made = [] if self.announced else self.announce(None)
        made += self.end_call() if self.kind == "function_call" else self._end_parts()
        self.final, self.closed = self.snapshot(status), True
        if event is None:
            self.context.note_repair("order", REPAIRS)
            done = {"type": "response.output_item.done", "output_index": self.index}
            return [*made, {**done, "item": self.final}]
        new = event if event.get("item") == self.final else {**event, "item": self.final}
        return [*made, self.aligned(new, in_item=True)]

    def snapshot(self, status: str) -> JSON:
        """Return the item as it is so far."""
        described = self._described(status)
        if self.kind == "function_call":
            return _with(described, "arguments", self.streamed_arguments())
        return self._with_parts(described)

    def agrees(self, given: JSON) -> bool:
        """Tell whether an item of the last event says what was streamed."""
        final = self.final
        if given.get("id") != self.id or given.get("type") != self.kind:
            return False
        if self.kind == "function_call":
            return all(given.get(n) == final.get(n) for n in ("arguments", "name", "call_id"))
        return _texts(given) == _texts(final)

    def _described(self, status: str) -> JSON:
        base = self.given or _NEW.get(self.kind, {"type": self.kind})
        described = _with(base, "id", self.id)
        if described.get("status") in (None, "in_progress") and self.kind != "reasoning":
            described = {**described, "status": status}
        return repair_item(described, self.context)

    def end_call(self) -> list[JSON]:
        """End a call's arguments: those that were streamed, where they are JSON, else the final ones."""
        if self.arguments_done:
            return []
        self.arguments_done = True
        streamed = self.streamed_arguments()
        finals = [*(held.get("arguments") for held in self.held), self.given.get("arguments")]
        final = next((f for f in finals if isinstance(f, str) and is_json(f)), None)
        text = streamed
        if not is_json(streamed) and final is not None and final.startswith(streamed):
            text = final
        elif not streamed:
            text = next((f for f in finals if isinstance(f, str) and f), "")
        made: list[JSON] = []
        where = {"item_id": self.id, "output_index": self.index}
        if self.waiting and streamed:  # for the name of the call
            made.append({"type": CALL_DELTA, "delta": streamed, **where})
        if rest := text[len(streamed) :]:
            self.context.note_repair("arguments", REPAIRS)
            self.arguments.append(rest)
            made.append({"type": CALL_DELTA, "delta": rest, **where})
        held = next((h for h in self.held if h.get("type") == CALL_DONE), None)
        if held is None:
            self.context.note_repair("order", REPAIRS)
            return [*made, {"type": CALL_DONE, "arguments": text, **where}]
        if held.get("arguments") != text:
            self.context.note_repair("arguments", REPAIRS)
        return [*made, self.aligned(_with(held, "arguments", text))]

    def _end_parts(self) -> list[JSON]:
        made: list[JSON] = []
        for name, field in (("summary_text", "summary"), (None, "content")):
            held = self.given.get(field)
            for index, part in enumerate(held if isinstance(held, list) else ()):
                kind = part.get("type") if isinstance(part, dict) else None
                if isinstance(kind, str) and kind in PART_KINDS and (name is None or kind == name):
                    text = part.get(PART_KINDS[kind].field)
                    if text or (kind, index) in self.parts:
                        made += self.end_part(self.part(kind, index), given=text)
        for part in self.parts.values():
            made += self.end_part(part)
        return made

    def _with_parts(self, item: JSON) -> JSON:
        """Return the item with the texts that were streamed."""
        for field, kinds in (("summary", ("summary_text",)), ("content", tuple(PART_KINDS)[:3])):
            held = item.get(field)
            new = list(held) if isinstance(held, list) else []
            for part in self.parts.values():
                if part.name in kinds:
                    new.extend([None] * (part.index + 1 - len(new)))
                    new[part.index] = part.template(new[part.index], part.whole())
            new = [part for part in new if part is not None]
            if new and new != held:
                item = {**item, field: new}
        return item


def _texts(item: JSON) -> list[tuple[Any, Any]]:
    found = []
    for field in ("summary", "content"):
        held = item.get(field)
        for part in held if isinstance(held, list) else ():
            if isinstance(part, dict):
                text = part.get("text") or part.get("refusal") or ""
                found.append((part.get("type"), text))
    return found


def is_json(text: str) -> bool:
    """Tell arguments that are complete."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _with(given: JSON, name: str, value: Any) -> JSON:
    return given if given.get(name) == value and name in given else {**given, name: value}
