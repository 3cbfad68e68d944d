"""Baseten's key reaches Baseten's hosts, the configured base URL and loopback; no other host."""

from __future__ import annotations

import threading
from importlib import util
from typing import TYPE_CHECKING, Any

import openai
import pytest
from chat_routes import inside
from client_factories import EACH_FACTORY, REAL, SYNC_AND_ASYNC, bound, patched, settled, subclass
from listeners import Elsewhere, listening
from websockets.exceptions import InvalidStatus
from websockets.sync import server as sync_server

import baseten_openai
from baseten_openai import CredentialError

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "abcd1234.of-baseten"
HELLO: Any = [{"role": "user", "content": "Hello"}]
DEDICATED = "https://model-abcd1234.api.baseten.co/environments/production/sync/v1"

pytestmark = pytest.mark.anyio

HAS_GATE = util.find_spec("openai._websocket_connection") is not None

OTHERS = [
    "https://evil.test/v1",
    "https://api.openai.com/v1",
    "https://inference.baseten.co.evil.test/v1",
    "https://evil-baseten.co/v1",
    "https://xinference.baseten.co/v1",
    "https://inference.baseten.co@evil.test/v1",
    "https://inference.baseten.co:443@evil.test/v1",
    "https://inference.baseten.co%2f@evil.test/v1",
    "http://inference.baseten.co/v1",
    "http://model-abcd1234.api.baseten.co/v1",
    "https://localhost.evil.test/v1",
]
OWN = [REAL, "https://INFERENCE.baseten.co:443/v1", DEDICATED, "http://127.0.0.1:9/v1"]


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)


def chat(client: Any) -> Any:
    return client.chat.completions.create(model="openai/gpt-oss-120b", messages=HELLO)


def post(client: Any, url: str) -> Any:
    return client.post(f"{url}/chat/completions", cast_to=object, body={"model": "a/b"})


def moved(client: Any, url: str) -> Any:
    client.base_url = url
    return chat(client)


def by_header(client: Any, url: str) -> Any:
    options: Any = {"headers": {"Authorization": "Api-Key x", "X-Api-Key": f"key {KEY}"}}
    return client.post(f"{url}/x", cast_to=object, body={}, options=options)


WAYS: dict[str, Callable[[Any, str], Any]] = {
    "an absolute URL": post,
    "base_url set": moved,
    "with_options": lambda client, url: chat(client.with_options(base_url=url)),
    "extra_headers": by_header,
    "retrieving": lambda client, url: client.get(f"{url}/models", cast_to=object),
}


@EACH_FACTORY
@SYNC_AND_ASYNC
@pytest.mark.parametrize("way", WAYS)
async def test_the_key_goes_to_no_other_host(
    make: Any, is_async: bool, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "BASETEN_OPENAI_REDIRECT", "unset"
    )  # else a copy for OpenAI's URL is Baseten's
    elsewhere = Elsewhere()
    for url in OTHERS:
        client = make(is_async=is_async, http_client=elsewhere.client(is_async=is_async))
        with pytest.raises(CredentialError) as caught:
            await settled(WAYS[way](client, url))
        assert KEY not in str(caught.value)
    assert elsewhere.arrived == []


