"""Typed helpers for what Baseten has beyond the SDK's own arguments and fields.

    client.chat.completions.create(..., extra_body=extra_body(thinking=True, top_k=40))
    print(reasoning(completion.choices[0].message))

The parameters are those of Baseten's published OpenAPI document that the SDK's ``create()`` lacks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from .errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Unpack


class ExtraBody(TypedDict, total=False):
    """Baseten's parameters that OpenAI's API does not have. Support varies by model."""

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


class ExtraBodyOptions(ExtraBody, total=False):
    """The keywords of ``extra_body()``: Baseten's parameters and the shorthand ``thinking``."""

    thinking: bool


def extra_body(**parameters: Unpack[ExtraBodyOptions]) -> dict[str, object]:
    """Return the ``extra_body=`` of a call that uses Baseten's own parameters.

    ``extra_body(thinking=True, top_k=40)`` returns ``{"chat_template_args": {"enable_thinking": True},
    "top_k": 40}``. ``thinking`` switches reasoning on or off and is merged with the other
    ``chat_template_args``. For models with several levels of reasoning, use the SDK's own
    ``reasoning_effort=`` argument, which also switches reasoning on for models where it is off by default.

    Raises ``ConfigurationError`` if ``thinking`` and ``chat_template_args`` contradict each other.
    Source: https://docs.baseten.co/inference/model-apis/reasoning
    """
    body: dict[str, object] = dict(parameters)
    on = body.get("thinking")
    if not isinstance(on, bool):
        return body
    del body["thinking"]
    args = {"enable_thinking": on, **parameters.get("chat_template_args", {})}
    if args["enable_thinking"] is not on:
        message = (
            f"extra_body(): thinking={on} contradicts "
            f"chat_template_args={parameters.get('chat_template_args')!r}. Give one of the two."
        )
        raise ConfigurationError(message)
    return {**body, "chat_template_args": args}


def thinking(on: bool) -> dict[str, object]:  # noqa: FBT001  # thinking(True) is the whole call
    """Return ``extra_body(thinking=on)``, which switches reasoning on or off."""
    return extra_body(thinking=on)


def reasoning(message_or_delta: object) -> str | None:
    """Return the reasoning text of a message or of a stream's delta; ``None`` if it has none.

    Accepts the SDK's objects and dicts, and reads both names of the field: ``reasoning_content``, which
    Baseten's Model APIs send, and ``reasoning``, which some servers behind deployments send.
    """
    for name in ("reasoning_content", "reasoning"):
        if isinstance(message_or_delta, dict):
            found = message_or_delta.get(name)
        else:
            found = getattr(message_or_delta, name, None)
        if isinstance(found, str):
            return found
    return None
