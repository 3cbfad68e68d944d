"""What becomes of every parameter of the SDK's ``responses.create()``: one row each.

A test introspects the installed SDK and fails on a parameter without a row. At run time a parameter
without a row is newer than this package and is sent as it is.

Evidence: DOC Baseten's documentation of ``/v1/responses``, OFF Baseten's own gateway code, 3P somebody
who says they ran it live, OAI recorded traffic of OpenAI's own service, SDK the SDK's types and texts.
"""

from __future__ import annotations

from ..chat.parameters import Parameter

PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        "input",
        "converted",
        "`developer` becomes `system`; custom tool calls become function calls; encrypted reasoning "
        "and item ids of OpenAI's are left out; item references are resolved from the memory; images "
        "are refused where the model has no vision; files are refused",
        "DOC the whole conversation on every call; 3P opaque reasoning and foreign ids; the role "
        "`developer` is unknown here, and not supported by chat completions (3P)",
    ),
    Parameter(
        "model", "converted", "aliases, display names and short forms become slugs", "DOC slugs"
    ),
    Parameter("access_programs", "dropped", "not sent, noted", "SDK: access programs of OpenAI's"),
    Parameter(
        "background",
        "refused",
        "an answer cannot be made in the background; `False` is left out",
        "DOC stateless: there is nothing to poll",
    ),
    Parameter("background_options", "dropped", "not sent, noted", "DOC stateless"),
    Parameter(
        "context_management", "dropped", "not sent, noted", "SDK: compaction on OpenAI's servers"
    ),
    Parameter(
        "conversation",
        "refused",
        "conversations are not stored",
        "DOC stateless, nothing is stored",
    ),
    Parameter("image", "dropped", "not sent, noted", "SDK: options of OpenAI's image encoder"),
    Parameter(
        "include",
        "converted",
        "kept: `message.output_text.logprobs`; the other values are not sent, noted",
        "SDK: the others are about hosted tools and OpenAI's encrypted reasoning",
    ),
    Parameter("instructions", "sent", "", "DOC"),
    Parameter(
        "max_output_tokens", "sent", "refused over the model's maximum", "DOC; limits as for chat"
    ),
    Parameter("max_tool_calls", "dropped", "not sent, noted", "SDK: counts hosted tools only"),
    Parameter(
        "metadata",
        "dropped",
        "not sent, noted; given back on the response",
        "unknown to DOC; OAI gives it back",
    ),
    Parameter("moderation", "dropped", "not sent, noted", "SDK: OpenAI's moderation models"),
    Parameter("parallel_tool_calls", "sent", "", "DOC function tools"),
    Parameter(
        "previous_response_id",
        "converted",
        "the remembered conversation is sent in `input`; an unknown id is an error",
        "DOC stateless; OAI SquareRoot-2",
    ),
    Parameter("prompt", "refused", "prompt templates are stored at OpenAI", "DOC stateless"),
    Parameter("prompt_cache_key", "dropped", "not sent, noted; caching is automatic", "DOC"),
    Parameter("prompt_cache_options", "dropped", "not sent, noted", "DOC caching is automatic"),
    Parameter("prompt_cache_retention", "dropped", "not sent, noted", "DOC caching is automatic"),
    Parameter(
        "reasoning",
        "converted",
        "`effort` by the model's own table, as `reasoning_effort` in chat; refused where the model "
        "cannot; `encrypted_content` is never asked for",
        "OFF reasoning_effort: mapped to the nearest",
    ),
    Parameter("safety_identifier", "dropped", "not sent, noted", "SDK: OpenAI's usage policies"),
    Parameter("service_tier", "dropped", "not sent, noted; Fast models are slugs", "DOC"),
    Parameter(
        "store",
        "dropped",
        "not sent, noted; `False` keeps the response out of the memory",
        "DOC no response is stored",
    ),
    Parameter("stream", "sent", "", "DOC"),
    Parameter(
        "stream_options", "dropped", "not sent, noted; it holds `include_obfuscation` only", "SDK"
    ),
    Parameter("temperature", "sent", "", "DOC"),
    Parameter(
        "text",
        "converted",
        "without `format` it gets the plain default; `verbosity` is not sent, noted; refused where the "
        "model lacks JSON mode or structured outputs",
        "OFF text_format_default; DOC structured outputs",
    ),
    Parameter(
        "tool_choice",
        "converted",
        "a custom tool becomes its function; `allowed_tools` becomes the shorter list of tools; a "
        "hosted tool is refused",
        "OFF responses_strip_tool_types: becomes `auto`",
    ),
    Parameter(
        "tools",
        "converted",
        "custom and namespaced tools become function tools, and their calls are given back as asked; "
        "hosted tools are refused",
        "DOC function tools; 3P custom and namespace; OFF responses_strip_tool_types",
    ),
    Parameter(
        "top_logprobs",
        "sent",
        "refused where the model is known to ignore or reject it",
        "DOC as for chat; OAI a model that cannot answers 400",
    ),
    Parameter("top_p", "sent", "noted where undocumented for the model", "DOC"),
    Parameter(
        "truncation", "dropped", "not sent, noted; `disabled` is left out", "unknown to DOC; SDK"
    ),
    Parameter("user", "sent", "", "DOC as for chat"),
)

BY_NAME: dict[str, Parameter] = {row.name: row for row in PARAMETERS}
DROPPED: frozenset[str] = frozenset(row.name for row in PARAMETERS if row.action == "dropped")
REFUSED: dict[str, Parameter] = {row.name: row for row in PARAMETERS if row.action == "refused"}

DEFAULTS: dict[str, object] = {"background": False, "truncation": "disabled", "store": False}
"""OpenAI's defaults that a program may spell out, and what Baseten does anyway: left out, not noted."""

INCLUDES = frozenset({"message.output_text.logprobs"})
"""Values of ``include`` that are not about hosted tools or OpenAI's own encryption."""

INSTEAD: dict[str, str] = {
    "background": "leave background out; to wait elsewhere, run the call in a thread or a task",
    "conversation": "send the conversation in input, or continue with previous_response_id, which this "
    "process serves from its memory",
    "prompt": "write the template's text into instructions and input",
}
"""What to do instead of each refused parameter."""
