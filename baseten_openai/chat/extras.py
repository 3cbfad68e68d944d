"""What Baseten has beyond the SDK's arguments and fields, typed: no cast, no string to look up.

    client.chat.completions.create(..., extra_body=thinking(True) | extra_body(top_k=40))
    print(reasoning(completion.choices[0].message))

The parameters are those of the published OpenAPI document (``api-reference/llm-openapi.json`` of
docs.baseten.co) that the SDK's ``create()`` lacks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Unpack


class ExtraBody(TypedDict, total=False):
    """Baseten's parameters that OpenAI's API does not have; support varies by model."""

    top_k: int  # -1 is off
    top_p_min: float
    min_p: float
    repetition_penalty: float
    length_penalty: float
    early_stopping: bool
    best_of: int  # only 1
    bad: str | Sequence[str]
    bad_token_ids: Sequence[int]
    stop_token_ids: Sequence[int]
    include_stop_str_in_output: bool
    ignore_eos: bool
    min_tokens: int
    skip_special_tokens: bool
    spaces_between_special_tokens: bool
    truncate_prompt_tokens: int
    echo: bool
    add_generation_prompt: bool
    add_special_tokens: bool
    documents: Sequence[Mapping[str, str]]
    chat_template: str
    chat_template_args: Mapping[str, Any]
    disaggregated_params: Mapping[str, Any]


def extra_body(**parameters: Unpack[ExtraBody]) -> dict[str, object]:
    """Return ``extra_body=`` for Baseten's own parameters: ``extra_body(top_k=40, min_p=0.05)``."""
    return dict(parameters)


def top_k(k: int) -> dict[str, object]:
    """Return ``extra_body=`` that samples from the ``k`` likeliest tokens; -1 from all."""
    return {"top_k": k}


def thinking(on: bool) -> dict[str, object]:  # noqa: FBT001  # thinking(True) reads as it is said
    """Return ``extra_body=`` that switches reasoning on or off, for models where that is opt-in.

    Where a model has levels, ``reasoning_effort=`` is the SDK's own argument for them, and it switches
    opt-in models on too (docs.baseten.co/inference/model-apis/reasoning).
    """
    return {"chat_template_args": {"enable_thinking": on}}


def reasoning(message_or_delta: object) -> str | None:
    """Return the reasoning of an answer's message, or of a stream's delta; ``None`` if it has none.

    Takes the SDK's objects, and dicts. The same field under its two names: ``reasoning_content``, as
    Baseten's Model APIs send it, and ``reasoning``, as some servers behind deployments do.
    """
    for name in ("reasoning_content", "reasoning"):
        if isinstance(message_or_delta, dict):
            found = message_or_delta.get(name)
        else:
            found = getattr(message_or_delta, name, None)
        if isinstance(found, str):
            return found
    return None
