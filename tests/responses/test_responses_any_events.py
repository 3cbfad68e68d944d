"""Events of any kind, in any order and with any holes: the repair never fails."""

from __future__ import annotations

from typing import Any

from depth import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from response_events import Call, Message, Reasoning, stream

from baseten_openai.responses.context import GivenTool, ResponsesContext
from baseten_openai.responses.repair import repair_response
from baseten_openai.responses.stream_repair import StreamRepair

JSON = dict[str, Any]
RIGHT = stream(
    [Reasoning(("a", "b")), Message(("c", "d")), Call("f", ('{"a"', ": 1}")), Call("g", ("{}",))]
)
junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 3),
    st.text(max_size=3),
    st.just([]),
    st.just({}),
    st.just([1]),
)


@st.composite
def holed(draw: st.DrawFn) -> JSON:
    """An event with fields taken out, or with junk in them, also one level below."""
    event = dict(draw(st.sampled_from(RIGHT)))
    for name in draw(st.lists(st.sampled_from(sorted(event)), max_size=2, unique=True)):
        if draw(st.booleans()):
            del event[name]
        elif name != "type":
            event[name] = draw(junk)
    for name in ("item", "part", "response"):
        inner = event.get(name)
        if isinstance(inner, dict) and inner and draw(st.booleans()):
            event[name] = {**inner, draw(st.sampled_from(sorted(inner))): draw(junk)}
    return event


@settings(max_examples=examples(300), deadline=None)
@given(events=st.lists(holed(), max_size=12), custom=st.booleans())
def test_nothing_makes_the_repair_fail(events: list[JSON], custom: bool) -> None:
    context = ResponsesContext([])
    if custom:
        context.given_tools = {"f": GivenTool("custom", "f")}
    repair = StreamRepair(context)
    for event in events:
        repair.feed(event)
        repair.partial()


@settings(max_examples=examples(200), deadline=None)
@given(data=st.data())
def test_nothing_makes_the_repair_of_a_response_fail(data: st.DataObject) -> None:
    whole = dict(RIGHT[-1]["response"])
    whole[data.draw(st.sampled_from(sorted(whole)))] = data.draw(junk)
    items = [dict(item) for item in RIGHT[-1]["response"]["output"]]
    item = data.draw(st.sampled_from(items))
    item[data.draw(st.sampled_from(sorted(item)))] = data.draw(junk)
    repair_response({**whole, "output": items}, ResponsesContext([]))
