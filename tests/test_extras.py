"""What Baseten has beyond the SDK: against the request schema, and over the wire."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest
from client_factories import EACH_FACTORY, SYNC_AND_ASYNC, settled
from openai.resources.chat import Completions
from openai.types.chat import ChatCompletionMessage
from openai.types.chat.chat_completion_chunk import ChoiceDelta
from request_schema import SCHEMA

from baseten_openai import ConfigurationError, extra_body, reasoning, thinking
from baseten_openai.extras import ExtraBody

if TYPE_CHECKING:
    from baseten_openai.emulator import EmulatorServer

KINDS = ["dict", "message", "delta"]


def test_the_parameters_are_those_that_only_baseten_documents() -> None:
    documented = set(SCHEMA["properties"]) - set(inspect.signature(Completions.create).parameters)
    assert set(ExtraBody.__annotations__) == documented


@EACH_FACTORY
@SYNC_AND_ASYNC
@pytest.mark.anyio
async def test_they_arrive_as_written(
    make: Any, is_async: bool, server: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", "abcd1234.of-baseten")
    monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)
    client = make(is_async=is_async)
    answer = await settled(
        client.chat.completions.create(
            model="glm-4.7",
            messages=[{"role": "user", "content": "Hello"}],
            extra_body=extra_body(thinking=True, top_k=40, min_p=0.05),
        )
    )
    body = server.requests[-1].json
    assert body["chat_template_args"] == {"enable_thinking": True}
    assert (body["top_k"], body["min_p"]) == (40, 0.05)
    assert reasoning(answer.choices[0].message)


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
@pytest.mark.parametrize(
    "kind", [dict, ChatCompletionMessage.construct, ChoiceDelta.construct], ids=KINDS
)
def test_reasoning_by_either_name(name: str, kind: Any) -> None:
    assert reasoning(kind(content="4", **{name: "2 + 2"})) == "2 + 2"


@pytest.mark.parametrize(
    "without",
    [{"content": "4"}, {"reasoning_content": None}, ChoiceDelta.construct(), None, "text"],
)
def test_no_reasoning_is_none(without: object) -> None:
    assert reasoning(without) is None


def test_thinking_off() -> None:
    assert thinking(False) == {"chat_template_args": {"enable_thinking": False}}


def test_thinking_is_the_shorthand_of_extra_body() -> None:
    assert thinking(True) == extra_body(thinking=True)
    assert thinking(False) == extra_body(thinking=False)


def test_thinking_composes_with_other_chat_template_args() -> None:
    args = {"clear_thinking": False}
    assert extra_body(thinking=True, top_k=40, chat_template_args=args) == {
        "top_k": 40,
        "chat_template_args": {"enable_thinking": True, "clear_thinking": False},
    }
    assert args == {"clear_thinking": False}


def test_the_same_switch_twice_is_accepted_and_a_contradiction_is_refused() -> None:
    args = {"enable_thinking": False}
    assert extra_body(thinking=False, chat_template_args=args) == {"chat_template_args": args}
    with pytest.raises(ConfigurationError, match="contradicts"):
        extra_body(thinking=True, chat_template_args=args)
