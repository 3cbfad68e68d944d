"""Custom, namespaced and hosted tools, and their calls given back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from depth import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from response_events import Call, problems, stream

from baseten_openai.responses.context import ResponsesContext
from baseten_openai.responses.custom_stream import StreamedInput
from baseten_openai.responses.repair import repair_response
from baseten_openai.responses.stream_repair import StreamRepair
from baseten_openai.responses.tools import HOSTED, translate_tools

JSON = dict[str, Any]
FUNCTION = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}}
CUSTOM = {"type": "custom", "name": "run", "description": "Run code."}
SPACE = {"type": "namespace", "name": "crm", "description": "d", "tools": [FUNCTION, CUSTOM]}
SENT_CUSTOM_ARGUMENTS = {
    "type": "object",
    "properties": {
        "input": {"type": "string", "description": "The whole input of the tool, as free text."}
    },
    "required": ["input"],
    "additionalProperties": False,
}


def translated(**fields: Any) -> tuple[JSON, ResponsesContext]:
    context = ResponsesContext([])
    return translate_tools(fields, context), context


def test_functions_are_sent_as_the_same_object() -> None:
    body = {"tools": [FUNCTION], "tool_choice": {"type": "function", "name": "f"}}
    assert translate_tools(body, ResponsesContext([])) is body


def test_a_custom_tool_is_sent_as_a_function_with_one_string() -> None:
    body, context = translated(tools=[CUSTOM], tool_choice={"type": "custom", "name": "run"})
    assert body["tools"] == [
        {
            "type": "function",
            "name": "run",
            "description": "Run code.",
            "parameters": SENT_CUSTOM_ARGUMENTS,
            "strict": True,
        }
    ]
    assert body["tool_choice"] == {"type": "function", "name": "run"}
    assert context.echo["tools"] == [CUSTOM]
    assert [note.kind for note in context.notes] == ["converted"]


def test_a_grammar_is_described_and_noted_as_not_enforced() -> None:
    form = {"type": "grammar", "syntax": "lark", "definition": "start: NUMBER"}
    body, context = translated(tools=[{**CUSTOM, "format": form}])
    described = body["tools"][0]["parameters"]["properties"]["input"]["description"]
    assert "lark" in described
    assert "start: NUMBER" in described
    assert any("does not enforce" in note.message for note in context.notes)


def test_the_tools_of_a_namespace_are_sent_one_by_one() -> None:
    body, _ = translated(tools=[SPACE])
    assert [tool["name"] for tool in body["tools"]] == ["crm__f", "crm__run"]
    assert {tool["type"] for tool in body["tools"]} == {"function"}


@pytest.mark.parametrize(
    "kind", [*HOSTED, "web_search_preview", "computer_use_preview", "a_tool_of_tomorrow"]
)
def test_hosted_tools_are_refused_by_name_and_left_out(kind: str) -> None:
    body, context = translated(tools=[{"type": kind}, FUNCTION], tool_choice={"type": kind})
    assert body["tools"] == [FUNCTION]
    assert body["tool_choice"] == "auto"
    tool, choice = context.refusals
    assert (tool.param, tool.otherwise) == ("tools[0]", "left out")
    assert kind in tool.message
    assert tool.hint
    assert (choice.param, choice.otherwise) == ("tool_choice", "sent as 'auto'")


@pytest.mark.parametrize("mode", ["auto", "required"])
def test_allowed_tools_become_the_shorter_list(mode: str) -> None:
    other = {**FUNCTION, "name": "g"}
    allowed = {"type": "allowed_tools", "mode": mode, "tools": [{"type": "function", "name": "g"}]}
    body, context = translated(tools=[FUNCTION, other, CUSTOM], tool_choice=allowed)
    assert body["tools"] == [other]
    assert body["tool_choice"] == mode
    assert context.echo["tool_choice"] == allowed


def test_allowed_tools_that_are_not_there_are_refused() -> None:
    allowed = {
        "type": "allowed_tools",
        "mode": "auto",
        "tools": [{"type": "function", "name": "x"}],
    }
    _, context = translated(tools=[FUNCTION], tool_choice=allowed)
    assert [refusal.param for refusal in context.refusals] == ["tool_choice"]


def called(name: str, arguments: str) -> JSON:
    return {
        "id": "fc_1",
        "type": "function_call",
        "status": "completed",
        "call_id": "call_1",
        "name": name,
        "arguments": arguments,
    }


def test_a_custom_call_is_given_back() -> None:
    _, context = translated(tools=[CUSTOM])
    answer = {"output": [called("run", '{"input": "print(1)"}')]}
    (item,) = repair_response(answer, context)["output"]
    assert item == {
        "id": "ctc_1",
        "type": "custom_tool_call",
        "status": "completed",
        "call_id": "call_1",
        "name": "run",
        "input": "print(1)",
    }


def test_a_namespaced_call_is_given_back() -> None:
    _, context = translated(tools=[SPACE])
    answer = {"output": [called("crm__f", "{}")]}
    (item,) = repair_response(answer, context)["output"]
    assert item == {**called("f", "{}"), "namespace": "crm"}


@pytest.mark.parametrize("arguments", ["no json", "[1]", '{"other": 1}'])
def test_arguments_that_are_no_custom_input_are_given_as_they_came(arguments: str) -> None:
    _, context = translated(tools=[CUSTOM])
    (item,) = repair_response({"output": [called("run", arguments)]}, context)["output"]
    assert item["input"] == arguments


@settings(max_examples=examples(200), deadline=None)
@given(
    text=st.text(max_size=30),
    ascii_only=st.booleans(),
    at=st.lists(st.integers(0, 80), max_size=8),
)
def test_a_custom_call_is_streamed_as_its_text(text: str, ascii_only: bool, at: list[int]) -> None:
    arguments = json.dumps({"input": text}, ensure_ascii=ascii_only)
    places = sorted({place % len(arguments) for place in at} - {0})
    ends = [*places, len(arguments)]
    pieces = tuple(arguments[one:two] for one, two in zip([0, *places], ends, strict=True))
    _, context = translated(tools=[CUSTOM])
    repair = StreamRepair(context)
    made = [out for event in stream([Call("run", pieces)]) for out in repair.feed(event)]
    deltas = [e["delta"] for e in made if e["type"] == "response.custom_tool_call_input.delta"]
    (done,) = [e for e in made if e["type"] == "response.custom_tool_call_input.done"]
    assert "".join(deltas) == done["input"] == text
    assert made[-1]["response"]["output"][0]["input"] == text
    assert problems(made) == []
    assert not any("function_call" in event["type"] for event in made)


def test_text_is_given_as_it_comes() -> None:
    streamed = StreamedInput()
    pieces = ['{"in', 'put": "a', "b\\", "nc\\u00", 'e9d"', "}"]
    assert [streamed.feed(piece) for piece in pieces] == ["", "a", "b", "\nc", "éd", ""]
