"""A tool call and the turn after it, in one piece and streamed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import opened, settle

if TYPE_CHECKING:
    from .conftest import Wire

pytestmark = [pytest.mark.vcr, pytest.mark.anyio]

QUESTION = {"role": "user", "content": "What is the weather in Paris?"}
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "strict": True,  # older SDKs stream strict tools only, for the async client
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
REQUIRED: dict[str, Any] = {
    "model": "gpt-oss-120b",
    "tools": [WEATHER],
    "tool_choice": "required",
    "max_tokens": 2000,
}
FOLLOWING = {**REQUIRED, "tool_choice": "auto"}


def result_of(call: Any) -> dict[str, str]:
    """What the program answers the model with."""
    return {"role": "tool", "tool_call_id": call.id, "content": "18 degrees and clear"}


async def test_tool_call(client: Any, wire: Wire) -> None:
    messages: list[Any] = [QUESTION]
    first = await settle(client.chat.completions.create(messages=messages, **REQUIRED))
    assert wire.sent()["tools"] == [WEATHER]
    assert wire.sent()["tool_choice"] == "required"

    (received,) = wire.received()["choices"][0]["message"]["tool_calls"]
    (call,) = first.choices[0].message.tool_calls
    assert first.choices[0].finish_reason == "tool_calls"
    assert (call.id, call.function.name) == (received["id"], "get_weather")
    assert json.loads(call.function.arguments) == {"city": "Paris"}

    messages += [first.choices[0].message, result_of(call)]
    second = await settle(client.chat.completions.create(messages=messages, **FOLLOWING))
    _, asked, told = wire.sent(1)["messages"]
    assert asked["tool_calls"][0]["id"] == told["tool_call_id"] == received["id"]
    assert told["content"] == "18 degrees and clear"
    content = wire.received(1)["choices"][0]["message"]["content"]
    assert second.choices[0].message.content == content
    assert content


async def test_tool_call_streamed(client: Any, wire: Wire) -> None:
    messages: list[Any] = [QUESTION]
    async with opened(client.chat.completions.stream(messages=messages, **REQUIRED)) as events:
        first = await settle(events.get_final_completion())

    pieces = [piece for pieces in wire.deltas("tool_calls") for piece in pieces]
    (call,) = first.choices[0].message.tool_calls
    assert first.choices[0].message.role == "assistant"
    assert first.choices[0].finish_reason == "tool_calls"
    assert call.id == pieces[0]["id"]
    assert call.function.name == "get_weather"
    arguments = "".join(piece["function"].get("arguments") or "" for piece in pieces)
    assert call.function.arguments == arguments
    assert json.loads(arguments) == {"city": "Paris"}

    messages += [first.choices[0].message, result_of(call)]
    async with opened(client.chat.completions.stream(messages=messages, **FOLLOWING)) as events:
        second = await settle(events.get_final_completion())
    _, asked, told = wire.sent(1)["messages"]
    assert asked["role"] == "assistant"
    assert asked["tool_calls"][0]["id"] == told["tool_call_id"] == call.id
    # What the SDK's helper adds for the program is not sent (the API has no such fields).
    assert "parsed" not in asked
    assert asked["tool_calls"][0]["function"] == {"name": "get_weather", "arguments": arguments}
    assert second.choices[0].message.content == "".join(wire.deltas("content", 1))
    assert second.choices[0].message.content
