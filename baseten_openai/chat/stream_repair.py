"""Repair a stream, chunk by chunk: OpenAI's order of things out of Baseten's.

``StreamRepair.feed`` takes each event's JSON and returns the chunks to give on, ``finish`` returns
those that were waiting for the end. Pure: nothing given is changed. Why each repair is
needed: evidence.md#differences-from-openai and evidence.md#stream-details.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .repair import distinct_id, misplaced_document, note_repair

if TYPE_CHECKING:
    from .prepare import Call

JSON = dict[str, Any]


class _Choice:
    """What has been said of one choice so far."""

    __slots__ = ("called", "content", "finish", "ids", "names", "reasoning", "role", "taken")

    def __init__(self) -> None:
        self.role = False
        self.content = False  # any text that is not blank
        self.reasoning: list[str] = []  # kept only while it may turn out to be the answer
        self.called = False
        self.ids: set[int] = set()
        self.names: dict[int, str] = {}
        self.taken: set[str] = set()
        self.finish: JSON | None = None  # finish_reason (and stop_reason), until the end is sure


class StreamRepair:
    """The state of one stream."""

    __slots__ = ("call", "choices", "ended", "held", "last", "usage")

    def __init__(self, call: Call) -> None:
        """Start before the first chunk."""
        self.call = call
        self.choices: dict[int, _Choice] = {}
        self.held: JSON | None = None  # the chunk with a finish reason, until the next event
        self.last: JSON = {}
        self.usage: Any = None
        self.ended = False  # the usage-only chunk has come

    @property
    def complete(self) -> bool:
        """Tell whether the answer has ended, whatever becomes of the connection (4.3)."""
        finished = [choice.finish is not None for choice in self.choices.values()]
        return self.ended or (bool(finished) and all(finished))

    def feed(self, chunk: JSON) -> list[JSON]:
        """Take the next event; return the chunks to give on, often one, at times none or two."""
        choices = chunk.get("choices")
        if not isinstance(choices, list):
            return [chunk]  # no chunk of a chat answer: not ours to judge
        usage = chunk.get("usage")
        if usage is not None:
            chunk = dict(chunk)
            self.usage = chunk.pop("usage")
            if choices or not self.call.asked_usage:
                note_repair(self.call, "usage")
        if not choices:
            self.last, self.ended = chunk, usage is not None
            return [] if self.ended else [chunk]
        self.ended = False
        if self.held is None and len(choices) == 1 and self._is_plain(choices[0]):
            self.last = chunk
            return [chunk]
        repaired = [self._repair(c) if isinstance(c, dict) else c for c in choices]
        chunk = {**chunk, "choices": repaired}
        released = self._release(repaired)
        self.last = chunk
        if any(isinstance(c, dict) and c.get("finish_reason") for c in repaired):
            self.held = chunk
            return released
        return [*released, chunk]

    def _is_plain(self, choice: Any) -> bool:
        """Tell a choice that needs nothing, as most do: more text of one that has begun."""
        try:
            state, delta = self.choices[choice["index"]], choice["delta"]
            return (
                (state.content or not self.call.structured)
                and not choice.get("finish_reason")
                and not delta.get("role")
                and "tool_calls" not in delta
                and (delta.get("reasoning") is None or delta.get("reasoning_content") is not None)
            )
        except (AttributeError, KeyError, TypeError):
            return False

    def finish(self) -> list[JSON]:
        """Return what waited for the end: the finish reason, then the usage if it was asked for."""
        released = self._release([])
        base = {name: value for name, value in self.last.items() if name != "choices"}
        for index, choice in self.choices.items():
            if choice.finish is None:
                legacy = "function_call" if self.call.legacy_functions else "tool_calls"
                finish = {"finish_reason": legacy if choice.called else "stop"}
                note_repair(self.call, "finish_reason")
                made = self._closing(choice, {"index": index, "delta": {}, **finish})
                released.append({**base, "choices": [made]})
        if self.call.asked_usage and self.usage is not None:
            released.append({**base, "choices": [], "usage": self.usage})
        return released

    def _release(self, following: list[Any]) -> list[JSON]:
        """Give on the held chunk. Where its choice goes on, the finish reason moves along with it.

        Recorded for DeepSeek V4 Pro and GLM 5.2: the text itself in the chunk after finish_reason.
        """
        held, self.held = self.held, None
        if held is None:
            return []
        going_on = {_index(c): c for c in following if isinstance(c, dict)}
        kept = []
        for choice in held["choices"]:
            later = going_on.get(_index(choice)) if isinstance(choice, dict) else None
            if later is not None and choice.get("finish_reason"):
                finish = self.choices[_index(choice)].finish or {}
                for name, value in finish.items():
                    if later.get(name) is None:
                        later[name] = value
                choice = {**choice, "finish_reason": None}  # noqa: PLW2901  # the changed copy
                choice.pop("stop_reason", None)
                note_repair(self.call, "finish_reason")
            kept.append(choice)
        return [{**held, "choices": [self._closing(self._state(c), c) for c in kept]}]

    def _closing(self, state: _Choice | None, choice: Any) -> Any:
        """Put what came as reasoning into the content of the choice that ends, if it belongs there."""
        if state is None or not choice.get("finish_reason"):
            return choice
        text = "".join(state.reasoning)
        if not self.call.structured or state.called or choice["finish_reason"] == "length":
            return choice
        if misplaced_document("." if state.content else None, text) is None:
            return choice
        note_repair(self.call, "content")
        return {**choice, "delta": {**choice["delta"], "content": text}}

    def _state(self, choice: Any) -> _Choice | None:
        return self.choices.get(_index(choice)) if isinstance(choice, dict) else None

    def _repair(self, choice: JSON) -> JSON:
        index = _index(choice)
        state = self.choices.get(index)
        if state is None:
            state = self.choices[index] = _Choice()
        delta = choice.get("delta")
        delta = self._repair_delta(delta if isinstance(delta, dict) else {}, state)
        repaired = {**choice, "delta": delta}
        if repaired.get("finish_reason"):
            if self.call.legacy_functions and repaired["finish_reason"] == "tool_calls":
                repaired["finish_reason"] = "function_call"
            names = ("finish_reason", "stop_reason")
            state.finish = {name: repaired[name] for name in names if name in repaired}
        return repaired

    def _repair_delta(self, delta: JSON, state: _Choice) -> JSON:
        delta = dict(delta)
        if delta.get("reasoning_content") is None and delta.get("reasoning") is not None:
            delta["reasoning_content"] = delta["reasoning"]
        if state.role:
            if delta.get("role"):
                del delta["role"]
                note_repair(self.call, "role")
        else:
            # the fields of a plain answer, so that both carry the same
            delta = {"content": None, "reasoning_content": None, **delta}
            delta["role"] = delta.get("role") or "assistant"
            state.role = True
        if self.call.structured and not state.content:
            _watch_for_document(delta, state)
        if "tool_calls" in delta:
            self._put_calls(delta, state)
        return delta

    def _put_calls(self, delta: JSON, state: _Choice) -> None:
        calls = delta.pop("tool_calls")
        if not isinstance(calls, list) or not calls:
            return  # recorded as [] on every chunk (4.3)
        state.called = True
        if all(isinstance(part, dict) and isinstance(part.get("index"), int) for part in calls):
            calls = self._repair_calls(calls, state)
            if self.call.legacy_functions:
                calls = self._as_function_call(calls, delta)
        if calls:
            delta["tool_calls"] = calls

    def _as_function_call(self, calls: list[JSON], delta: JSON) -> list[JSON]:
        """Give the first call as ``function_call``; there is no room for others, but none is lost."""
        others = []
        for part in calls:
            if part["index"] == 0:
                delta["function_call"] = part.get("function")
                note_repair(self.call, "function_call")
            else:
                others.append({**part, "index": part["index"] - 1})
        return others

    def _repair_calls(self, parts: list[JSON], state: _Choice) -> list[JSON]:
        merged: dict[int, JSON] = {}
        for part in parts:
            index = part["index"]
            repaired = self._repair_part(part, index, state)
            if index in merged:
                merged[index] = _joined(merged[index], repaired)
                note_repair(self.call, "tool_calls")
            else:
                merged[index] = repaired
        return list(merged.values())

    def _repair_part(self, part: JSON, index: int, state: _Choice) -> JSON:
        part = dict(part)
        given = part.get("id")
        if index in state.ids:
            if given is not None:
                del part["id"]
                note_repair(self.call, "tool_calls")
        elif isinstance(given, str) and given:
            part["id"] = distinct_id(given, index, state.taken, self.call)
            state.ids.add(index)
        function = part.get("function")
        if isinstance(function, dict) and function.get("name") is not None:
            name, said = function["name"], state.names.get(index)
            if said is None and name:
                state.names[index] = name
            elif not name or name == said:
                part["function"] = {n: v for n, v in function.items() if n != "name"}
                note_repair(self.call, "tool_calls")
        return part


def _watch_for_document(delta: JSON, state: _Choice) -> None:
    """Keep the reasoning for as long as it may turn out to be the structured answer itself."""
    if isinstance(text := delta.get("content"), str) and text.strip():
        state.content = True
        state.reasoning.clear()
    elif isinstance(thought := delta.get("reasoning_content"), str):
        state.reasoning.append(thought)


def _index(item: JSON) -> int:
    index = item.get("index")
    return index if isinstance(index, int) else 0


def _joined(first: JSON, second: JSON) -> JSON:
    """Join two deltas of one call that came in one event (4.3, seen by langchain-baseten)."""
    one, two = first.get("function") or {}, second.get("function") or {}
    function = {**two, **one}
    if one.get("arguments") is not None or two.get("arguments") is not None:
        function["arguments"] = (one.get("arguments") or "") + (two.get("arguments") or "")
    return {**second, **first, "function": function}
