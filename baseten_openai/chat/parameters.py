"""What happens to each parameter of the SDK's ``chat.completions.create()``: one row each.

A test introspects the installed SDK and fails on a parameter without a row. At run time, a parameter
without a row is newer than this version and is sent as it is.

Each row cites its evidence with the tags of evidence.md#kinds-of-evidence; the facts are in
evidence.md#request-parameters, or in the section that the row names.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Action = Literal["sent", "renamed", "converted", "dropped", "refused"]


class Parameter(NamedTuple):
    """One parameter: what happens to it, in words for the documentation, and the evidence."""

    name: str
    action: Action
    rule: str
    evidence: str


PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        "messages",
        "converted",
        "`developer` becomes `system`; `function` messages become `tool` messages; "
        "`reasoning` becomes `reasoning_content`; the SDK's own `parsed` and `parsed_arguments` are "
        "left out; refusal parts become text; file parts are refused; images are refused where the "
        "model has no vision",
        "SPEC roles system/user/assistant/tool; 3P supportsDeveloperRole:false (openclaw, pipecat)",
    ),
    Parameter(
        "model", "converted", "aliases, display names and short forms become slugs", "REC slugs"
    ),
    Parameter("audio", "refused", "models return text", "REC output_modalities ['text']"),
    Parameter("frequency_penalty", "sent", "", "SPEC"),
    Parameter(
        "function_call",
        "converted",
        "becomes `tool_choice`; the response is converted back",
        "absent from SPEC",
    ),
    Parameter(
        "functions",
        "converted",
        "become `tools`, one call at a time; the response is converted back",
        "absent from SPEC",
    ),
    Parameter("logit_bias", "sent", "", "SPEC"),
    Parameter(
        "logprobs",
        "sent",
        "refused where the model answers 400; sent and noted where the model ignores it",
        "REC 400 on most models, silently ignored on gpt-oss, GLM 5.1, DeepSeek V4 Pro; "
        "evidence.md#ignored-logprobs",
    ),
    Parameter(
        "max_completion_tokens",
        "renamed",
        "becomes `max_tokens`; an error if both are given and differ; above the model's maximum "
        "is refused",
        "REC honoured alone; KIN 400 beside max_tokens",
    ),
    Parameter(
        "max_tokens", "sent", "refused above the model's maximum", "SPEC; 3P recorded 400 text"
    ),
    Parameter("metadata", "dropped", "not sent, noted", "absent from SPEC"),
    Parameter(
        "modalities",
        "refused",
        "refused with anything but text; `['text']` is left out",
        "REC output_modalities ['text']",
    ),
    Parameter("moderation", "dropped", "not sent, noted", "absent from SPEC"),
    Parameter("n", "sent", "more than 1 is refused", "SPEC 'Only 1 is supported'"),
    Parameter("parallel_tool_calls", "sent", "", "SPEC, REC"),
    Parameter("prediction", "refused", "no predicted outputs", "absent from SPEC"),
    Parameter("presence_penalty", "sent", "", "SPEC"),
    Parameter(
        "prompt_cache_key",
        "dropped",
        "not sent, noted; caching is automatic",
        "DOC, evidence.md#prompt-caching",
    ),
    Parameter("prompt_cache_options", "dropped", "not sent, noted", "absent from SPEC"),
    Parameter("prompt_cache_retention", "dropped", "not sent, noted", "absent from SPEC"),
    Parameter(
        "reasoning_effort",
        "converted",
        "becomes the nearest level the model has; sets `enable_thinking` where reasoning is opt-in; "
        "refused if the model cannot do it",
        "DOC, evidence.md#reasoning; GLM 5.2 answers 400 outside its set",
    ),
    Parameter(
        "response_format",
        "converted",
        "refused where the model lacks JSON mode or structured outputs; `strict: false` is left "
        "out; an empty schema name is refused",
        "SPEC strict is const true; REC 400 on an empty name",
    ),
    Parameter("safety_identifier", "dropped", "not sent, noted", "absent from SPEC"),
    Parameter("seed", "sent", "", "SPEC, REC"),
    Parameter(
        "service_tier",
        "dropped",
        "not sent, noted; Fast models are slugs",
        "DOC, evidence.md#service-tier",
    ),
    Parameter("stop", "sent", "", "SPEC, REC"),
    Parameter("store", "dropped", "not sent, noted", "absent from SPEC"),
    Parameter("stream", "sent", "", "SPEC, REC"),
    Parameter(
        "stream_options",
        "converted",
        "keys that Baseten does not have are not sent, noted; `continuous_usage_stats` keeps the usage "
        "on every chunk",
        "SPEC StreamOptions has additionalProperties false",
    ),
    Parameter("temperature", "sent", "", "SPEC"),
    Parameter("tool_choice", "converted", "`allowed_tools` and custom tools are refused", "SPEC"),
    Parameter(
        "tools",
        "converted",
        "tools other than function tools are refused; keys beside `function` are moved into it "
        "if they belong there, else not sent, noted",
        "SPEC ChatCompletionToolsParam has additionalProperties false; KIN 400",
    ),
    Parameter("top_logprobs", "sent", "as `logprobs`", "SPEC, REC"),
    Parameter(
        "top_p",
        "sent",
        "noted if not documented for the model",
        "SPEC; DOC, evidence.md#top-p-and-top-k",
    ),
    Parameter("user", "sent", "", "SPEC"),
    Parameter("verbosity", "dropped", "not sent, noted", "absent from SPEC"),
    Parameter("web_search_options", "refused", "no built-in web search", "absent from SPEC"),
)

BY_NAME: dict[str, Parameter] = {row.name: row for row in PARAMETERS}
DROPPED: frozenset[str] = frozenset(row.name for row in PARAMETERS if row.action == "dropped")
REFUSED: dict[str, Parameter] = {row.name: row for row in PARAMETERS if row.action == "refused"}
RULELESS: frozenset[str] = frozenset(
    row.name for row in PARAMETERS if row.action == "sent" and not row.rule
)
"""Parameters that are sent as they are, for every value and model."""

STREAM_OPTIONS = frozenset({"include_usage", "continuous_usage_stats"})
"""The keys of SPEC's StreamOptions, which forbids others."""

TOOL_KEYS = frozenset({"type", "function"})
"""The keys of SPEC's ChatCompletionToolsParam, which forbids others."""

FUNCTION_KEYS = frozenset({"name", "description", "parameters", "strict"})
"""The keys of SPEC's FunctionDefinition, which forbids others."""
