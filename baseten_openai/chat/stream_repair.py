"""Repair a stream, chunk by chunk, so that fields come in OpenAI's order.

``StreamRepair.feed`` takes the JSON of each event and returns the chunks to pass on; ``finish`` returns
those that were held back until the end. Pure: no chunk that comes in is changed. Why each repair is
needed: evidence.md#differences-from-openai and evidence.md#stream-details.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .repair import distinct_id, misplaced_document, note_repair

if TYPE_CHECKING:
    from .request_context import RequestContext

JSON = dict[str, Any]


class _Choice:
    """The state of one choice."""

    __slots__ = ("called", "content", "finish", "ids", "names", "reasoning", "role", "taken")

    def __init__(self) -> None:
        self.role = False
        self.content = False  # some text that is not blank has come
        self.reasoning: list[str] = []  # kept only while it may be the answer itself
        self.called = False
        self.ids: set[int] = set()
        self.names: dict[int, str] = {}
        self.taken: set[str] = set()
        self.finish: JSON | None = None  # finish_reason and stop_reason, once they came


class StreamRepair:
    """The state of one stream."""

    __slots__ = ("choices", "context", "ended", "held", "last", "usage")

    def __init__(self, context: RequestContext) -> None:
        """Start before the first chunk."""
        self.context = context
        self.choices: dict[int, _Choice] = {}
        self.held: JSON | None = None  # a finish reason, until the next event: see _must_wait
        self.last: JSON = {}
        self.usage: Any = None
        self.ended = False  # the usage-only chunk has come

    @property
    def complete(self) -> bool:
        """Whether all of the answer has come, even if the connection breaks now (4.3)."""
        finished = [choice.finish is not None for choice in self.choices.values()]
        return self.ended or (bool(finished) and all(finished))

    def feed(self, chunk: JSON) -> list[JSON]:
        """Take the next event; return the chunks to pass on: usually one, sometimes none or two."""
        choices = chunk.get("choices")
        if not isinstance(choices, list):
            return [chunk]  # not a chat chunk: leave it as it is
        usage = chunk.get("usage")
        if usage is not None:
            self.usage = usage
            if not (choices and self.context.asked_running_usage):
                chunk = {name: value for name, value in chunk.items() if name != "usage"}
                if choices or not self.context.asked_usage:
                    note_repair(self.context, "usage")
        if not choices:
            self.last, self.ended = chunk, usage is not None
            return [] if self.ended else [chunk]
        self.ended = False
        if self.held is None and len(choices) == 1 and self._needs_nothing(choices[0]):
            self.last = chunk
            return [chunk]
        repaired = [self._repair(c) if isinstance(c, dict) else c for c in choices]
        chunk = {**chunk, "choices": repaired}
        released = self._release(repaired)
        self.last = chunk
        if not any(isinstance(c, dict) and c.get("finish_reason") for c in repaired):
            return [*released, chunk]
        if not any(map(self._must_wait, repaired)):
            return [*released, self._closed(chunk)]
        now, self.held = _split(chunk)
        return released if now is None else [*released, now]

    def _must_wait(self, choice: Any) -> bool:
        """Tell whether text may follow the finish reason of a choice, as was recorded for some models."""
        finishes = isinstance(choice, dict) and bool(choice.get("finish_reason"))
        return finishes and self.context.late_text

    def _needs_nothing(self, choice: Any) -> bool:
        """Tell whether a choice needs no repair, like most: more text of a choice that has begun."""
        try:
            state, delta = self.choices[choice["index"]], choice["delta"]
            return (
                (state.content or not self.context.structured)
                and not choice.get("finish_reason")
                and not delta.get("role")
                and "tool_calls" not in delta
                and (delta.get("reasoning") is None or delta.get("reasoning_content") is not None)
            )
        except (AttributeError, KeyError, TypeError):
            return False

    def finish(self) -> list[JSON]:
        """Return what was held back: the finish reason, then the usage if it was asked for."""
        released = self._release([])
        base = {name: value for name, value in self.last.items() if name != "choices"}
        for index, choice in self.choices.items():
            if choice.finish is None:
                legacy = "function_call" if self.context.legacy_functions else "tool_calls"
                finish = {"finish_reason": legacy if choice.called else "stop"}
                note_repair(self.context, "finish_reason")
                made = self._closing(choice, {"index": index, "delta": {}, **finish})
                released.append({**base, "choices": [made]})
        if self.context.asked_usage and self.usage is not None:
            released.append({**base, "choices": [], "usage": self.usage})
        return released

    def _release(self, following: list[Any]) -> list[JSON]:
        """Pass on the held chunk. If its choice continues, the finish reason moves to the later chunk.

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
                note_repair(self.context, "finish_reason")
            kept.append(choice)
        return [self._closed({**held, "choices": kept})]

    def _closed(self, chunk: JSON) -> JSON:
        choices = [self._closing(self._state(choice), choice) for choice in chunk["choices"]]
        return {**chunk, "choices": choices}

    def _closing(self, state: _Choice | None, choice: Any) -> Any:
        """Put text that came as reasoning into the content of the choice that ends, if it is the answer."""
        if state is None or not choice.get("finish_reason"):
            return choice
        text = "".join(state.reasoning)
        if not self.context.structured or state.called or choice["finish_reason"] == "length":
            return choice
        if misplaced_document("." if state.content else None, text) is None:
            return choice
        note_repair(self.context, "content")
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
            if self.context.legacy_functions and repaired["finish_reason"] == "tool_calls":
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
                note_repair(self.context, "role")
        else:
            # the fields that repair_completion adds, so that both have the same
            delta = {"content": None, "reasoning_content": None, **delta}
            delta["role"] = delta.get("role") or "assistant"
            state.role = True
        if self.context.structured and not state.content:
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
            if self.context.legacy_functions:
                calls = self._as_function_call(calls, delta)
        if calls:
            delta["tool_calls"] = calls

    def _as_function_call(self, calls: list[JSON], delta: JSON) -> list[JSON]:
        """Turn the first call into ``function_call``, which holds one; keep the others."""
        others = []
        for part in calls:
            if part["index"] == 0:
                delta["function_call"] = part.get("function")
                note_repair(self.context, "function_call")
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
                note_repair(self.context, "tool_calls")
            else:
                merged[index] = repaired
        return list(merged.values())

    def _repair_part(self, part: JSON, index: int, state: _Choice) -> JSON:
        part = dict(part)
        given = part.get("id")
        if index in state.ids:
            if given is not None:
                del part["id"]
                note_repair(self.context, "tool_calls")
        elif isinstance(given, str) and given:
            part["id"] = distinct_id(given, index, state.taken, self.context)
            state.ids.add(index)
        function = part.get("function")
        if isinstance(function, dict) and function.get("name") is not None:
            name, said = function["name"], state.names.get(index)
            if said is None and name:
                state.names[index] = name
            elif not name or name == said:
                part["function"] = {n: v for n, v in function.items() if n != "name"}
                note_repair(self.context, "tool_calls")
        return part


