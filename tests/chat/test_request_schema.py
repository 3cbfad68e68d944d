"""Our JSON Schema of Baseten's chat request: what it refuses, and that it is the published one."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import jsonschema
import pytest
from request_schema import SCHEMA, published, validator

HELLO = {"role": "user", "content": "Hello"}
FUNCTION = {"name": "look", "arguments": "{}"}
CALL = {"id": "call-1", "type": "function", "function": FUNCTION}
VALID = validator()


class Prose(NamedTuple):
    """A limit that the document states in a description only."""

    field: str
    words: str
    limits: dict[str, Any]


PROSE = [
    Prose("n", "Only `1` is supported", {"minimum": 1, "maximum": 1}),
    Prose("top_logprobs", "(0-20)", {"minimum": 0, "maximum": 20}),
    Prose(
        "logit_bias",
        "(-100 to 100)",
        {"additionalProperties": {"type": "number", "minimum": -100, "maximum": 100}},
    ),
]
NOTES = {"$schema", "title", "description", "default", "components", "$defs"}
"""Keys that constrain nothing. A default of null in the document is none in the API."""


def constraints(schema: Any, root: dict[str, Any]) -> Any:
    """Return what a schema demands, in one form: references replaced, notes and order removed."""
    if isinstance(schema, list):
        return sorted((constraints(item, root) for item in schema), key=json.dumps)
    if not isinstance(schema, dict):
        return schema
    if reference := schema.get("$ref"):
        target: Any = root
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]
        return constraints(target, root)
    demanded = {}
    for key, value in sorted(schema.items()):
        if key == "properties":
            demanded[key] = {name: constraints(value[name], root) for name in sorted(value)}
        elif key not in NOTES and (key, value) != ("additionalProperties", True):
            demanded[key] = constraints(value, root)
    if "const" in demanded:
        demanded.pop("type", None)  # the constant has it
    return demanded


def test_it_is_the_published_document() -> None:
    document = published()
    if document is None:
        pytest.skip("Baseten's OpenAPI document (../shared/reference) is not here")
    for field, words, limits in PROSE:
        assert words in document["properties"][field]["description"]
        document["properties"][field] |= limits
    assert constraints(SCHEMA, SCHEMA) == constraints(document, document)


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


ACCEPTED: dict[str, dict[str, Any]] = {
    "least": {},
    "every role": {
        "messages": [
            {"role": "system", "content": "Be brief."},
            HELLO,
            {"role": "assistant", "tool_calls": [CALL], "reasoning_content": "Look."},
            {"role": "tool", "content": "rain", "tool_call_id": "call-1", "name": "look"},
        ]
    },
    "every part": {
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "?"},
                    {
                        "type": "image_url",
                        "image_url": {"url": "https://a.test/b", "detail": "low"},
                    },
                    {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}},
                ],
            }
        ]
    },
    "limits": {"temperature": 4, "top_p": 1, "n": 1, "max_tokens": 262144, "top_logprobs": 20},
    "stop": {"stop": ["x"] * 32},
    "a tool": {"tools": [{"type": "function", "function": {"name": "look", "strict": True}}]},
    "its choice": {"tool_choice": {"type": "function", "function": {"name": "look"}}},
    "json schema": {
        "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}}
    },
    "Baseten's own": {"top_k": -1, "min_p": 0.1, "chat_template_args": {"enable_thinking": True}},
}
REFUSED: dict[str, dict[str, Any]] = {
    "unknown field": {"store": True},
    "null": {"temperature": None},
    "no messages": {"messages": "Hello"},
    "developer": {"messages": [{"role": "developer", "content": "Be brief."}]},
    "no role": {"messages": [{"content": "Hello"}]},
    "null content": {"messages": [{"role": "assistant", "content": None}]},
    "file part": {"messages": [{"role": "user", "content": [{"type": "file", "file": {}}]}]},
    "detail": {
        "messages": [
            {
                "role": "user",
                "content": [{"type": "image_url", "image_url": {"url": "a", "detail": "huge"}}],
            }
        ]
    },
    "custom tool call": {
        "messages": [{"role": "assistant", "tool_calls": [{**CALL, "type": "custom"}]}]
    },
    "temperature": {"temperature": 4.1},
    "top_p of 0": {"top_p": 0},
    "two choices": {"n": 2},
    "no tokens": {"max_tokens": 0},
    "too many tokens": {"max_tokens": 262145},
    "too many logprobs": {"top_logprobs": 21},
    "too strong a bias": {"logit_bias": {"1": 101}},
    "empty stop": {"stop": ""},
    "33 stops": {"stop": ["x"] * 33},
    "long stop": {"stop": "x" * 1001},
    "stream option": {"stream_options": {"include_obfuscation": False}},
    "custom tool": {"tools": [{"type": "custom", "custom": {"name": "look"}}]},
    "allowed tools": {"tool_choice": {"type": "allowed_tools", "allowed_tools": {}}},
    "not strict": {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "a", "schema": {}, "strict": False},
        }
    },
    "unknown format": {"response_format": {"type": "yaml"}},
}


def request(fields: dict[str, Any]) -> dict[str, Any]:
    return {"model": "zai-org/GLM-4.7", "messages": [HELLO], **fields}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(name: str) -> None:
    VALID.validate(request(ACCEPTED[name]))


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    assert not VALID.is_valid(request(REFUSED[name]))


@pytest.mark.parametrize("missing", ["model", "messages"])
def test_required(missing: str) -> None:
    body = request({})
    del body[missing]
    assert not VALID.is_valid(body)
