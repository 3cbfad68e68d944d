"""Real answers of OpenAI's own Responses API pass the repair untouched, and arrive so when mangled.

They are not Baseten's: they show what code written for the API gets. Not part of the project.
"""

from __future__ import annotations

import gzip
import json
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

import openai
import pytest
from chat_routes import items
from client_factories import SYNC_AND_ASYNC, settled
from response_mangling import RULES, Rule

import baseten_openai
from baseten_openai.responses.context import ResponsesContext
from baseten_openai.responses.memory import Record
from baseten_openai.responses.repair import repair_response
from baseten_openai.responses.stream_repair import StreamRepair
from baseten_openai.sdk import responses_memory

from .exchanges import FOLDER
from .server import Reply, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .server import Recorded

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


MODEL = "zai-org/GLM-5.2"


@pytest.fixture(scope="module")
def loopback() -> Iterator[Recorded]:
    """Serve on loopback."""
    with running() as server:
        yield server


def all_exchanges() -> pytest.MarkDecorator:
    rows = [pytest.param(row, id=row["case"].removeprefix("TestClient/")) for row in exchanges()]
    skip = [pytest.param(None, marks=pytest.mark.skip(reason=ABSENT), id="absent")]
    return pytest.mark.parametrize("exchange", rows or skip)


async def outcome(client: Any, asked: JSON) -> Any:
    """Return what a call gives: an answer, events, or the class and the words of an error."""
    try:
        made = await settled(client.responses.create(**asked))
        if asked.get("stream"):
            return [event.to_dict(warnings=False) async for event in items(made)]
        return made.to_dict(warnings=False)
    except openai.APIStatusError as error:
        return [cls for cls in type(error).__mro__ if cls.__module__ == "openai"], error.status_code
    finally:
        await settled(client.close())


@pytest.mark.anyio
@all_exchanges()
@SYNC_AND_ASYNC
async def test_each_exchange_arrives_as_on_the_bare_sdk(
    exchange: JSON, is_async: bool, loopback: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = tuple(exchange["headers"].items())
    loopback.prepare(Reply(exchange["status"], headers, exchange["body"].encode()))
    asked = exchange["request"]
    if previous := asked.get("previous_response_id"):
        answer = {"id": previous, "output": [], "status": "completed"}
        record = Record(b'{"input": "Hi"}', json.dumps(answer).encode())
        responses_memory.memory().store.put(previous, record)
    monkeypatch.setenv("BASETEN_API_KEY", "key")
    bare_class, our_class = (
        (openai.AsyncOpenAI, baseten_openai.AsyncOpenAI)
        if is_async
        else (openai.OpenAI, baseten_openai.OpenAI)
    )
    base_url = loopback.base_url
    expected = await outcome(bare_class(base_url=base_url, api_key="k", max_retries=0), asked)
    ours = our_class(
        base_url=base_url,
        max_retries=0,
        aliases={asked["model"]: MODEL},
        on_unsupported="ignore",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", baseten_openai.BasetenWarning)
        assert await outcome(ours, asked) == expected
    sent = loopback.received[-1].body
    assert sent["model"] == MODEL
    assert "previous_response_id" not in sent
