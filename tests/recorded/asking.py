"""Turn a recorded request into the call a user writes, and say what may be sent differently."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

from openai.resources.chat.completions import Completions
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable

JSON = dict[str, Any]

VALID_MODEL = "openai/gpt-oss-120b"
"""Stands in for a recorded name that is refused before sending, to get at the server's answer."""


class Fruit(BaseModel):
    """The schema of every recorded structured answer, as a user would write it for ``.parse()``."""

    is_fruit: bool


@functools.cache
def sdk_parameters() -> frozenset[str]:
    """Name the arguments ``create()`` of the installed SDK has."""
    return frozenset(inspect.signature(Completions.create).parameters) - {"self"}


def arguments(request: JSON) -> JSON:
    """Spell a request as arguments of ``create()``: keys the SDK lacks go through ``extra_body``."""
    known = {name: value for name, value in request.items() if name in sdk_parameters()}
    extra = {name: value for name, value in request.items() if name not in known}
    return {**known, "extra_body": extra} if extra else known


def helper_arguments(request: JSON) -> JSON:
    """Spell a request for ``.parse()`` and ``.stream()``.

    They set ``stream`` on their own, take a schema as a class, and insist on strict tools.
    """
    called = {name: value for name, value in arguments(request).items() if name != "stream"}
    if (called.get("response_format") or {}).get("type") == "json_schema":
        called["response_format"] = Fruit
    if "tools" in called:
        called["tools"] = [
            {**tool, "function": {**tool["function"], "strict": True}} for tool in called["tools"]
        ]
    return called


class Improvement(NamedTuple):
    """One way in which we send something else than was recorded, and why that is better."""

    name: str
    reason: str
    change: Callable[[JSON], JSON]


def _rename_limit(request: JSON) -> JSON:
    return {
        ("max_tokens" if name == "max_completion_tokens" else name): value
        for name, value in request.items()
    }


def _give_back_reasoning(request: JSON) -> JSON:
    if not request["model"].startswith("deepseek-ai/DeepSeek-V4"):
        return request
    return {
        **request,
        "messages": [
            {"reasoning_content": "", **message} if message["role"] == "assistant" else message
            for message in request["messages"]
        ],
    }


IMPROVEMENTS: tuple[Improvement, ...] = (
    Improvement(
        "max_completion_tokens is sent as max_tokens",
        "the published OpenAPI document has max_tokens only; both together are a 400 on a kin "
        "service; LiteLLM and openclaw rename too (evidence.md#max-completion-tokens)",
        _rename_limit,
    ),
    Improvement(
        "DeepSeek V4: replayed assistant turns get reasoning_content ''",
        "openclaw, tested live: V4 requires the field on every replayed turn while thinking is "
        "on, which is its default (evidence.md#replayed-reasoning)",
        _give_back_reasoning,
    ),
)
"""All of them. Anything else we send must be what was recorded.

Not changed when sent, but refused before sending by default: an empty ``json_schema.name`` (400 of
the server's since June 2026, both shapes recorded) and an unknown bare model name.
"""


def improved(request: JSON) -> JSON:
    """Return what we are to send where ``request`` was recorded."""
    for row in IMPROVEMENTS:
        request = row.change(request)
    return request
