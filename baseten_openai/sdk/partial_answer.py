"""Join the chunks of a stream, for the ``partial`` of an error that interrupts it.

The texts are kept, not the chunks: a long stream takes no more memory than its text.
"""

from __future__ import annotations

from typing import Any

from openai.types.chat import ChatCompletion

JSON = dict[str, Any]
_BATCH = 32
"""How many chunks are joined at once. Joining each chunk as it arrives takes far longer."""

_LEGACY = "function_call"
"""The key of a legacy ``function_call``, which has no index."""


class _Text:
    """A text that grows. ``io.StringIO`` takes 60 bytes more per chunk, because it keeps every piece."""

    __slots__ = ("_utf8",)

    def __init__(self) -> None:
        self._utf8 = bytearray()

    def write(self, text: str) -> None:
        self._utf8 += text.encode("utf-8", "surrogatepass")  # JSON may hold half a surrogate pair

    def getvalue(self) -> str:
        return self._utf8.decode("utf-8", "surrogatepass")


class _Choice:
    """The texts of one choice."""

    __slots__ = ("calls", "content", "finish", "reasoning")

    def __init__(self) -> None:
        self.content = _Text()
        self.reasoning = _Text()
        self.calls: dict[Any, JSON] = {}
        self.finish: Any = None

    def call(self, part: JSON) -> None:
        """Add a part of a tool call."""
        function: JSON = part.get("function") or {}
        known = self.calls.get(part.get("index"))
        if known is None:
            known = {"id": None, "name": None, "arguments": _Text()}
            self.calls[part.get("index")] = known
        known["id"] = known["id"] or part.get("id")
        known["name"] = known["name"] or function.get("name")
        known["arguments"].write(function.get("arguments") or "")

    def message(self) -> JSON:
        """Return the choice's message."""
        made: JSON = {
            "role": "assistant",
            "content": self.content.getvalue() or None,
            "reasoning_content": self.reasoning.getvalue() or None,
        }
        calls = []
        for index, call in self.calls.items():
            function = {"name": call["name"], "arguments": call["arguments"].getvalue()}
            if index == _LEGACY:
                made["function_call"] = function
            else:
                calls.append({"id": call["id"], "type": "function", "function": function})
        return {**made, "tool_calls": calls} if calls else made


class PartialAnswer:
    """The chunks that the user has received so far, joined."""

    __slots__ = ("_choices", "_top", "_waiting")

    def __init__(self) -> None:
        """Start with nothing."""
        self._choices: dict[Any, _Choice] = {}
        self._top: JSON | None = None
        self._waiting: list[JSON] = []

    def add(self, chunk: JSON) -> None:
        """Add a repaired chunk. Malformed parts are ignored."""
        self._waiting.append(chunk)
        if len(self._waiting) >= _BATCH:
            self._join()

    def _join(self) -> None:
        waiting, self._waiting = self._waiting, []
        for chunk in waiting:
            self._take(chunk)

    def _take(self, chunk: JSON) -> None:
        if self._top is None:
            self._top = {name: chunk.get(name) for name in ("id", "created", "model")}
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            try:
                delta = choice["delta"]
                known = self._choices.get(choice["index"])
                if known is None:
                    known = self._choices[choice["index"]] = _Choice()
                if text := delta.get("content"):
                    known.content.write(text)
                if text := delta.get("reasoning_content"):
                    known.reasoning.write(text)
                for part in delta.get("tool_calls") or ():
                    known.call(part)
                if function := delta.get("function_call"):
                    known.call({"index": _LEGACY, "function": function})
                if finish := choice.get("finish_reason"):
                    known.finish = finish
            except (AttributeError, KeyError, TypeError):
                continue

    def completion(self, usage: Any = None) -> ChatCompletion | None:
        """Return the partial response, or ``None`` if no chunk arrived. A missing finish reason is ``None``."""
        self._join()
        if self._top is None:
            return None
        choices = [
            {"index": index, "message": choice.message(), "finish_reason": choice.finish}
            for index, choice in self._choices.items()
        ]
        whole = {**self._top, "object": "chat.completion", "choices": choices, "usage": usage}
        return ChatCompletion.construct(**whole)
