"""On openai 3, a client of the older HTTP library: what breaks raises the SDK's exceptions, and ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import client_factories
import openai
import pytest
from client_factories import EACH_FACTORY, SYNC_AND_ASYNC
from raw_server import Answer, RawServer, running
from wire_shapes import event, says

import baseten_openai

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("clients_are_closed")]

httpx: Any = pytest.importorskip("httpx")  # in the group tests of pyproject.toml

TEXT = event(says({"role": "assistant", "content": "Hello"}))
MESSAGES = [{"role": "user", "content": "hi"}]


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with running() as made:
        yield made


@pytest.fixture(autouse=True)
def environment(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", "abcd1234.of-baseten")
    monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)


def older(make: Callable[..., Any], *, is_async: bool) -> Any:
    http: Any = (httpx.AsyncClient if is_async else httpx.Client)(timeout=0.3, trust_env=False)
    return make(is_async=is_async, http_client=http, max_retries=0, timeout=httpx.Timeout(0.3))


async def read(client: Any, *, is_async: bool, path: str) -> list[Any]:
    if path == "chat":
        made = client.chat.completions.create(
            model="zai-org/GLM-4.7", messages=MESSAGES, stream=True
        )
    else:
        made = client.responses.create(model="zai-org/GLM-4.7", input="hi", stream=True)
    stream = await client_factories.settled(made)
    return [chunk async for chunk in stream] if is_async else list(stream)


@pytest.mark.parametrize("path", ["chat", "responses"])
@pytest.mark.parametrize("ending", ["cut", "mid-chunk", "reset"])
@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_a_broken_stream(
    make: Any, is_async: bool, ending: Any, path: str, server: RawServer
) -> None:
    server.prepare(Answer((TEXT if path == "chat" else b": hi\n\n",), ending=ending))
    with pytest.raises(baseten_openai.StreamInterruptedError) as caught:
        await read(older(make, is_async=is_async), is_async=is_async, path=path)
    assert isinstance(caught.value, openai.APIConnectionError)


@pytest.mark.parametrize("path", ["chat", "responses"])
@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_a_silent_stream(make: Any, is_async: bool, path: str, server: RawServer) -> None:
    server.prepare(Answer((TEXT if path == "chat" else b": hi\n\n",), ending="hang"))
    with pytest.raises(openai.APITimeoutError):
        await read(older(make, is_async=is_async), is_async=is_async, path=path)


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ("hang", openai.APITimeoutError),
        ("cut", openai.APIConnectionError),
        ("reset", openai.APIConnectionError),
    ],
)
@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_an_error_response_whose_body_breaks(
    make: Any, is_async: bool, ending: Any, expected: type[Exception], server: RawServer
) -> None:
    server.prepare(Answer((b'{"error": ',), 429, ending=ending))
    with pytest.raises(openai.OpenAIError) as caught:
        await read(older(make, is_async=is_async), is_async=is_async, path="chat")
    assert isinstance(caught.value, (expected, openai.RateLimitError))
