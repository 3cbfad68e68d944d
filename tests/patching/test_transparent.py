"""A client of another host does the very same, patched or not: bytes sent, objects and errors got.

The SDK's own tests are not to be had here; this goes over the public surface that the patch touches.
"""

from __future__ import annotations

import http.server
import json
import threading
import warnings
from typing import TYPE_CHECKING, Any

import openai
import pytest
from chat_routes import inside, items
from client_factories import SYNC_AND_ASYNC, settled, stock
from openai import _base_client
from pydantic import BaseModel
from wire_shapes import DONE, USAGE, chunk, completion, event, says, tool

import baseten_openai

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    Do = Callable[[Any], Awaitable[Any]]

pytestmark = pytest.mark.anyio

SENT: list[tuple[Any, ...]] = []
HELLO: Any = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}
PI = {"name": "pi", "parameters": {"type": "object", "properties": {}}}
# What we would translate, refuse or repair, were it Baseten's:
ODD: Any = {
    "model": "no-such-model",
    "messages": [
        {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
        {
            "role": "user",
            "content": [{"type": "image_url", "image_url": {"url": "https://x.test"}}],
        },
        {"role": "assistant", "content": None, "function_call": {"name": "pi", "arguments": "{}"}},
        {"role": "function", "name": "pi", "content": "3"},
    ],
    "functions": [PI],
    "function_call": "auto",
    "max_completion_tokens": 10**9,
    "n": 3,
    "store": True,
    "metadata": {"a": "b"},
    "reasoning_effort": "minimal",
    "logit_bias": {"1": 2},
    "extra_body": {"of_tomorrow": [1]},
    "extra_headers": {"X-Own": "1"},
    "extra_query": {"q": "1"},
    "timeout": 20,
}
CALLED = {"role": "assistant", "tool_calls": [tool(0, id="same", name="pi", arguments="{}")] * 2}
PLAIN = completion(CALLED, finish_reason=None)
STREAM = [
    says({"role": "assistant", "content": ""}, usage=USAGE),
    says({"role": "assistant", "reasoning": "Hm."}, usage=USAGE),
    says({"role": "assistant", "tool_calls": [tool(0, id="a", name="pi", arguments="{")]}),
    says({"role": "assistant", "tool_calls": [tool(0, id="b", name="", arguments="}")]}),
    says({}, finish_reason="stop"),
    says({"content": "after the end"}),
    chunk(usage=USAGE),
]
BODY = b"".join(event(one) for one in STREAM)
FLAT_ERROR = event({"message": "it broke", "type": "x", "code": 500})
ANSWERS: dict[str, tuple[int, str, bytes]] = {
    "plain": (200, "application/json", json.dumps(PLAIN).encode()),
    "text": (200, "text/plain", b"Hello"),
    "no JSON": (200, "application/json", b"{"),
    "an error in JSON": (200, "application/json", b'{"error": {"message": "no", "code": 500}}'),
    "stream": (200, "text/event-stream", BODY + DONE),
    "stream without an end": (200, "text/event-stream", BODY),
    "stream with an error": (200, "text/event-stream", BODY[:300] + b"\n\n" + FLAT_ERROR),
    **{
        str(status): (status, "application/json", b'{"error": "please check the api-key"}')
        for status in (400, 402, 403, 404, 429, 500)
    },
}


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        SENT.append((self.command, self.path, self.headers.items(), body))
        status, kind, content = ANSWERS[self.server.answer]  # type: ignore[attr-defined]
        self.send_response_only(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(content))),
            ("x-baseten-request-id", "one of Baseten's"),
            ("Retry-After-Ms", "1"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815  # names that http.server looks for

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Place(BaseModel):
    """For ``parse()``."""

    city: str


async def create(client: Any) -> Any:
    return await settled(client.chat.completions.create(**HELLO))


async def odd(client: Any) -> Any:
    return await settled(client.chat.completions.create(**ODD))


async def bad(client: Any) -> Any:
    return await settled(client.chat.completions.create(model=3, messages="Hello"))


async def stream(client: Any) -> Any:
    asked = {**HELLO, "stream": True, "stream_options": {"include_usage": True, "x": 1}}
    made = await settled(client.chat.completions.create(**asked))
    return type(made), [one async for one in items(made)]


async def stream_helper(client: Any) -> Any:
    async with inside(client.chat.completions.stream(**HELLO)) as made:
        return [(one.type, str(one)) async for one in items(made)]


async def parse(client: Any) -> Any:
    return await settled(client.chat.completions.parse(**HELLO, response_format=Place))


async def raw(client: Any) -> Any:
    made = await settled(client.chat.completions.with_raw_response.create(**HELLO))
    return type(made), made.headers["content-type"], made.http_response.content, made.parse()


async def streaming_response(client: Any) -> Any:
    completions = client.chat.completions.with_streaming_response
    async with inside(completions.create(**HELLO, stream=True)) as made:
        return [one async for one in items(made.iter_lines())]


async def legacy(client: Any) -> Any:
    return await settled(client.completions.create(model="gpt-4o", prompt="Hello"))


async def responses(client: Any) -> Any:
    return await settled(client.responses.create(model="gpt-4o", input="Hello"))


async def embeddings(client: Any) -> Any:
    return await settled(client.embeddings.create(model="gpt-4o", input=["Hello"]))


async def models(client: Any) -> Any:
    return [one async for one in items(await settled(client.models.list()))]


async def model(client: Any) -> Any:
    return await settled(client.models.retrieve("gpt-4o"))


async def delete(client: Any) -> Any:
    return await settled(client.files.delete("file-1"))


async def by_hand(client: Any) -> Any:
    return await settled(client.post("/chat/completions", cast_to=object, body=dict(HELLO)))


async def copied(client: Any) -> Any:
    other = client.with_options(max_retries=1, default_headers={"X-Own": "2"})
    return await settled(other.chat.completions.create(**HELLO))


DOING: list[Do] = [
    *(create, odd, bad, stream, stream_helper, parse, raw, streaming_response, legacy),
    *(responses, embeddings, models, model, delete, by_hand, copied),
]


def shown(value: Any) -> Any:
    """All of a value that a program can see."""
    if isinstance(value, list | tuple):
        return [shown(item) for item in value]
    if isinstance(value, BaseModel):
        return type(value), value.model_dump(), getattr(value, "_request_id", None), repr(value)
    if isinstance(value, BaseException):
        kept = {n: v for n, v in vars(value).items() if n not in {"request", "response"}}
        context = [type(value.__cause__), type(value.__context__)]
        return type(value), str(value), value.args, repr(kept), context
    return type(value), repr(value)


async def seen(do: Do, client: Any) -> Any:
    """What came of it, what was sent, and what was warned of."""
    SENT.clear()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            came = shown(await do(client))
        except Exception as error:  # noqa: BLE001  # which one it is, is the question
            came = shown(error)
    return came, list(SENT), [str(one.message) for one in warned]


@pytest.mark.parametrize("answer", ANSWERS)
@SYNC_AND_ASYNC
async def test_nothing_is_different(
    answer: str, is_async: bool, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", "abcd1234.of-baseten")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-theirs")
    monkeypatch.setattr(_base_client, "MAX_RETRY_DELAY", 0.001)
    server.answer = answer
    url = f"http://127.0.0.1:{server.server_port}/v1"

    def make() -> Any:
        return stock(is_async=is_async, api_key="sk-theirs", base_url=url, project="theirs")

    for do in DOING:
        expected = await seen(do, make())
        assert expected[1] or do is bad
        with baseten_openai.patched():
            assert await seen(do, make()) == expected, do.__name__
        before = make()
        with baseten_openai.patched():
            assert await seen(do, before) == expected, do.__name__


@SYNC_AND_ASYNC
async def test_a_client_of_openais_own_host_is_not_made_by_accident(is_async: bool) -> None:
    own = {"api_key": "sk-theirs", "base_url": "https://api.openai.com/v1", "organization": "org"}
    unpatched = stock(is_async=is_async, **own)
    with baseten_openai.patched(api_key="abcd1234.of-baseten", redirect="unset"):
        client = stock(is_async=is_async, **own)
        for name in ("api_key", "base_url", "organization", "project", "_custom_headers"):
            assert str(getattr(client, name)) == str(getattr(unpatched, name))
        assert vars(client).keys() == vars(unpatched).keys()


@SYNC_AND_ASYNC
def test_azure_is_left_alone(is_async: bool) -> None:
    made: Any = openai.AsyncAzureOpenAI if is_async else openai.AzureOpenAI
    azure = {
        "api_key": "theirs",
        "api_version": "1",
        "azure_endpoint": "https://x.openai.azure.com",
    }
    unpatched = made(**azure)
    with baseten_openai.patched(api_key="abcd1234.of-baseten"):
        client = made(**azure)
    assert (client.base_url, client.api_key) == (unpatched.base_url, unpatched.api_key)
    assert vars(client).keys() == vars(unpatched).keys()
