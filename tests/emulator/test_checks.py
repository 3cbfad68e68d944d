"""What a request may not hold.

Messages from recordings or evidence.md#error-bodies are compared in full. Of the emulator's own
messages, only the blamed parameter is compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from request_schema import SCHEMA

from baseten_openai.emulator.fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[..., Any]

FLAT = "zai-org/GLM-5.2"
ENVELOPED = "deepseek-ai/DeepSeek-V4-Pro"
GLM_46 = "zai-org/GLM-4.6"
KIMI = "moonshotai/Kimi-K2.5"
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/banana.jpg"}}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
CALL = {"id": "a", "type": "function", "function": {"name": "look", "arguments": "{}"}}


def schema(**fields: Any) -> dict[str, Any]:
    whole = {"name": "x", "schema": {"type": "object"}, **fields}
    return {"type": "json_schema", "json_schema": whole}


def message(got: Any) -> str:
    body = got.json
    return str(body.get("error", body)["message"])


OPENAI_ONLY = {
    "audio": {"format": "wav", "voice": "a"},
    "function_call": "auto",
    "functions": [{"name": "f"}],
    "metadata": {"a": "b"},
    "modalities": ["text"],
    "moderation": "auto",
    "prediction": {"type": "content", "content": "a"},
    "prompt_cache_key": "a",
    "prompt_cache_options": {},
    "prompt_cache_retention": "24h",
    "safety_identifier": "a",
    "service_tier": "auto",
    "store": True,
    "verbosity": "low",
    "web_search_options": {},
    "made_up": 1,
}


@pytest.mark.parametrize("name", OPENAI_ONLY)
def test_fields_outside_the_document_are_refused(chat: Ask, name: str) -> None:
    got = chat(FLAT, **{name: OPENAI_ONLY[name]})
    assert got.status == 400
    assert message(got) == f"Invalid request: ['{name}: Extra inputs are not permitted']"


def test_the_table_of_fields_is_the_documented_one() -> None:
    extras = {"max_completion_tokens", "reasoning_effort", "thinking", "reasoning"}
    assert set(FIELDS) == set(SCHEMA["properties"]) | extras


JSON_TYPES = {
    "string": {str},
    "array": {list},
    "object": {dict},
    "boolean": {bool},
    "integer": {int},
    "number": {int, float},
}
OTHER_LIMITS = {
    "max_tokens": "the maximum of each model takes the place of the document's: a check of its own",
    "temperature": "0 to 2 as on a kin service: a check of its own",
    "top_k": "the document says in prose that -1 turns it off",
}


def types_of(schema: dict[str, Any]) -> set[type]:
    """Return the Python types that a schema allows."""
    if reference := schema.get("$ref"):
        return types_of(SCHEMA["$defs"][reference.removeprefix("#/$defs/")])
    if options := schema.get("anyOf"):
        return set().union(*map(types_of, options))
    return JSON_TYPES[schema["type"]]


@pytest.mark.parametrize("name", SCHEMA["properties"])
def test_a_fields_types_and_limits_are_the_documented_ones(name: str) -> None:
    documented, field = SCHEMA["properties"][name], FIELDS[name]
    assert set(field.types) == types_of(documented)
    if name not in OTHER_LIMITS:
        low = documented.get("minimum", documented.get("exclusiveMinimum"))  # top_p of 0: see below
        assert (field.low, field.high) == (low, documented.get("maximum"))


def test_every_documented_field_is_accepted(chat: Ask) -> None:
    fields = {
        "frequency_penalty": 0.1,
        "logit_bias": {"1": 2},
        "logprobs": False,
        "top_logprobs": 0,
        "max_tokens": 100,
        "n": 1,
        "presence_penalty": 0,
        "response_format": {"type": "text"},
        "seed": 1,
        "stop": ["never said"],
        "stream": False,
        "temperature": 2,
        "top_p": 1,
        "parallel_tool_calls": True,
        "user": "a",
        "top_k": -1,
        "min_p": 0.1,
        "repetition_penalty": 1.1,
        "bad": ["a"],
        "chat_template_args": {"enable_thinking": False},
        "reasoning_effort": "high",
        "thinking": {"type": "enabled"},
        "reasoning": {"max_tokens": 10},
    }
    assert chat(FLAT, **fields).status == 200
    assert chat(FLAT, **dict.fromkeys(fields)).status == 200


# Wordings that were recorded, on Model APIs (REC, 3P) or a kin service (KIN).
RECORDED = [
    pytest.param(
        FLAT,
        {"max_tokens": 7, "max_completion_tokens": 8},
        "Invalid request: ['max_completion_tokens (8): Extra inputs are not permitted']",
        id="both limits (KIN)",
    ),
    pytest.param(
        FLAT,
        {"max_tokens": 943710},
        "Invalid request: ['max_tokens (943710): Input should be less than or equal to 262144']",
        id="above the maximum (3P)",
    ),
    pytest.param(
        "openai/gpt-oss-120b",
        {"max_completion_tokens": 128073},
        "Invalid request: ['max_completion_tokens (128073): Input should be less than or equal to "
        "128072']",
        id="above the maximum, as max_completion_tokens",
    ),
    pytest.param(
        FLAT,
        {"temperature": 3},
        "Validation: Temperature must be between 0 and 2, got 3",
        id="temperature (KIN)",
    ),
    pytest.param(
        FLAT,
        {"response_format": schema(name="")},
        "Validation: `response_format.json_schema.name` cannot be empty",
        id="empty schema name (REC)",
    ),
    pytest.param(
        GLM_46, {"logprobs": True}, "returning log probs is not supported", id="logprobs (REC)"
    ),
    pytest.param(
        FLAT,
        {"logprobs": True, "top_logprobs": 2},
        "This model does not support logprobs > 1 due to advanced speculative decoding.",
        id="top_logprobs on GLM 5.2 (REC)",
    ),
]


@pytest.mark.parametrize(("slug", "fields", "text"), RECORDED)
def test_recorded_wordings(chat: Ask, slug: str, fields: dict[str, Any], text: str) -> None:
    got = chat(slug, **fields)
    assert (got.status, message(got)) == (400, text)


@pytest.mark.parametrize(
    ("slug", "text"),
    [
        (GLM_46, "image_url is not supported"),
        ("openai/gpt-oss-120b", "image_url is not supported"),
        (ENVELOPED, "This model does not support multimodal (image/video/audio) inputs."),
    ],
)
def test_images_to_text_models(chat: Ask, slug: str, text: str) -> None:
    got = chat(slug, [{"type": "text", "text": "What fruit is it?"}, IMAGE])
    assert (got.status, message(got)) == (400, text)


def test_images_to_vision_models(chat: Ask) -> None:
    got = chat(KIMI, [{"type": "text", "text": "What fruit is it?"}, IMAGE])
    assert got.status == 200
    assert "What fruit is it?" in got.json["choices"][0]["message"]["content"]


def test_errors_are_flat_without_a_request_id_and_enveloped_with(chat: Ask) -> None:
    flat, enveloped = chat(FLAT, temperature=3), chat(ENVELOPED, temperature=3)
    text = "Validation: Temperature must be between 0 and 2, got 3"
    assert flat.json == {"message": text, "type": "Bad Request", "code": 400}
    assert enveloped.json == {"error": {"code": 400, "message": text, "type": "Bad Request"}}
    assert [name for name in flat.headers if name.startswith("x-baseten")] == [
        "x-baseten-accepted-at"
    ]
    assert "x-baseten-request-id" in enveloped.headers
    assert "x-baseten-session-id" in enveloped.headers


def user(content: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": content}]


OWN = [
    pytest.param({"temperature": -0.1}, "emperature", id="negative temperature"),
    pytest.param({"temperature": "hot"}, "temperature", id="temperature of the wrong type"),
    pytest.param({"top_p": 0}, "top_p", id="top_p of 0"),
    pytest.param({"top_p": 1.1}, "top_p", id="top_p above 1"),
    pytest.param({"n": 2}, "n (2)", id="several choices"),
    pytest.param({"max_tokens": 0}, "max_tokens", id="no tokens"),
    pytest.param({"max_tokens": True}, "max_tokens", id="a boolean for a number"),
    pytest.param({"stream": "yes"}, "stream", id="stream as text"),
    pytest.param({"stream_options": {"include_obfuscation": True}}, "include_obfuscation", id="so"),
    pytest.param({"stop": ["a"] * 33}, "stop", id="33 stop strings"),
    pytest.param({"stop": "a" * 1001}, "stop", id="a long stop string"),
    pytest.param({"stop": [""]}, "stop", id="an empty stop string"),
    pytest.param({"stop": [1]}, "stop", id="a number as stop string"),
    pytest.param({"messages": []}, "messages", id="no messages"),
    pytest.param({"messages": None}, "messages", id="null messages"),
    pytest.param({"messages": "Hi"}, "messages", id="messages as text"),
    pytest.param({"messages": ["Hi"]}, "messages.0", id="a message as text"),
    pytest.param({"messages": [{"content": "Hi"}]}, "messages.0.role", id="no role"),
    pytest.param({"messages": [{"role": "developer", "content": "x"}]}, "role", id="developer"),
    pytest.param({"messages": [{"role": "function", "content": "x"}]}, "role", id="function"),
    pytest.param({"messages": [{"role": ["user"], "content": "x"}]}, "role", id="a list as role"),
    pytest.param({"messages": [{"role": "user"}]}, "messages.0.content", id="no content"),
    pytest.param({"messages": user(1)}, "messages.0.content", id="a number as content"),
    pytest.param({"messages": user([{"type": "file", "file": {}}])}, "content.0.type", id="file"),
    pytest.param({"messages": user([{"type": ["text"]}])}, "content.0.type", id="odd type"),
    pytest.param({"messages": user([{"type": "text"}])}, "content.0.text", id="part without text"),
    pytest.param(
        {"messages": user([{"type": "text", "text": "a", "cache_control": {}}])},
        "cache_control",
        id="a foreign key in a part",
    ),
    pytest.param(
        {"messages": [*user("Hi"), {"role": "assistant", "function_call": {"name": "f"}}]},
        "function_call",
        id="an old function call",
    ),
    pytest.param(
        {"messages": [*user("Hi"), {"role": "tool", "tool_call_id": "a", "content": "1"}]},
        "tool_call_id",
        id="a tool result without a call",
    ),
    pytest.param(
        {
            "messages": [
                *user("Hi"),
                {"role": "assistant", "tool_calls": [CALL]},
                {"role": "tool", "tool_call_id": "b", "content": "1"},
            ]
        },
        "tool_call_id",
        id="a tool result for another call",
    ),
    pytest.param({"tools": [{"type": "custom", "custom": {"name": "x"}}]}, "tools.0.type", id="c"),
    pytest.param({"tools": ["look"]}, "tools.0", id="a tool as text"),
    pytest.param({"tools": [{"type": "function", "function": {}}]}, "name", id="a nameless tool"),
    pytest.param(
        {"tools": [{**TOOL, "function": {"name": "f", "foo": 1}}]}, "foo", id="a foreign tool key"
    ),
    pytest.param(
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "x"}}}]},
        "tools.0.function.parameters",
        id="an invalid parameter schema",
    ),
    pytest.param({"tool_choice": "required"}, "tool_choice", id="required of nothing"),
    pytest.param({"tools": [TOOL], "tool_choice": "any"}, "tool_choice", id="unknown choice"),
    pytest.param(
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "other"}}},
        "other",
        id="a choice that is not there",
    ),
    pytest.param(
        {"tools": [TOOL], "tool_choice": {"type": "allowed_tools", "allowed_tools": {}}},
        "tool_choice.type",
        id="allowed_tools",
    ),
    pytest.param({"response_format": {"type": "xml"}}, "xml", id="unknown response format"),
    pytest.param({"response_format": {"type": ["text"]}}, "response_format", id="odd format"),
    pytest.param({"response_format": {"type": "json_schema"}}, "json_schema", id="no schema"),
    pytest.param({"response_format": schema(strict=False)}, "strict", id="strict false"),
    pytest.param({"response_format": schema(foo=1)}, "foo", id="a foreign schema key"),
    pytest.param({"response_format": schema(schema=None)}, "schema", id="schema null"),
    pytest.param({"response_format": schema(name=None)}, "name", id="name null"),
    pytest.param({"response_format": schema(schema={"type": "x"})}, "'x'", id="invalid schema"),
    pytest.param(
        {"response_format": schema(schema={"type": "integer", "minimum": 2, "maximum": 1})},
        "instance",
        id="a schema that nothing fulfils",
    ),
    pytest.param({"reasoning_effort": "medium"}, "reasoning_effort", id="GLM 5.2 has no medium"),
]


@pytest.mark.parametrize(("fields", "blamed"), OWN)
def test_other_refusals(chat: Ask, fields: dict[str, Any], blamed: str) -> None:
    got = chat(FLAT, **fields)
    assert got.status == 400
    assert blamed in message(got)


@pytest.mark.parametrize(
    ("slug", "fields"),
    [
        pytest.param(
            "deepseek-ai/DeepSeek-V3.1", {"response_format": schema()}, id="V3.1 does JSON"
        ),
        pytest.param("openai/gpt-oss-120b", {"logprobs": True}, id="gpt-oss ignores logprobs"),
        pytest.param(FLAT, {"logprobs": True, "top_logprobs": 1}, id="GLM 5.2 with one"),
        pytest.param(GLM_46, {"reasoning_effort": "medium"}, id="GLM 4.6 ignores the effort"),
        pytest.param(FLAT, {"reasoning_effort": "max"}, id="GLM 5.2 has max"),
        pytest.param(FLAT, {"tools": [], "tool_choice": "auto"}, id="no tools"),
        pytest.param(FLAT, {"response_format": schema(strict=True)}, id="strict true"),
        pytest.param(FLAT, {"stop": ["a" * 1000] * 32}, id="stop at its limits"),
    ],
)
def test_accepted(chat: Ask, slug: str, fields: dict[str, Any]) -> None:
    assert chat(slug, **fields).status == 200
