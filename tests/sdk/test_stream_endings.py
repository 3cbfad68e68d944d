"""How a stream's choices end: the finish reason comes once, last, and the text before it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from wire_shapes import (
    JSON,
    USAGE,
    call_of,
    choice,
    chunk,
    judged,
    message_of,
    repaired,
    says,
    tool,
)

from baseten_openai.chat.stream_repair import StreamRepair

STOP = {"finish_reason": "stop"}
CALLED = {"finish_reason": "tool_calls"}
LAST = chunk(usage=USAGE)
PI = tool(0, id="call-1", name="pi", arguments="{}")


def finishes(chunks: list[JSON], index: int = 0) -> list[str | None]:
    """The finish reason of each chunk that has the choice."""
    return [
        one.get("finish_reason")
        for made in chunks
        for one in made["choices"]
        if one["index"] == index
    ]


FINISH_THEN_TEXT = {
    # recorded for DeepSeek V4 Pro and GLM 5.2
    "the text in the chunk after it": [says({}, **STOP), says({"content": "Hello"}), LAST],
    "in several": [says({}, **STOP), says({"content": "Hel"}), says({"content": "lo"}), LAST],
    "with both": [says({"content": "Hel"}, **STOP), says({"content": "lo"}, **STOP), LAST],
    "after null": [
        says({}, finish_reason=None),
        says({}, **STOP, stop_reason=154827),
        says({"content": "Hello"}, finish_reason=None),
    ],
    "an unknown event between": [says({}, **STOP), {"object": "ping"}, says({"content": "Hello"})],
}


@pytest.mark.parametrize("chunks", FINISH_THEN_TEXT.values(), ids=FINISH_THEN_TEXT)
def test_text_after_the_finish_reason_comes_before_it(chunks: list[JSON]) -> None:
    call = call_of(late_text=True)
    given = [made for made in repaired(chunks, call) if "choices" in made]
    *before, last = finishes(given)
    assert last == "stop"
    assert [reason for reason in before if reason] == []
    assert message_of(given)["content"] == "Hello"
    assert [note.param for note in call.notes if note.param != "usage"] == ["finish_reason"]


def test_the_stop_reason_goes_along_with_the_finish_reason() -> None:
    chunks = [says({}, **STOP, stop_reason=154827), says({"content": "Hello"})]
    call = call_of(late_text=True)
    first, text, last = (made["choices"][0] for made in repaired(chunks, call))
    assert "stop_reason" not in first
    assert text["delta"]["content"] == "Hello"
    assert (text["finish_reason"], "stop_reason" in text) == (None, False)
    assert (last["finish_reason"], last["stop_reason"]) == ("stop", 154827)


def test_a_finish_reason_is_held_until_the_next_event_only() -> None:
    repair = StreamRepair(call_of(late_text=True))
    (text,) = repair.feed(says({"content": "Hello"}, **STOP, stop_reason=1))
    assert finishes([text]) == [None]
    assert "stop_reason" not in text["choices"][0]
    assert text["choices"][0]["delta"]["content"] == "Hello"
    (given,) = repair.feed(says({"content": "b"}, index=1))[:1]
    assert finishes([given]) == ["stop"]
    assert given["choices"][0] == {
        "index": 0,
        "delta": {},
        "finish_reason": "stop",
        "stop_reason": 1,
    }


def test_a_finish_reason_is_given_at_once_where_no_late_text_was_recorded() -> None:
    repair = StreamRepair(call_of())
    (given,) = repair.feed(says({"content": "Hello"}, **STOP))
    assert finishes([given]) == ["stop"]
    assert given["choices"][0]["delta"]["content"] == "Hello"
    assert repair.finish() == []


@pytest.mark.parametrize("late", [True, False])
def test_the_text_of_a_chunk_never_waits(*, late: bool) -> None:
    repair = StreamRepair(call_of(late_text=late))
    given = repair.feed(says({"content": "Hello"}, **STOP))
    assert message_of(given)["content"] == "Hello"


def test_running_usage_stays_on_every_chunk_if_asked_for() -> None:
    chunks = [says({"content": "Hel"}, usage=USAGE), says({"content": "lo"}, usage=USAGE, **STOP)]
    call = call_of(asked_usage=True, asked_running_usage=True)
    given = repaired([*chunks, LAST], call)
    assert [made.get("usage") for made in given] == [USAGE, USAGE, USAGE]
    assert [note.param for note in call.notes] == []
    only_running = repaired([*chunks, LAST], call_of(asked_running_usage=True))
    assert [made.get("usage") for made in only_running] == [USAGE, USAGE]


@pytest.mark.parametrize(
    ("delta", "legacy", "reason"),
    [
        ({"content": "{}"}, False, "stop"),  # 4.1: GLM 5 in JSON modes
        ({"content": "{}"}, True, "stop"),
        ({"tool_calls": [PI]}, False, "tool_calls"),
        ({"tool_calls": [PI]}, True, "function_call"),
    ],
)
def test_a_missing_finish_reason_is_made_at_the_end(delta: JSON, legacy: bool, reason: str) -> None:
    call = call_of(legacy_functions=legacy)
    given = repaired([says(delta, usage=USAGE)], call)
    assert finishes(given) == [None, reason]
    assert judged(given).choices[0].finish_reason == reason
    assert "finish_reason" in [note.param for note in call.notes]


@pytest.mark.parametrize("reason", ["stop", "length", "tool_calls", "content_filter"])
def test_a_finish_reason_that_came_is_given(reason: str) -> None:
    given = repaired([says({"content": "Hi"}), says({}, finish_reason=reason), LAST])
    assert finishes(given) == [None, reason]


# Is the answer complete, whatever becomes of the connection?

COMPLETE: dict[str, tuple[list[JSON], bool]] = {
    "nothing": ([], False),
    "text": ([says({"content": "Hi"})], False),
    "a finish reason": ([says({}, **STOP)], True),
    "the usage-only chunk": ([says({"content": "{}"}), LAST], True),  # 4.3: GLM 5
    "usage on a chunk with text": ([says({"content": "{}"}, usage=USAGE)], False),
    "neither choices nor usage": ([says({"content": "{}"}), chunk()], False),
    "text after the usage-only chunk": ([LAST, says({"content": "{}"})], False),
    "one of two choices": ([says({}, 0, **STOP), says({"content": "Hi"}, 1)], False),
    "both choices": ([says({}, 0, **STOP), says({}, 1, **STOP)], True),
    "an unknown event": ([{"object": "ping"}], False),
}


@pytest.mark.parametrize(("chunks", "expected"), COMPLETE.values(), ids=COMPLETE)
def test_an_answer_is_complete_with_a_finish_reason_or_the_last_usage(
    chunks: list[JSON], expected: bool
) -> None:
    repair = StreamRepair(call_of())
    for one in chunks:
        repair.feed(one)
    assert repair.complete is expected


# Several choices

FOUR = [
    says({"role": "assistant", "content": "a"}, 0),
    says({"role": "assistant", "content": "x"}, 1),
    says({"role": "assistant", "content": "b"}, 0, **STOP),
    says({"role": "assistant", "tool_calls": [PI]}, 1),
    says({"role": "assistant"}, 1, **CALLED),
    LAST,
]
TOGETHER = [
    chunk(choice({"role": "assistant", "content": "a"}, 0), choice({"content": "x"}, 1)),
    chunk(
        choice({"role": "assistant", "content": "b"}, 0, **STOP),
        choice({"role": "assistant", "tool_calls": [PI]}, 1),
    ),
    says({}, 1, **CALLED),
    LAST,
]


@pytest.mark.parametrize("chunks", [FOUR, TOGETHER], ids=["interleaved", "in one chunk"])
def test_each_choice_has_its_own_role_ids_and_finish_reason(chunks: list[JSON]) -> None:
    before = copy.deepcopy(chunks)
    given = repaired(chunks)
    one, other = judged(given).choices
    assert (one.message.role, other.message.role) == ("assistant", "assistant")
    assert (one.message.content, other.message.content) == ("ab", "x")
    assert (one.finish_reason, other.finish_reason) == ("stop", "tool_calls")
    assert other.message.tool_calls is not None
    assert other.message.tool_calls[0].id == "call-1"
    for index in (0, 1):
        assert finishes(given, index)[-1] is not None
        assert set(finishes(given, index)[:-1]) <= {None}
    assert chunks == before


# Structured output that came as reasoning (4.1: MiniMax M2.5)


def thinking(*texts: str, **last: Any) -> list[JSON]:
    given = [says({"reasoning_content": text}) for text in texts]
    return [*given, says({}, **{**STOP, **last}), LAST]


DOCUMENT = '{"fruit": "banana"}'
STRUCTURED = {
    "whole": thinking(DOCUMENT),
    "in pieces": thinking(*DOCUMENT),
    "with blank content": [says({"content": "\n\n"}), *thinking(DOCUMENT)],
    "under its old name": [says({"reasoning": DOCUMENT}), says({}, **STOP)],
    "without a finish reason": thinking(DOCUMENT)[:1],
}


@pytest.mark.parametrize("chunks", STRUCTURED.values(), ids=STRUCTURED)
def test_a_document_that_came_as_reasoning_is_given_as_content(chunks: list[JSON]) -> None:
    call = call_of(structured=True)
    given = repaired(chunks, call)
    message = message_of(given)
    assert message["content"].strip() == DOCUMENT
    assert message["reasoning_content"] == DOCUMENT
    assert "content" in [note.param for note in call.notes]
    # all of it at once, with the finish reason
    assert [bool((c["delta"].get("content") or "").strip()) for m in given for c in m["choices"]][
        -1
    ]
    assert finishes(given)[-1] == "stop"


NOT_MOVED = {
    "not asked for": (thinking(DOCUMENT), False),
    "no document": (thinking("The user wants ", "{"), True),
    "cut short": (thinking(DOCUMENT, finish_reason="length"), True),
    "a call": ([says({"tool_calls": [PI]}), *thinking(DOCUMENT, finish_reason="tool_calls")], True),
    "an answer": ([says({"content": "{}"}), *thinking(DOCUMENT)], True),
    "an answer afterwards": (
        [says({"reasoning_content": DOCUMENT}), says({"content": "{}"}), says({}, **STOP)],
        True,
    ),
    "nested beyond reading": (thinking("[" * 100_000), True),
}


@pytest.mark.parametrize(("chunks", "structured"), NOT_MOVED.values(), ids=NOT_MOVED)
def test_reasoning_is_not_taken_for_the_answer(chunks: list[JSON], structured: bool) -> None:
    call = call_of(structured=structured)
    given = repaired(chunks, call)
    assert message_of(given).get("content") in {None, "{}"}
    assert "content" not in [note.param for note in call.notes]


def test_each_choice_has_its_own_document() -> None:
    chunks = [
        chunk(*(choice({"reasoning_content": f'{{"n": {n}}}'}, n) for n in (0, 1))),
        chunk(*(choice({}, n, **STOP) for n in (0, 1))),
    ]
    one, other = judged(repaired(chunks, call_of(structured=True))).choices
    assert (one.message.content, other.message.content) == ('{"n": 0}', '{"n": 1}')


# Legacy functions: what came as a tool call is given as a function call


def parts_of_a_call(index: int, *arguments: str) -> list[JSON]:
    first, *rest = arguments
    return [
        says({"tool_calls": [tool(index, id=f"c{index}", name=f"f{index}", arguments=first)]}),
        *(says({"tool_calls": [tool(index, id=f"c{index}", arguments=text)]}) for text in rest),
    ]


def test_a_call_is_given_as_a_function_call() -> None:
    chunks = [says({"role": "assistant"}), *parts_of_a_call(0, "", '{"x"', ": 1}")]
    call = call_of(legacy_functions=True)
    given = repaired([*chunks, says({}, **CALLED), LAST], call)
    message = message_of(given)
    assert message["function_call"] == {"name": "f0", "arguments": '{"x": 1}'}
    assert "tool_calls" not in message
    assert judged(given).choices[0].finish_reason == "function_call"
    assert "function_call" in [note.param for note in call.notes]


@pytest.mark.parametrize("together", [False, True])
def test_a_second_call_is_not_lost(together: bool) -> None:
    chunks = [*parts_of_a_call(0, '{"x": 1}'), *parts_of_a_call(1, "{", "}")]
    if together:
        parts = [one["choices"][0]["delta"]["tool_calls"][0] for one in chunks]
        chunks = [says({"tool_calls": [parts[1], parts[0], parts[2]]})]
    given = repaired([*chunks, says({}, **CALLED)], call_of(legacy_functions=True))
    message = message_of(given)
    assert message["function_call"] == {"name": "f0", "arguments": '{"x": 1}'}
    (other,) = message["tool_calls"]
    assert (other["id"], other["function"]["name"]) == ("c1", "f1")
    assert other["function"]["arguments"] == "{}"


def test_text_stays_text_where_functions_were_offered() -> None:
    given = repaired([says({"content": "Hi"}), says({}, **STOP)], call_of(legacy_functions=True))
    assert message_of(given) == {"role": "assistant", "content": "Hi"}
    assert finishes(given)[-1] == "stop"
