"""The Responses API on the wire: what is sent for OpenAI's parameters, and what comes of the answer.

Expected values are read from the cassette's bytes, so that the tests hold for a recording from the
emulator and for one from the real service.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pydantic
import pytest

import baseten_openai
from baseten_openai import errors

from .conftest import all_of, opened, settle

if TYPE_CHECKING:
    from .conftest import Wire

pytestmark = [pytest.mark.vcr, pytest.mark.anyio]

SLUG = "zai-org/GLM-5.3"
EARLY = "nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B"
LIMIT = 2000
FRANCE = "What is the capital of France? Answer in one sentence."
WEATHER: dict[str, Any] = {
    "type": "function",
    "name": "get_weather",
    "description": "Tell the weather of a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}
ASKED: dict[str, Any] = {"model": SLUG, "input": FRANCE, "max_output_tokens": LIMIT}


async def create(client: Any, **options: Any) -> Any:
    return await settle(client.responses.create(**ASKED | options))


def text_in(received: Any) -> str:
    items = [item for item in received["output"] if item["type"] == "message"]
    return "".join(part["text"] for item in items for part in item["content"])


async def test_responses_plain(client: Any, wire: Wire) -> None:
    with pytest.warns(baseten_openai.BasetenWarning, match="metadata is not sent"):
        answer = await create(client, metadata={"topic": "capitals"})
    assert wire.sent() == ASKED
    assert answer.output_text == text_in(wire.received())
    assert answer.output_text
    assert answer.metadata == {"topic": "capitals"}
    assert answer.status == "completed"
    assert answer.usage.total_tokens == wire.received()["usage"]["total_tokens"]


async def test_responses_stream(client: Any, wire: Wire) -> None:
    events = await all_of(await create(client, stream=True))
    assert wire.sent() == {**ASKED, "stream": True}
    kinds = [event.type for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] == "response.completed"
    deltas = [e.delta for e in events if e.type == "response.output_text.delta"]
    sent = [c["delta"] for c in wire.chunks() if c["type"] == "response.output_text.delta"]
    assert deltas == sent
    assert events[-1].response.output_text == "".join(deltas)


async def test_responses_stream_of_a_call(client: Any, wire: Wire) -> None:
    asked = {"model": EARLY, "input": "What is the weather in Paris?", "tools": [WEATHER]}
    events = await all_of(await create(client, stream=True, **asked))
    done = [e for e in events if e.type == "response.function_call_arguments.done"]
    deltas = [
        c["delta"] for c in wire.chunks() if c["type"] == "response.function_call_arguments.delta"
    ]
    assert [event.arguments for event in done] == ["".join(deltas)]
    assert json.loads(done[0].arguments) == {"city": "Paris"}
    (call,) = [i for i in events[-1].response.output if i.type == "function_call"]
    assert call.arguments == done[0].arguments


async def test_responses_tool_loop(client: Any, wire: Wire) -> None:
    first = await create(client, input="What is the weather in Paris?", tools=[WEATHER])
    (call,) = [item for item in first.output if item.type == "function_call"]
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny, 21 C"}
    second = await create(client, input=[result], tools=[WEATHER], previous_response_id=first.id)
    sent = wire.sent(1)
    assert "previous_response_id" not in sent
    assert sent["input"] == [
        {"type": "message", "role": "user", "content": "What is the weather in Paris?"},
        *wire.received()["output"],
        result,
    ]
    assert second.output_text == text_in(wire.received(1))
    assert second.previous_response_id == first.id


class Capital(pydantic.BaseModel):
    city: str
    country: str


# openai 1.92 dumps the response here, and pydantic 2.0 warns of its unions; the bare SDK warns as well
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning")
async def test_responses_parse(client: Any, wire: Wire) -> None:
    made = client.responses.parse(**ASKED, text_format=Capital)
    answer = await settle(made)
    assert wire.sent()["text"]["format"]["type"] == "json_schema"
    assert answer.output_parsed == Capital(**json.loads(text_in(wire.received())))


async def test_responses_reasoning(client: Any, wire: Wire) -> None:
    answer = await create(client, reasoning={"effort": "high", "summary": "auto"})
    assert wire.sent()["reasoning"]["effort"] == "high"
    received = [item for item in wire.received()["output"] if item["type"] == "reasoning"]
    assert [item.id for item in answer.output if item.type == "reasoning"] == [
        item["id"] for item in received
    ]


async def test_responses_cut(client: Any, wire: Wire) -> None:
    async with opened(client.responses.stream(**ASKED | {"max_output_tokens": 16})) as stream:
        events = await all_of(stream)
    assert wire.sent()["max_output_tokens"] == 16
    assert events[-1].type == "response.incomplete"
    assert events[-1].response.incomplete_details.reason == "max_output_tokens"


async def test_responses_custom_tool(client: Any, wire: Wire) -> None:
    tool = {"type": "custom", "name": "run_code", "description": "Run Python code."}
    with pytest.warns(baseten_openai.BasetenWarning, match="custom tools"):
        answer = await create(
            client, input="Call run_code with print(1).", tools=[tool], tool_choice="required"
        )
    assert [sent["type"] for sent in wire.sent()["tools"]] == ["function"]
    (called,) = [i for i in wire.received()["output"] if i["type"] == "function_call"]
    (call,) = [item for item in answer.output if item.type == "custom_tool_call"]
    assert call.input == json.loads(called["arguments"])["input"]


@pytest.mark.emulated_only
async def test_responses_rate_limited(client: Any, wire: Wire) -> None:
    with pytest.raises(errors.RateLimitError) as caught:
        await create(client, extra_headers={"x-emulate-fault": "429; retry-after=1"})
    assert caught.value.retry_after == 1
    assert wire.sent() == ASKED


@pytest.mark.emulated_only
async def test_responses_stream_cut(client: Any, wire: Wire) -> None:
    stream = await create(client, stream=True, extra_headers={"x-emulate-fault": "cut; after=9"})
    with pytest.raises(errors.StreamInterruptedError) as caught:
        await all_of(stream)
    partial: Any = caught.value.partial
    deltas = [c["delta"] for c in wire.chunks() if c["type"].endswith("text.delta")]
    assert "".join(deltas).startswith(partial.output[-1].to_dict()["summary"][0]["text"])
    assert partial.status == "in_progress"
