"""A request as a whole: what is sent conforms with Baseten's document, and nobody's objects change."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple

import openai
import pytest
from request_schema import validator

from baseten_openai import AsyncOpenAI, BadRequestError, OpenAI, UnknownModelError, emulator
from baseten_openai.routing.endpoints import CHAT, NAMED_MODEL_PATHS
from baseten_openai.sdk.request_preparation import prepare_body
from baseten_openai.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import jsonschema

    from baseten_openai.emulator import EmulatorServer

pytestmark = pytest.mark.filterwarnings("ignore::baseten_openai.BasetenWarning")

SETTINGS = Settings.load(environ={})
HELLO: Any = [{"role": "user", "content": "Hello"}]
GLM, KIMI, GPT_OSS = "glm-4.7", "kimi-k2.5", "gpt-oss-120b"


class Extra(NamedTuple):
    """A field that the published document lacks, and why we send it all the same."""

    name: str
    schema: dict[str, Any]
    evidence: str


EXTRAS = [
    Extra("reasoning_effort", {"type": "string"}, "DOC reasoning page, evidence.md#reasoning"),
    Extra(
        "thinking", {"type": "object"}, "DOC DeepSeek V4 Pro 0813, evidence.md#thinking-envelope"
    ),
    Extra(
        "reasoning", {"type": "object"}, "DOC DeepSeek V4 Flash 0731, evidence.md#reasoning-budget"
    ),
]

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tell the weather.",
        "strict": True,
        "parameters": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
IMAGE = {
    "type": "image_url",
    "image_url": {"url": "data:image/png;base64,iVBORw0K", "detail": "low"},
}
CALL = {
    "id": "call-1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Oslo"}'},
}
ANSWER = {
    "role": "assistant",
    "content": None,
    "refusal": None,
    "annotations": [],
    "tool_calls": [CALL],
    "reasoning": "Weather, so the tool.",
}
TOOL_RESULT = {"role": "tool", "tool_call_id": "call-1", "content": "rain", "name": "get_weather"}
LEGACY = [
    *HELLO,
    {"role": "assistant", "content": None, "function_call": CALL["function"]},
    {"role": "function", "name": "get_weather", "content": "rain"},
]
HINTS = {
    "store": True,
    "metadata": {"a": "b"},
    "service_tier": "flex",
    "safety_identifier": "me",
    "prompt_cache_key": "k",
    "verbosity": "low",
}

CALLS: dict[str, dict[str, Any]] = {
    "plain": {"model": GLM},
    "sampling": {
        "model": GLM,
        "temperature": 0.2,
        "top_p": 0.9,
        "seed": 7,
        "stop": ["x", "y"],
        "presence_penalty": 0.1,
        "frequency_penalty": -0.1,
        "logit_bias": {"12": 1},
        "user": "me",
        "n": 1,
    },
    "basetens own": {"model": GLM, "extra_body": {"top_k": 5, "min_p": 0.1, "ignore_eos": False}},
    "nulls": {"model": GLM, "stop": None, "temperature": None, "tools": None, "max_tokens": None},
    "max_completion_tokens": {"model": GPT_OSS, "max_completion_tokens": 99},
    "hints": {"model": KIMI, "extra_body": HINTS},
    "modalities": {"model": KIMI, "modalities": ["text"]},
    "developer": {
        "model": GLM,
        "messages": [{"role": "developer", "content": "Be brief."}, *HELLO],
    },
    "usage": {
        "model": GLM,
        "stream": True,
        "stream_options": {"include_usage": True, "include_obfuscation": False},
    },
    "json mode": {"model": GLM, "response_format": {"type": "json_object"}},
    "loose schema": {
        "model": GLM,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "a", "schema": SCHEMA, "strict": False},
        },
    },
    "tools": {"model": GLM, "tools": [WEATHER], "parallel_tool_calls": True},
    "forced tool": {
        "model": GLM,
        "tools": [WEATHER],
        "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
    },
    "tools, second turn": {
        "model": GLM,
        "tools": [WEATHER],
        "messages": [*HELLO, ANSWER, TOOL_RESULT],
    },
    "functions": {
        "model": GLM,
        "functions": [WEATHER["function"]],
        "function_call": {"name": "get_weather"},
    },
    "functions, second turn": {
        "model": GLM,
        "functions": [WEATHER["function"]],
        "function_call": "auto",
        "messages": LEGACY,
    },
    "image": {
        "model": KIMI,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "?"}, IMAGE]}],
    },
    "refusal part": {
        "model": GLM,
        "messages": [
            *HELLO,
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
            *HELLO,
        ],
    },
    "deepseek v4, second turn": {
        "model": "deepseek-v4-pro-0813",
        "reasoning_effort": "medium",
        "messages": [*HELLO, {"role": "assistant", "content": "Hi."}, *HELLO],
    },
    "reasoning budget": {
        "model": "deepseek-v4-flash-0731",
        "extra_body": {"reasoning": {"max_tokens": 99}},
    },
    **{
        f"effort {effort} of {model}": {"model": model, "reasoning_effort": effort}
        for model in (GPT_OSS, GLM, KIMI, "glm-5.2", "kimi-k3")
        for effort in ("none", "minimal", "medium", "xhigh")
    },
}


@pytest.fixture(scope="module")
def server() -> Iterator[EmulatorServer]:
    with emulator.serve() as server:
        yield server


@pytest.fixture(scope="module")
def client(server: EmulatorServer) -> Iterator[OpenAI]:
    with OpenAI(base_url=server.base_url, api_key="emulator", max_retries=0) as client:
        yield client


def arguments(name: str) -> dict[str, Any]:
    return {"messages": HELLO, **CALLS[name]}


def send(client: Any, server: EmulatorServer, name: str) -> Any:
    """Make a call of the table, which the emulator must accept, and return what arrived."""
    answer = client.chat.completions.create(**arguments(name))
    if CALLS[name].get("stream"):
        assert list(answer)
    return server.requests[-1].json


@pytest.fixture(scope="session")
def document() -> jsonschema.Draft202012Validator:
    """Return a validator of Baseten's documented requests and the extras."""
    return validator(**{extra.name: extra.schema for extra in EXTRAS})


