"""Streams that engines and bridges mangled arrive as OpenAI sends them; those that are right, untouched."""

from __future__ import annotations

import json
from typing import Any

import pytest
from depth import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from open_responses import check_event
from openai._models import construct_type
from openai._types import NOT_GIVEN
from openai.lib.streaming.responses import _responses
from openai.types.responses import ResponseStreamEvent
from response_events import Call, Message, Reasoning, Spec, problems, stream
from response_mangling import RULES, Rule

from baseten_openai.responses.context import ResponsesContext
from baseten_openai.responses.stream_repair import StreamRepair

JSON = dict[str, Any]


def repaired(events: list[JSON], context: ResponsesContext | None = None) -> list[JSON]:
    repair = StreamRepair(context or ResponsesContext([]))
    made = [out for event in events for out in repair.feed(event)]
    assert repair.complete
    return made


def cut(text: str, at: list[int]) -> tuple[str, ...]:
    places = sorted({place % len(text) for place in at} - {0})
    ends = [*places, len(text)]
    return tuple(text[one:two] for one, two in zip([0, *places], ends, strict=True))


texts = st.text(min_size=1, max_size=12)
places = st.lists(st.integers(0, 40), max_size=4)
messages = st.builds(lambda text, at: Message(cut(text, at)), texts, places)
thoughts = st.builds(lambda text, at: Reasoning(cut(text, at)), texts, places)
calls = st.builds(
    lambda name, value, at: Call(name, cut(json.dumps({"a": value}), at)),
    st.sampled_from(["look_up", "add"]),
    st.one_of(texts, st.integers(), st.lists(st.integers(), max_size=2)),
    places,
)
answers = st.lists(st.one_of(messages, thoughts, calls), min_size=1, max_size=4)
"""Any items in any order; neighbours of one kind are told apart by ``distinct``."""


def distinct(specs: list[Spec]) -> list[Spec]:
    """Leave out what no reader could tell apart once ids and announcements are gone."""
    kept: list[Spec] = []
    for spec in specs:
        if not kept or type(kept[-1]) is not type(spec):
            kept.append(spec)
    return kept


NEEDS_DISTINCT = frozenset(
    {"no item.added", "no output_index", "all on one index", "an id for each delta, one index"}
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@settings(max_examples=examples(30), deadline=None)
@given(specs=answers, status=st.sampled_from(["completed", "incomplete"]))
def test_what_was_mangled_arrives_repaired(rule: Rule, specs: list[Spec], status: str) -> None:
    if rule.name in NEEDS_DISTINCT:
        specs = distinct(specs)
    right = stream(specs, status)
    mangled = rule.mangle(right)
    made = repaired(mangled)
    assert problems(made) == []
    has_calls = any(isinstance(spec, Call) for spec in specs)
    if rule.undone is True or (rule.undone == "no calls" and not has_calls):
        assert made == right
    assert made[-1]["response"]["output"] == right[-1]["response"]["output"]


EACH_KIND: list[Spec] = [
    Reasoning(("Let me", " see.")),
    Call("add", ('{"a"', ": 1}")),
    Call("look_up", ('{"a": "x"', "}")),
    Message(("Hello", ", Ada.")),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_schema_and_the_sdk_accept_what_was_repaired(rule: Rule) -> None:
    specs = distinct(EACH_KIND) if rule.name in NEEDS_DISTINCT else EACH_KIND
    made = repaired(rule.mangle(stream(specs)))
    state = _responses.ResponseStreamState(input_tools=NOT_GIVEN, text_format=NOT_GIVEN)
    for event in made:
        check_event(event)
        parsed: Any = construct_type(value=event, type_=ResponseStreamEvent)
        state.handle_event(parsed)
