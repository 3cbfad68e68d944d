"""Answers beyond what Python's JSON reads, pages that are slow to search, and streams' last words."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import openai
import pytest
from chat_routes import CHUNKED, create, create_stream, items, text_of
from client_factories import EACH_FACTORY, SYNC_AND_ASYNC, subclass
from raw_server import JSON_HEADERS, Answer, running
from wire_shapes import DONE, chunk, event, says

from baseten_openai import InternalServerError, InvalidResponseError, StreamInterruptedError
from baseten_openai.sdk.error_conversion import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from raw_server import RawServer

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("clients_are_closed")]

DEEP = b"[" * 100_000 + b"]" * 100_000
LONG = b"1" * 5_000  # Python reads 4,300 digits
BEGUN = event(says({"role": "assistant", "content": "Grüße"}))
LAST = event(says({"content": " LAST"}, finish_reason="stop"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    monkeypatch.setenv("BASETEN_API_KEY", "abcd1234.of-baseten")
    with running() as server:
        monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)
        yield server


@pytest.mark.parametrize(
    "body",
    [b'{"choices":%s}' % DEEP, b'{"choices":[],"created":%s}' % LONG],
    ids=["deep", "a long number"],
)
@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_json_that_python_does_not_read(
    body: bytes, make: Any, is_async: bool, server: RawServer
) -> None:
    server.prepare(Answer((body,), headers=JSON_HEADERS))
    with pytest.raises(InvalidResponseError, match="is not JSON"):
        await create(make(is_async=is_async, max_retries=0))


@pytest.mark.parametrize("data", [DEEP, LONG], ids=["deep", "a long number"])
@pytest.mark.parametrize("route", CHUNKED.values(), ids=CHUNKED)
@SYNC_AND_ASYNC
async def test_an_event_that_python_does_not_read(
    data: bytes, route: Any, is_async: bool, server: RawServer
) -> None:
    server.prepare(Answer((BEGUN, b"data: " + data + b"\n\n", DONE)))
    chunks: list[Any] = []
    with pytest.raises(StreamInterruptedError, match="is not JSON"):
        await route(subclass(is_async=is_async), chunks)
    assert text_of(chunks) == "Grüße"


BREAKS = {
    "an error": (event({"error": {"message": "it broke", "code": 500}}), InternalServerError),
    "no JSON": (b"data: {\n\n", StreamInterruptedError),
}


@pytest.mark.parametrize(("broken", "error"), BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize("route", CHUNKED.values(), ids=CHUNKED)
@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_text_that_came_with_the_finish_reason_is_given_on(
    broken: bytes, error: type[Exception], route: Any, make: Any, is_async: bool, server: RawServer
) -> None:
    server.prepare(Answer((BEGUN, LAST, broken)))
    chunks: list[Any] = []
    with pytest.raises(error) as caught:
        await route(make(is_async=is_async), chunks)
    assert text_of(chunks) == "Grüße LAST"
    (choice,) = caught.value.partial.choices  # type: ignore[attr-defined]  # set on every one
    assert (choice.message.content, choice.finish_reason) == ("Grüße LAST", "stop")


@pytest.mark.parametrize(
    "data", [b'{"message":"overloaded"}', b'{"detail":"overloaded"}', b'"overloaded"']
)
@pytest.mark.parametrize("end", [b"", DONE], ids=["cut", "done"])
@pytest.mark.parametrize("route", CHUNKED.values(), ids=CHUNKED)
@SYNC_AND_ASYNC
async def test_an_event_that_is_named_an_error(
    data: bytes, end: bytes, route: Any, is_async: bool, server: RawServer
) -> None:
    server.prepare(Answer((BEGUN, b"event: error\ndata: " + data + b"\n\n", end)))
    with pytest.raises(openai.APIError, match="overloaded"):
        await route(subclass(is_async=is_async), [])


@SYNC_AND_ASYNC
async def test_bytes_that_are_no_utf_8_are_called_that(is_async: bool, server: RawServer) -> None:
    server.prepare(Answer((BEGUN.replace("ü".encode(), b"\xc3"), LAST, DONE)))
    with pytest.raises(StreamInterruptedError, match="not UTF-8"):
        await create_stream(subclass(is_async=is_async), [])


@pytest.mark.parametrize(
    "broken", [b"data: {\n\n", BEGUN.replace("ü".encode(), b"\xc3"), b'data: {"error": "x"}\n\n']
)
@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_a_stream_that_broke_is_closed(
    broken: bytes, make: Any, is_async: bool, server: RawServer
) -> None:
    server.prepare(Answer((BEGUN, broken), ending="hang"))
    stream = await create(make(is_async=is_async), stream=True)
    with pytest.raises(openai.APIError):
        async for _ in items(stream):
            pass
    assert stream.response.is_closed


@SYNC_AND_ASYNC
async def test_a_chunk_without_choices_or_usage_is_given_on(
    is_async: bool, server: RawServer
) -> None:
    filtered = [{"prompt_index": 0}]
    server.prepare(Answer((event(chunk(prompt_filter_results=filtered)), BEGUN, LAST, DONE)))
    chunks: list[Any] = []
    await create_stream(subclass(is_async=is_async), chunks)
    assert chunks[0].prompt_filter_results == filtered
    assert text_of(chunks) == "Grüße LAST"


@pytest.mark.parametrize("page", ["<title>", "<title", "<title><", "<title >"])
def test_a_page_is_searched_in_time_that_grows_with_it(page: str) -> None:
    done = threading.Event()

    def search() -> None:
        read_text(None, page * 200_000)
        done.set()

    started = time.monotonic()
    threading.Thread(target=search, daemon=True).start()
    assert done.wait(20), f"still searching after {time.monotonic() - started:.0f} s"  # was: hours