@pytest.mark.parametrize("name", CALLS)
def test_what_is_sent_conforms_with_basetens_document(
    name: str, client: OpenAI, server: EmulatorServer, document: Any
) -> None:
    document.validate(send(client, server, name))


@pytest.mark.anyio
async def test_an_async_client_sends_the_same(client: OpenAI, server: EmulatorServer) -> None:
    async with AsyncOpenAI(base_url=server.base_url, api_key="emulator") as async_client:
        for name, call in CALLS.items():
            answer = await async_client.chat.completions.create(**arguments(name))
            if call.get("stream"):
                assert [chunk async for chunk in answer]
            assert server.requests[-1].json == send(client, server, name)


@pytest.mark.parametrize("extra", EXTRAS, ids=lambda extra: extra.name)
def test_every_extra_is_sent_by_some_call(
    extra: Extra, client: OpenAI, server: EmulatorServer
) -> None:
    assert any(extra.name in send(client, server, name) for name in CALLS)
    assert extra.evidence


NOTICED = [
    "nulls",
    "max_completion_tokens",
    "hints",
    "modalities",
    "developer",
    "usage",
    "loose schema",
    "tools, second turn",
    "functions",
    "functions, second turn",
    "refusal part",
]


@pytest.mark.parametrize("name", NOTICED)
def test_what_the_bare_sdk_sends_does_not_conform(
    name: str, server: EmulatorServer, document: Any
) -> None:
    with (
        openai.OpenAI(base_url=server.base_url, api_key="k", max_retries=0) as bare,
        pytest.raises(openai.APIStatusError),  # the short name at the latest is refused
    ):
        bare.chat.completions.create(**arguments(name))
    assert not document.is_valid(server.requests[-1].json)


@pytest.mark.parametrize("name", CALLS)
def test_the_users_objects_stay_as_they_are(
    name: str, client: OpenAI, server: EmulatorServer
) -> None:
    call = copy.deepcopy(arguments(name))
    before = copy.deepcopy(call)
    for _ in range(2):
        answer = client.chat.completions.create(**call)
        if name == "usage":
            answer.close()
    assert call == before
    assert server.requests[-1].json == server.requests[-2].json


