"""Chat completions on the wire: what is sent for OpenAI's parameters, and what comes of the answer.

Expected values are read from the cassette's bytes, so that the tests hold for a recording from the
emulator and for one from the real service.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pydantic
import pytest

import baseten_openai

from .conftest import all_of, settle

if TYPE_CHECKING:
    from .conftest import Ask, Wire

pytestmark = [pytest.mark.vcr, pytest.mark.anyio]

SLUG = "openai/gpt-oss-120b"
LIMIT = 2000
FRANCE = "What is the capital of France? Answer in one sentence."
ONE_PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


async def test_plain(ask: Ask, wire: Wire) -> None:
    renamed = "max_completion_tokens is sent as max_tokens"
    with pytest.warns(baseten_openai.BasetenWarning, match=renamed):
        answer = await ask(FRANCE, max_completion_tokens=LIMIT)
    assert wire.sent() == {
        "model": SLUG,
        "messages": [{"role": "user", "content": FRANCE}],
        "max_tokens": LIMIT,
    }
    received = wire.received()
    assert answer.choices[0].message.content == received["choices"][0]["message"]["content"]
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == received["usage"]["total_tokens"]
    assert answer._request_id == wire.header("x-baseten-request-id")  # noqa: SLF001  # public, for all its name


async def test_stream(ask: Ask, wire: Wire) -> None:
    chunks = await all_of(await ask(FRANCE, max_tokens=LIMIT, stream=True))
    assert wire.sent()["stream"] is True
    assert "stream_options" not in wire.sent()
    # As OpenAI streams: a choice in every chunk, the role once, one finish reason, usage unasked never.
    assert all(chunk.choices for chunk in chunks)
    assert [c.choices[0].delta.role for c in chunks if c.choices[0].delta.role] == ["assistant"]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == "".join(wire.deltas("content"))
    assert text
    finished = [c.choices[0].finish_reason for c in chunks if c.choices[0].finish_reason]
    assert finished == ["stop"]
    assert [chunk.usage for chunk in chunks if chunk.usage] == []


async def test_stream_with_usage(ask: Ask, wire: Wire) -> None:
    options = {"include_usage": True}
    stream = await ask(FRANCE, max_tokens=LIMIT, stream=True, stream_options=options)
    chunks = await all_of(stream)
    assert wire.sent()["stream_options"] == options
    *before, last = chunks
    assert [chunk.usage for chunk in before if chunk.usage] == []
    assert last.choices == []
    usages = [chunk["usage"] for chunk in wire.chunks() if chunk.get("usage")]
    assert last.usage.total_tokens == usages[-1]["total_tokens"]


async def test_json_mode(ask: Ask, wire: Wire) -> None:
    answer = await ask(
        "Name the capital of France, as a JSON object.",
        max_tokens=LIMIT,
        response_format={"type": "json_object"},
    )
    assert wire.sent()["response_format"] == {"type": "json_object"}
    content = answer.choices[0].message.content
    assert content == wire.received()["choices"][0]["message"]["content"]
    assert isinstance(json.loads(content), dict)


class Event(pydantic.BaseModel):
    name: str
    day: str
    people: list[str]


async def test_structured_output(client: Any, wire: Wire) -> None:
    text = 'Alice and Bob go to the "Science Fair" on Friday.'
    answer = await settle(
        client.chat.completions.parse(
            model="OpenAI GPT OSS 120B",
            messages=[{"role": "user", "content": text}],
            max_tokens=LIMIT,
            response_format=Event,
        )
    )
    sent = wire.sent()
    assert sent["model"] == SLUG
    assert sent["response_format"]["type"] == "json_schema"
    assert sent["response_format"]["json_schema"]["name"] == "Event"
    assert sent["response_format"]["json_schema"]["strict"] is True
    assert sent["response_format"]["json_schema"]["schema"]["required"] == ["name", "day", "people"]
    content = wire.received()["choices"][0]["message"]["content"]
    assert answer.choices[0].message.parsed == Event.model_validate_json(content)


async def test_reasoning(ask: Ask, wire: Wire) -> None:
    answer = await ask(FRANCE, max_tokens=LIMIT, reasoning_effort="low")
    assert wire.sent()["reasoning_effort"] == "low"
    message = wire.received()["choices"][0]["message"]
    assert answer.choices[0].message.reasoning_content == message["reasoning_content"]
    assert answer.choices[0].message.reasoning_content
    assert answer.choices[0].message.content == message["content"]


async def test_reasoning_streamed(ask: Ask, wire: Wire) -> None:
    stream = await ask(FRANCE, max_tokens=LIMIT, reasoning_effort="low", stream=True)
    deltas = [chunk.choices[0].delta for chunk in await all_of(stream)]
    thought = "".join(getattr(delta, "reasoning_content", None) or "" for delta in deltas)
    assert thought == "".join(wire.deltas("reasoning_content"))
    assert thought
    assert "".join(delta.content or "" for delta in deltas) == "".join(wire.deltas("content"))


async def test_reasoning_opt_in(ask: Ask, wire: Wire) -> None:
    converted = "reasoning_effort='high' is sent as chat_template_args.enable_thinking"
    with pytest.warns(baseten_openai.BasetenWarning, match=converted):
        answer = await ask(FRANCE, model="glm-4.7", max_tokens=LIMIT, reasoning_effort="high")
    assert wire.sent()["model"] == "zai-org/GLM-4.7"
    assert wire.sent()["chat_template_args"] == {"enable_thinking": True}
    assert "reasoning_effort" not in wire.sent()
    message = wire.received()["choices"][0]["message"]
    assert answer.choices[0].message.reasoning_content == message["reasoning_content"]
    assert answer.choices[0].message.reasoning_content


async def test_vision(ask: Ask, wire: Wire) -> None:
    parts = [
        {"type": "text", "text": "What colour is this picture? One word."},
        {"type": "image_url", "image_url": {"url": ONE_PIXEL}},
    ]
    answer = await ask(parts, model="kimi-k2.5", max_tokens=LIMIT)
    assert wire.sent()["model"] == "moonshotai/Kimi-K2.5"
    assert wire.sent()["messages"] == [{"role": "user", "content": parts}]
    received = wire.received()["choices"][0]["message"]["content"]
    assert answer.choices[0].message.content == received
    assert received
