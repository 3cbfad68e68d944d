"""Streams from a loopback server, byte for byte: how they are framed, how they break, what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import client_factories
import openai
import pytest
from chat_routes import ASKED, CHUNKED, create, create_stream, inside, items, text_of
from client_factories import SYNC_AND_ASYNC, settled
from raw_server import Answer, RawServer, running
from wire_shapes import DONE, USAGE, chunk, event, says

import baseten_openai
from baseten_openai import StreamInterruptedError

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("clients_are_closed")]

KEY = "abcd1234.of-baseten"
TEXT = "Grüße, 世界 🌍"
WORDS = ["Grüße", ", ", "世界", " 🌍"]
FIRST = event(says({"role": "assistant", "content": ""}))
PARTS = [FIRST, *(event(says({"content": word})) for word in WORDS)]
STOP = event(says({}, finish_reason="stop"))
LAST = event(chunk(usage=USAGE))
BODY = b"".join([*PARTS, STOP, LAST, DONE])
ROUTE = pytest.mark.parametrize("route", CHUNKED.values(), ids=CHUNKED)


@pytest.fixture
def server() -> Iterator[RawServer]:
    with running() as server:
        yield server


def client_of(server: RawServer, *, is_async: bool, **options: Any) -> Any:
    options = {"max_retries": 0, "timeout": 20.0} | options
    return client_factories.subclass(
        is_async=is_async, api_key=KEY, base_url=server.base_url, **options
    )


async def read(server: RawServer, *pieces: bytes, is_async: bool, **options: Any) -> list[Any]:
    """The chunks of a stream that arrives in these pieces."""
    server.prepare(Answer(pieces, ending="chunked"))
    chunks: list[Any] = []
    await create_stream(client_of(server, is_async=is_async), chunks, **options)
    return chunks


# Framing


@SYNC_AND_ASYNC
async def test_where_the_body_is_split_makes_no_difference(
    is_async: bool, server: RawServer
) -> None:
    client = client_of(server, is_async=is_async)

    async def given(*pieces: bytes) -> list[Any]:
        server.prepare(Answer(pieces, ending="chunked"))
        chunks: list[Any] = []
        await create_stream(client, chunks)
        return [one.to_dict() for one in chunks]

    whole = await given(BODY)
    for at in range(1, len(BODY), 7):
        assert await given(BODY[:at], BODY[at:]) == whole, at
    assert await given(*(BODY[at : at + 1] for at in range(len(BODY)))) == whole


@pytest.mark.parametrize(
    "body",
    [
        BODY.replace(b"\n", b"\r\n"),
        BODY.replace(b"data: ", b": a comment\ndata: "),
        BODY.replace(b"\n\n", b"\n\n: ping\n\n"),
        BODY.replace(b"data: ", b"data:"),
        BODY.replace(b"data: {", b"data: \ndata: {"),
        BODY.replace(b'"object"', b'\ndata: "object"'),
        BODY.replace(b"data: {", b"event: message\nid: 1\nretry: 5\ndata: {"),
        b"data: \n\n" + BODY,
        b"\n\n\n" + BODY,
        BODY + b"data: this comes too late\n\n",
    ],
    ids=[
        *("CRLF", "comments", "pings", "no space", "two lines", "split JSON", "all fields"),
        *("empty event", "blank lines", "after the end"),
    ],
)
@SYNC_AND_ASYNC
async def test_every_framing_that_server_sent_events_allow(
    body: bytes, is_async: bool, server: RawServer
) -> None:
    chunks = await read(server, body, is_async=is_async)
    assert text_of(chunks) == TEXT
    assert chunks[-1].choices[0].finish_reason == "stop"


@ROUTE
@SYNC_AND_ASYNC
async def test_each_route_gives_the_same(route: Any, is_async: bool, server: RawServer) -> None:
    server.prepare(Answer((BODY,), ending="chunked"))
    chunks: list[Any] = []
    await route(client_of(server, is_async=is_async), chunks)
    assert text_of(chunks) == TEXT
    assert [one.usage for one in chunks] == [None] * len(chunks)  # nobody asked for it


# Ends


@pytest.mark.parametrize(
    "tail",
    [(STOP, LAST), (STOP,), (LAST,), (LAST, DONE), (STOP, DONE), (DONE,)],
    ids=["no done", "no usage or done", "no finish or done", "no finish", "no usage", "only done"],
)
@SYNC_AND_ASYNC
async def test_an_answer_that_ended_is_no_truncation(
    tail: tuple[bytes, ...], is_async: bool, server: RawServer
) -> None:
    # see evidence.md#missing-done after a stop string; evidence.md#missing-finish-reason
    chunks = await read(server, *PARTS, *tail, is_async=is_async)
    assert text_of(chunks) == TEXT
    assert [c.finish_reason for one in chunks for c in one.choices if c.finish_reason] == ["stop"]


@pytest.mark.parametrize("ending", ["chunked", "close", "cut", "reset"])
@ROUTE
@SYNC_AND_ASYNC
async def test_a_stream_cut_short_raises_after_what_came(
    ending: Any, route: Any, is_async: bool, server: RawServer
) -> None:
    server.prepare(Answer(tuple(PARTS), ending=ending))
    chunks: list[Any] = []
    with pytest.raises(StreamInterruptedError, match="before the answer was complete") as caught:
        await route(client_of(server, is_async=is_async), chunks)
    assert isinstance(caught.value, openai.APIConnectionError)
    # a reset may throw away what the system had received already
    assert ending == "reset" or text_of(chunks) == TEXT
    assert TEXT.startswith(text_of(chunks))
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("ending", ["close", "cut"])
@SYNC_AND_ASYNC
async def test_half_a_character_at_the_end(ending: Any, is_async: bool, server: RawServer) -> None:
    half = event(says({"content": "🌍"})).split("🌍".encode())[0] + "🌍".encode()[:2]
    server.prepare(Answer((*PARTS, half), ending=ending))
    chunks: list[Any] = []
    with pytest.raises(StreamInterruptedError):
        await create_stream(client_of(server, is_async=is_async), chunks)
    assert text_of(chunks) == TEXT


@ROUTE
@SYNC_AND_ASYNC
async def test_a_silent_server_is_a_timeout(route: Any, is_async: bool, server: RawServer) -> None:
    server.prepare(Answer(tuple(PARTS), ending="hang"))
    chunks: list[Any] = []
    with pytest.raises(openai.APITimeoutError):
        await route(client_of(server, is_async=is_async, timeout=0.3), chunks)
    assert text_of(chunks) == TEXT


@SYNC_AND_ASYNC
async def test_an_event_that_is_no_json(is_async: bool, server: RawServer) -> None:
    server.prepare(Answer((*PARTS, b"data: <html>Bad Gateway</html>\n\n"), ending="chunked"))
    chunks: list[Any] = []
    with pytest.raises(StreamInterruptedError, match="Bad Gateway"):
        await create_stream(client_of(server, is_async=is_async), chunks)
    assert text_of(chunks) == TEXT


# Errors in the stream: evidence.md#flat-error-event


@pytest.mark.parametrize(
    ("data", "cls", "status", "text"),
    [
        (
            {"message": "KV cache is full", "type": "InternalServerError", "code": 500},
            baseten_openai.InternalServerError,
            500,
            "KV cache is full",
        ),
        (
            {"error": {"message": "Too many", "type": "rate_limit", "code": 429}},
            baseten_openai.RateLimitError,
            429,
            "Too many",
        ),
        (
            {"error": {"message": "No room", "code": "529"}},
            baseten_openai.CapacityError,
            529,
            "No room",
        ),
        ({"error": "it broke"}, baseten_openai.InternalServerError, 500, "it broke"),
        (
            {"object": "error", "message": "bad", "type": "BadRequestError", "code": 400},
            baseten_openai.BadRequestError,
            400,
            "bad",
        ),
    ],
    ids=["flat", "enveloped", "status as text", "only text", "old style"],
)
@pytest.mark.parametrize("after", [[], PARTS], ids=["at once", "after text"])
@SYNC_AND_ASYNC
async def test_an_error_event_raises(
    data: Any, cls: Any, status: int, text: str, after: list[bytes], is_async: bool, server: Any
) -> None:
    server.prepare(Answer((*after, event(data), DONE), ending="chunked"))
    for route in CHUNKED.values():
        chunks: list[Any] = []
        with pytest.raises(cls) as caught:
            await route(client_of(server, is_async=is_async), chunks)
        error: Any = caught.value
        assert type(error) is cls
        assert (error.status_code, error.message) == (status, text)
        assert text_of(chunks) == (TEXT if after else "")


# What is left alone


@SYNC_AND_ASYNC
async def test_bytes_and_lines_are_as_received(is_async: bool, server: RawServer) -> None:
    server.prepare(Answer((BODY,), ending="chunked"))
    completions = client_of(server, is_async=is_async).chat.completions.with_streaming_response
    for method, expected in (
        ("iter_bytes", BODY),
        ("iter_lines", BODY.decode().split("\n")),
        ("iter_text", BODY.decode()),
    ):
        async with inside(completions.create(**ASKED, stream=True)) as response:
            got = [one async for one in items(getattr(response, method)())]
        if method == "iter_lines":
            assert got == expected[:-1]
        else:
            assert type(expected)().join(got) == expected


@SYNC_AND_ASYNC
async def test_leaving_early_closes_the_connection(is_async: bool, server: RawServer) -> None:
    server.prepare(Answer(tuple(PARTS), ending="hang"))
    stream = await create(client_of(server, is_async=is_async), stream=True)
    async with inside(stream):
        async for one in items(stream):
            if text_of([one]):
                break
    assert stream.response.is_closed
    stream = await create(client_of(server, is_async=is_async), stream=True)
    await settled(stream.close())
    assert stream.response.is_closed


async def test_a_cancelled_task_closes_the_connection(server: RawServer) -> None:
    server.prepare(Answer(tuple(PARTS), ending="hang"))
    stream = await create(client_of(server, is_async=True), stream=True)
    came: list[Any] = []
    with anyio.move_on_after(5) as scope:
        async with stream:
            async for one in stream:
                came.append(one)
                if len(came) == len(PARTS):
                    scope.cancel()
    assert scope.cancelled_caught
    assert text_of(came) == TEXT
    assert stream.response.is_closed


# Legacy functions, usage, dedicated deployments

FUNCTION = {"name": "pi", "parameters": {"type": "object", "properties": {}}}
CALLED = [
    {"index": 0, "id": "call-1", "type": "function", "function": {"name": "pi", "arguments": ""}},
    {"index": 0, "id": "call-2", "type": "function", "function": {"arguments": '{"digits"'}},
    {"index": 0, "id": "call-3", "type": "function", "function": {"arguments": ":3}"}},
]
CALL = b"".join(
    [
        FIRST,
        *(event(says({"role": "assistant", "tool_calls": [part]})) for part in CALLED),
        event(says({}, finish_reason="tool_calls")),
        LAST,
        DONE,
    ]
)


@SYNC_AND_ASYNC
async def test_legacy_functions_are_answered_in_their_own_form(
    is_async: bool, server: RawServer
) -> None:
    with pytest.warns(baseten_openai.BasetenWarning, match="functions"):
        chunks = await read(server, CALL, is_async=is_async, functions=[FUNCTION])
    calls = [c.delta.function_call for one in chunks for c in one.choices if c.delta.function_call]
    assert "".join(call.name or "" for call in calls) == "pi"
    assert "".join(call.arguments or "" for call in calls) == '{"digits":3}'
    assert chunks[-1].choices[0].finish_reason == "function_call"
    assert not [c for one in chunks for c in one.choices if c.delta.tool_calls]


COUNTED = b"".join(
    [
        *(
            event(says({"content": word}, usage={**USAGE, "completion_tokens": count}))
            for count, word in enumerate(WORDS)
        ),
        event(says({}, finish_reason="stop", usage=USAGE)),
    ]
)


@pytest.mark.parametrize("tail", [LAST + DONE, DONE, b""], ids=["at the end", "left out", "cut"])
@SYNC_AND_ASYNC
async def test_usage_comes_once_at_the_end_and_only_when_asked_for(
    tail: bytes, is_async: bool, server: RawServer
) -> None:
    chunks = await read(server, COUNTED + tail, is_async=is_async)
    assert [one.usage for one in chunks] == [None] * len(chunks)
    assert [one for one in chunks if not one.choices] == []
    asked = {"stream_options": {"include_usage": True}}
    chunks = await read(server, COUNTED + tail, is_async=is_async, **asked)
    *before, last = chunks
    assert [one.usage for one in before] == [None] * len(before)
    assert last.choices == []
    assert last.usage.to_dict() == USAGE


@pytest.mark.parametrize("end", ["/sync/v1", "/predict"])
@SYNC_AND_ASYNC
async def test_a_dedicated_deployment_is_repaired_and_knows_no_capabilities(
    end: str, is_async: bool, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = "model-abcd1234.api.baseten.co"
    paths = []

    def redirect(request: Any) -> Any:
        """Send what is for the deployment to the server at hand; the client knows nothing of it."""
        assert request.url.host == host
        paths.append(request.url.path)
        request.url = request.url.copy_with(
            scheme="http", host="127.0.0.1", port=server.server_port
        )

    async def redirect_async(request: Any) -> None:
        redirect(request)

    url = f"https://{host}/environments/production{end}"
    client = client_factories.subclass(is_async=is_async, api_key=KEY, base_url=url, max_retries=0)
    client._client.event_hooks = {  # noqa: SLF001  # the HTTP client that the SDK has made
        "request": [redirect_async if is_async else redirect]
    }
    server.prepare(Answer((CALL,), ending="chunked"))
    chunks: list[Any] = []
    image = {"type": "image_url", "image_url": {"url": "https://x.test/a.png"}}
    beyond = {"messages": [{"role": "user", "content": [image]}], "max_tokens": 10**9}
    monkeypatch.setenv("OPENAI_API_KEY", "sk-theirs")
    await create_stream(client, chunks, model="my-own-model", **beyond)
    ids = [
        part.id
        for one in chunks
        for made in one.choices
        for part in made.delta.tool_calls or []
        if part.id
    ]
    assert ids == ["call-1"]
    assert paths == ["/environments/production/sync/v1/chat/completions"]
    server.prepare(Answer((b'{"error":"no"}',), 429, ending="length"))
    with pytest.raises(baseten_openai.RateLimitError) as caught:
        await create(client, model="my-own-model")
    assert caught.value.message == "no"