def _watch_for_document(delta: JSON, state: _Choice) -> None:
    """Keep the reasoning while it may be the structured answer itself."""
    if isinstance(text := delta.get("content"), str) and text.strip():
        state.content = True
        state.reasoning.clear()
    elif isinstance(thought := delta.get("reasoning_content"), str):
        state.reasoning.append(thought)


def _split(chunk: JSON) -> tuple[JSON | None, JSON]:
    """Return what a chunk says, which is not held back, and its finish reasons, which are."""
    if not any(isinstance(choice, dict) and _says_something(choice) for choice in chunk["choices"]):
        return None, chunk
    now, held = [], []
    for choice in chunk["choices"]:
        if not isinstance(choice, dict) or not choice.get("finish_reason"):
            now.append(choice)
            continue
        others = {n: v for n, v in choice.items() if n not in ("finish_reason", "stop_reason")}
        now.append({**others, "finish_reason": None})
        held.append({**choice, "delta": {}})
    return {**chunk, "choices": now}, {**chunk, "choices": held}


def _says_something(choice: JSON) -> bool:
    delta = choice.get("delta") or {}
    return any(value for name, value in delta.items() if name != "role")


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


class NoRepair:
    """Stands in for a ``StreamRepair`` that failed: passes chunks on as they come."""

    held: JSON | None = None
    complete: bool | None = None
    """Unknown."""

    def __init__(self, usage: Any) -> None:
        """Keep the usage that came before."""
        self.usage = usage

    def feed(self, chunk: JSON) -> list[JSON]:
        """Return ``chunk``."""
        return [chunk]

    def finish(self) -> list[JSON]:
        """Return nothing: no chunk was held back."""
        return []
