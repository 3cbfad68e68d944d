"""Calls of the Responses API through every client and route, against the emulator."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openai
import pytest
from chat_routes import inside, items
from client_factories import EACH_FACTORY, SYNC_AND_ASYNC, settled, subclass
from pydantic import BaseModel
from raw_server import JSON_HEADERS, Answer, RawServer, running
from response_events import Call, Message, response, stream
from response_routes import SLUG, STREAMED, WHOLE, create, create_stream

import baseten_openai
from baseten_openai import errors
from baseten_openai.sdk import responses_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from baseten_openai.emulator import EmulatorServer

    Route = Callable[..., Any]

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings"),  # of older SDKs
]

JSON = dict[str, Any]
KEY = "key-of-baseten"
EARLY = "nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B"
WEATHER: JSON = {
    "type": "function",
    "name": "get_weather",
    "description": "Tell the weather.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, server: EmulatorServer) -> Iterator[None]:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)
    responses_memory._memories.clear()  # noqa: SLF001  # each test remembers on its own
    yield
    responses_memory._memories.clear()  # noqa: SLF001


@pytest.fixture
def raw() -> Iterator[RawServer]:
    with running() as server:
        yield server


@pytest.mark.parametrize("route", WHOLE.values(), ids=WHOLE)
@SYNC_AND_ASYNC
@EACH_FACTORY
async def test_each_route_is_translated_and_counted(
    make: Callable[..., Any], is_async: bool, route: Route, server: EmulatorServer
) -> None:
    with baseten_openai.track() as ledger, pytest.warns(baseten_openai.BasetenWarning):
        answer = await route(make(is_async=is_async), model="gpt-oss-120b", metadata={"a": "b"})
    (request,) = server.requests
    assert request.json == {"model": SLUG, "input": "Hello Ada"}
    assert "Hello Ada" in answer.output_text
    assert answer.metadata == {"a": "b"}
    assert [note.param for note in baseten_openai.notes(answer)] == ["model", "metadata"]
    (used,) = ledger.report().models
    assert (used.tokens.input, used.tokens.output) == (
        answer.usage.input_tokens,
        answer.usage.output_tokens,
    )
    assert baseten_openai.cost(answer) is not None


@pytest.mark.parametrize("route", STREAMED.values(), ids=STREAMED)
@SYNC_AND_ASYNC
@EACH_FACTORY
async def test_each_stream_is_repaired_and_counted(
    make: Callable[..., Any], is_async: bool, route: Route
) -> None:
    events: list[Any] = []
    with baseten_openai.track() as ledger:
        await route(
            make(is_async=is_async),
            events,
            model=EARLY,
            input="What is the weather in Paris?",
            tools=[WEATHER],
        )
    kinds = [event.type for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] == "response.completed"
    assert kinds[-3:-1] == ["response.function_call_arguments.done", "response.output_item.done"]
    assert json.loads(events[-3].arguments) == {"city": "Paris"}
    assert json.loads(events[-2].item.arguments) == {"city": "Paris"}
    assert [event.sequence_number for event in events] == list(range(len(events)))
    (used,) = ledger.report().models
    assert used.streams == 1
    assert used.tokens.output == events[-1].response.usage.output_tokens


@SYNC_AND_ASYNC
async def test_notes_of_a_stream_tell_the_repair(is_async: bool) -> None:
    made = await create(
        subclass(is_async=is_async),
        model=EARLY,
        input="Weather in Paris?",
        tools=[WEATHER],
        stream=True,
    )
    async with inside(made) as events:
        async for _ in items(events):
            pass
    assert ("repaired", "arguments") in [(n.kind, n.param) for n in baseten_openai.notes(made)]


async def test_the_bytes_of_a_stream_stay_as_received(server: EmulatorServer) -> None:
    asked: JSON = {"model": EARLY, "input": "Weather in Paris?", "tools": [WEATHER], "stream": True}
    bare = openai.OpenAI(base_url=server.base_url, api_key="k")
    with bare.responses.with_streaming_response.create(**asked) as received:
        expected = list(received.iter_lines())
    with subclass(is_async=False).responses.with_streaming_response.create(**asked) as received:
        assert list(received.iter_lines()) == expected
    bare.close()


class Fruit(BaseModel):
    is_fruit: bool


@SYNC_AND_ASYNC
@EACH_FACTORY
async def test_structured_output(make: Callable[..., Any], is_async: bool) -> None:
    made = make(is_async=is_async).responses.parse(
        model="zai-org/GLM-5.2", input="Is a banana a fruit?", text_format=Fruit
    )
    assert isinstance((await settled(made)).output_parsed, Fruit)


@SYNC_AND_ASYNC
@EACH_FACTORY
async def test_a_tool_loop_by_previous_response_id(
    make: Callable[..., Any], is_async: bool, server: EmulatorServer
) -> None:
    client = make(is_async=is_async)
    first = await create(client, input="What is the weather in Paris?", tools=[WEATHER])
    (call,) = [item for item in first.output if item.type == "function_call"]
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    second = await create(client, input=[result], tools=[WEATHER], previous_response_id=first.id)
    assert "sunny" in second.output_text
    assert second.previous_response_id == first.id
    assert [item.get("type") for item in server.requests[-1].json["input"]] == [
        "message",
        *(item.type for item in first.output),
        "function_call_output",
    ]


@SYNC_AND_ASYNC
async def test_a_streamed_response_is_remembered(is_async: bool, server: EmulatorServer) -> None:
    client, events = subclass(is_async=is_async), []
    await create_stream(client, events)
    await create(client, input="Again", previous_response_id=events[-1].response.id)
    assert len(server.requests[-1].json["input"]) == 1 + len(events[-1].response.output) + 1


@SYNC_AND_ASYNC
@EACH_FACTORY
async def test_stored_responses_are_answered_without_a_request(
    make: Callable[..., Any], is_async: bool, server: EmulatorServer
) -> None:
    client = make(is_async=is_async)
    first = await create(client)
    second = await create(client, input="And now?", previous_response_id=first.id)
    sent = len(server.requests)
    again = await settled(client.responses.retrieve(first.id))
    assert again.to_dict(warnings=False) == first.to_dict(warnings=False)
    listed = [item async for item in items(await _page(client, second.id))]
    assert [item.type for item in listed] == [
        "message",
        *["reasoning"] * 0,
        *_kinds(first)[::-1],
        "message",
    ]
    assert listed[0].content[0].text == "And now?"
    assert await settled(client.responses.delete(first.id)) is None
    with pytest.raises(openai.NotFoundError, match="Baseten stores no responses"):
        await settled(client.responses.retrieve(first.id))
    with pytest.raises(openai.BadRequestError):
        await settled(client.responses.cancel(second.id))
    raw = await settled(client.responses.with_raw_response.retrieve(second.id))
    assert raw.headers["x-baseten-openai"] == "answered-from-memory"
    assert len(server.requests) == sent


def _kinds(answer: Any) -> list[str]:
    return [item.type for item in answer.output]


async def _page(client: Any, response_id: str) -> Any:
    return await settled(client.responses.input_items.list(response_id))


async def test_pages_of_input_items(server: EmulatorServer) -> None:
    client = subclass(is_async=False)
    told = [{"role": "user", "content": f"{number}"} for number in range(5)]
    answer = client.responses.create(model=SLUG, input=told)
    listed = client.responses.input_items.list(answer.id, limit=2, order="asc")
    assert len(listed.data) == 2
    texts = [item.content[0].text for item in listed]  # the SDK asks for the other pages
    assert texts == ["0", "1", "2", "3", "4"]
    assert len(server.requests) == 1


@SYNC_AND_ASYNC
async def test_an_id_that_is_not_remembered(is_async: bool, server: EmulatorServer) -> None:
    client = subclass(is_async=is_async, on_unsupported="ignore")
    with pytest.raises(openai.BadRequestError) as caught:
        await create(client, previous_response_id="resp_0")
    assert "Baseten stores no responses" in str(caught.value)
    assert "BASETEN_OPENAI_RESPONSES" in str(caught.value)
    answer = await create(client, store=False)
    with pytest.raises(openai.BadRequestError):
        await create(client, previous_response_id=answer.id)
    assert len(server.requests) == 1


def test_the_memory_may_be_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "responses.db"
    monkeypatch.setenv("BASETEN_OPENAI_RESPONSES", str(path))
    client = subclass(is_async=False)
    first = client.responses.create(model=SLUG, input="Hello")
    responses_memory._memories.clear()  # noqa: SLF001  # as in another process
    assert client.responses.retrieve(first.id).output_text == first.output_text
    for name in tmp_path.iterdir():
        assert KEY.encode() not in name.read_bytes()


async def test_a_file_that_cannot_be_used_breaks_no_call(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("BASETEN_OPENAI_RESPONSES", str(tmp_path / "no" / "such" / "folder"))
    client = subclass(is_async=False)
    first = client.responses.create(model=SLUG, input="Hello")
    client.responses.create(model=SLUG, input="Hello", previous_response_id=first.id)
    assert [r.getMessage() for r in caplog.records].count(caplog.records[0].getMessage()) == 1
    assert "remembered in this process only" in caplog.text


async def test_the_bounds_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASETEN_OPENAI_MAX_RESPONSES", "1")
    client = subclass(is_async=False)
    first = client.responses.create(model=SLUG, input="One")
    second = client.responses.create(model=SLUG, input="Two")
    assert client.responses.retrieve(second.id).id == second.id
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.id)
    monkeypatch.setenv("BASETEN_OPENAI_MAX_RESPONSES", "many")
    with pytest.raises(errors.ConfigurationError, match="BASETEN_OPENAI_MAX_RESPONSES"):
        client.responses.create(model=SLUG, input="Three")


@SYNC_AND_ASYNC
@EACH_FACTORY
async def test_hosted_tools_are_refused_or_left_out(
    make: Callable[..., Any],
    is_async: bool,
    server: EmulatorServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tools = [{"type": "web_search"}, WEATHER]
    with pytest.raises(errors.UnsupportedFeatureError, match="web_search") as caught:
        await create(make(is_async=is_async), tools=tools)
    assert caught.value.param == "tools[0]"
    assert server.requests == []
    baseten_openai.unpatch()
    monkeypatch.setenv("BASETEN_OPENAI_ON_UNSUPPORTED", "warn")
    with pytest.warns(baseten_openai.BasetenWarning) as warned:
        await create(make(is_async=is_async), tools=tools, tool_choice={"type": "web_search"})
    assert ["left out" in str(w.message) for w in warned] == [True, False]
    assert server.requests[-1].json["tools"] == [WEATHER]
    assert server.requests[-1].json["tool_choice"] == "auto"


async def test_a_custom_tool_is_called(server: EmulatorServer) -> None:
    client = subclass(is_async=False)
    tool = {"type": "custom", "name": "run_code", "description": "Run code."}
    with pytest.warns(baseten_openai.BasetenWarning, match="custom tools"):
        first = client.responses.create(model=SLUG, input="Please run_code", tools=[tool])
    (call,) = [item for item in first.output if item.type == "custom_tool_call"]
    assert call.name == "run_code"
    assert first.tools[0].type == "custom"
    done = {"type": "custom_tool_call_output", "call_id": call.call_id, "output": "42"}
    with pytest.warns(baseten_openai.BasetenWarning):
        second = client.responses.create(
            model=SLUG, input=[done], tools=[tool], previous_response_id=first.id
        )
    assert "42" in second.output_text
    assert [item["type"] for item in server.requests[-1].json["input"]][-2:] == [
        "function_call",
        "function_call_output",
    ]


BROKEN = [("cut", errors.StreamInterruptedError), ("reset", errors.StreamInterruptedError)]
DESCRIBED = [
    ("error-event-flat", errors.InternalServerError),
    ("error-event-enveloped", errors.InternalServerError),
]


@pytest.mark.parametrize(("kind", "error"), [*BROKEN, *DESCRIBED])
@pytest.mark.parametrize("route", STREAMED.values(), ids=STREAMED)
@SYNC_AND_ASYNC
async def test_a_broken_stream_raises_with_the_response_so_far(
    is_async: bool, route: Route, kind: str, error: Any, server: EmulatorServer
) -> None:
    server.fault(kind, after=9)
    events: list[Any] = []
    with pytest.raises(error) as caught:
        await route(subclass(is_async=is_async, max_retries=0), events)
    partial: Any = caught.value.partial
    assert partial.status == "in_progress"
    assert partial.output[0].type == events[2].item.type
    assert events[-1].type.endswith(".delta")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("429", errors.RateLimitError),
        ("500", errors.InternalServerError),
        ("402", errors.PaymentRequiredError),
    ],
)
@SYNC_AND_ASYNC
async def test_error_responses_are_ours(
    is_async: bool, status: str, error: Any, server: EmulatorServer
) -> None:
    server.fault(status)
    with pytest.raises(error):
        await create(subclass(is_async=is_async, max_retries=0))


async def test_retries_send_the_same_body(server: EmulatorServer) -> None:
    server.fault("429-retry-after", retry_after=0.01)
    client = subclass(is_async=False, max_retries=1)
    client.responses.create(model="gpt-oss-120b", input="Hello", user="me")
    assert server.requests[0].json == server.requests[1].json


@pytest.mark.parametrize("code", ["rate_limit_exceeded", "server_error"])
async def test_the_codes_of_openais_error_events(code: str, raw: RawServer) -> None:
    event = {"type": "error", "code": code, "message": "no", "param": None, "sequence_number": 0}
    raw.prepare(Answer((f"event: error\ndata: {json.dumps(event)}\n\n".encode(),)))
    client = subclass(is_async=False, base_url=raw.base_url, max_retries=0)
    expected = {
        "rate_limit_exceeded": errors.RateLimitError,
        "server_error": errors.InternalServerError,
    }
    with pytest.raises(expected[code]):
        list(client.responses.create(model=SLUG, input="Hello", stream=True))


def sse(events: list[JSON]) -> bytes:
    return b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in events)


@SYNC_AND_ASYNC
async def test_an_engines_own_stream(is_async: bool, raw: RawServer) -> None:
    right = stream([Message(("Hel", "lo")), Call("f", ('{"a"', ": 1}"))])
    bare = [e for e in right if e["type"].endswith(("delta", "added", "completed"))]
    raw.prepare(Answer((sse(bare),)))
    events: list[Any] = []
    client = subclass(is_async=is_async, base_url=raw.base_url)
    await create_stream(client, events)
    assert [event.type for event in events] == [event["type"] for event in right]
    assert events[-1].response.output_text == "Hello"


async def test_what_is_missing_in_a_plain_response_is_there(raw: RawServer) -> None:
    body = {
        "id": "r",
        "model": SLUG,
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}],
    }
    raw.prepare(Answer((json.dumps(body).encode(),), 200, JSON_HEADERS))
    answer = subclass(is_async=False, base_url=raw.base_url).responses.create(
        model=SLUG, input="Hello", temperature=0.5
    )
    assert answer.output_text == "Hi"
    assert (answer.status, answer.error, answer.incomplete_details) == ("completed", None, None)
    assert (answer.temperature, answer.tools, answer.usage) == (0.5, [], None)
    assert answer.output[0].id.startswith("msg_")


async def test_a_dedicated_deployment_is_left_alone(
    raw: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw.prepare(Answer((json.dumps(response(id="resp_9")).encode(),), 200, JSON_HEADERS))
    monkeypatch.setattr("baseten_openai.sdk.bindings.is_dedicated", lambda _: True)
    monkeypatch.setattr("baseten_openai.sdk.hooks.is_dedicated", lambda _: True)
    client = subclass(is_async=False, base_url=raw.base_url, max_retries=0)
    answer = client.responses.create(
        model="any", input="Hi", previous_response_id="resp_8", store=True
    )
    assert answer.id == "resp_9"
    with pytest.raises(openai.APIStatusError):  # of the server, which answers no GET
        client.responses.retrieve("resp_9")


@SYNC_AND_ASYNC
async def test_the_module_level_client(is_async: bool) -> None:
    del is_async
    baseten_openai.patch()
    answer = await create(openai)
    again = openai.responses.retrieve(answer.id)
    assert again.output_text == answer.output_text
