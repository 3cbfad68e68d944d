"""What the network, a proxy or the service can do to an answer, and the error that user code meets.

Beside each stands the bare SDK: retries are to be its own. How streams break is in ``test_stream``.
"""

from __future__ import annotations

import gzip
import json
import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import client_factories
import openai
import pytest
from chat_routes import CHUNKED, create, create_stream, text_of
from client_factories import CLIENT_FACTORIES, EACH_FACTORY, SYNC_AND_ASYNC
from openai import _base_client
from raw_server import JSON_HEADERS, SSE_HEADERS, Answer, RawServer, running
from wire_shapes import DONE, completion, event, says

import baseten_openai
from baseten_openai import (
    CapacityError,
    InternalServerError,
    InvalidResponseError,
    PaymentRequiredError,
    RateLimitError,
    StreamInterruptedError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("clients_are_closed")]

KEY = "abcd1234.of-baseten"
SOON = ("Retry-After-Ms", "1")
HTML = ("Content-Type", "text/html; charset=UTF-8")
GZIP = ("Content-Encoding", "gzip")
ANSWER = completion({"role": "assistant", "content": "Grüße"})
WHOLE = json.dumps(ANSWER, ensure_ascii=False).encode()
PARTS = [event(says({"role": "assistant", "content": ""})), event(says({"content": "Grüße"}))]
STREAM = b"".join([*PARTS, event(says({}, finish_reason="stop")), DONE])
PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
CONNECTION = openai.APIConnectionError


class Row(NamedTuple):
    """An answer, and what comes of it after how many attempts: an error, or the answer's text."""

    answer: Answer
    error: type[Exception] | None
    attempts: int = 1
    says: str = ""


def whole(*pieces: bytes, **options: Any) -> Answer:
    return Answer(pieces, **{"headers": (*JSON_HEADERS, SOON)} | options)


def failing(status: int, body: bytes, **options: Any) -> Answer:
    return whole(body, status=status, **options)


