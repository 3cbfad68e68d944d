"""OpenAI's spelling in, Baseten's out; bodies through ``request.prepare``, parameter by parameter."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from baseten_openai import UnsupportedFeatureError
from baseten_openai.chat.parameters import BY_NAME
from baseten_openai.routing.endpoints import CHAT
from baseten_openai.sdk.request_preparation import prepare_body
from baseten_openai.settings import Settings

if TYPE_CHECKING:
    from baseten_openai.chat.request_context import PreparedBody

SETTINGS = Settings.load(environ={})
GLM = "zai-org/GLM-4.7"
V31, V4_PRO, V4_0813 = (
    "deepseek-ai/DeepSeek-V3.1",
    "deepseek-ai/DeepSeek-V4-Pro",
    "deepseek-ai/DeepSeek-V4-Pro-0813",
)
GPT_OSS, NEW = "openai/gpt-oss-120b", "new-lab/Model-9"
ASKED = {"role": "user", "content": "Hi"}


def prepared(model: str = GLM, *, on_unsupported: Any = "error", **fields: Any) -> PreparedBody:
    """Prepare a body, and check that what was given stays as it was."""
    body = {"model": model, "messages": [ASKED], **fields}
    before = copy.deepcopy(body)
    settings = SETTINGS.replace(on_unsupported=on_unsupported)
    try:
        return prepare_body(body, settings, path=CHAT, dedicated=False)
    finally:
        assert body == before


def sent(model: str = GLM, **fields: Any) -> dict[str, Any]:
    """Return what is sent beside model and messages."""
    body = prepared(model, **fields)
    return {name: value for name, value in body.items() if name not in {"model", "messages"}}


def noted(body: PreparedBody) -> list[tuple[str, str]]:
    return [(note.kind, note.param) for note in body.context.notes]


def test_what_needs_no_change_is_the_very_same() -> None:
    tools = [{"type": "function", "function": {"name": "f", "strict": True}}]
    fields = {"temperature": 0.5, "stop": ["x"], "seed": 1, "tools": tools, "user": "me"}
    body = prepared(GLM, **fields, stream=True, stream_options={"include_usage": True})
    assert body["tools"] is tools
    assert body["messages"][0] is ASKED
    assert body.context.notes == []


@pytest.mark.parametrize("name", sorted(BY_NAME.keys() - {"model", "messages"}))
def test_null_is_not_given(name: str) -> None:
    body = prepared(GLM, **{name: None})
    assert name not in body
    assert body.context.notes == []


def test_null_may_mean_something_in_a_parameter_of_tomorrow() -> None:
    assert sent(a_parameter_of_tomorrow=None) == {"a_parameter_of_tomorrow": None}


# max_completion_tokens


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"max_completion_tokens": 9}, {"max_tokens": 9}),
        ({"max_completion_tokens": 9, "max_tokens": 9}, {"max_tokens": 9}),
        ({"max_completion_tokens": 9, "max_tokens": None}, {"max_tokens": 9}),
        ({"max_completion_tokens": None, "max_tokens": 9}, {"max_tokens": 9}),
        ({"max_completion_tokens": None}, {}),
        ({"max_tokens": 9}, {"max_tokens": 9}),
    ],
)
def test_max_completion_tokens_is_max_tokens(
    given: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert sent(**given) == expected


def test_the_renaming_is_noted() -> None:
    assert noted(prepared(max_completion_tokens=9)) == [("renamed", "max_completion_tokens")]


def test_two_different_limits_contradict_each_other() -> None:
    with pytest.raises(UnsupportedFeatureError, match=r"max_tokens=8.*max_completion_tokens=9"):
        prepared(max_completion_tokens=9, max_tokens=8)


# legacy functions

SQUARE = {"name": "square", "parameters": {"type": "object", "properties": {}}}


def test_functions_become_tools_one_call_at_a_time() -> None:
    body = prepared(functions=[SQUARE])
    assert body["tools"] == [{"type": "function", "function": SQUARE}]
    assert body["parallel_tool_calls"] is False
    assert "functions" not in body
    assert body.context.legacy_functions
    assert noted(body) == [("converted", "functions")]


@pytest.mark.parametrize(
    ("function_call", "tool_choice"),
    [
        ("auto", "auto"),
        ("none", "none"),
        ({"name": "square"}, {"type": "function", "function": {"name": "square"}}),
    ],
)
def test_function_call_becomes_tool_choice(function_call: Any, tool_choice: Any) -> None:
    body = prepared(functions=[SQUARE], function_call=function_call)
    assert body["tool_choice"] == tool_choice
    assert "function_call" not in body
    assert ("converted", "function_call") in noted(body)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"functions": [SQUARE], "tools": [{"type": "function", "function": SQUARE}]}, "functions"),
        ({"function_call": "auto", "tool_choice": "required"}, "function_call"),
    ],
)
def test_the_old_name_beside_the_new_one_is_refused(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(UnsupportedFeatureError) as caught:
        prepared(**fields)
    assert caught.value.param == param


def test_functions_beside_tools_lose_neither_when_that_is_ignored() -> None:
    tool = {"type": "function", "function": {"name": "other"}}
    body = prepared(functions=[SQUARE], tools=[tool], on_unsupported="ignore")
    assert body["tools"] == [tool, {"type": "function", "function": SQUARE}]


def test_a_legacy_conversation_becomes_one_with_tools() -> None:
    messages = [
        ASKED,
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "1"},
        {"role": "assistant", "content": "One."},
        {"role": "assistant", "function_call": {"name": "g", "arguments": "{}"}},
        {"role": "function", "name": "g", "content": "2"},
    ]
    body = prepared(messages=messages)
    _, first, one, said, second, two = body["messages"]
    for call, result, name, content in ((first, one, "f", "1"), (second, two, "g", "2")):
        (made,) = call["tool_calls"]
        assert made["type"] == "function"
        assert made["function"] == {"name": name, "arguments": "{}"}
        assert result == {"role": "tool", "tool_call_id": made["id"], "content": content}
        assert "function_call" not in call
    assert first["tool_calls"][0]["id"] != second["tool_calls"][0]["id"]
    assert said is messages[3]
    assert noted(body) == [
        ("converted", "messages.function_call"),
        ("converted", "messages.role"),
    ]


def test_a_function_call_beside_tool_calls_joins_them() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    function_call = {"name": "g", "arguments": "{}"}
    answer = {"role": "assistant", "tool_calls": [call], "function_call": function_call}
    joined = prepared(messages=[ASKED, answer])["messages"][1]["tool_calls"]
    assert [one["function"]["name"] for one in joined] == ["f", "g"]


# messages


def test_developer_is_system_and_noted_once() -> None:
    messages = [{"role": "developer", "content": "a"}, ASKED, {"role": "developer", "content": "b"}]
    body = prepared(messages=messages)
    assert body["messages"] == [
        {"role": "system", "content": "a"},
        ASKED,
        {"role": "system", "content": "b"},
    ]
    assert noted(body) == [("converted", "messages.role")]


@pytest.mark.parametrize(
    ("given", "expected", "is_noted"),
    [
        ({"reasoning": "r"}, "r", True),
        ({"reasoning": "r", "reasoning_content": None}, "r", True),
        ({"reasoning": "r", "reasoning_content": "r"}, "r", False),  # recorded: both, the same
        ({"reasoning": "r", "reasoning_content": "c"}, "c", True),
        ({"reasoning_content": "c"}, "c", False),
    ],
)
def test_reasoning_goes_back_under_the_name_it_came_by(
    given: dict[str, Any], expected: str, *, is_noted: bool
) -> None:
    body = prepared(messages=[ASKED, {"role": "assistant", "content": "a", **given}])
    assert body["messages"][1] == {
        "role": "assistant",
        "content": "a",
        "reasoning_content": expected,
    }
    assert noted(body) == ([("converted", "messages.reasoning")] if is_noted else [])


@pytest.mark.parametrize(
    ("model", "fields", "added"),
    [
        (V4_PRO, {}, True),
        (V4_0813, {}, True),
        ("deepseek-ai/DeepSeek-V4.1-Flash", {"reasoning_effort": "high"}, True),
        (V4_PRO, {"reasoning_effort": "none"}, False),
        (V31, {}, False),
        (GPT_OSS, {}, False),
        (NEW, {}, False),
    ],
)
def test_deepseek_v4_gets_reasoning_content_on_every_turn_of_its_own(
    model: str, fields: dict[str, Any], *, added: bool
) -> None:
    bare = {"role": "assistant", "content": "a"}
    null = {**bare, "reasoning_content": None}  # as the SDK gives back an answer without
    kept = {"role": "assistant", "content": "b", "reasoning_content": "because"}
    messages = prepared(model, messages=[ASKED, bare, null, kept, ASKED], **fields)["messages"]
    assert messages[1] == messages[2] == ({**bare, "reasoning_content": ""} if added else bare)
    assert messages[3] is kept
    assert messages[0] is messages[4] is ASKED


def test_an_answer_given_back_has_no_null_fields() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    nulls = dict.fromkeys(("content", "refusal", "audio", "annotations", "function_call"))
    answer = {"role": "assistant", "tool_calls": [call], **nulls}
    body = prepared(messages=[ASKED, answer, {"role": "tool", "tool_call_id": "1", "content": "1"}])
    assert body["messages"][1] == {"role": "assistant", "tool_calls": [call]}
    assert body.context.notes == []


def test_what_the_sdk_parsed_for_the_user_is_not_sent_back() -> None:
    function = {"name": "f", "arguments": "{}"}
    call = {"id": "1", "type": "function", "function": {**function, "parsed_arguments": {}}}
    answer = {"role": "assistant", "content": "{}", "parsed": {}, "tool_calls": [call]}
    _, sent_back = prepared(messages=[ASKED, answer])["messages"]
    assert sent_back.keys() == {"role", "content", "tool_calls"}
    assert sent_back["tool_calls"] == [{"id": "1", "type": "function", "function": function}]


def test_a_refusal_part_is_text() -> None:
    text, refusal = {"type": "text", "text": "t"}, {"type": "refusal", "refusal": "No."}
    body = prepared(messages=[ASKED, {"role": "assistant", "content": [text, refusal]}])
    assert body["messages"][1]["content"] == [text, {"type": "text", "text": "No."}]
    assert noted(body) == [("converted", "messages.content")]


# response_format, stream_options, modalities


@pytest.mark.parametrize(
    ("strict", "is_noted"), [(False, True), ("yes", True), (None, False)], ids=repr
)
def test_strict_that_is_not_true_is_left_out(strict: Any, *, is_noted: bool) -> None:
    schema = {"name": "answer", "schema": {"type": "object"}, "description": "d"}
    given = {"type": "json_schema", "json_schema": {**schema, "strict": strict}}
    body = prepared(response_format=given)
    assert body["response_format"] == {"type": "json_schema", "json_schema": schema}
    assert bool(body.context.notes) is is_noted


@pytest.mark.parametrize("name", ["", None])
def test_a_schema_without_a_name_is_refused(name: str | None) -> None:
    given = {"type": "json_schema", "json_schema": {"name": name, "schema": {}}}
    with pytest.raises(UnsupportedFeatureError) as caught:
        prepared(response_format=given)
    assert caught.value.param == "response_format.json_schema.name"


def test_unknown_stream_options_are_dropped_and_noted() -> None:
    options = {"include_usage": True, "continuous_usage_stats": False, "include_obfuscation": True}
    body = prepared(stream=True, stream_options=options)
    assert body["stream_options"] == {"include_usage": True, "continuous_usage_stats": False}
    assert noted(body) == [("dropped", "stream_options.include_obfuscation")]


@pytest.mark.parametrize("modalities", [["text"], None])
def test_the_default_modality_goes_without_saying(modalities: Any) -> None:
    body = prepared(modalities=modalities)
    assert "modalities" not in body
    assert body.context.notes == []
