"""What user code gets from one call, in plain data, gathered the way user code gathers it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]


@dataclass(slots=True)
class Message:
    """A finished answer. ``None`` stays ``None`` here; the comparison decides what is equal."""

    content: str | None = None
    reasoning: str | None = None
    role: str | None = None
    calls: list[tuple[str | None, str | None, str]] = field(default_factory=list)
    finish_reason: str | None = None
    usage: JSON | None = None
    lacks: list[str] = field(default_factory=list)
    """Attributes that code reads on every answer and that are not there at all."""


@dataclass(slots=True)
class Seen:
    """One call by one route; whatever the route does not show stays ``None``."""

    route: str
    message: Message | None = None
    chunks: list[JSON] | None = None
    asked_usage: bool = True
    sees_usage: bool = True
    """False where the SDK itself stops before the last chunk, which is the one with the usage."""
    parsed: tuple[Any] | None = None
    """The value of ``.parsed``, in a tuple because ``None`` is a value."""
    told: str | None = None
    """Concatenated ``content.delta`` events of ``.stream()``."""
    raw: bytes | None = None
    lines: list[str] | None = None
    request_id: tuple[str | None] | None = None
    models: list[JSON] | None = None
    error: Exception | None = None


def message_of(completion: Any) -> Message:
    """Read a completion, of ``create()``, ``.parse()`` or the end of ``.stream()``."""
    (choice,) = completion.choices
    message = choice.message
    return Message(
        content=message.content,
        reasoning=getattr(message, "reasoning_content", None),
        role=message.role,
        calls=[
            (call.id, call.function.name, call.function.arguments)
            for call in message.tool_calls or []
        ],
        finish_reason=choice.finish_reason,
        usage=completion.usage.to_dict() if completion.usage else None,
        lacks=[name for name in ("content", "reasoning_content") if not hasattr(message, name)],
    )


def message_from(chunks: list[JSON]) -> Message:
    """Add up a stream as the SDK's documentation shows: first id and name, arguments appended."""
    message = Message(content="", reasoning="")
    calls: dict[int, list[Any]] = {}
    for chunk in chunks:
        message.usage = chunk.get("usage") or message.usage
        for choice in chunk["choices"]:
            delta = choice["delta"]
            message.content += delta.get("content") or ""  # type: ignore[operator]  # set above
            message.reasoning += delta.get("reasoning_content") or ""  # type: ignore[operator]  # set above
            message.role = message.role or delta.get("role")
            message.finish_reason = choice.get("finish_reason") or message.finish_reason
            for part in delta.get("tool_calls") or []:
                function = part.get("function") or {}
                call = calls.setdefault(part["index"], [part.get("id"), function.get("name"), ""])
                call[2] += function.get("arguments") or ""
    message.calls = [(call[0], call[1], call[2]) for _, call in sorted(calls.items())]
    return message