ANYWHERE = {
    "closed before the headers": Row(Answer(ending="drop"), CONNECTION, 3),
    "reset before the headers": Row(Answer(ending="reset-first"), CONNECTION, 3),
    "a proxy's page": Row(
        failing(502, PAGE, headers=(HTML, SOON)), InternalServerError, 3, "502 Bad Gateway"
    ),
    "a proxy's page, ten megabytes": Row(
        failing(502, b"x" * 10_000_000, headers=(HTML, SOON)), InternalServerError, 3, "xxx"
    ),
    "no body with an error": Row(failing(500, b""), InternalServerError, 3, "Reason"),
    "an error that is no JSON": Row(failing(429, b'{"error":'), RateLimitError, 3, '{"error":'),
    "no capacity": Row(failing(529, b'{"error":"full"}'), CapacityError, 3, "full"),
    "no credit": Row(failing(402, b'{"error":"pay"}'), PaymentRequiredError, 1, "pay"),
    "an error cut short": Row(failing(402, b'{"error":"pay"}', ending="short"), CONNECTION, 3),
    "an error in broken gzip": Row(
        failing(402, b"no gzip", headers=(*JSON_HEADERS, GZIP, SOON)), CONNECTION, 3
    ),
}
PLAIN = {
    "reset after the headers": Row(whole(ending="reset"), CONNECTION, 3),
    "cut in the middle": Row(whole(WHOLE, ending="short"), CONNECTION, 3),
    "cut in a chunk": Row(whole(WHOLE, ending="mid-chunk"), CONNECTION, 3),
    "broken gzip": Row(whole(WHOLE, headers=(*JSON_HEADERS, GZIP, SOON)), CONNECTION, 3),
    "no body": Row(whole(), InvalidResponseError, 1, "it is empty"),
    "no JSON": Row(whole(b'{"choices":'), InvalidResponseError, 1, "'{\"choices\":'"),
    "half a character": Row(
        whole(WHOLE.replace("ü".encode(), b"\xc3")), InvalidResponseError, 1, "not JSON"
    ),
    "a page with status 200": Row(
        whole(PAGE, headers=(HTML,)), InvalidResponseError, 1, "502 Bad Gateway"
    ),
    "null": Row(whole(b"null"), InvalidResponseError, 1, "null"),
    "an error with status 200": Row(
        whole(b'{"error":{"message":"too many","code":429}}'), RateLimitError, 1, "too many"
    ),
    "gzip": Row(whole(gzip.compress(WHOLE), headers=(*JSON_HEADERS, GZIP)), None, 1, "Grüße"),
    "JSON under another name": Row(
        whole(WHOLE, headers=(("Content-Type", "text/plain"),)), None, 1, "Grüße"
    ),
    "thirty megabytes": Row(
        whole(WHOLE.replace("Grüße".encode(), b"a" * 30_000_000)), None, 1, "aaaa"
    ),
    "byte by byte": Row(
        whole(*[WHOLE[at : at + 1] for at in range(len(WHOLE))], pause=0.0001), None, 1, "Grüße"
    ),
}
STREAMED = {
    "reset after the headers": Row(Answer(ending="reset"), StreamInterruptedError),
    "no events": Row(Answer(ending="chunked"), StreamInterruptedError),
    "cut in a chunk": Row(
        Answer(tuple(PARTS), ending="mid-chunk"), StreamInterruptedError, 1, "Grüße"
    ),
    "broken gzip": Row(Answer((STREAM,), headers=(*SSE_HEADERS, GZIP)), StreamInterruptedError),
    "gzip cut short": Row(
        Answer((gzip.compress(STREAM)[:-20],), headers=(*SSE_HEADERS, GZIP)),
        StreamInterruptedError,
        says="Grüße",
    ),
    "a page with status 200": Row(Answer((PAGE,), headers=(HTML,)), StreamInterruptedError),
    "JSON with status 200": Row(whole(WHOLE), StreamInterruptedError),
    "an error with status 200": Row(
        Answer((*PARTS, event({"error": "it broke"}))), InternalServerError, 1, "Grüße"
    ),
    "gzip": Row(Answer((gzip.compress(STREAM),), headers=(*SSE_HEADERS, GZIP)), None, 1, "Grüße"),
    "an event of ten megabytes": Row(
        Answer((PARTS[0], event(says({"content": "a" * 10_000_000})), STREAM)), None, 1, "aaaa"
    ),
    "byte by byte": Row(
        Answer(
            tuple(STREAM[at : at + 1] for at in range(len(STREAM))), ending="chunked", pause=0.0001
        ),
        None,
        1,
        "Grüße",
    ),
}


@pytest.fixture
def server() -> Iterator[RawServer]:
    with running() as server:
        yield server


@pytest.fixture(autouse=True)
def _at_baseten(monkeypatch: pytest.MonkeyPatch, server: RawServer) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)
    monkeypatch.setattr(_base_client, "MAX_RETRY_DELAY", 0.001)


async def outcome(ask: Any, client: Any, *rest: Any) -> tuple[Any, Exception | None]:
    try:
        return await ask(client, *rest), None
    except Exception as error:  # noqa: BLE001  # which one it is, is the question
        return None, error


def check(error: Exception | None, expected: type[Exception] | None, said: str) -> None:
    if expected is None:
        assert error is None, repr(error)
        return
    assert type(error) is expected, repr(error)
    assert isinstance(error, openai.APIError)  # which code written for OpenAI catches
    assert said in error.message
    assert len(str(error)) < 1000
    assert KEY not in repr(error) + str(error)


@EACH_FACTORY
@SYNC_AND_ASYNC
@pytest.mark.parametrize("row", [*ANYWHERE.values(), *PLAIN.values()], ids=[*ANYWHERE, *PLAIN])
async def test_a_plain_answer(row: Row, make: Any, is_async: bool, server: RawServer) -> None:
    client = make(is_async=is_async, timeout=20)
    server.prepare(row.answer)
    answer, error = await outcome(create, client)
    check(error, row.error, row.says)
    if row.error is None:
        assert row.says in answer.choices[0].message.content
    assert len(server.paths) == row.attempts


