"""What an error carries of the stream that it ended: the chunks that came, joined."""

from __future__ import annotations

import pickle
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai_streams import openai_streams
from wire_shapes import JSON, USAGE, judged, says, tool

import baseten_openai
from baseten_openai import errors
from baseten_openai.sdk.partial_answer import PartialAnswer


def joined(chunks: list[JSON]) -> Any:
    partial = PartialAnswer()
    for one in chunks:
        partial.add(one)
    return partial.completion()


def calls_of(message: Any) -> list[Any]:
    calls = message.tool_calls or ()
    return [(call.id, call.function.name, call.function.arguments) for call in calls]


@given(openai_streams(), st.data())
def test_it_is_what_the_sdks_own_accumulator_makes_of_the_chunks(
    chunks: list[JSON], data: st.DataObject
) -> None:
    came = chunks[: data.draw(st.integers(1, len(chunks)))]
    partial, expected = joined(came), judged(came)
    assert [one.index for one in partial.choices] == [one.index for one in expected.choices]
    for one, other in zip(partial.choices, expected.choices, strict=True):
        assert (one.message.content or "") == (other.message.content or "")
        assert one.finish_reason == other.finish_reason
        assert calls_of(one.message) == calls_of(other.message)


def test_reasoning_and_a_legacy_call_are_in_it() -> None:
    partial = joined(
        [
            says({"reasoning_content": "Hm"}),
            says({"reasoning_content": "m."}),
            says({"function_call": {"name": "pi", "arguments": '{"digits"'}}),
            says({"function_call": {"arguments": ":3"}}),
        ]
    )
    message = partial.choices[0].message
    assert (message.content, message.reasoning_content) == (None, "Hmm.")
    assert message.function_call.to_dict() == {"name": "pi", "arguments": '{"digits":3'}
    assert message.tool_calls is None
    assert partial.choices[0].finish_reason is None


def test_nothing_came() -> None:
    assert joined([]) is None
    assert errors.StreamInterruptedError("", request=None).partial is None


@pytest.mark.parametrize(
    "odd", [{}, {"choices": None}, {"choices": [None]}, {"choices": [{"index": 0}]}, says({}, [])]
)
def test_what_has_no_place_in_an_answer_is_passed_over(odd: JSON) -> None:
    partial = joined([odd, says({"content": "Hi"}), says({"tool_calls": [tool(0, id="1")]})])
    assert partial.choices[0].message.content == "Hi"


def test_it_goes_along_when_an_error_is_pickled() -> None:
    request = errors.http_library().Request("POST", "https://inference.baseten.co/v1/x")
    error = baseten_openai.StreamInterruptedError("It broke.", request=request)
    error.partial = joined([says({"content": "Hel"}, usage=USAGE)])
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    assert isinstance(again, openai.APIConnectionError)
    assert again.partial.to_dict() == error.partial.to_dict()
