"""Tool calls of any engine come complete: plain and streamed, for the SDK's accumulator and a plain loop."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_shapes import JSON, call_of, completion, judged, repaired, says

from baseten_openai.chat.calls import meant_name
from baseten_openai.chat.repair import repair_completion

TOOLS = frozenset({"get_weather", "pi", "search"})


def by_loop(chunks: list[JSON]) -> list[JSON]:
    """What a program's own loop makes of the deltas, by OpenAI's documentation."""
    calls: dict[int, JSON] = {}
    for made in chunks:
        for choice in made["choices"]:
            for part in choice["delta"].get("tool_calls") or ():
                call = calls.setdefault(part["index"], {"id": "", "name": "", "arguments": ""})
                call["id"] += part.get("id") or ""
                call["name"] += part["function"].get("name") or ""
                call["arguments"] += part["function"].get("arguments") or ""
    assert list(calls) == list(range(len(calls)))
    return list(calls.values())


def by_accumulator(chunks: list[JSON]) -> list[JSON]:
    (choice,) = judged(chunks).choices
    found = choice.message.tool_calls or []
    assert all(call.type == "function" for call in found)
    return [{"id": c.id, **c.function.model_dump(include={"name", "arguments"})} for c in found]


def check(
    chunks: list[JSON], expected: list[tuple[str, Any]], tools: frozenset[str] = TOOLS
) -> None:
    before = copy.deepcopy(chunks)
    given = repaired(chunks, call_of(tools=tools))
    assert chunks == before
    for calls in (by_loop(given), by_accumulator(given)):
        assert [(c["name"], json.loads(c["arguments"])) for c in calls] == expected
        ids = [c["id"] for c in calls]
        assert all(ids)
        assert len(set(ids)) == len(ids)
    finishes = [c["finish_reason"] for m in given for c in m["choices"] if c.get("finish_reason")]
    assert finishes[-1] == ("tool_calls" if expected else "stop")


calls = st.lists(
    st.tuples(st.sampled_from(sorted(TOOLS)), st.dictionaries(st.text(max_size=2), st.integers())),
    min_size=1,
    max_size=4,
)


@st.composite
def engines(draw: st.DrawFn) -> tuple[list[JSON], list[tuple[str, Any]]]:
    """The deltas of an engine that leaves out what it likes, but can be understood."""
    made = draw(calls)
    telling = draw(st.sampled_from(["index", "from 1", "id", "one index", "order"]))
    absent = draw(st.sampled_from(["absent", "null", "empty"]))
    has_ids = telling in ("id", "one index") or draw(st.booleans())
    repeats = draw(st.sampled_from(["nothing", "id", "id and name"]))
    chunks: list[JSON] = []
    for number, (name, arguments) in enumerate(made):
        text = json.dumps(arguments)
        cuts = sorted(draw(st.lists(st.integers(1, len(text) - 1), max_size=3)))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        for place, piece in enumerate(pieces):
            part: JSON = {"function": {"arguments": piece}}
            if place == 0 or repeats == "id and name":
                part["function"]["name"] = name
            if has_ids and (place == 0 or repeats != "nothing"):
                part["id"] = f"call-{number}"
            elif absent != "absent":
                part["id"] = None if absent == "null" else ""
            if telling in ("index", "from 1", "one index"):
                part["index"] = {"index": number, "from 1": number + 1}.get(telling, 0)
            elif absent == "null":
                part["index"] = None
            if draw(st.booleans()):
                part["type"] = draw(st.sampled_from(["function", None]))
            chunks.append(says({"tool_calls": [part]}))
    reason = draw(st.sampled_from(["stop", "tool_calls"]))
    return [*chunks, says({}, finish_reason=reason)], made


@settings(deadline=None)
@given(engines())
def test_any_engine(drawn: tuple[list[JSON], list[tuple[str, Any]]]) -> None:
    check(*drawn)


@settings(deadline=None)
@given(calls, st.sampled_from(["absent", "null", "object", "text"]), st.booleans(), st.booleans())
def test_whole_calls_in_one_chunk_and_in_a_plain_answer(
    made: list[tuple[str, Any]], how: str, indexed: bool, typed: bool
) -> None:
    parts, expected = [], []
    for number, (name, arguments) in enumerate(made):
        function: JSON = {"name": name}
        if how != "absent":
            written = {"null": None, "object": arguments, "text": json.dumps(arguments)}
            function["arguments"] = written[how]
        part: JSON = {"function": function, "id": None}
        part |= {"index": number} if indexed else {}
        part |= {"type": "function"} if typed else {"type": None}
        parts.append(part)
        expected.append((name, arguments if how in ("object", "text") else {}))
    check([says({"tool_calls": parts}, finish_reason="stop")], expected)
    body = completion({"role": "assistant", "tool_calls": parts}, finish_reason="stop")
    before = copy.deepcopy(body)
    (choice,) = repair_completion(body, call_of(tools=TOOLS))["choices"]
    assert body == before
    assert choice["finish_reason"] == "tool_calls"
    found = choice["message"]["tool_calls"]
    assert [
        (c["function"]["name"], json.loads(c["function"]["arguments"])) for c in found
    ] == expected
    assert all(call["type"] == "function" for call in found)
    assert len({call["id"] for call in found}) == len(found)
    assert all(call["id"] for call in found)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("search", "search"),
        ("functions.search", "search"),
        ("functions.search:0", "search"),
        ("search<|channel|>commentary", "search"),
        ("<|start|>assistant<|channel|>commentary to=functions.search<|constrain|>json", "search"),
        ("search<|channel|>pi", "search<|channel|>pi"),  # two tools: which is meant is not known
        ("other<|channel|>commentary", "other<|channel|>commentary"),
        ("", ""),
    ],
)
def test_names_with_format_tokens(name: str, expected: str) -> None:
    assert meant_name(name, TOOLS) == expected
    assert meant_name(name, frozenset()) == name
    chunks = [says({"tool_calls": [{"index": 0, "id": "a", "function": {"name": name}}]})]
    if expected in TOOLS:
        check(chunks, [(expected, {})])


@pytest.mark.parametrize("reason", ["stop", "tool_calls"])
def test_the_finish_reason_agrees_with_the_calls(reason: str) -> None:
    check([says({"content": "hi"}), says({}, finish_reason=reason)], [])
    part = {"index": 0, "id": "a", "function": {"name": "pi", "arguments": "{}"}}
    late = [says({}, finish_reason=reason), says({"tool_calls": [part]})]
    check(late, [("pi", {})])
    for calls_of, named, expected in (
        ([part], False, "tool_calls"),
        ([part], True, reason),
        ([], False, "stop"),
    ):
        body = completion({"role": "assistant", "tool_calls": calls_of}, finish_reason=reason)
        (choice,) = repair_completion(body, call_of(named_choice=named))["choices"]
        assert choice["finish_reason"] == expected
        chunks = [says({"tool_calls": calls_of}, finish_reason=reason)]
        given = repaired(chunks, call_of(named_choice=named))
        assert given[-1]["choices"][0]["finish_reason"] == expected
