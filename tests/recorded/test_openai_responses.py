"""Real answers of OpenAI's own Responses API pass the repair untouched, and arrive so when mangled.

They are not Baseten's: they show what code written for the API gets. Not part of the project.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

import pytest
from response_mangling import RULES, Rule

from baseten_openai.responses.context import ResponsesContext
from baseten_openai.responses.repair import repair_response
from baseten_openai.responses.stream_repair import StreamRepair

from .exchanges import FOLDER

JSON = dict[str, Any]
PATH = FOLDER.parent / "recordings-openai" / "openai-responses.jsonl.gz"
ABSENT = f"the recordings of OpenAI's Responses API are not part of the project: no {PATH}"


@cache
def exchanges() -> list[JSON]:
    if not PATH.exists():
        return []
    with gzip.open(PATH, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def over(*, stream: bool) -> pytest.MarkDecorator:
    """Run the test once for each recorded answer."""
    rows = [
        pytest.param(row, id=row["case"].rpartition("/")[2])
        for row in exchanges()
        if row["status"] == 200 and bool(row["request"].get("stream")) is stream
    ]
    skip = [pytest.param(None, marks=pytest.mark.skip(reason=ABSENT), id="absent")]
    return pytest.mark.parametrize("exchange", rows or skip)


def events_of(exchange: JSON) -> list[JSON]:
    blocks = exchange["body"].split("\n\n")
    return [json.loads(block.partition("data: ")[2]) for block in blocks if "data: " in block]


def repaired(events: list[JSON]) -> tuple[list[JSON], ResponsesContext]:
    context = ResponsesContext([])
    repair = StreamRepair(context)
    return [out for event in events for out in repair.feed(event)], context


@pytest.mark.skipif(not exchanges(), reason=ABSENT)
def test_there_are_as_many_as_the_readme_says() -> None:
    assert len(exchanges()) == 46
    assert sum(bool(row["request"].get("stream")) for row in exchanges()) == 22


@over(stream=True)
def test_a_right_stream_passes_as_the_same_events(exchange: JSON) -> None:
    events = events_of(exchange)
    made, context = repaired(events)
    assert len(made) == len(events)
    assert all(one is other for one, other in zip(made, events, strict=True))
    assert context.notes == []


@over(stream=False)
def test_a_right_response_passes_as_the_same_object(exchange: JSON) -> None:
    answer, context = json.loads(exchange["body"]), ResponsesContext([])
    assert repair_response(answer, context) is answer
    assert context.notes == []


TEXT_OF = ("text", "refusal", "arguments", "name", "call_id", "id", "type")


def told(item: JSON) -> JSON:
    """Reduce an item to what it says; encrypted reasoning differs from event to event."""
    said = {name: item[name] for name in TEXT_OF if name in item}
    for field in ("content", "summary"):
        said[field] = [(part["type"], part.get("text")) for part in item.get(field) or ()]
    return said


@over(stream=True)
@pytest.mark.parametrize(
    "rule",
    [rule for rule in RULES if rule.name != "an empty message beside a call"],
    ids=lambda r: r.name,
)
def test_a_mangled_stream_says_the_same(exchange: JSON, rule: Rule) -> None:
    events = events_of(exchange)
    made, _ = repaired(rule.mangle(events))
    numbers = [event["sequence_number"] for event in made]
    assert numbers == list(range(numbers[0], numbers[0] + len(made)))
    output = [told(item) for item in made[-1]["response"]["output"]]
    assert output == [told(item) for item in events[-1]["response"]["output"]]
    if rule.undone is True:
        assert [event["type"] for event in made] == [event["type"] for event in events]
