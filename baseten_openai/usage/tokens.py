"""Token counts, read from the ``usage`` of any of the SDK's responses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar, TypeAlias, TypeGuard

from pydantic import ConfigDict, Field

Counts: TypeAlias = tuple[int, int, int, int]
"""Input, cached, output and reasoning tokens. A plain tuple: one is made for every call."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens as the ``usage`` of responses counts them."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    input: Annotated[int, Field(description="all tokens of the prompt, cached ones included")]
    cached: Annotated[int, Field(description="the part of input that was read from the cache")]
    output: Annotated[int, Field(description="all generated tokens, reasoning included")]
    reasoning: Annotated[
        int, Field(description="the part of output that was reasoning, as Baseten counts it")
    ]


def read_usage(usage: object) -> Counts | None:
    """Read ``usage``, a dict or the SDK's object, of chat, completions, embeddings or responses.

    Returns ``None`` if it has no token counts.
    """
    get: Any = usage.get if isinstance(usage, dict) else partial(_attribute, usage)
    given, output = get("prompt_tokens"), get("completion_tokens")
    details, made = get("prompt_tokens_details"), get("completion_tokens_details")
    if given is None:  # of the Responses API
        given, output = get("input_tokens"), get("output_tokens")
        details, made = get("input_tokens_details"), get("output_tokens_details")
    if not _is_count(given):
        return None
    cached = 0 if details is None else _count(details, "cached_tokens")
    return (
        given,
        min(cached, given),
        output if _is_count(output) else 0,
        0 if made is None else _count(made, "reasoning_tokens"),
    )


def _attribute(holder: object, name: str) -> Any:
    return getattr(holder, name, None)


def _count(holder: object, name: str) -> int:
    value = holder.get(name) if isinstance(holder, dict) else getattr(holder, name, None)
    return value if _is_count(value) else 0


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
