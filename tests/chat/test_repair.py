"""A plain answer is given the fields that OpenAI code relies on, where Baseten leaves them out."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import pytest
from openai.types.chat import ChatCompletion
from wire_shapes import JSON, USAGE, call_of, completion

from baseten_openai.chat.repair import REPAIRS, repair_completion

CALL_A = {
    "id": "chatcmpl-tool-aa",
    "type": "function",
    "function": {"name": "square_root", "arguments": '{"number": 132413}'},
}
CALL_B = {
    "id": "chatcmpl-tool-bb",
    "type": "function",
    "function": {"name": "best_country", "arguments": '{"country": null} '},
}
KIMI = {**CALL_A, "id": "functions.best_country:0"}  # 4.1: recorded twice in one answer
NULLS = {"content": None, "reasoning_content": None}
SAID = {"role": "assistant", "content": "Hi", "reasoning_content": None}


class Repair(NamedTuple):
    """A message and its finish reason, as received and as given; what was asked for; the note."""

    evidence: str
    message: JSON
    expected: JSON
    finish: Any = "stop"
    expected_finish: str = "stop"
    wishes: tuple[str, ...] = ()
    note: str | None = None


REPAIRED = {
    "no content, only reasoning": Repair(
        "evidence.md#absent-content, evidence.md#message-keys",
        {"role": "assistant", "reasoning_content": "Hm"},
        {"role": "assistant", "reasoning_content": "Hm", "content": None},
        "length",
        "length",
    ),
    "no content, only a tool call": Repair(
        "evidence.md#absent-content, evidence.md#message-keys",
        {"role": "assistant", "tool_calls": [CALL_A]},
        {"role": "assistant", "tool_calls": [CALL_A], **NULLS},
        "tool_calls",
        "tool_calls",
    ),
    "no reasoning": Repair(
        "evidence.md#message-keys", {"role": "assistant", "content": "Hi"}, SAID
    ),
    "no role": Repair("evidence.md#message-keys; OpenAI always has it", {"content": "Hi"}, SAID),
    "reasoning under its old name": Repair(
        "4.1 reasoning",
        {"role": "assistant", "content": "Hi", "reasoning": "Hm"},
        {"role": "assistant", "content": "Hi", "reasoning": "Hm", "reasoning_content": "Hm"},
    ),
    "reasoning under both names": Repair(
        "4.1: duplicate in Feb 2026",
        {"role": "assistant", "content": "Hi", "reasoning": "Hm", "reasoning_content": "Hm"},
        {"role": "assistant", "content": "Hi", "reasoning": "Hm", "reasoning_content": "Hm"},
    ),
    "empty list of tool calls": Repair(
        "4.3", {"role": "assistant", "content": "Hi", "tool_calls": []}, SAID
    ),
    "no finish reason": Repair(
        "4.1: GLM 5 in JSON modes",
        {"role": "assistant", "content": "{}"},
        {**SAID, "content": "{}"},
        None,
        "stop",
        ("structured",),
        "finish_reason",
    ),
    "no finish reason after tool calls": Repair(
        "4.1",
        {"role": "assistant", "tool_calls": [CALL_A]},
        {"role": "assistant", "tool_calls": [CALL_A], **NULLS},
        None,
        "tool_calls",
        (),
        "finish_reason",
    ),
    "parallel calls with one id": Repair(
        "4.1 tool ids: Kimi K2",
        {"role": "assistant", "tool_calls": [KIMI, KIMI]},
        {
            "role": "assistant",
            "tool_calls": [KIMI, {**KIMI, "id": "functions.best_country:0-1"}],
            **NULLS,
        },
        "tool_calls",
        "tool_calls",
        (),
        "tool_calls.id",
    ),
    "structured output as reasoning": Repair(
        "4.1: MiniMax M2.5",
        {"role": "assistant", "reasoning_content": '{"fruit": "banana"}'},
        {
            "role": "assistant",
            "content": '{"fruit": "banana"}',
            "reasoning_content": '{"fruit": "banana"}',
        },
        wishes=("structured",),
        note="content",
    ),
    "a function's call": Repair(
        "our own conversion: functions become tools, and the response is converted back",
        {"role": "assistant", "tool_calls": [CALL_A]},
        {"role": "assistant", "function_call": CALL_A["function"], **NULLS},
        "tool_calls",
        "function_call",
        ("legacy_functions",),
        "function_call",
    ),
    "two functions' calls": Repair(
        "as above; the second has no place, and is not lost",
        {"role": "assistant", "tool_calls": [CALL_A, CALL_B]},
        {
            "role": "assistant",
            "function_call": CALL_A["function"],
            "tool_calls": [CALL_B],
            **NULLS,
        },
        "tool_calls",
        "function_call",
        ("legacy_functions",),
        "function_call",
    ),
}


def received(case: Repair) -> JSON:
    body = completion(case.message, finish_reason=case.finish)
    if case.finish is None:
        del body["choices"][0]["finish_reason"]
    return body


@pytest.mark.parametrize("case", REPAIRED.values(), ids=REPAIRED)
def test_each_repair_by_itself(case: Repair) -> None:
    call = call_of(**dict.fromkeys(case.wishes, True))
    assert repair_completion(received(case), call) == completion(
        case.expected, finish_reason=case.expected_finish
    )
    noted = [] if case.note is None else [("repaired", case.note, REPAIRS[case.note].message)]
    assert call.notes == noted


@pytest.mark.parametrize("case", REPAIRED.values(), ids=REPAIRED)
def test_what_is_given_has_the_shape_of_the_sdks_types(case: Repair) -> None:
    given = repair_completion(received(case), call_of(**dict.fromkeys(case.wishes, True)))
    made = ChatCompletion.model_validate(given)
    made.model_dump(warnings=True)  # which pytest makes errors


@pytest.mark.parametrize("case", REPAIRED.values(), ids=REPAIRED)
def test_repairing_twice_is_repairing_once(case: Repair) -> None:
    wishes = dict.fromkeys(case.wishes, True)
    once = repair_completion(received(case), call_of(**wishes))
    again = call_of(**wishes)
    assert repair_completion(once, again) == once


@pytest.mark.parametrize("case", REPAIRED.values(), ids=REPAIRED)
def test_what_was_received_is_not_changed(case: Repair) -> None:
    body = received(case)
    before = copy.deepcopy(body)
    repair_completion(body, call_of(**dict.fromkeys(case.wishes, True)))
    assert body == before


NOT_MOVED = {
    "not asked for": ({"reasoning_content": '{"a": 1}'}, "stop", False),
    "no JSON": ({"reasoning_content": "The user wants {"}, "stop", True),
    "cut short": ({"reasoning_content": '{"a": 1}'}, "length", True),
    "a call was made": ({"reasoning_content": "{}", "tool_calls": [CALL_A]}, "tool_calls", True),
    "there is an answer": ({"reasoning_content": "1", "content": '{"a": 1}'}, "stop", True),
    "nested beyond reading": ({"reasoning_content": "[" * 100_000}, "stop", True),
}


@pytest.mark.parametrize(("message", "finish", "structured"), NOT_MOVED.values(), ids=[*NOT_MOVED])
def test_reasoning_is_not_taken_for_the_answer(
    message: JSON, finish: str, structured: bool
) -> None:
    call = call_of(structured=structured)
    body = completion({"role": "assistant", **message}, finish_reason=finish)
    (choice,) = repair_completion(body, call)["choices"]
    assert choice["message"]["content"] == message.get("content")
    assert choice["message"]["reasoning_content"] == message["reasoning_content"]
    assert call.notes == []


def test_ids_made_are_no_other_calls_id() -> None:
    ids = ["a", "a-2", "a", "a", "a-3"]
    body = completion({"tool_calls": [{**CALL_A, "id": one} for one in ids]})
    (choice,) = repair_completion(body, call_of())["choices"]
    given = [one["id"] for one in choice["message"]["tool_calls"]]
    assert len(set(given)) == len(ids)
    assert given[0] == "a"


def test_a_repair_of_several_choices_is_noted_once() -> None:
    body = completion({"content": "Hi"})
    body["choices"] = [
        {"index": index, "message": {"content": text}} for index, text in enumerate("ab")
    ]
    call = call_of()
    given = repair_completion(body, call)["choices"]
    assert [(c["message"]["content"], c["finish_reason"]) for c in given] == [
        ("a", "stop"),
        ("b", "stop"),
    ]
    assert [note.param for note in call.notes] == ["finish_reason"]


# OpenAI's own answers, from its API reference: https://platform.openai.com/docs/api-reference/chat
OPENAI_MESSAGES = {
    "text": ({"content": "Hello!"}, "stop"),
    "cut": ({"content": "Hel"}, "length"),
    "tool": ({"content": None, "tool_calls": [CALL_A, CALL_B]}, "tool_calls"),
    "refusal": ({"content": None, "refusal": "I cannot"}, "stop"),
    "filtered": ({"content": None}, "content_filter"),
    "function": ({"content": None, "function_call": CALL_A["function"]}, "function_call"),
}


@pytest.mark.parametrize("wish", ["structured", "asked_usage"])
@pytest.mark.parametrize(("message", "finish"), OPENAI_MESSAGES.values(), ids=[*OPENAI_MESSAGES])
def test_openais_own_answer_comes_out_equal_but_for_a_null(
    message: JSON, finish: str, wish: str
) -> None:
    message = {"role": "assistant", "refusal": None, "annotations": [], **message}
    body = completion(message, finish_reason=finish, logprobs=None)
    body |= {"service_tier": "default", "system_fingerprint": "fp_1"}
    call = call_of(**{wish: True})
    given = repair_completion(body, call)
    assert given["choices"][0]["message"].pop("reasoning_content", "absent") is None
    assert given == body
    assert call.notes == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"error": "no"},
        {"choices": None},
        {"choices": "none"},
        {"choices": []},
        {"choices": [None, "x", {}, {"message": None}], "usage": USAGE},
    ],
)
def test_what_is_no_answer_passes_as_it_is(body: JSON) -> None:
    assert repair_completion(body, call_of(structured=True, legacy_functions=True)) == body


@pytest.mark.parametrize("calls", ["abc", {"a": 1}, [None], ["x", CALL_A], [{}], 7])
def test_tool_calls_of_an_unknown_shape_pass_as_they_are(calls: Any) -> None:
    body = completion({"role": "assistant", "tool_calls": calls})
    (choice,) = repair_completion(body, call_of(legacy_functions=True))["choices"]
    assert choice["message"]["tool_calls"] == calls
