"""Objects built by ``FastConstruct`` are those that the SDK's ``construct_type`` builds."""

from __future__ import annotations

from typing import Any, Literal

import openai
import pydantic
import pytest
from depth import AT_RANDOM, examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from json_for_types import json_for
from openai import _models
from openai.types import CompletionUsage, CreateEmbeddingResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from same_objects import FAST, assert_same, ours

from baseten_openai.sdk import fast_construct
from baseten_openai.sdk.fast_construct import FastConstruct

TYPES = (
    ChatCompletionChunk,
    ChatCompletion,
    Response,
    ResponseStreamEvent,
    CreateEmbeddingResponse,
)
CHUNK = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}


@pytest.mark.parametrize(
    "value",
    [
        {},
        CHUNK,
        {**CHUNK, "choices": None},
        {
            **CHUNK,
            "choices": [{"index": 0, "delta": {"content": "a", "reasoning": "b"}, "stop": 1}],
        },
        {**CHUNK, "choices": [{"index": "0", "delta": None, "finish_reason": "eos"}]},
        {**CHUNK, "choices": [None, 1, "x", [{"index": 0}]]},
        {**CHUNK, "choices": {"index": 0}},
        {
            **CHUNK,
            "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "extra": 4},
        },
        {**CHUNK, "usage": {"prompt_tokens": "1", "completion_tokens": 2, "total_tokens": 3}},
        {**CHUNK, "usage": {"prompt_tokens": None}},
        {**CHUNK, "service_tier": "standard", "system_fingerprint": 5},
        {**CHUNK, "_fields_set": ["id"]},
        {**CHUNK, "_BaseModel__cls": 1},
    ],
)
def test_chunks(value: dict[str, Any]) -> None:
    assert_same(ChatCompletionChunk, value)


@pytest.mark.parametrize("logprob", [-1, -0.5, 2**53 + 1, True, "x", 10**400, None])
def test_numbers_where_a_float_belongs(logprob: Any) -> None:
    token = {"token": "a", "logprob": logprob, "bytes": [1, "2"], "top_logprobs": []}
    choice = {"index": 0, "finish_reason": "stop", "logprobs": {"content": [token]}}
    assert_same(ChatCompletion, {"choices": [choice]})


@pytest.mark.parametrize(
    "event",
    [
        {"type": "response.output_text.delta", "delta": "a", "content_index": 0, "item_id": "i"},
        {"type": "response.completed", "response": {"id": "r", "output": [{"type": "message"}]}},
        {"type": "response.invented", "delta": "a"},
        {"type": None},
        {},
    ],
)
def test_events(event: dict[str, Any]) -> None:
    complete = {"output_index": 0, "sequence_number": 1, "logprobs": []}
    assert_same(ResponseStreamEvent, event)
    assert_same(ResponseStreamEvent, {**complete, **event})


@pytest.mark.parametrize("kind", TYPES)
@settings(
    deadline=None,
    max_examples=examples(60),
    derandomize=not AT_RANDOM,
    suppress_health_check=[*HealthCheck],
)
@given(data=st.data())
def test_any_json(kind: Any, data: Any) -> None:
    assert_same(kind, data.draw(json_for(kind)))


class Own(openai.BaseModel):
    """A class of a program's, as ``client.post(cast_to=...)`` takes it."""

    name: str
    size: int | float | None = None
    kind: Literal["a", 1] | None = None
    parts: list[dict[str, bool | str]] = pydantic.Field(default_factory=list)


class Renamed(openai.BaseModel):
    name: str = pydantic.Field(alias="Name")
    usage: CompletionUsage | None = None


class Outer(openai.BaseModel):
    inner: Renamed
    many: list[Own]
    default: list[int] = []  # noqa: RUF012  # a default that the SDK copies


class OwnConstruct(openai.BaseModel):
    name: str

    @classmethod
    def construct(cls, _fields_set: set[str] | None = None, **values: Any) -> Any:
        return super().construct(_fields_set, **{**values, "name": "made by its own method"})


@pytest.mark.parametrize("kind", [Own, Renamed, Outer, OwnConstruct])
@settings(
    deadline=None,
    max_examples=examples(50),
    derandomize=not AT_RANDOM,
    suppress_health_check=[*HealthCheck],
)
@given(data=st.data())
def test_classes_of_programs(kind: Any, data: Any) -> None:
    assert_same(kind, data.draw(json_for(kind)))


def test_a_class_that_makes_itself_is_left_to_the_sdk() -> None:
    class Builds(openai.BaseModel):
        @classmethod
        def build(cls, **_: Any) -> str:
            return "built"

    assert FAST.step(Builds) is None


def test_defaults_are_not_shared() -> None:
    first, second = ours(Outer, {}), ours(Outer, {})
    first.default.append(1)
    assert second.default == []


@pytest.mark.parametrize("name", ["construct_type", "field_get_default", "get_model_fields"])
def test_no_fast_path_without_a_function_of_the_sdk(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(_models, name)
    with pytest.raises(AttributeError):
        FastConstruct()


def test_no_fast_path_where_the_sdk_constructs_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    def construct_type(*, value: Any, type_: Any) -> Any:
        return str(value) if type_ is str else _CONSTRUCT_TYPE(value=value, type_=type_)

    monkeypatch.setattr(_models, "construct_type", construct_type)
    with pytest.raises(fast_construct.UnknownError):
        FastConstruct()


_CONSTRUCT_TYPE = _models.construct_type