def test_extra_body_is_looked_into_and_wins(client: OpenAI, server: EmulatorServer) -> None:
    extra = {"model": KIMI, "max_completion_tokens": 5, "messages": [*HELLO, *HELLO]}
    client.chat.completions.create(model=GLM, messages=HELLO, extra_body=extra)
    assert server.requests[-1].json == {
        "model": "moonshotai/Kimi-K2.5",
        "max_tokens": 5,
        "messages": [*HELLO, *HELLO],
    }


@pytest.mark.parametrize(
    ("field", "value", "given"),
    [
        ("messages", "Hello", "str"),
        ("messages", {"role": "user", "content": "Hello"}, "dict"),
        ("messages", 5, "int"),
        ("messages", None, "NoneType"),
        ("model", 5, "int"),
        ("model", None, "NoneType"),
        ("model", ["glm-4.7"], "list"),
    ],
)
def test_what_cannot_be_a_request_is_refused_in_plain_words(
    field: str, value: Any, given: str, client: OpenAI, server: EmulatorServer
) -> None:
    before = len(server.requests)
    with pytest.raises(BadRequestError) as caught:
        client.chat.completions.create(**{"model": GLM, "messages": HELLO, field: value})
    error = caught.value
    assert error.message.startswith(f"{field} must be a ")
    assert error.message.endswith(f"not {given}")
    assert (error.param, error.status_code) == (field, 400)
    assert error.hint
    assert len(server.requests) == before


def test_a_tuple_of_messages_is_a_list_to_the_sdk(client: OpenAI, server: EmulatorServer) -> None:
    client.chat.completions.create(model=GLM, messages=tuple(HELLO))
    assert server.requests[-1].json["messages"] == HELLO


@pytest.mark.parametrize("path", sorted(NAMED_MODEL_PATHS))
def test_names_are_resolved_wherever_a_model_is_named(path: str) -> None:
    body = prepare_body({"model": GLM, "input": "x"}, SETTINGS, path=path, dedicated=False)
    assert body == {"model": "zai-org/GLM-4.7", "input": "x"}
    assert [(note.kind, note.param) for note in body.context.notes] == [("resolved", "model")]
    with pytest.raises(UnknownModelError):
        prepare_body({"model": "gpt-4o"}, SETTINGS, path=path, dedicated=False)


@pytest.mark.parametrize("path", ["/completions", "/embeddings"])
def test_only_chat_and_responses_have_a_table_of_features(path: str) -> None:
    body = {"model": "zai-org/GLM-4.7", "n": 2, "store": True, "reasoning": {"effort": "low"}}
    assert prepare_body(body, SETTINGS, path=path, dedicated=False) == body
    # the Responses API's table: no n there; store is OpenAI's alone (evidence.md#responses-api)
    sent = prepare_body(body, SETTINGS, path="/responses", dedicated=False)
    assert "store" not in sent


def test_a_dedicated_deployment_gets_what_was_written() -> None:
    body = {"model": "baseten", "n": 2, "messages": [{"role": "developer", "content": "x"}]}
    prepared = prepare_body(body, SETTINGS, path=CHAT, dedicated=True)
    assert prepared == body
    assert prepared.context.notes == []


def test_a_retired_model_is_said_to_be_with_its_replacement() -> None:
    body = prepare_body({"model": "glm-4.6"}, SETTINGS, path="/completions", dedicated=False)
    assert [note.message for note in body.context.notes if note.kind == "unsupported"] == [
        "zai-org/GLM-4.6 was retired on 2026-05-01; use zai-org/GLM-4.7"
    ]


def test_what_a_later_step_must_know_is_read_from_what_was_asked() -> None:
    asked = {
        "model": GLM,
        "messages": HELLO,
        "stream_options": {"include_usage": True},
        "response_format": {"type": "json_object"},
        "functions": [],
    }
    call = prepare_body(asked, SETTINGS, path=CHAT, dedicated=False).context
    assert call.path == CHAT
    assert call.asked_usage
    assert call.structured
    assert call.legacy_functions
    plain = prepare_body(
        {"model": GLM, "messages": HELLO}, SETTINGS, path=CHAT, dedicated=False
    ).context
    assert not any((plain.asked_usage, plain.structured, plain.legacy_functions))
