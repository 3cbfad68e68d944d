"""What engines and bridges do to a stream of the Responses API: one rule each, with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

JSON = dict[str, Any]
Events = list[JSON]

DELTA, DONE = "response.function_call_arguments.delta", "response.function_call_arguments.done"
ITEM_ADDED, ITEM_DONE = "response.output_item.added", "response.output_item.done"


class Rule(NamedTuple):
    """A deviation: what it does, where it was seen, and whether the repair can undo it exactly.

    ``"no calls"``: but for calls, whose first arguments must wait for the function's name.
    """

    name: str
    source: str
    mangle: Callable[[Events], Events]
    undone: bool | str = True


def _is_call_end(event: JSON) -> bool:
    return event["type"] == DONE or (
        event["type"] == ITEM_DONE and event["item"]["type"] == "function_call"
    )


def _early_ends(events: Events) -> Events:
    """Send the ends of each call right after it is announced, the deltas behind them."""
    made: Events = []
    for event in events:
        if event["type"] == ITEM_ADDED and event["item"]["type"] == "function_call":
            index = event["output_index"]
            own = [e for e in events if _is_call_end(e) and e["output_index"] == index]
            made += [event, *own]
        elif not _is_call_end(event):
            made.append(event)
    return made


def _other_arguments(arguments: str) -> Callable[[Events], Events]:
    def mangle(events: Events) -> Events:
        made: Events = []
        for event in events:
            if event["type"] == DONE:
                made.append({**event, "arguments": arguments})
            elif _is_call_end(event):
                made.append({**event, "item": {**event["item"], "arguments": arguments}})
            elif event["type"].startswith("response.completed"):
                output = [
                    {**i, "arguments": arguments} if i["type"] == "function_call" else i
                    for i in event["response"]["output"]
                ]
                made.append({**event, "response": {**event["response"], "output": output}})
            else:
                made.append(event)
        return made

    return mangle


def _without(*kinds: str) -> Callable[[Events], Events]:
    return lambda events: [event for event in events if event["type"] not in kinds]


def _without_field(*names: str) -> Callable[[Events], Events]:
    return lambda events: [{n: v for n, v in e.items() if n not in names} for e in events]


def _fresh_ids(events: Events) -> Events:
    """Give each delta an id of its own."""
    return [
        {**event, "item_id": f"{event['item_id']}_{number}"}
        if event["type"].endswith(".delta")
        else event
        for number, event in enumerate(events)
    ]


def _one_index(events: Events) -> Events:
    return [{**event, "output_index": 0} if "output_index" in event else event for event in events]


def _numbers(number: Any) -> Callable[[Events], Events]:
    return lambda events: [{**event, "sequence_number": number} for event in events]


def _ends_last(events: Events) -> Events:
    """Send the ends of all items last, in reverse."""
    ends = [event for event in events if event["type"] == ITEM_DONE]
    others = [event for event in events if event["type"] != ITEM_DONE]
    return [*others[:-1], *reversed(ends), others[-1]]


def _twice(*kinds: str) -> Callable[[Events], Events]:
    return lambda events: [e for event in events for e in [event] * (1 + (event["type"] in kinds))]


def _end_without(*, output: bool) -> Callable[[Events], Events]:
    def mangle(events: Events) -> Events:
        last = events[-1]
        response = {n: v for n, v in last["response"].items() if n != "output"}
        if output:
            response["output"] = []
        return [*events[:-1], {**last, "response": response}]

    return mangle


def _end_named_otherwise(events: Events) -> Events:
    return [*events[:-1], {**events[-1], "type": "response.completed"}]


def _other_response_id(events: Events) -> Events:
    last = events[-1]
    return [*events[:-1], {**last, "response": {**last["response"], "id": "resp_other"}}]


def _empty_message(events: Events) -> Events:
    """Send an empty message before the first function call."""
    item = {"id": "msg_0", "type": "message", "role": "assistant"}
    at = {"output_index": 0, "item_id": "msg_0", "content_index": 0}
    part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    empty: Events = [
        {
            "type": ITEM_ADDED,
            "output_index": 0,
            "item": {**item, "status": "in_progress", "content": []},
        },
        {"type": "response.content_part.added", **at, "part": part},
        {"type": "response.output_text.done", **at, "text": "", "logprobs": []},
        {"type": "response.content_part.done", **at, "part": part},
        {
            "type": ITEM_DONE,
            "output_index": 0,
            "item": {**item, "status": "completed", "content": [part]},
        },
    ]
    calls = [
        n
        for n, e in enumerate(events)
        if e["type"] == ITEM_ADDED and e["item"]["type"] == "function_call"
    ]
    if not calls:
        return events
    return [*events[: calls[0]], *empty, *events[calls[0] :]]


def _interleaved_calls(events: Events) -> Events:
    """Announce a second call while the first is streamed, and stream both at once."""
    indexes = [
        e["output_index"]
        for e in events
        if e["type"] == ITEM_ADDED and e["item"]["type"] == "function_call"
    ]
    pairs = [(one, one + 1) for one in indexes if one + 1 in indexes]
    if not pairs:
        return events
    one, two = pairs[0]
    first = [e for e in events if e.get("output_index") == one]
    second = [e for e in events if e.get("output_index") == two]
    mixed: Events = []
    for number in range(max(len(first), len(second))):
        mixed += [*first[number : number + 1], *second[number : number + 1]]
    at = next(n for n, e in enumerate(events) if e.get("output_index") == one)
    rest = [e for e in events if e.get("output_index") not in (one, two)]
    return [*rest[:at], *mixed, *rest[at:]]


RULES: tuple[Rule, ...] = (
    Rule("nothing", "OAI", lambda events: events),
    Rule("ends of a call come first", "OFF function_arguments_consistency", _early_ends),
    Rule(
        "final arguments are others",
        "OFF function_arguments_consistency",
        _other_arguments('{"a": "other"}'),
    ),
    Rule("final arguments are cut", "OFF function_arguments_consistency", _other_arguments('{"a"')),
    Rule("final arguments are empty", "OFF function_arguments_consistency", _other_arguments("")),
    Rule("no arguments.done", "missing done", _without(DONE)),
    Rule("no text.done", "missing done", _without("response.output_text.done")),
    Rule("no part.done", "missing done", _without("response.content_part.done")),
    Rule("no summary done", "missing done", _without("response.reasoning_summary_text.done")),
    Rule("no summary part done", "missing done", _without("response.reasoning_summary_part.done")),
    Rule("no item.done", "missing done", _without(ITEM_DONE)),
    Rule(
        "no done at all",
        "missing done",
        _without(
            ITEM_DONE,
            DONE,
            "response.output_text.done",
            "response.content_part.done",
            "response.reasoning_summary_text.done",
            "response.reasoning_summary_part.done",
        ),
    ),
    Rule("no item.added", "LiteLLM 41185, 32777", _without(ITEM_ADDED), undone="no calls"),
    Rule(
        "no part.added",
        "LiteLLM 41185",
        _without("response.content_part.added", "response.reasoning_summary_part.added"),
    ),
    Rule("no response.created", "order", _without("response.created"), undone=False),
    Rule("no response.in_progress", "order", _without("response.in_progress")),
    Rule(
        "no beginning", "order", _without("response.created", "response.in_progress"), undone=False
    ),
    Rule("an id for each delta", "LiteLLM 36375", _fresh_ids),
    Rule("all on one index", "LiteLLM 36375", _one_index),
    Rule("an id for each delta, one index", "LiteLLM 36375", lambda e: _one_index(_fresh_ids(e))),
    Rule("no output_index", "LiteLLM 36375", _without_field("output_index")),
    Rule("no summary_index", "LiteLLM 38654", _without_field("summary_index")),
    Rule("no content_index", "LiteLLM 38654", _without_field("content_index")),
    Rule("no logprobs", "SDK required field", _without_field("logprobs")),
    Rule("no numbers", "sequence_number", _without_field("sequence_number")),
    Rule("one number", "sequence_number", _numbers(0)),
    Rule("no number", "sequence_number", _numbers(None)),
    Rule("ends last, reversed", "LiteLLM 38654, 36356", _ends_last),
    Rule("announced twice", "order", _twice(ITEM_ADDED, "response.content_part.added")),
    Rule("ended twice", "order", _twice(ITEM_DONE, DONE, "response.output_text.done")),
    Rule("begun twice", "order", _twice("response.created", "response.in_progress")),
    Rule(
        "the end twice", "one terminal event", _twice("response.completed", "response.incomplete")
    ),
    Rule("no output in the end", "SDK", _end_without(output=False)),
    Rule("empty output in the end", "SDK", _end_without(output=True)),
    Rule("the end is named otherwise", "OAI MaxTokens", _end_named_otherwise),
    Rule("another response id in the end", "SDK raises", _other_response_id),
    Rule("an empty message beside a call", "LiteLLM 37852", _empty_message),
    Rule("two calls at once", "LiteLLM 38654", _interleaved_calls),
)
