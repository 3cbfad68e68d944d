"""A stream is put in OpenAI's order, chunk by chunk; the SDK's own accumulator is the judge."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

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

from baseten_openai.chat.repair import REPAIRS
from baseten_openai.chat.stream_repair import StreamRepair

if TYPE_CHECKING:
    from collections.abc import Callable

# The three recorded styles: evidence.md#streaming, evidence.md#differences-from-openai.


def february(delta: JSON, **fields: Any) -> JSON:
    """All keys, the role on every delta, an empty list of tool calls; usage on every chunk."""
    keys = {"content": "", "function_call": None, "tool_calls": [], "role": "assistant"}
    return says({**keys, "refusal": None, **delta}, usage=USAGE, **fields)


def may(delta: JSON, **fields: Any) -> JSON:
    """All keys with nulls, the role null after the first delta; usage on every chunk."""
    keys = {"content": None, "function_call": None, "tool_calls": None, "role": None}
    nulls = {"service_tier": None, "system_fingerprint": None, "usage": USAGE}
    made = says({**keys, "refusal": None, **delta}, **fields)
    return {**made, **nulls}


def june(delta: JSON, **fields: Any) -> JSON:
    """Only the keys that are set; usage on most chunks."""
    return says(delta, usage=USAGE, **fields)


LAST = chunk(usage=USAGE)
REASON = {"finish_reason": "stop"}
CALLED = {"finish_reason": "tool_calls"}

TEXT = {
    "february": [
        february({"reasoning_content": "Hm"}),
        february({"reasoning_content": "m."}),
        february({"content": "Hel"}),
        february({"content": "lo"}),
        february({}, **REASON),
        LAST,
    ],
    "may": [
        may({"role": "assistant"}),
        may({"reasoning_content": "Hm"}),
        may({"reasoning_content": "m."}),
        may({"content": "Hello"}),
        may({}, **REASON),
        LAST,
    ],
    "june": [
        june({"role": "assistant", "reasoning_content": "Hmm."}),
        june({"content": "Hel"}),
        june({"content": "lo"}, **REASON, stop_reason=154827),
        LAST,
    ],
}
FIRST = {"name": "square_root", "arguments": ""}
CALLS = {
    "february, fresh ids": [
        february({"reasoning_content": "Hm"}),
        february({"tool_calls": [tool(0, id="chatcmpl-tool-63", **FIRST)]}),
        february({"tool_calls": [tool(0, id="chatcmpl-tool-cb", name="", arguments='{"x": 1')]}),
        february({"tool_calls": [tool(0, id="chatcmpl-tool-e4", name="", arguments="}")]}),
        february({"tool_calls": [tool(1, id="chatcmpl-tool-f1", name="pi", arguments="{}")]}),
        february({}, **CALLED),
        LAST,
    ],
    "may, repeated ids": [
        may({"role": "assistant"}),
        may({"reasoning_content": "Hm"}),
        may({"tool_calls": [tool(0, id="chatcmpl-tool-63", **FIRST)]}),
        may({"tool_calls": [tool(0, id="chatcmpl-tool-63", name=None, arguments='{"x": 1')]}),
        may({"tool_calls": [tool(0, id="chatcmpl-tool-63", name=None, arguments="}")]}),
        may({"tool_calls": [tool(1, id="chatcmpl-tool-f1", name="pi", arguments="{}")]}),
        may({}, **CALLED),
        LAST,
    ],
    "june, names absent": [
        june({"role": "assistant", "reasoning_content": "Hm"}),
        june(
            {
                "tool_calls": [
                    tool(0, id="chatcmpl-tool-63", name="square_root", arguments='{"x": 1')
                ]
            }
        ),
        june({"tool_calls": [tool(0, id="chatcmpl-tool-63", arguments="}")]}),
        june(
            {"tool_calls": [tool(1, id="chatcmpl-tool-f1", name="pi", arguments="{}")]},
            **CALLED,
            stop_reason=154829,
        ),
        LAST,
    ],
    "name repeated, several deltas of a call in one event": [
        june(
            {
                "role": "assistant",
                "reasoning_content": "Hm",
                "tool_calls": [
                    tool(0, id="chatcmpl-tool-63", **FIRST),
                    tool(0, id="chatcmpl-tool-63", name="square_root", arguments='{"x": 1'),
                    tool(1, id="chatcmpl-tool-f1", name="pi", arguments="{"),
                    tool(0, id="chatcmpl-tool-99", arguments="}"),
                    tool(1, arguments="}"),
                ],
            },
            **CALLED,
        ),
        LAST,
    ],
}


@pytest.mark.parametrize("chunks", TEXT.values(), ids=TEXT)
def test_a_text_is_the_same_in_each_style(chunks: list[JSON]) -> None:
    given = repaired(chunks)
    assert message_of(given) == {
        "role": "assistant",
        "content": "Hello",
        "reasoning_content": "Hmm.",
    }
    assert judged(given).choices[0].finish_reason == "stop"


@pytest.mark.parametrize("chunks", CALLS.values(), ids=CALLS)
def test_tool_calls_are_the_same_in_each_style(chunks: list[JSON]) -> None:
    given = repaired(chunks)
    message = message_of(given)
    assert [
        (made["id"], made["type"], made["function"]["name"], made["function"]["arguments"])
        for made in message.pop("tool_calls")
    ] == [
        ("chatcmpl-tool-63", "function", "square_root", '{"x": 1}'),
        ("chatcmpl-tool-f1", "function", "pi", "{}"),
    ]
    assert (message.get("content") or "", message["reasoning_content"]) == ("", "Hm")
    assert message["role"] == "assistant"
    assert judged(given).choices[0].finish_reason == "tool_calls"


def deltas(chunks: list[JSON]) -> list[JSON]:
    return [one["delta"] for made in chunks for one in made["choices"]]


@pytest.mark.parametrize("chunks", [*TEXT.values(), *CALLS.values()], ids=[*TEXT, *CALLS])
def test_role_ids_and_names_come_once(chunks: list[JSON]) -> None:
    given = deltas(repaired(chunks))
    assert [bool(delta.get("role")) for delta in given] == [True, *[False] * (len(given) - 1)]
    parts = [part for delta in given for part in delta.get("tool_calls") or ()]
    for index in {part["index"] for part in parts}:
        first, *rest = (part for part in parts if part["index"] == index)
        assert first["id"]
        assert first["function"]["name"]
        for part in rest:
            assert (part.get("id"), part["function"].get("name")) == (None, None)
    for delta in given:
        indexes = [part["index"] for part in delta.get("tool_calls") or ()]
        assert len(indexes) == len(set(indexes))


@pytest.mark.parametrize("chunks", [*TEXT.values(), *CALLS.values()], ids=[*TEXT, *CALLS])
def test_what_was_received_is_not_changed(chunks: list[JSON]) -> None:
    before = copy.deepcopy(chunks)
    repaired(chunks, call_of(asked_usage=True, structured=True))
    repaired(chunks, call_of(legacy_functions=True))
    assert chunks == before


def test_the_first_delta_has_the_fields_of_a_plain_message() -> None:
    first, *_ = deltas(repaired([june({"content": "Hi"}), LAST]))
    assert first == {"role": "assistant", "content": "Hi", "reasoning_content": None}


def test_reasoning_under_its_old_name_is_given_under_the_new_one() -> None:
    given = deltas(repaired([says({"reasoning": "Hm"}), says({"reasoning": "m"}, **REASON)]))
    assert [delta["reasoning_content"] for delta in given] == ["Hm", "m"]


def test_parallel_calls_with_one_id_are_told_apart() -> None:
    # 4.1: Kimi K2 gave index 0 and 1 both functions.best_country:0
    twice = [
        tool(index, id="functions.best_country:0", name="best_country", arguments="{}")
        for index in (0, 1)
    ]
    call = call_of()
    given = repaired([june({"tool_calls": [part]}) for part in twice], call)
    ids = [made["id"] for made in message_of(given)["tool_calls"]]
    assert ids == ["functions.best_country:0", "functions.best_country:0-1"]
    assert "tool_calls.id" in [note.param for note in call.notes]


def test_an_id_that_comes_late_is_still_given() -> None:
    parts = [tool(0, id="", name="pi", arguments=""), tool(0, id="call-1", arguments="{}")]
    given = repaired([june({"tool_calls": [part]}) for part in parts])
    assert message_of(given)["tool_calls"][0]["id"] == "call-1"


def test_a_name_in_pieces_is_joined() -> None:
    parts = [tool(0, id="a", name="square", arguments=""), tool(0, name="_root", arguments="{}")]
    given = repaired([june({"tool_calls": [part]}) for part in parts])
    assert message_of(given)["tool_calls"][0]["function"]["name"] == "square_root"


# Usage: OpenAI gives it once, last, in a chunk without choices, and only when asked
# (evidence.md#usage-on-every-chunk)

ON_CHOICES = [june({"content": "a"}), {**june({"content": "b"}, **REASON), "usage": None}]
USAGES = {
    "on every chunk and last": [*ON_CHOICES, LAST],
    "only on chunks with choices": ON_CHOICES,  # 4.3: GLM 5.1 and 5.2 after a stop string
    "only last": [says({"content": "a"}), says({"content": "b"}, **REASON), LAST],
    "cumulative": [
        says({"content": "a"}, usage={**USAGE, "completion_tokens": 1, "total_tokens": 11}),
        says({"content": "b"}, usage={**USAGE, "completion_tokens": 2, "total_tokens": 12}),
        says({}, usage=USAGE, **REASON),
    ],
}


@pytest.mark.parametrize("chunks", USAGES.values(), ids=USAGES)
def test_usage_that_was_asked_for_comes_once_and_last(chunks: list[JSON]) -> None:
    *before, last = repaired(chunks, call_of(asked_usage=True))
    assert (last["choices"], last["usage"]) == ([], USAGE)
    assert {name: last[name] for name in ("id", "created", "model", "object")} == {
        name: LAST[name] for name in ("id", "created", "model", "object")
    }
    assert [made.get("usage") for made in before] == [None] * len(before)
    assert all(made["choices"] for made in before)
    usage = judged([*before, last]).usage
    assert usage is not None
    assert usage.to_dict() == USAGE


@pytest.mark.parametrize("chunks", USAGES.values(), ids=USAGES)
def test_usage_that_was_not_asked_for_does_not_come(chunks: list[JSON]) -> None:
    call = call_of()
    given = repaired(chunks, call)
    assert [made.get("usage") for made in given] == [None] * len(given)
    assert all(made["choices"] for made in given)
    assert ("repaired", "usage", REPAIRS["usage"].message) in call.notes


def test_usage_that_never_came_is_not_made_up() -> None:
    given = repaired([says({"content": "a"}, **REASON)], call_of(asked_usage=True))
    assert [(made.get("usage"), len(made["choices"])) for made in given] == [(None, 1)]


def test_usage_as_openai_gives_it_is_no_repair() -> None:
    call = call_of(asked_usage=True)
    repaired(USAGES["only last"], call)
    assert call.notes == []


# What passes

UNKNOWN: list[JSON] = [
    {"choices": None, "id": "1"},
    {"object": "ping"},
    {},
    {"choices": {"0": 1}, "usage": USAGE},
    {"type": "keepalive", "data": [1]},
]


@pytest.mark.parametrize("event", UNKNOWN)
def test_an_event_that_is_no_chunk_passes_as_it_is(event: JSON) -> None:
    repair = StreamRepair(call_of())
    assert [repair.feed(one) for one in (event, june({"content": "a"}))][0] == [event]  # noqa: RUF015  # both are fed
    assert repair.feed(event) == [event]


@pytest.mark.parametrize(
    "calls", [[None], ["x"], [{"function": {"name": "a"}}, {"function": {"name": "b"}}], [{}, 1]]
)
@pytest.mark.parametrize("legacy", [False, True])
def test_tool_calls_of_an_unknown_shape_pass_as_they_are(calls: list[Any], legacy: bool) -> None:
    given = copy.deepcopy(calls)
    (made,) = StreamRepair(call_of(legacy_functions=legacy)).feed(says({"tool_calls": given}))
    assert made["choices"][0]["delta"]["tool_calls"] == given == calls


TOLD: dict[str, tuple[Callable[[], list[JSON]], list[str]]] = {
    "role": (
        lambda: [june({"role": "assistant"}), june({"role": "assistant"}, **REASON)],
        ["role"],
    ),
    "ids": (lambda: CALLS["may, repeated ids"], ["tool_calls"]),
    "nothing": (lambda: [says({"role": "assistant"}), says({"content": "a"}, **REASON)], []),
    "choices twice": (
        lambda: [chunk(choice({"role": "assistant"}, 0)), says({"role": "assistant"}, 0, **REASON)],
        ["role"],
    ),
}


@pytest.mark.parametrize(("make", "params"), TOLD.values(), ids=TOLD)
def test_each_kind_of_repair_is_noted_once(
    make: Callable[[], list[JSON]], params: list[str]
) -> None:
    call = call_of()
    repaired(make(), call)
    noted = [note for note in call.notes if note.param != "usage"]
    assert noted == [("repaired", param, REPAIRS[param].message) for param in params]