@EACH_FACTORY
@SYNC_AND_ASYNC
@pytest.mark.parametrize("way", ["an absolute URL", "base_url set", "with_options"])
async def test_the_key_goes_to_basetens_hosts_and_loopback(
    make: Any, is_async: bool, way: str
) -> None:
    for url in OWN:
        elsewhere = Elsewhere()
        http = elsewhere.client(is_async=is_async)
        client = make(is_async=is_async, http_client=http, max_retries=0)
        with pytest.raises(openai.NotFoundError):
            await settled(WAYS[way](client, url))
        (request,) = elsewhere.arrived
        assert request.url.lower().startswith(url.lower().replace(":443", ""))
        assert request.keys == [f"Bearer {KEY}"]


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_the_key_goes_to_the_configured_base_url_and_its_host_only(
    make: Any, is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_BASE_URL", "https://gateway.test:8443/v1")
    elsewhere = Elsewhere()
    http = elsewhere.client(is_async=is_async)
    client = make(is_async=is_async, http_client=http, max_retries=0)
    for use in (chat, lambda c: post(c, "https://gateway.test:8443/v2")):
        with pytest.raises(openai.NotFoundError):
            await settled(use(client))
    assert [r.keys for r in elsewhere.arrived] == [[f"Bearer {KEY}"]] * 2
    for url in ("https://gateway.test/v1", "http://gateway.test:8443/v1", "https://evil.test"):
        with pytest.raises(CredentialError):
            await settled(post(client, url))
    assert len(elsewhere.arrived) == 2


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_a_redirect_takes_the_key_to_no_other_host(make: Any, is_async: bool) -> None:
    elsewhere = Elsewhere()
    for location in ("https://evil.test/x", "http://inference.baseten.co/x"):
        elsewhere.arrived.clear()
        elsewhere.locations = {f"{REAL}/chat/completions": location}
        http = elsewhere.client(is_async=is_async)
        client = make(is_async=is_async, http_client=http, max_retries=0)
        with pytest.raises(openai.NotFoundError):
            await settled(chat(client))
        first, second = elsewhere.arrived
        assert first.keys == [f"Bearer {KEY}"]
        assert second.url == location
        assert KEY not in repr(second)


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_a_redirect_takes_the_key_to_no_other_server(
    make: Any, is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening() as ours, listening() as other:
        ours.location = f"{other.url}/elsewhere"
        monkeypatch.setenv("BASETEN_BASE_URL", ours.url)
        with pytest.raises(openai.NotFoundError):  # with the SDK's own HTTP client
            await settled(chat(make(is_async=is_async, max_retries=0)))
        assert len(ours.arrived) == len(other.arrived) == 1
        assert ours.arrived[0].keys == [f"Bearer {KEY}"]
        assert KEY not in repr(other.arrived)


@pytest.mark.parametrize("url", OTHERS)
@SYNC_AND_ASYNC
async def test_a_base_url_in_the_code_does_not_get_the_key_of_the_environment(
    url: str, is_async: bool
) -> None:
    stock = (openai.AsyncOpenAI if is_async else openai.OpenAI)(api_key="sk-stock")
    with pytest.raises(CredentialError):
        subclass(is_async=is_async, base_url=url)
    with pytest.raises(CredentialError):
        baseten_openai.bind(stock, base_url=url)
    with pytest.raises(CredentialError):
        baseten_openai.patch(base_url=url)
    assert not baseten_openai.is_patched()


@SYNC_AND_ASYNC
async def test_another_host_may_be_given_its_own_key(is_async: bool) -> None:
    for make in (subclass, bound, patched):
        elsewhere = Elsewhere()
        http = elsewhere.client(is_async=is_async)
        client = make(is_async=is_async, http_client=http, max_retries=0)
        moved = client.with_options(base_url="https://gateway.test/v1", api_key="of-gateway")
        with pytest.raises(openai.NotFoundError):
            await settled(chat(moved))
        (request,) = elsewhere.arrived
        assert request.url.startswith("https://gateway.test/v1/")
        assert request.keys == ["Bearer of-gateway"]
        assert KEY not in repr(request)


@pytest.mark.parametrize("make", [subclass, bound, patched])
@SYNC_AND_ASYNC
async def test_websockets_are_opened_to_no_other_host(make: Any, is_async: bool) -> None:
    for url in ("wss://evil.test/v1", "ws://inference.baseten.co/v1", "wss://evil-baseten.co"):
        with pytest.raises(CredentialError):
            make(is_async=is_async, websocket_base_url=url)
        with pytest.raises(CredentialError):
            make(is_async=is_async).with_options(websocket_base_url=url)
    for url in ("wss://inference.baseten.co/v1", "ws://127.0.0.1:9/v1"):
        client = make(is_async=is_async).with_options(websocket_base_url=url)
        assert str(client.websocket_base_url) == url


async def _realtime(client: Any) -> None:
    async with inside(client.realtime.connect(model="gpt-realtime")):
        pass


async def _responses(client: Any) -> None:
    async with inside(client.responses.connect()):
        pass


@pytest.mark.skipif(not HAS_GATE, reason="this SDK's websockets pass no method of its clients")
@pytest.mark.parametrize("name", ["base_url", "websocket_base_url"])
@pytest.mark.parametrize("connect", [_realtime, _responses])
@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_a_websocket_to_a_host_that_was_set_later_is_refused(
    make: Any, is_async: bool, connect: Any, name: str
) -> None:
    for url in ("evil.test/v1", "xinference.baseten.co/v1", "inference.baseten.co.evil.test/v1"):
        client = make(is_async=is_async)
        setattr(client, name, f"{'wss' if name == 'websocket_base_url' else 'https'}://{url}")
        with pytest.raises(CredentialError, match=r"Nothing was sent") as caught:
            await connect(client)
        assert KEY not in str(caught.value)


@pytest.mark.skipif(not HAS_GATE, reason="this SDK's websockets pass no method of its clients")
@pytest.mark.parametrize("connect", [_realtime, _responses])
@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_a_websocket_to_an_own_host_is_opened(
    make: Any, is_async: bool, connect: Any
) -> None:
    shaken: list[list[str]] = []

    def keep(connection: Any, request: Any) -> Any:
        shaken.append(request.headers.get_all("Authorization"))
        return connection.respond(403, "no websockets here")

    client = make(is_async=is_async)
    with sync_server.serve(lambda _: None, "127.0.0.1", 0, process_request=keep) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        client.websocket_base_url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/v1"
        with pytest.raises(InvalidStatus):
            await connect(client)
        server.shutdown()
        thread.join()
    assert shaken == [[f"Bearer {KEY}"]]


@SYNC_AND_ASYNC
async def test_a_key_that_was_replaced_since_stays_home_too(
    is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Elsewhere()
    clients = [
        make(is_async=is_async, http_client=elsewhere.client(is_async=is_async))
        for make in (subclass, bound, patched)
    ]
    monkeypatch.setenv("BASETEN_API_KEY", "efgh5678.the-next")
    patched(is_async=is_async)
    for client in clients:
        for way in ("an absolute URL", "with_options", "base_url set"):
            with pytest.raises(CredentialError):
                await settled(WAYS[way](client, "https://evil.test/v1"))
    assert elsewhere.arrived == []
