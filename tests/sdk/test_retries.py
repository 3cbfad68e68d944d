"""Retries stay the SDK's: the same attempts after each status, and the same waits between them."""

from __future__ import annotations

import datetime as dt
import email.utils
from typing import TYPE_CHECKING, Any

import anyio
import client_factories
import openai
import pytest
from chat_routes import create, create_stream, text_of
from client_factories import SYNC_AND_ASYNC
from openai import _base_client
from raw_server import JSON_HEADERS, Answer, RawServer, running

import baseten_openai

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("clients_are_closed")]

KEY = "abcd1234.of-baseten"
SOON = ("Retry-After-Ms", "1")  # the SDK's own header: it need not wait
BODY = b'{"error":"no"}'
WHOLE = (
    b'{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,'
    b'"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}'
)
STREAM = (
    b'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":'
    b'[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}\n\n'
    b"data: [DONE]\n\n"
)

# see evidence.md#sdk-error-classes, with max_retries=2
ATTEMPTS = {
    **dict.fromkeys([400, 401, 402, 403, 404, 413, 422], 1),
    **dict.fromkeys([408, 409, 429, 500, 502, 503, 504, 529], 3),
}


@pytest.fixture
def server() -> Iterator[RawServer]:
    with running() as server:
        yield server


def failing(status: int, *headers: tuple[str, str]) -> Answer:
    return Answer((BODY,), status, (*JSON_HEADERS, *headers))


def pair(server: RawServer, *, is_async: bool, **options: Any) -> list[Any]:
    """The SDK's client without us, and ours."""
    makes: list[Callable[..., Any]] = [client_factories.stock, client_factories.subclass]
    return [
        make(is_async=is_async, api_key=KEY, base_url=server.base_url, **options) for make in makes
    ]


async def attempts(client: Any, server: RawServer, *answers: Answer) -> int:
    """Count the requests of a call that fails."""
    server.prepare(*answers)
    with pytest.raises(openai.APIStatusError):
        await create(client)
    return len(server.paths)


@SYNC_AND_ASYNC
@pytest.mark.parametrize(("status", "expected"), ATTEMPTS.items())
async def test_as_many_attempts_as_the_sdk_makes(
    status: int, expected: int, is_async: bool, server: RawServer
) -> None:
    made = [
        await attempts(client, server, failing(status, SOON))
        for client in pair(server, is_async=is_async)
    ]
    assert made == [expected, expected]


@SYNC_AND_ASYNC
@pytest.mark.parametrize(
    ("status", "told", "retries", "expected"),
    [
        (429, "false", 2, 1),  # the server's word, which the SDK obeys
        (400, "true", 2, 3),
        (529, "", 0, 1),
        (529, "", 4, 5),
    ],
)
async def test_retries_are_as_many_as_was_asked_for(
    status: int, told: str, retries: int, expected: int, is_async: bool, server: RawServer
) -> None:
    answer = failing(status, SOON, *([("X-Should-Retry", told)] if told else []))
    for client in pair(server, is_async=is_async, max_retries=retries):
        assert await attempts(client, server, answer) == expected


@SYNC_AND_ASYNC
async def test_the_error_is_the_last_attempts(is_async: bool, server: RawServer) -> None:
    _, client = pair(server, is_async=is_async)
    server.prepare(failing(529, SOON), failing(429, SOON), failing(402))
    with pytest.raises(baseten_openai.PaymentRequiredError):
        await create(client)
    assert len(server.paths) == 3


@SYNC_AND_ASYNC
async def test_an_answer_after_failures_is_the_answer(is_async: bool, server: RawServer) -> None:
    _, client = pair(server, is_async=is_async)
    server.prepare(failing(529, SOON), failing(500, SOON), Answer((WHOLE,), 200, JSON_HEADERS))
    assert (await create(client)).choices[0].message.content == "Hi"
    server.prepare(failing(503, SOON), Answer((STREAM,)))
    chunks: list[Any] = []
    await create_stream(client, chunks)
    assert text_of(chunks) == "Hi"


@SYNC_AND_ASYNC
async def test_a_stream_that_breaks_is_not_asked_for_again(
    is_async: bool, server: RawServer
) -> None:
    _, client = pair(server, is_async=is_async)
    server.prepare(Answer((STREAM.replace(b'"stop"', b"null").partition(b"data: [DONE]")[0],)))
    chunks: list[Any] = []
    with pytest.raises(baseten_openai.StreamInterruptedError):
        await create_stream(client, chunks)
    assert len(server.paths) == 1


class Waits:
    """What the SDK asked to sleep, which nobody does."""

    def __init__(self, patching: pytest.MonkeyPatch) -> None:
        """Take the place of both clients' sleep; without jitter, so that waits compare."""
        self.seconds: list[float] = []
        patching.setattr("time.sleep", self.seconds.append)
        patching.setattr(anyio, "sleep", self._sleep)
        patching.setattr(_base_client, "random", lambda: 0.0)

    async def _sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)

    def taken(self) -> list[float]:
        seconds, self.seconds[:] = list(self.seconds), []
        return seconds


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    return Waits(monkeypatch)


@SYNC_AND_ASYNC
@pytest.mark.parametrize("status", [429, 503, 529])
@pytest.mark.parametrize("value", ["7", "0.25", "0", "-1", "500", "soon", ""])
async def test_the_waits_are_the_sdks(
    status: int, value: str, is_async: bool, server: RawServer, waits: Waits
) -> None:
    bare, ours = pair(server, is_async=is_async)
    answer = failing(status, *([("Retry-After", value)] if value else []))
    expected = (await attempts(bare, server, answer), waits.taken())
    assert (await attempts(ours, server, answer), waits.taken()) == expected
    if value in {"7", "0.25"}:
        assert expected == (3, [float(value)] * 2)


@SYNC_AND_ASYNC
async def test_a_date_to_wait_for_is_honoured(
    is_async: bool, server: RawServer, waits: Waits
) -> None:
    when = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=55)  # older SDKs wait a minute at most
    date = email.utils.format_datetime(when, usegmt=True)
    for client in pair(server, is_async=is_async):
        assert await attempts(client, server, failing(429, ("Retry-After", date))) == 3
        taken = waits.taken()
        assert len(taken) == 2
        assert min(taken) > 8  # its own waits are 8 seconds at most
