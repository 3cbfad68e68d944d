"""A request said in Baseten's way, step by step."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from baseten_openai.models.catalog import Catalog, Model
from baseten_openai.responses.context import ResponsesContext
from baseten_openai.responses.memory import Memory, ProcessStore, Record
from baseten_openai.responses.request import translate_request

JSON = dict[str, Any]
CATALOG = Catalog.bundled()
ABLE = Model(
    "org/able",
    json_mode=True,
    structured_outputs=True,
    tools=True,
    vision=True,
    reasoning="default_on",
    reasoning_efforts=("low", "high"),
    max_output_tokens=1000,
)
UNABLE = Model(
    "org/unable",
    json_mode=False,
    structured_outputs=False,
    tools=False,
    vision=False,
    reasoning="unsupported",
    max_output_tokens=100,
    logprobs="refused",
)
OPENAI_ID = "msg_" + "0a" * 25
SECRET = "gAAAAABqVTl3"  # noqa: S105  # as OpenAI's encrypted reasoning begins
TOOL = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}}


def translated(
    model: Model = ABLE, memory: Any = None, **fields: Any
) -> tuple[JSON, ResponsesContext]:
    context = ResponsesContext([])
    body = {"model": model.slug, "input": "Hi", **fields}
    before = copy.deepcopy(body)
    made = translate_request(body, model, CATALOG, memory or Memory(ProcessStore()), context)
    assert body == before  # the user's own is never changed
    return made, context


def sent(item: JSON, **fields: Any) -> list[JSON]:
    found: list[JSON] = translated(input=[item], **fields)[0]["input"]
    return found


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"role": "developer", "content": "x"}, [{"role": "system", "content": "x"}]),
        ({"role": "user", "content": "x"}, [{"role": "user", "content": "x"}]),
        (
            {"type": "message", "id": OPENAI_ID, "role": "assistant", "content": []},
            [{"type": "message", "role": "assistant", "content": []}],
        ),
        (
            {"type": "message", "id": "msg_short", "role": "assistant", "content": []},
            [{"type": "message", "id": "msg_short", "role": "assistant", "content": []}],
        ),
        ({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": SECRET}, []),
        (
            {
                "type": "reasoning",
                "id": "rs_1",
                "summary": [{"type": "summary_text", "text": "t"}],
                "encrypted_content": SECRET,
            },
            [
                {
                    "type": "reasoning",
                    "id": "rs_1",
                    "summary": [{"type": "summary_text", "text": "t"}],
                }
            ],
        ),
        (
            {
                "type": "reasoning",
                "id": "rs_1",
                "summary": [],
                "encrypted_content": "another service's",
            },
            [
                {
                    "type": "reasoning",
                    "id": "rs_1",
                    "summary": [],
                    "encrypted_content": "another service's",
                }
            ],
        ),
        ({"type": "compaction", "encrypted_content": SECRET}, []),
        (
            {"type": "custom_tool_call", "call_id": "c", "name": "t", "input": 'say "hi"'},
            [
                {
                    "type": "function_call",
                    "call_id": "c",
                    "name": "t",
                    "arguments": '{"input": "say \\"hi\\""}',
                }
            ],
        ),
        (
            {"type": "custom_tool_call_output", "call_id": "c", "output": "done"},
            [{"type": "function_call_output", "call_id": "c", "output": "done"}],
        ),
        (
            {
                "type": "function_call",
                "call_id": "c",
                "name": "f",
                "namespace": "crm",
                "arguments": "{}",
            },
            [{"type": "function_call", "call_id": "c", "name": "crm__f", "arguments": "{}"}],
        ),
        (
            {
                "role": "assistant",
                "content": [{"type": "output_text", "text": "{}", "parsed": {"a": 1}}],
            },
            [{"role": "assistant", "content": [{"type": "output_text", "text": "{}"}]}],
        ),
        ({"type": "web_search_call", "id": "ws_1"}, [{"type": "web_search_call", "id": "ws_1"}]),
    ],
)
def test_items_are_made_fit_and_nothing_else(item: JSON, expected: list[JSON]) -> None:
    assert sent(item) == expected


@pytest.mark.parametrize(
    ("text", "expected", "kinds"),
    [
        ({}, {"format": {"type": "text"}}, []),
        ({"verbosity": "low"}, {"format": {"type": "text"}}, ["dropped", "advice"]),
        ({"format": {"type": "json_object"}}, {"format": {"type": "json_object"}}, []),
    ],
)
def test_text_has_a_format(text: JSON, expected: JSON, kinds: list[str]) -> None:
    body, context = translated(text=text)
    assert body["text"] == expected
    assert [note.kind for note in context.notes] == kinds


@pytest.mark.parametrize(
    ("effort", "expected"),
    [("low", "low"), ("medium", "low"), ("xhigh", "high"), ("minimal", "low"), ("max", "high")],
)
def test_an_effort_becomes_one_that_the_model_takes(effort: str, expected: str) -> None:
    body, _ = translated(reasoning={"effort": effort, "summary": "auto"})
    assert body["reasoning"] == {"effort": expected, "summary": "auto"}


def test_an_effort_of_a_model_that_switches_reasoning_turns_it_on() -> None:
    model = Model("org/opt-in", name="Opt-In", reasoning="opt_in")
    body, context = translated(model, reasoning={"effort": "high"})
    assert "reasoning" not in body
    assert body["chat_template_args"] == {"enable_thinking": True}
    assert [(note.kind, note.param) for note in context.notes] == [
        ("converted", "reasoning.effort")
    ]


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        (["reasoning.encrypted_content"], None),
        (
            ["message.output_text.logprobs", "file_search_call.results"],
            ["message.output_text.logprobs"],
        ),
        ([], []),
    ],
)
def test_include_keeps_what_means_something(include: list[str], expected: list[str] | None) -> None:
    assert translated(include=include)[0].get("include") == expected


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"text": {"format": {"type": "json_object"}}}, "text.format"),
        ({"text": {"format": {"type": "json_schema", "name": "n", "schema": {}}}}, "text.format"),
        ({"reasoning": {"effort": "low"}}, "reasoning.effort"),
        ({"tools": [TOOL]}, "tools"),
        ({"max_output_tokens": 101}, "max_output_tokens"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"include": ["message.output_text.logprobs"]}, "include"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "u"}]}]},
            "input[0].content[0]",
        ),
        (
            {
                "input": [
                    {
                        "type": "function_call_output",
                        "call_id": "c",
                        "output": [{"type": "input_image", "image_url": "u"}],
                    }
                ]
            },
            "input[0].output[0]",
        ),
    ],
)
def test_what_a_model_lacks_is_refused_by_name(fields: JSON, param: str) -> None:
    _, context = translated(UNABLE, **fields)
    assert [refusal.param for refusal in context.refusals] == [param]
    assert "org/unable" in context.refusals[0].message
    assert translated(ABLE, **fields)[1].refusals == []
    assert translated(Model.unknown("org/new"), **fields)[1].refusals == []  # unknown never blocks


@pytest.mark.parametrize(
    "part",
    [
        {"type": "input_file", "file_id": "file-1"},
        {"type": "input_image", "file_id": "file-1"},
    ],
)
def test_files_are_refused_on_every_model(part: JSON) -> None:
    _, context = translated(input=[{"role": "user", "content": [part]}])
    assert [refusal.param for refusal in context.refusals] == ["input[0].content[0]"]


def store(*responses: tuple[str, bytes, bytes]) -> Memory:
    kept = ProcessStore()
    for response_id, request, response in responses:
        kept.put(response_id, Record(request, response))
    return Memory(kept)


FIRST = (
    "resp_1",
    b'{"input": "My name is Ada.", "instructions": "Be brief."}',
    b'{"id": "resp_1", "output": [{"type": "message", "id": "msg_1", "role": "assistant", "content": []}]}',
)


def test_a_conversation_goes_on() -> None:
    body, context = translated(
        memory=store(FIRST), previous_response_id="resp_1", input="Who am I?"
    )
    assert body["input"] == [
        {"type": "message", "role": "user", "content": "My name is Ada."},
        {"type": "message", "id": "msg_1", "role": "assistant", "content": []},
        {"type": "message", "role": "user", "content": "Who am I?"},
    ]
    assert "previous_response_id" not in body
    assert "instructions" not in body  # they do not carry over, as OpenAI documents
    assert context.echo == {"previous_response_id": "resp_1"}


def test_an_id_that_is_not_remembered_is_an_error_whatever_the_policy() -> None:
    _, context = translated(previous_response_id="resp_0")
    (refusal,) = context.refusals
    assert refusal.otherwise is None
    assert "Baseten stores no responses" in refusal.message
    assert "input" in refusal.hint


def test_item_references_are_resolved() -> None:
    body, _ = translated(memory=store(FIRST), input=[{"type": "item_reference", "id": "msg_1"}])
    assert body["input"] == [{"type": "message", "id": "msg_1", "role": "assistant", "content": []}]
    _, context = translated(memory=store(FIRST), input=[{"type": "item_reference", "id": "msg_2"}])
    assert [(r.feature, r.otherwise) for r in context.refusals] == [("item references", None)]


def test_metadata_is_given_back_and_store_false_is_not_remembered() -> None:
    _, context = translated(metadata={"a": "b"}, store=False)
    assert context.echo == {"metadata": {"a": "b"}}
    assert not context.remembers


def test_a_plain_request_is_sent_as_the_same_object() -> None:
    body = {"model": "org/able", "input": "Hi", "instructions": "Be brief.", "stream": True}
    context = ResponsesContext([])
    assert translate_request(body, ABLE, CATALOG, Memory(ProcessStore()), context) is body
