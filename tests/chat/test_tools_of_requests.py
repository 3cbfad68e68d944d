"""A tool of a request has only the keys that Baseten's document allows."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from baseten_openai.chat.prepare import prepare
from baseten_openai.models.catalog import Catalog

if TYPE_CHECKING:
    from baseten_openai.chat.request_context import PreparedBody

CATALOG = Catalog.bundled()
JSON = dict[str, Any]
NAMES = ("strict", "additionalProperties", "name", "description", "parameters", "cache_control")
INSIDE = {"name", "description", "parameters", "strict"}  # SPEC FunctionDefinition


def prepared(tools: list[Any]) -> PreparedBody:
    model = CATALOG.get("zai-org/GLM-4.7")
    body = {"messages": [{"role": "user", "content": "hi"}], "tools": tools}
    return prepare(body, model, catalog=CATALOG)


def test_a_key_that_belongs_into_the_function_is_moved_and_another_left_out() -> None:
    function = {"name": "pi", "parameters": {}}
    tool = {"type": "function", "function": function, "strict": True, "additionalProperties": False}
    made = prepared([tool])
    assert made["tools"] == [{"type": "function", "function": {**function, "strict": True}}]
    assert [(note.kind, note.param) for note in made.context.notes] == [
        ("converted", "tools[0].strict"),
        ("dropped", "tools[0].additionalProperties"),
    ]


@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from(NAMES), st.none() | st.booleans() | st.text()),
            st.dictionaries(st.sampled_from(NAMES[:5]), st.none() | st.booleans() | st.text()),
        ),
        max_size=3,
    )
)
def test_any_keys(drawn: list[tuple[JSON, JSON]]) -> None:
    tools = [{"type": "function", "function": function, **beside} for beside, function in drawn]
    before = copy.deepcopy(tools)
    made = prepared(tools)
    assert tools == before
    assert len(made["tools"]) == len(tools)
    for index, (tool, (beside, function)) in enumerate(zip(made["tools"], drawn, strict=True)):
        assert tool.keys() == {"type", "function"}
        for name, value in function.items():
            if value is not None:
                assert tool["function"][name] == value
        noted = [n.param for n in made.context.notes if n.param.startswith(f"tools[{index}].")]
        assert noted == [f"tools[{index}].{name}" for name in beside]
        for name in beside.keys() & INSIDE:
            if beside[name] is not None and function.get(name) is None:
                assert tool["function"][name] == beside[name]
