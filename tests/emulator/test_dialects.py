"""Each model's wire habits, one by one: evidence.md#chat-completions, evidence.md#streaming."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from baseten_openai.emulator.dialects import DIALECTS, dialect_of

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[..., Any]

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
THINK = {"chat_template_args": {"enable_thinking": True}}

V3, V31 = "deepseek-ai/DeepSeek-V3-0324", "deepseek-ai/DeepSeek-V3.1"
GLM46, GLM47, GLM5 = "zai-org/GLM-4.6", "zai-org/GLM-4.7", "zai-org/GLM-5"
GLM52, V4 = "zai-org/GLM-5.2", "deepseek-ai/DeepSeek-V4-Pro"
KIMI, MINIMAX, GPT = "moonshotai/Kimi-K2.5", "MiniMaxAI/MiniMax-M2.5", "openai/gpt-oss-120b"


def deltas(got: Any) -> list[dict[str, Any]]:
    return [choice["delta"] for event in got.events for choice in event["choices"]]


def tool_deltas(got: Any) -> list[dict[str, Any]]:
    return [call for delta in deltas(got) for call in delta.get("tool_calls") or ()]


def joined(got: Any, key: str) -> str:
    return "".join(delta.get(key) or "" for delta in deltas(got))


def test_rows_cite_their_evidence_and_the_rest_says_it_has_none() -> None:
    assert all(
        row.recorded and row.evidence.startswith(("REC", "GIT")) for row in DIALECTS.values()
    )
    assert not dialect_of("moonshotai/Kimi-K3").recorded


@pytest.mark.parametrize("slug", [V3, V31, GLM46, GLM47, GLM5, KIMI, MINIMAX, GPT, V4])
def test_older_chunks_have_all_keys(chat: Ask, slug: str) -> None:
    chunk = chat(slug, stream=True).events[0]
    assert list(chunk) == [
        "id",
        "choices",
        "created",
        "model",
        "service_tier",
        "system_fingerprint",
        "object",
        "usage",
    ]
    keys = {"content", "function_call", "tool_calls", "role", "refusal"}
    assert keys <= set(chunk["choices"][0]["delta"])


def test_newer_chunks_have_only_what_is_set(chat: Ask) -> None:
    chunk = chat(GLM52, stream=True).events[0]
    assert list(chunk) == ["id", "choices", "created", "model", "object", "usage"]
    assert set(chunk["choices"][0]["delta"]) == {"role", "content"}


@pytest.mark.parametrize(
    ("slug", "every"),
    [
        *((slug, True) for slug in (V3, V31, GLM46, GLM47, GLM5, KIMI, MINIMAX)),
        *((slug, False) for slug in (GPT, V4, GLM52)),
    ],
)
def test_role(chat: Ask, slug: str, every: bool) -> None:
    roles = [delta.get("role") for delta in deltas(chat(slug, stream=True))]
    assert len(roles) > 3
    expected = ["assistant"] * len(roles) if every else ["assistant"] + [None] * (len(roles) - 1)
    assert roles == expected


def test_gpt_oss_sends_the_role_alone(chat: Ask) -> None:
    first = deltas(chat(GPT, stream=True))[0]
    assert {key: value for key, value in first.items() if value} == {"role": "assistant"}


@pytest.mark.parametrize(
    ("slug", "pattern", "ids", "name"),
    [
        (GLM52, r"chatcmpl-tool-[0-9a-f]{32}", "same", "absent"),
        (GPT, r"chatcmpl-tool-[0-9a-f]{32}", "same", None),
        (KIMI, r"functions\.get_weather:0", "same", ""),
        (MINIMAX, r"chatcmpl-tool-[0-9a-f]{32}", "fresh", ""),
        (GLM5, r"chatcmpl-tool-[0-9a-f]{32}", "fresh", ""),
    ],
)
def test_tool_call_ids_and_names_on_later_deltas(
    chat: Ask, slug: str, pattern: str, ids: str, name: str | None
) -> None:
    found = tool_deltas(chat(slug, "weather in Paris", tools=[WEATHER], stream=True))
    assert len(found) > 2
    assert found[0]["function"]["name"] == "get_weather"
    assert {delta["function"].get("name", "absent") for delta in found[1:]} == {name}
    assert all(re.fullmatch(pattern, delta["id"]) for delta in found)
    assert len({delta["id"] for delta in found}) == (1 if ids == "same" else len(found))
    assert "".join(delta["function"]["arguments"] for delta in found).strip() == (
        '{"city": "Paris"}'
    )


@pytest.mark.parametrize("slug", [V3, V31, GLM46, GLM47, V4])
def test_tool_calls_in_one_delta(chat: Ask, slug: str) -> None:
    found = tool_deltas(chat(slug, "weather in Paris", tools=[WEATHER], stream=True))
    assert [delta["function"]["arguments"] for delta in found] == ['{"city": "Paris"}']


def test_kimi_leaves_a_blank_after_the_arguments(chat: Ask) -> None:
    call = chat(KIMI, "weather in Paris", tools=[WEATHER]).json["choices"][0]["message"]
    assert call["tool_calls"][0]["function"]["arguments"] == '{"city": "Paris"} '


def test_kimi_thinking_shares_an_id_between_parallel_calls(chat: Ask) -> None:
    slug = "moonshotai/Kimi-K2-Thinking"
    got = chat(slug, "weather in Paris and London", tools=[WEATHER]).json
    calls = got["choices"][0]["message"]["tool_calls"]
    assert [call["id"] for call in calls] == ["functions.get_weather:0"] * 2
    assert [call["function"]["arguments"] for call in calls] == [
        '{"city": "Paris"}',
        '{"city": "London"}',
    ]


@pytest.mark.parametrize("slug", sorted(DIALECTS))
def test_usage_is_cumulative_and_the_last_chunk_has_nothing_else(chat: Ask, slug: str) -> None:
    got = chat(slug, stream=True)
    counted = [event["usage"]["completion_tokens"] for event in got.events]
    assert counted == sorted(counted)
    assert counted[-1] > 0
    assert got.events[-1]["choices"] == []
    assert got.events[-1]["usage"] == chat(slug).json["usage"]
    assert got.done


def test_continuous_usage_can_be_switched_off(chat: Ask) -> None:
    got = chat(GLM52, stream=True, stream_options={"continuous_usage_stats": False})
    assert ["usage" in event for event in got.events] == [False] * (len(got.events) - 1) + [True]


@pytest.mark.parametrize(
    ("slug", "done", "usage"),
    [
        *((slug, False, True) for slug in (V3, V31, GLM46, GLM47, GLM5, KIMI, MINIMAX)),
        (GLM52, False, False),
        ("zai-org/GLM-5.1", False, False),
        (GPT, True, True),
        (V4, True, True),
    ],
)
def test_after_a_stop_string(chat: Ask, slug: str, done: bool, usage: bool) -> None:
    got = chat(slug, "Do you know the word banana here?", stop=["banana"], stream=True)
    assert got.done is done
    assert (got.events[-1]["choices"] == []) is usage
    finishes = [choice.get("finish_reason") for event in got.events for choice in event["choices"]]
    assert finishes[-1] == "stop"
    assert not [
        choice for event in got.events for choice in event["choices"] if "stop_reason" in choice
    ]


def test_stop_text_is_left_out_but_gpt_oss_keeps_it(chat: Ask) -> None:
    for slug, kept in ((V3, False), (GPT, True)):
        content = chat(slug, "the banana tree", stop="banana").json["choices"][0]["message"][
            "content"
        ]
        assert content.endswith("banana") is kept
        assert "tree" not in content


def test_stop_strings_match_in_reasoning(chat: Ask) -> None:
    choice = chat(V4, "the banana tree", stop=["banana"]).json["choices"][0]
    assert choice["finish_reason"] == "stop"
    assert "content" not in choice["message"]
    assert choice["message"]["reasoning_content"].endswith("the ")


def test_glm_52_gives_token_ids_as_stop_reason(chat: Ask) -> None:
    assert chat(GLM52).json["choices"][0]["stop_reason"] == 154827
    called = chat(GLM52, "weather", tools=[WEATHER]).json["choices"][0]
    assert called["stop_reason"] == 154829
    assert "stop_reason" not in chat(GLM52, max_tokens=3).json["choices"][0]
    assert "stop_reason" not in chat(GLM47).json["choices"][0]


@pytest.mark.parametrize(
    ("slug", "extra", "duplicate"),
    [(MINIMAX, {}, True), (GLM46, THINK, True), (GLM52, THINK, False)],
)
def test_reasoning_is_there_twice_in_february(
    chat: Ask, slug: str, extra: dict[str, Any], duplicate: bool
) -> None:
    message = chat(slug, **extra).json["choices"][0]["message"]
    assert message["reasoning_content"]
    assert (message.get("reasoning") == message["reasoning_content"]) is duplicate


def test_gpt_oss_reasoning_starts_with_a_blank(chat: Ask) -> None:
    message = chat(GPT).json["choices"][0]["message"]
    assert message["reasoning_content"].startswith(" ")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind", ["json_object", "json_schema"])
def test_glm_5_gives_no_finish_reason_in_json_modes(chat: Ask, kind: str, stream: bool) -> None:
    wanted: dict[str, Any] = {"type": kind}
    if kind == "json_schema":
        wanted["json_schema"] = {"name": "x", "schema": {"type": "object"}}
    got = chat(GLM5, response_format=wanted, stream=stream)
    if not stream:
        assert "finish_reason" not in got.json["choices"][0]
        return
    assert got.done
    assert all(len(event["choices"]) == 1 for event in got.events)
    assert not [event for event in got.events if "finish_reason" in event["choices"][0]]


def test_minimax_puts_json_into_the_reasoning(chat: Ask) -> None:
    message = chat(MINIMAX, response_format={"type": "json_object"}).json["choices"][0]["message"]
    assert "content" not in message
    assert message["reasoning_content"].startswith("{")


def test_v4_sends_short_content_after_the_finish_reason(chat: Ask) -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"const": 1}}}
    events = chat(V4, response_format=wanted, stream=True).events
    assert events[-3]["choices"][0]["finish_reason"] == "stop"
    assert events[-2]["choices"][0]["delta"]["content"] == "1"
    assert events[-2]["usage"] is None
    assert events[-1]["choices"] == []


@pytest.mark.parametrize(
    ("slug", "tool_choice", "reasons"),
    [
        (V4, "required", False),
        (MINIMAX, "required", False),
        (GPT, "required", True),
        (V4, "auto", True),
    ],
)
def test_required_tools_suppress_reasoning_on_some(
    chat: Ask, slug: str, tool_choice: str, reasons: bool
) -> None:
    got = chat(slug, "weather in Paris", tools=[WEATHER], tool_choice=tool_choice).json
    assert ("reasoning_content" in got["choices"][0]["message"]) is reasons


@pytest.mark.parametrize(
    ("slug", "fields", "reasons"),
    [
        pytest.param(GLM47, {}, False, id="opt-in, not asked"),
        pytest.param(GLM47, THINK, True, id="opt-in, asked"),
        pytest.param(GLM47, {"reasoning_effort": "high"}, False, id="opt-in, effort is ignored"),
        pytest.param(GLM52, {"reasoning_effort": "high"}, True, id="opt-in by effort"),
        pytest.param(GLM5, THINK, False, id="the specification: GLM 5 does not reason"),
        pytest.param(GPT, {}, True, id="on by default"),
        pytest.param(GPT, {"reasoning_effort": "none"}, False, id="switched off"),
        pytest.param(V31, {}, False, id="recorded without reasoning"),
        pytest.param("zai-org/GLM-5.3", {"reasoning_effort": "none"}, True, id="always on"),
    ],
)
def test_who_reasons(chat: Ask, slug: str, fields: dict[str, Any], reasons: bool) -> None:
    got = chat(slug, **fields).json
    assert ("reasoning_content" in got["choices"][0]["message"]) is reasons


def test_reasoning_tokens_are_counted_by_some(chat: Ask) -> None:
    counts = {}
    for slug in (V4, GPT):
        usage = chat(slug).json["usage"]
        counts[slug] = usage["completion_tokens_details"]["reasoning_tokens"]
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert counts[GPT] == 0 < counts[V4]
