"""The specification's table, through real clients and every route, against the emulator.

Refused means that nothing arrived there; allowed means that what was asked for did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import openai
import pytest
from pydantic import BaseModel

import baseten_openai
from baseten_openai import UnsupportedFeatureError, emulator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from baseten_openai.emulator import EmulatorServer

pytestmark = pytest.mark.filterwarnings("ignore::baseten_openai.BasetenWarning")

KEY = "features-key"


class Answer(BaseModel):
    answer: str


class Row(NamedTuple):
    """A model's row of the specification (evidence.md#specification), with what turns its reasoning on."""

    slug: str
    limit: int
    json_mode: bool
    structured_outputs: bool
    reasoning: str  # "on" by default, "opt-in", or "no"
    vision: bool


YES, NO = True, False
ROWS = [
    Row("deepseek-ai/DeepSeek-V3-0324", 131072, YES, YES, "on", NO),
    Row("deepseek-ai/DeepSeek-V3.1", 131072, NO, NO, "on", NO),
    Row("zai-org/GLM-4.6", 200000, YES, YES, "opt-in", NO),
    Row("zai-org/GLM-4.7", 200000, YES, YES, "opt-in", NO),
    Row("zai-org/GLM-5", 202800, YES, YES, "no", NO),
    Row("moonshotai/Kimi-K2.5", 262000, YES, YES, "opt-in", YES),
    Row("MiniMaxAI/MiniMax-M2.5", 204000, YES, YES, "on", NO),
    Row("openai/gpt-oss-120b", 128072, YES, YES, "on", NO),
]
HELLO: Any = [{"role": "user", "content": "Hello"}]
PICTURE: Any = [
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
        ],
    }
]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "strict": True,  # parse() and stream() take no others
        "parameters": {"type": "object", "properties": {}, "additionalProperties": False},
    },
}
SCHEMA = {
    "type": "json_schema",
    "json_schema": {"name": "answer", "schema": Answer.model_json_schema()},
}


class Asking(NamedTuple):
    """One feature: how it is asked for, whether the row allows it, and how to see that it was sent."""

    feature: str
    param: str
    fields: Callable[[Row], dict[str, Any]]
    allowed: Callable[[Row], bool]
    arrived: Callable[[Row, dict[str, Any]], bool]


def never(_row: Row) -> bool:
    return False


def _reasoning_arrived(row: Row, body: dict[str, Any]) -> bool:
    if row.slug == "openai/gpt-oss-120b":
        return body.get("reasoning_effort") == "high"
    if row.reasoning == "opt-in":
        return body.get("chat_template_args") == {"enable_thinking": True}
    return body.keys().isdisjoint({"reasoning_effort", "chat_template_args"})  # it is on


FEATURES = [
    Asking(
        "json_mode",
        "response_format",
        lambda _: {"response_format": {"type": "json_object"}},
        lambda row: row.json_mode,
        lambda _, body: body["response_format"] == {"type": "json_object"},
    ),
    Asking(
        "structured_outputs",
        "response_format",
        lambda _: {"response_format": SCHEMA},
        lambda row: row.structured_outputs,
        lambda _, body: "answer" in body["response_format"]["json_schema"]["schema"]["properties"],
    ),
    Asking(
        "reasoning",
        "reasoning_effort",
        lambda _: {"reasoning_effort": "high"},
        lambda row: row.reasoning != "no",
        _reasoning_arrived,
    ),
    Asking(
        "vision",
        "messages[0].content[1]",
        lambda _: {"messages": PICTURE},
        lambda row: row.vision,
        lambda _, body: body["messages"] == PICTURE,
    ),
    Asking(
        "tools",
        "tools",
        lambda _: {"tools": [TOOL]},
        lambda _: True,
        lambda _, body: body["tools"] == [TOOL],
    ),
    Asking(
        "max_tokens",
        "max_tokens",
        lambda row: {"max_tokens": row.limit + 1},
        never,
        lambda _, body: "max_tokens" in body,
    ),
    Asking(
        "max_tokens",
        "max_completion_tokens",
        lambda row: {"max_completion_tokens": row.limit + 1},
        never,
        lambda _, body: "max_tokens" in body,
    ),
    Asking("n", "n", lambda _: {"n": 2}, never, lambda _, body: body["n"] == 2),
]


def call(row: Row, asking: Asking) -> dict[str, Any]:
    return {"model": row.slug, "messages": HELLO, **asking.fields(row)}


def with_class(fields: dict[str, Any]) -> dict[str, Any]:
    """Ask for a schema the way ``parse()`` and ``stream()`` are made for."""
    return (
        fields | {"response_format": Answer} if fields.get("response_format") == SCHEMA else fields
    )


def in_extra_body(fields: dict[str, Any]) -> dict[str, Any]:
    return {"model": fields["model"], "messages": HELLO, "extra_body": fields}


def streamed(client: Any, fields: dict[str, Any]) -> None:
    for _ in client.chat.completions.create(**fields, stream=True):
        pass


def helped(client: Any, fields: dict[str, Any]) -> None:
    with client.chat.completions.stream(**with_class(fields)) as stream:
        stream.until_done()


def streaming_response(client: Any, fields: dict[str, Any]) -> None:
    with client.chat.completions.with_streaming_response.create(**fields) as response:
        response.read()


ROUTES: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "create": lambda client, fields: client.chat.completions.create(**fields),
    "create(stream=True)": streamed,
    "stream": helped,
    "parse": lambda client, fields: client.chat.completions.parse(**with_class(fields)),
    "raw": lambda client, fields: client.chat.completions.with_raw_response.create(**fields),
    "streaming response": streaming_response,
    "extra_body": lambda client, f: client.chat.completions.create(**in_extra_body(f)),
    "post": lambda client, f: client.post("/chat/completions", cast_to=object, body=f),
}


