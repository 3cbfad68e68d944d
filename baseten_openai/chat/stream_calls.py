"""The tool calls of one choice of a stream: every delta gets the index of its call, every call its parts.

An engine tells its calls apart by index, by id, by name, or by their place alone; OpenAI code needs indexes
from 0, one id and one name for each call (evidence.md#incomplete-tool-calls).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .calls import arguments_text, given_id, is_whole, made_id, meant_name
from .repair import distinct_id, note_repair

if TYPE_CHECKING:
    from .request_context import RequestContext

JSON = dict[str, Any]


class _Call:
    """The state of one call."""

    __slots__ = ("arguments", "id_seen", "ids", "index", "key", "name")

    def __init__(self, index: int, key: object) -> None:
        self.index = index  # as we give it
        self.key = key  # the engine's index, or None
        self.ids: set[str] = set()  # as the engine gave them
        self.id_seen = False
        self.name = ""
        self.arguments: list[str] = []

    def is_whole(self) -> bool:
        return is_whole("".join(self.arguments))


class StreamCalls:
    """The calls of one choice."""

    __slots__ = ("calls", "context", "taken")

    def __init__(self, context: RequestContext) -> None:
        """Start without a call."""
        self.context = context
        self.calls: list[_Call] = []
        self.taken: set[str] = set()

    def feed(self, parts: list[Any]) -> list[JSON]:
        """Return the deltas to pass on for those of one chunk: one for each call that is in it."""
        merged: dict[int, JSON] = {}
        previous: _Call | None = None
        parts = [part for part in parts if isinstance(part, dict)]
        if len(parts) > 1 and None not in map(_index, parts):
            parts = sorted(parts, key=_index_or_0)
        for place, given in enumerate(parts):
            call = self._call_of(given, previous, place, len(parts))
            is_new = call is None
            if call is None:
                call = _Call(len(self.calls), _index(given))
                self.calls.append(call)
            part = self._repaired(given, call, is_new=is_new)
            if call.index in merged:
                part = _joined(merged[call.index], part)
                note_repair(self.context, "tool_calls")
            merged[call.index] = part
            previous = call
        return list(merged.values())

    def without_arguments(self) -> list[JSON]:
        """Return a delta for each call whose arguments stayed empty: the JSON text of no arguments."""
        made = []
        for call in self.calls:
            if not any(text.strip() for text in call.arguments):
                call.arguments.append("{}")
                note_repair(self.context, "tool_calls")
                made.append({"index": call.index, "function": {"arguments": "{}"}})
        return made

    def _call_of(self, part: JSON, previous: _Call | None, place: int, parts: int) -> _Call | None:
        """Return the call that a delta continues; ``None`` for the first delta of a call."""
        index, given, name = _index(part), given_id(part.get("id")), self._name(part)
        if not self.calls:
            return None
        own = [call for call in self.calls if index is None or call.key == index]
        same = next((call for call in own if given and given in call.ids), None)
        if same is not None or not own:
            return same
        if index is not None:
            return None if self._begins(own[-1], given, name) else own[-1]
        if name:
            return self._by_name(name, previous)
        by_place = not given and parts > 1 and parts == len(self.calls)
        return self.calls[place] if by_place else self.calls[-1]

    def _by_name(self, name: str, previous: _Call | None) -> _Call | None:
        """Return the call that a delta with a name and no index continues, if any.

        Two deltas with names in one chunk are two calls. In a later chunk, the same name again belongs to
        the last call while its arguments are incomplete.
        """
        last = self.calls[-1]
        if previous is not None:
            return None
        if not last.name:
            return last
        return last if name == last.name and not last.is_whole() else None

    def _begins(self, call: _Call, given: str, name: str) -> bool:
        """Tell whether a delta under the index of ``call`` begins another call: by its new id and name."""
        if not name or not call.name:
            return False
        if given and call.ids and name != call.name:
            return True
        return bool(given or not call.ids) and call.is_whole()

    def _name(self, part: JSON) -> str:
        function = part.get("function")
        name = function.get("name") if isinstance(function, dict) else None
        return meant_name(name, self.context.tools) if isinstance(name, str) else ""

    def _repaired(self, given: JSON, call: _Call, *, is_new: bool) -> JSON:
        part = {**given, "index": call.index}
        function = given.get("function")
        function = dict(function) if isinstance(function, dict) else {}
        self._put_id(part, call)
        self._put_name(function, call)
        self._put_arguments(function, call, is_new=is_new)
        if is_new:
            part["type"] = part.get("type") or "function"
        elif not part.get("type"):
            part.pop("type", None)
        part["function"] = function
        if part["index"] != given.get("index"):
            note_repair(self.context, "tool_calls")
        return part

    def _put_id(self, part: JSON, call: _Call) -> None:
        given = given_id(part.pop("id", None))
        if given:
            call.ids.add(given)
        if not call.id_seen:
            call.id_seen = True
            part["id"] = distinct_id(given or made_id(), call.index, self.taken, self.context)
            if not given:
                note_repair(self.context, "tool_calls")
        elif given:
            note_repair(self.context, "tool_calls")

    def _put_name(self, function: JSON, call: _Call) -> None:
        given = function.pop("name", None)
        name = meant_name(given, self.context.tools) if isinstance(given, str) else ""
        if name and not call.name:
            call.name = function["name"] = name
            if name != given:
                note_repair(self.context, "tool_calls")
        elif name and name != call.name and call.name not in self.context.tools:
            function["name"] = name  # a name in pieces
            call.name += name
        elif given is not None:
            note_repair(self.context, "tool_calls")

    def _put_arguments(self, function: JSON, call: _Call, *, is_new: bool) -> None:
        given = function.get("arguments")
        text = arguments_text(given)
        if not isinstance(given, str) and text and call.arguments and call.is_whole():
            text = ""  # an object, sent again
        if text:
            call.arguments.append(text)
        if text or is_new or isinstance(given, str):
            function["arguments"] = text
        else:
            function.pop("arguments", None)


def _index(part: JSON) -> int | None:
    index = part.get("index")
    return index if isinstance(index, int) and not isinstance(index, bool) else None


def _index_or_0(part: JSON) -> int:
    return _index(part) or 0


def _joined(first: JSON, second: JSON) -> JSON:
    """Join two deltas of one call that came in one event (evidence.md#same-index-deltas)."""
    one, two = first["function"], second["function"]
    function = {**two, **one}
    if "arguments" in one or "arguments" in two:
        function["arguments"] = one.get("arguments", "") + two.get("arguments", "")
    if "name" in one and "name" in two:
        function["name"] = one["name"] + two["name"]
    return {**second, **first, "function": function}
