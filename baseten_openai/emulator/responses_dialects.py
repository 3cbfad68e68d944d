"""How models' streams of ``/v1/responses`` deviate from OpenAI's order.

Two deviations are known, from the rule of Baseten's own gateway that mends them
(``function_arguments_consistency``, OFF): the ends of a function call come early, or hold other arguments
than the deltas add up to. Which models do so is not known. The rows below are assigned so that a test can
meet each of them; they are no statement about those models.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResponsesDialect:
    """One model's habits; the defaults are OpenAI's order."""

    early_call_ends: bool = False
    """The ends of a function call come before its arguments, with none of them."""
    other_call_arguments: bool = False
    """The ends of a function call hold the beginning of its arguments only."""


ORDERLY = ResponsesDialect()

DIALECTS: dict[str, ResponsesDialect] = {
    "nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B": ResponsesDialect(early_call_ends=True),
    "zai-org/GLM-4.7": ResponsesDialect(other_call_arguments=True),
}


def responses_dialect_of(slug: str) -> ResponsesDialect:
    """Return the model's row, or OpenAI's order."""
    return DIALECTS.get(slug, ORDERLY)