async def streamed_async(client: Any, fields: dict[str, Any]) -> None:
    async for _ in await client.chat.completions.create(**fields, stream=True):
        pass


async def helped_async(client: Any, fields: dict[str, Any]) -> None:
    async with client.chat.completions.stream(**with_class(fields)) as stream:
        await stream.until_done()


async def streaming_response_async(client: Any, fields: dict[str, Any]) -> None:
    async with client.chat.completions.with_streaming_response.create(**fields) as response:
        await response.read()


ASYNC_ROUTES: dict[str, Callable[[Any, dict[str, Any]], Awaitable[Any]]] = {
    **ROUTES,
    "create(stream=True)": streamed_async,
    "stream": helped_async,
    "streaming response": streaming_response_async,
}


@pytest.fixture(scope="module")
def server() -> Iterator[EmulatorServer]:
    with emulator.serve(api_key=KEY) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: EmulatorServer) -> Iterator[baseten_openai.OpenAI]:
    with baseten_openai.OpenAI(base_url=server.base_url, api_key=KEY, max_retries=0) as client:
        yield client


def cells(test: Callable[..., Any]) -> Any:
    """Run a test for each of the eight models and each feature."""
    over_rows = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug.partition("/")[2])
    names = [f"{a.feature}-{a.param.partition('[')[0]}" for a in FEATURES]
    return over_rows(pytest.mark.parametrize("asking", FEATURES, ids=names)(test))


def check_refused(row: Row, asking: Asking, caught: pytest.ExceptionInfo[Any]) -> None:
    error = caught.value
    assert (error.model, error.feature, error.param) == (row.slug, asking.feature, asking.param)


def check_arrived(row: Row, asking: Asking, received: list[Any]) -> None:
    (request,) = received
    assert request.json["model"] == row.slug
    assert asking.arrived(row, request.json), request.json


@cells
@pytest.mark.parametrize("route", ROUTES)
def test_a_model_does_what_is_specified(
    row: Row, asking: Asking, route: str, client: Any, server: EmulatorServer
) -> None:
    before = len(server.requests)
    if asking.allowed(row):
        ROUTES[route](client, call(row, asking))
        check_arrived(row, asking, server.requests[before:])
    else:
        with pytest.raises(UnsupportedFeatureError) as caught:
            ROUTES[route](client, call(row, asking))
        check_refused(row, asking, caught)
        assert server.requests[before:] == []


@pytest.mark.anyio
@cells
async def test_a_model_does_what_is_specified_async(
    row: Row, asking: Asking, server: EmulatorServer
) -> None:
    async with baseten_openai.AsyncOpenAI(base_url=server.base_url, api_key=KEY) as client:
        for use in ASYNC_ROUTES.values():  # one client for all: making one is most of the time
            before = len(server.requests)
            if asking.allowed(row):
                await use(client, call(row, asking))
                check_arrived(row, asking, server.requests[before:])
            else:
                with pytest.raises(UnsupportedFeatureError) as caught:
                    await use(client, call(row, asking))
                check_refused(row, asking, caught)
                assert server.requests[before:] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug)
def test_a_model_does_what_is_specified_after_patch(row: Row, server: EmulatorServer) -> None:
    with baseten_openai.patched(base_url=server.base_url, api_key=KEY):
        for client in (openai, openai.OpenAI(max_retries=0)):
            for asking in FEATURES:
                before = len(server.requests)
                if asking.allowed(row):
                    client.chat.completions.create(**call(row, asking))
                    check_arrived(row, asking, server.requests[before:])
                else:
                    with pytest.raises(UnsupportedFeatureError) as caught:
                        client.chat.completions.create(**call(row, asking))
                    check_refused(row, asking, caught)
                    assert server.requests[before:] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug)
def test_the_maximum_itself_is_sent(row: Row, client: Any, server: EmulatorServer) -> None:
    for name in ("max_tokens", "max_completion_tokens"):
        client.chat.completions.create(model=row.slug, messages=HELLO, **{name: row.limit})
        assert server.requests[-1].json["max_tokens"] == row.limit


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug)
def test_reasoning_by_basetens_own_switch(row: Row, client: Any, server: EmulatorServer) -> None:
    before = len(server.requests)
    switch = {"chat_template_args": {"enable_thinking": True}}
    if row.reasoning == "no":
        with pytest.raises(UnsupportedFeatureError, match=r"enable_thinking"):
            client.chat.completions.create(model=row.slug, messages=HELLO, extra_body=switch)
        assert server.requests[before:] == []
    else:
        client.chat.completions.create(model=row.slug, messages=HELLO, extra_body=switch)
        assert server.requests[-1].json["chat_template_args"] == switch["chat_template_args"]


def test_reasoning_that_was_asked_for_comes_back(client: Any) -> None:
    # the last link of the chain: on the opt-in models, only where asked for
    for row in ROWS:
        if row.reasoning == "opt-in":
            asked = {"model": row.slug, "messages": HELLO, "reasoning_effort": "high"}
            message = client.chat.completions.create(**asked).choices[0].message
            assert message.reasoning_content


@pytest.mark.parametrize("route", ROUTES)
def test_a_model_nobody_knows_is_asked_for_anything(
    route: str, client: Any, server: EmulatorServer
) -> None:
    everything = {"messages": PICTURE, "reasoning_effort": "high", "max_tokens": 10_000_000}
    fields = {"model": "new-lab/Model-9", "response_format": SCHEMA, **everything}
    before = len(server.requests)
    with pytest.raises(openai.NotFoundError):  # the server's word, not ours
        ROUTES[route](client, fields)
    (request,) = server.requests[before:]
    assert {name: request.json[name] for name in everything} == everything
