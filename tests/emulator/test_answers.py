"""What is answered: text, JSON, tool calls, limits; and always the same for the same request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baseten_openai.emulator import tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[..., Any]

GLM = "zai-org/GLM-5.2"
SLUGS = [GLM, "zai-org/GLM-4.7", "deepseek-ai/DeepSeek-V4-Pro", "moonshotai/Kimi-K3"]


def tool(name: str, description: str = "", **properties: Any) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    function = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}


TEXT = {"type": "string"}
WEATHER = tool("get_weather", "Current weather of a place", city=TEXT)
CLOCK = tool("get_time", "What the clock shows", city=TEXT)
ROOT = tool("square_root", "Square root of a number", number={"type": "number"})
PING = {"type": "function", "function": {"name": "ping"}}


def choice(got: Any) -> Any:
    assert got.status == 200, got.body
    return got.json["choices"][0]


def called(got: Any) -> list[tuple[str, Any]]:
    calls = choice(got)["message"].get("tool_calls", [])
    return [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in calls]


def test_text_quotes_the_last_user_message(chat: Ask) -> None:
    found = choice(chat(GLM, "Where is the library?"))
    assert "Where is the library?" in found["message"]["content"]
    assert "Emulated" in found["message"]["content"]
    assert found["finish_reason"] == "stop"


def test_parts_are_read_too(chat: Ask) -> None:
    parts = [{"type": "text", "text": "First."}, {"type": "text", "text": "Second."}]
    assert "First. Second." in choice(chat(GLM, parts))["message"]["content"]


def test_json_mode_gives_an_object(chat: Ask) -> None:
    content = choice(chat(GLM, "As JSON", response_format={"type": "json_object"}))["message"]
    assert isinstance(json.loads(content["content"]), dict)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("stream", [False, True])
def test_the_same_request_gets_the_same_bytes(chat: Ask, slug: str, stream: bool) -> None:
    fields = {"tools": [WEATHER, CLOCK], "stream": stream}
    first = chat(slug, "weather and time in Paris", **fields)
    second = chat(slug, "weather and time in Paris", **fields)
    assert first.status == 200
    assert (first.body, first.headers) == (second.body, second.headers)
    other = chat(slug, "weather and time in London", **fields)
    assert other.body != first.body
    if not stream:
        assert other.json["id"] != first.json["id"]


@pytest.mark.parametrize(
    ("text", "fields", "expected"),
    [
        pytest.param(
            "What's the weather in Paris?", {}, [("get_weather", {"city": "Paris"})], id="named"
        ),
        pytest.param("Hello there!", {}, [], id="a greeting"),
        pytest.param(
            "What does the clock show?", {}, [("get_time", {"city": "Paris"})], id="words"
        ),
        pytest.param(
            "Call square_root with 132413",
            {},
            [("square_root", {"number": 132413})],
            id="literally",
        ),
        pytest.param("weather", {"tool_choice": "none"}, [], id="none"),
        pytest.param(
            "Hello",
            {"tool_choice": "required"},
            [("get_weather", {"city": "Paris"})],
            id="required",
        ),
        pytest.param(
            "weather in Rome",
            {"tool_choice": {"type": "function", "function": {"name": "get_time"}}},
            [("get_time", {"city": "Rome"})],
            id="named by tool_choice",
        ),
        pytest.param(
            "Tell me weather and time in Rome",
            {},
            [("get_weather", {"city": "Rome"}), ("get_time", {"city": "Rome"})],
            id="two tools",
        ),
        pytest.param(
            "weather in Rome, Oslo and London",
            {},
            [("get_weather", {"city": place}) for place in ("Rome", "Oslo", "London")],
            id="one tool several times",
        ),
        pytest.param(
            "weather in Rome and Oslo",
            {"parallel_tool_calls": False},
            [("get_weather", {"city": "Rome"})],
            id="not in parallel",
        ),
        pytest.param(
            "weather and time in Rome",
            {"parallel_tool_calls": False},
            [("get_weather", {"city": "Rome"})],
            id="two tools, not in parallel",
        ),
    ],
)
def test_who_is_called(chat: Ask, text: str, fields: dict[str, Any], expected: Any) -> None:
    got = chat(GLM, text, tools=[WEATHER, CLOCK, ROOT], **fields)
    assert called(got) == expected
    assert choice(got)["finish_reason"] == ("tool_calls" if expected else "stop")


def test_a_tool_without_parameters(chat: Ask) -> None:
    assert called(chat(GLM, "ping", tools=[PING])) == [("ping", {})]


def test_parallel_calls_have_ids_of_their_own(chat: Ask) -> None:
    calls = choice(chat(GLM, "weather and time", tools=[WEATHER, CLOCK]))["message"]["tool_calls"]
    assert len({call["id"] for call in calls}) == 2


def test_after_the_results_comes_text(post: Ask) -> None:
    messages = [{"role": "user", "content": "weather and time in Paris"}]
    request = {"model": GLM, "messages": messages, "tools": [WEATHER, CLOCK]}
    message = choice(post(request))["message"]
    messages.append(message)
    for number, call in enumerate(message["tool_calls"]):
        messages.append({"role": "tool", "tool_call_id": call["id"], "content": f"result {number}"})
    found = choice(post(request))
    assert found["finish_reason"] == "stop"
    for part in ("get_weather", "result 0", "get_time", "result 1"):
        assert part in found["message"]["content"]
    messages.append({"role": "assistant", "content": found["message"]["content"]})
    messages.append({"role": "user", "content": "And the weather in Oslo?"})
    assert called(post(request)) == [("get_weather", {"city": "Oslo"})]


def test_results_fill_a_schema(post: Ask) -> None:
    schema = {
        "type": "object",
        "properties": {"degrees": {"type": "number"}},
        "required": ["degrees"],
    }
    call = {"id": "a", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    request = {
        "model": GLM,
        "messages": [
            {"role": "user", "content": "How warm is it?"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "a", "content": "It is 17 degrees."},
        ],
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}},
    }
    assert json.loads(choice(post(request))["message"]["content"]) == {"degrees": 17}


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize("slug", [GLM, "openai/gpt-oss-120b", "deepseek-ai/DeepSeek-V3.1"])
def test_limits_cut_the_answer(chat: Ask, slug: str, name: str) -> None:
    whole, got = chat(slug).json, chat(slug, **{name: 5}).json
    assert got["choices"][0]["finish_reason"] == "length"
    assert got["usage"]["completion_tokens"] == 5
    assert whole["usage"]["completion_tokens"] > 5
    cut, all_of_it = got["choices"][0]["message"], whole["choices"][0]["message"]
    for key in ("content", "reasoning_content"):
        assert all_of_it.get(key, "").startswith(cut.get(key, ""))


def test_limits_cut_arguments_too(chat: Ask) -> None:
    found = choice(chat(GLM, "weather in Paris", tools=[WEATHER], max_tokens=6))
    assert found["finish_reason"] == "length"
    arguments = found["message"]["tool_calls"][0]["function"]["arguments"]
    assert '{"city": "Paris"}'.startswith(arguments)
    assert arguments != '{"city": "Paris"}'


def test_without_a_limit_it_is_4096(chat: Ask) -> None:
    schema = {"type": "array", "items": {"const": "word " * 9}, "minItems": 600}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    got = chat(GLM, response_format=wanted).json
    assert got["choices"][0]["finish_reason"] == "length"
    assert got["usage"]["completion_tokens"] == 4096


def test_more_effort_means_more_reasoning(chat: Ask) -> None:
    counts = [
        choice(chat("openai/gpt-oss-120b", reasoning_effort=effort))["message"]["reasoning_content"]
        for effort in ("low", "medium", "high", "max")
    ]
    assert [len(text) for text in counts] == sorted({len(text) for text in counts})


def test_streams_join_to_the_unstreamed_answer(chat: Ask) -> None:
    for slug in (*SLUGS, "zai-org/GLM-4.6", "MiniMaxAI/MiniMax-M2.5"):
        fields = {"chat_template_args": {"enable_thinking": True}}
        message = choice(chat(slug, **fields))["message"]
        deltas = [
            part["delta"]
            for event in chat(slug, stream=True, **fields).events
            for part in event["choices"]
        ]
        assert len(deltas) > 5
        for key in ("content", "reasoning_content"):
            assert "".join(delta.get(key) or "" for delta in deltas) == message.get(key, "")


@given(text=st.text(max_size=80))
def test_tokens_join_to_the_text(text: str) -> None:
    assert "".join(tokens.pieces(text)) == text
    assert "".join(tokens.groups(text)) == text
    assert sum(map(tokens.count, tokens.groups(text))) >= len(tokens.groups(text))
