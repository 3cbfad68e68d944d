"""The fields of a request: names, types and ranges of the published OpenAPI document.

Source: ``ChatCompletionRequest`` of Baseten's LLM OpenAPI document (mid 2026), which has
``additionalProperties: false``. The real server is less strict and differs by engine. How Model
APIs treat ``store``, ``metadata``, ``functions`` and others is unknown (evidence.md#unknown). The emulator
refuses them, so that a client that forwards them is noticed; this is its choice, not a recorded fact.
"""

from __future__ import annotations

from typing import NamedTuple


class Field(NamedTuple):
    """One request field: JSON types, inclusive range, and the source of the range."""

    types: tuple[type, ...]
    low: float | None = None
    high: float | None = None
    source: str = "SPEC"


_NUMBER = (int, float)
_LIST_OR_TEXT = (str, list)

FIELDS: dict[str, Field] = {
    # In both OpenAI's API and Baseten's document.
    "model": Field((str,)),
    "messages": Field((list,)),
    "frequency_penalty": Field(_NUMBER),
    "logit_bias": Field((dict,)),
    "logprobs": Field((bool,)),
    "top_logprobs": Field((int,), 0, 20),
    "max_tokens": Field((int,), 1),
    "n": Field((int,), 1, 1, "SPEC 'Only 1 is supported'"),
    "presence_penalty": Field(_NUMBER),
    "response_format": Field((dict,)),
    "seed": Field((int,)),
    "stop": Field(_LIST_OR_TEXT),
    "stream": Field((bool,)),
    "stream_options": Field((dict,)),
    "temperature": Field(_NUMBER, source="SPEC 0..4, KIN 0..2: see checks"),
    "top_p": Field(_NUMBER, 0, 1),
    "tools": Field((list,)),
    "tool_choice": Field((str, dict)),
    "parallel_tool_calls": Field((bool,)),
    "user": Field((str,)),
    # Baseten's own.
    "best_of": Field((int,), 1, 1),
    "top_k": Field((int,), -1),
    "top_p_min": Field(_NUMBER),
    "min_p": Field(_NUMBER),
    "repetition_penalty": Field(_NUMBER),
    "length_penalty": Field(_NUMBER),
    "early_stopping": Field((bool,)),
    "bad": Field(_LIST_OR_TEXT),
    "bad_token_ids": Field((list,)),
    "stop_token_ids": Field((list,)),
    "include_stop_str_in_output": Field((bool,)),
    "ignore_eos": Field((bool,)),
    "min_tokens": Field((int,)),
    "skip_special_tokens": Field((bool,)),
    "spaces_between_special_tokens": Field((bool,)),
    "truncate_prompt_tokens": Field((int,), 1),
    "echo": Field((bool,)),
    "add_generation_prompt": Field((bool,)),
    "add_special_tokens": Field((bool,)),
    "documents": Field((list,)),
    "chat_template": Field((str,)),
    "chat_template_args": Field((dict,)),
    "disaggregated_params": Field((dict,)),
    # not in the OpenAPI document, but documented elsewhere or recorded as working
    "max_completion_tokens": Field((int,), 1, None, "REC GenSync-MaxTokens"),
    "reasoning_effort": Field((str,), source="DOC reasoning page"),
    "thinking": Field((dict,), source="DOC DeepSeek V4 Pro 0813"),
    "reasoning": Field((dict,), source="DOC DeepSeek V4 Flash 0731"),
}

ROLES = ("system", "user", "assistant", "tool")
STREAM_OPTIONS = frozenset({"include_usage", "continuous_usage_stats"})
JSON_SCHEMA_KEYS = frozenset({"name", "description", "schema", "strict"})
FUNCTION_KEYS = frozenset({"name", "description", "parameters", "strict"})
RESPONSE_FORMATS: dict[str, str | None] = {
    "text": None,
    "json_object": None,
    "json_schema": "json_schema",
    "grammar": "grammar",
    "structural_tag": "structural_tag",
}
"""Each ``response_format.type`` and the key that must come with it."""
PARTS: dict[str, frozenset[str]] = {
    "text": frozenset({"text"}),
    "image_url": frozenset({"image_url"}),
    "input_audio": frozenset({"input_audio"}),
}
"""Each content part's ``type`` and its other keys; all are required, no others allowed."""
MAX_STOPS = 32
MAX_STOP_LENGTH = 1000
