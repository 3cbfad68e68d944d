"""What an answer says, read by hand from its bytes. Knows neither ``openai`` nor ``baseten_openai``.

The other side of every comparison in this suite: if this file and the code under test share a
mistake, both must have made it on their own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]


@dataclass(slots=True)
class Call:
    """One tool call: the first id and name recorded for its index, all of its arguments."""

    id: str
    name: str
    arguments: str


@dataclass(slots=True)
class Facts:
    """What one answer holds. Absent text is ``""``: OpenAI's code tells the two apart nowhere."""

    content: str = ""
    reasoning: str = ""
    calls: list[Call] = field(default_factory=list)
    finish_reason: str | None = None
    usage: JSON | None = None
    parallel_ids_repeat: bool = False
    ended: bool = False
    """A stream that came to its end: ``[DONE]``, a finish reason or the usage-only event."""
    error: str = ""
    models: list[JSON] = field(default_factory=list)

    def told(self, *, structured: bool) -> str:
        """Return the text user code must find in ``content``.

        MiniMax M2.5 was recorded sending a whole structured answer as reasoning, with no content
        (evidence.md#misplaced-content). A cut answer is no document and is left where it came.
        """
        misplaced = structured and not self.content.strip() and not self.calls
        complete = self.ended and self.finish_reason != "length"
        return self.reasoning if misplaced and complete else self.content


def events(body: bytes) -> list[str]:
    """Split an event stream into the payloads of its complete events.

    The standard's rules as far as the recordings need them: an event ends at an empty line, its
    ``data`` lines are joined; an event without its empty line never arrived.
    """
    blocks = body.decode("utf-8", "replace").replace("\r\n", "\n").split("\n\n")[:-1]
    return [data for block in blocks if (data := _data(block))]


def _data(block: str) -> str:
    lines = (line for line in block.split("\n") if line.startswith("data:"))
    return "\n".join(line.removeprefix("data:").removeprefix(" ") for line in lines)


def read_stream(body: bytes) -> Facts:
    """Add up a stream's events."""
    facts = Facts()
    by_index: dict[int, Call] = {}
    for data in events(body):
        if data == "[DONE]":
            facts.ended = True
            continue
        event = json.loads(data)
        facts.usage = event.get("usage") or facts.usage
        if not event["choices"]:
            facts.ended = True
        for choice in event["choices"]:
            delta = choice["delta"]
            facts.content += delta.get("content") or ""
            facts.reasoning += delta.get("reasoning_content") or delta.get("reasoning") or ""
            if choice.get("finish_reason"):
                facts.finish_reason, facts.ended = choice["finish_reason"], True
            for part in delta.get("tool_calls") or []:
                _add_part(by_index, part)
    facts.calls = [by_index[index] for index in sorted(by_index)]
    return _close(facts)


def _add_part(by_index: dict[int, Call], part: JSON) -> None:
    call = by_index.setdefault(part["index"], Call("", "", ""))
    function = part.get("function") or {}
    call.id = call.id or part.get("id") or ""
    call.name = call.name or function.get("name") or ""
    call.arguments += function.get("arguments") or ""


def read_plain(body: bytes) -> Facts:
    """Read a plain answer."""
    answer = json.loads(body)
    (choice,) = answer["choices"]
    message = choice["message"]
    return _close(
        Facts(
            content=message.get("content") or "",
            reasoning=message.get("reasoning_content") or message.get("reasoning") or "",
            calls=[
                Call(call["id"], call["function"]["name"], call["function"]["arguments"])
                for call in message.get("tool_calls") or []
            ],
            finish_reason=choice.get("finish_reason"),
            usage=answer.get("usage"),
            ended=True,
        )
    )


def _close(facts: Facts) -> Facts:
    """Draw the conclusions that need the whole answer.

    GLM 5 was recorded ending normally without a finish reason (evidence.md#missing-finish-reason).
    Then the expected one is what OpenAI would have given. Never for a stream that was cut.
    """
    ids = [call.id for call in facts.calls]
    facts.parallel_ids_repeat = len(set(ids)) != len(ids)
    if facts.finish_reason is None and facts.ended:
        facts.finish_reason = "tool_calls" if facts.calls else "stop"
    return facts


def read_error(body: bytes) -> Facts:
    """Read the server's text out of the three recorded forms of an error (evidence.md#error-bodies)."""
    answer = json.loads(body)
    inner = answer.get("error", answer)
    return Facts(error=inner if isinstance(inner, str) else inner["message"])


def read_models(body: bytes) -> Facts:
    """Read the list of models."""
    return Facts(models=json.loads(body)["data"])


READERS = {"plain": read_plain, "stream": read_stream, "error": read_error, "models": read_models}