@pytest.mark.parametrize("make", [CLIENT_FACTORIES["subclass"], CLIENT_FACTORIES["patch"]])
@SYNC_AND_ASYNC
@pytest.mark.parametrize(
    "row", [*ANYWHERE.values(), *STREAMED.values()], ids=[*ANYWHERE, *STREAMED]
)
async def test_a_stream(row: Row, make: Any, is_async: bool, server: RawServer) -> None:
    client = make(is_async=is_async, timeout=20)
    for route in CHUNKED.values():
        server.prepare(row.answer)
        chunks: list[Any] = []
        _, error = await outcome(route, client, chunks)
        if row in STREAMED.values():
            check(error, row.error, "")
            assert row.says in text_of(chunks)
        elif row.error is CONNECTION and len(server.paths) == 1:  # it broke past the SDK's retries
            check(error, CONNECTION, "")
        else:
            check(error, row.error, row.says)
            assert len(server.paths) == row.attempts


@SYNC_AND_ASYNC
@pytest.mark.parametrize(
    "row",
    [row for row in STREAMED.values() if row.error],
    ids=[n for n, r in STREAMED.items() if r.error],
)
async def test_the_error_of_a_stream_carries_what_came(
    row: Row, is_async: bool, server: RawServer
) -> None:
    client = client_factories.subclass(is_async=is_async, timeout=20)
    server.prepare(row.answer)
    chunks: list[Any] = []
    _, error = await outcome(create_stream, client, chunks)
    partial = getattr(error, "partial", None)
    if not chunks:
        assert partial is None
        return
    assert isinstance(partial, openai.types.chat.ChatCompletion)
    assert partial.choices[0].message.content == text_of(chunks) == row.says
    assert partial.choices[0].finish_reason is None


async def test_a_timeout_of_a_stream_carries_what_came(server: RawServer) -> None:
    client = client_factories.subclass(is_async=False, timeout=0.3)
    server.prepare(Answer(tuple(PARTS), ending="hang"))
    _, error = await outcome(create_stream, client, [])
    assert type(error) is openai.APITimeoutError
    assert error.partial.choices[0].message.content == "Grüße"  # type: ignore[attr-defined]


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_headers_that_stop_coming(make: Any, is_async: bool, server: RawServer) -> None:
    for route in (create, lambda client: create_stream(client, [])):
        client = make(is_async=is_async, timeout=0.1, max_retries=1)
        server.prepare(Answer(ending="stall"))
        _, error = await outcome(route, client)
        check(error, openai.APITimeoutError, "timed out")
        assert len(server.paths) == 2


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_a_refused_connection(
    make: Any, is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("BASETEN_BASE_URL", f"http://127.0.0.1:{taken.getsockname()[1]}/v1")
        client = make(is_async=is_async, max_retries=1)
        _, error = await outcome(create, client)
        assert type(error) is CONNECTION
        _, error = await outcome(create_stream, client, [])
        assert type(error) is CONNECTION


@SYNC_AND_ASYNC
@pytest.mark.parametrize("name", [*ANYWHERE, *PLAIN])
async def test_retries_are_the_sdks(name: str, is_async: bool, server: RawServer) -> None:
    row = (ANYWHERE | PLAIN)[name]
    made = []
    for make in (client_factories.stock, client_factories.subclass):
        client = make(is_async=is_async, api_key=KEY, base_url=server.base_url, timeout=20)
        server.prepare(row.answer)
        await outcome(create, client)
        made.append(len(server.paths))
    assert made[0] == made[1]


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_a_storm_that_passes(make: Any, is_async: bool, server: RawServer) -> None:
    client = make(is_async=is_async, max_retries=5)
    busy = replace(failing(429, b'{"error":"busy"}'), headers=(*JSON_HEADERS, SOON))
    server.prepare(busy, failing(500, b""), busy, busy, Answer(ending="drop"), whole(WHOLE))
    assert (await create(client)).choices[0].message.content == "Grüße"
    assert len(server.paths) == 6


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_credit_that_ends_and_comes_back(
    make: Any, is_async: bool, server: RawServer
) -> None:
    client = make(is_async=is_async)
    server.prepare(whole(WHOLE), failing(402, b'{"error":"pay"}'), whole(WHOLE))
    outcomes = [await outcome(create, client) for _ in range(3)]
    errors = [type(error) for _, error in outcomes]
    assert errors == [type(None), baseten_openai.PaymentRequiredError, type(None)]
    assert len(server.paths) == 3
