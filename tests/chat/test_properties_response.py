"""Any answer through the repair: nothing but what is documented is raised, nothing given is changed.

Well-formed OpenAI streams, which are generated too, come out as they went in.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import openai
from depth import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai_streams import openai_streams
from wire_shapes import JSON, USAGE, call_of, chunk, judged, repaired

from baseten_openai import errors
from baseten_openai.chat.repair import repair_completion
from baseten_openai.sdk import error_conversion

names = st.sampled_from(
    [
        "id",
        "choices",
        "index",
        "delta",
        "message",
        "role",
        "content",
        "reasoning",
        "reasoning_content",
        "tool_calls",
        "function",
        "name",
        "arguments",
        "type",
        "finish_reason",
        "stop_reason",
        "usage",
        "error",
        "code",
        "detail",
        "errors",
        "loc",
        "msg",
    ]
)
scalars = st.none() | st.booleans() | st.integers(-3, 600) | st.floats() | st.text(max_size=5)
values = st.recursive(
    scalars | st.sampled_from(["assistant", "stop", "tool_calls", "length", "{}", '{"a":1}', ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(names | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)
parts = st.fixed_dictionaries(
    {},
    optional={
        "index": st.integers(0, 2) | values,
        "id": st.sampled_from(["a", "b", "", None]) | values,
        "function": st.fixed_dictionaries({}, optional={"name": values, "arguments": values})
        | values,
    },
)
deltas = st.fixed_dictionaries(
    {},
    optional={
        "role": st.sampled_from(["assistant", None, ""]) | values,
        "content": st.text(max_size=5) | values,
        "reasoning_content": values,
        "reasoning": values,
        "tool_calls": st.lists(parts | values, max_size=3) | values,
        "function_call": values,
    },
)


def answers_with(name: str) -> st.SearchStrategy[JSON]:
    """Answers, plain or a chunk, more or less in shape."""
    choices = st.fixed_dictionaries(
        {},
        optional={
            "index": st.integers(0, 2) | values,
            name: deltas | values,
            "finish_reason": st.sampled_from(["stop", "tool_calls", "length", None, ""]) | values,
            "stop_reason": values,
        },
    )
    return st.fixed_dictionaries(
        {}, optional={"choices": st.lists(choices | values, max_size=3) | values, "usage": values}
    )


calls = st.fixed_dictionaries(
    dict.fromkeys(["structured", "legacy_functions", "asked_usage"], st.booleans())
)


@given(st.lists(answers_with("delta"), max_size=6), calls)
@settings(max_examples=examples(300), deadline=None)
def test_any_chunks_pass_or_are_repaired(chunks: list[JSON], wishes: dict[str, bool]) -> None:
    before = copy.deepcopy(chunks)
    given = repaired(chunks, call_of(**wishes))
    assert repr(chunks) == repr(before)
    assert all(isinstance(one, dict) for one in given)
    json.dumps(given)


@given(answers_with("message"), calls)
@settings(max_examples=examples(300), deadline=None)
def test_any_plain_answer_passes_or_is_repaired(answer: JSON, wishes: dict[str, bool]) -> None:
    before = copy.deepcopy(answer)
    once = repair_completion(answer, call_of(**wishes))
    assert repr(answer) == repr(before)
    again = repair_completion(once, call_of(**wishes))
    assert repr(again) == repr(once)
    assert once.keys() == answer.keys()
    assert [repr(once[n]) for n in once if n != "choices"] == [
        repr(answer[n]) for n in answer if n != "choices"
    ]
    if isinstance(answer.get("choices"), list):
        assert len(once["choices"]) == len(answer["choices"])


@given(openai_streams(), st.booleans())
@settings(max_examples=examples(200), deadline=None)
def test_what_openai_sends_is_left_as_it_is(chunks: list[JSON], asked: bool) -> None:
    sent = [*chunks, chunk(usage=USAGE)] if asked else chunks
    call = call_of(asked_usage=asked)
    assert repaired(sent, call) == sent
    assert call.notes == []


def as_baseten_might(chunks: list[JSON]) -> list[JSON]:
    """The same with what was recorded of Baseten's: a role, usage and an id on each chunk (4.2)."""
    made = []
    for number, one in enumerate(copy.deepcopy(chunks)):
        for part in one["choices"]:
            delta = part["delta"]
            delta["role"] = "assistant"
            for called in delta.setdefault("tool_calls", []):
                if "id" not in called:
                    called["id"] = f"chatcmpl-tool-{number}"
                    called["function"]["name"] = ""
        made.append({**one, "usage": USAGE})
    return made


@given(openai_streams(), st.booleans())
@settings(max_examples=examples(200), deadline=None)
def test_what_baseten_makes_of_it_is_put_back(chunks: list[JSON], asked: bool) -> None:
    given = repaired(as_baseten_might(chunks), call_of(asked_usage=asked))
    expected = [*chunks, chunk(usage=USAGE)] if asked else chunks
    assert given == expected
    assert judged(given) == judged(expected)


@given(answers_with("message"))
@settings(max_examples=examples(200), deadline=None)
def test_the_sdk_can_read_what_it_could_read_before(answer: JSON) -> None:
    for cls, body in ((ChatCompletion, answer), (ChatCompletionChunk, answer)):
        bare = cls.construct(
            **body
        )  # the SDK's, which checks nothing; it must not raise because of us
        made = cls.construct(**repair_completion(body, call_of()))
        for name in body.keys() - {"choices"}:
            assert repr(getattr(made, name)) == repr(getattr(bare, name))


http = errors.http_library()


@given(st.integers(400, 599), values | st.text(max_size=40))
@settings(max_examples=examples(300), deadline=None)
def test_any_error_body_has_a_text(status: int, body: Any) -> None:
    text = error_conversion.read_text(body)
    assert isinstance(text, str)
    error_conversion.find_rule(status, text)


@given(st.dictionaries(names, values, max_size=4))
@settings(max_examples=examples(300), deadline=None)
def test_any_error_event_becomes_an_error_of_the_sdks(event: JSON) -> None:
    request = http.Request("POST", "https://inference.baseten.co/v1/chat/completions")
    response = http.Response(200, request=request)
    if error_conversion.is_stream_error(event):
        error: Any = error_conversion.from_stream_event(event, response)
        assert isinstance(error, openai.APIStatusError)
        assert 400 <= error.status_code < 600
        assert error.message
