"""An endpoint's URL is made once a client, and anew as soon as it would be another."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import openai
import pytest
from client_factories import EACH_FACTORY, SYNC_AND_ASYNC, made, settled, stock, subclass
from openai import _base_client

import baseten_openai
from baseten_openai.errors import http_library
from baseten_openai.routing.endpoints import CHAT, NAMED_MODEL_PATHS

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio

OTHER = "https://model-abcdefg.api.baseten.co/environments/production/sync/v1"
ELSEWHERE = "https://llm.example/v1"
HELLO: Any = {
    "model": "openai/gpt-oss-120b",
    "messages": [{"role": "user", "content": "Hello"}],
}
COMPLETION = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": HELLO["model"],
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "Hi."}, "finish_reason": "stop"}
    ],
}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", "abcd1234.of-baseten")


class Transport:
    """An HTTP client's transport that answers each request, and keeps its URL."""

    def __init__(self) -> None:
        """Keep none yet."""
        self.urls: list[str] = []

    def answer(self, request: Any) -> Any:
        self.urls.append(str(request.url))
        return http_library().Response(200, json=COMPLETION)

    def options(self, *, is_async: bool) -> dict[str, Any]:
        http = http_library()
        cls = http.AsyncClient if is_async else http.Client
        return {"http_client": cls(transport=http.MockTransport(self.answer))}


def url_of(client: Any, path: str) -> Any:
    return client._prepare_url(path)  # noqa: SLF001  # the hooked method


async def call(client: Any) -> None:
    await settled(client.chat.completions.create(**HELLO))


@SYNC_AND_ASYNC
@EACH_FACTORY
async def test_it_is_made_once(make: Callable[..., Any], *, is_async: bool) -> None:
    transport = Transport()
    client = make(is_async=is_async, **transport.options(is_async=is_async))
    await call(client)
    url = url_of(client, CHAT)
    await call(client)
    assert url_of(client, CHAT) is url
    assert transport.urls == ["https://inference.baseten.co/v1/chat/completions"] * 2


@SYNC_AND_ASYNC
@EACH_FACTORY
@pytest.mark.parametrize("path", [*sorted(NAMED_MODEL_PATHS), "/models", "files/a?b=c", ELSEWHERE])
async def test_it_is_the_sdks(make: Callable[..., Any], path: str, *, is_async: bool) -> None:
    client = make(is_async=is_async, **Transport().options(is_async=is_async))
    await call(client)
    got = [url_of(client, path) for _ in range(3)]
    baseten_openai.unpatch()
    bare = stock(is_async=is_async, api_key="k", base_url=str(client.base_url))
    assert got == [url_of(bare, path)] * 3


@SYNC_AND_ASYNC
@EACH_FACTORY
async def test_urls_without_number_are_not_kept(
    make: Callable[..., Any], *, is_async: bool
) -> None:
    client = make(is_async=is_async, **Transport().options(is_async=is_async))
    await call(client)
    paths = [f"/files/{number}" for number in range(100)]
    kept = [url_of(client, path) is url_of(client, path) for path in paths]
    assert 0 < sum(kept) < 40
    assert [str(url_of(client, path)) for path in paths] == [
        f"https://inference.baseten.co/v1{path}" for path in paths
    ]


@SYNC_AND_ASYNC
@EACH_FACTORY
async def test_a_base_url_that_is_put_in_its_place_later(
    make: Callable[..., Any], *, is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make(is_async=is_async, **Transport().options(is_async=is_async))
    await call(client)
    cls = next(c for c in type(client).__mro__ if "base_url" in vars(c))
    monkeypatch.setattr(cls, "base_url", property(lambda _: http_library().URL(f"{OTHER}/")))
    monkeypatch.setattr(client, "_enforce_trailing_slash", lambda url: url)
    assert str(url_of(client, "/chat/completions")) == str(
        _base_client.BaseClient._prepare_url(client, "/chat/completions")  # noqa: SLF001  # the bare SDK's
    )


@SYNC_AND_ASYNC
async def test_a_base_url_that_another_thread_sets_meanwhile(
    *, is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = subclass(is_async=is_async, **Transport().options(is_async=is_async))
    await call(client)
    saved, library = client.base_url, http_library()
    other = library.URL(f"{OTHER}/")

    class Swapping(library.URL):  # type: ignore[misc]  # the first thing that _prepare_url makes
        def __init__(self, given: Any) -> None:
            super().__init__(given)
            client._base_url = other  # noqa: SLF001  # as the setter does

    with monkeypatch.context() as patching:
        patching.setattr(_base_client, "URL", Swapping)
        assert str(url_of(client, "/models")) == f"{OTHER}/models"
    client.base_url = saved
    assert str(url_of(client, "/models")) == "https://inference.baseten.co/v1/models"
    client._base_url = saved  # noqa: SLF001  # the very object, as a swap there and back leaves it
    assert str(url_of(client, "/models")) == "https://inference.baseten.co/v1/models"


@SYNC_AND_ASYNC
@EACH_FACTORY
async def test_another_base_url(make: Callable[..., Any], *, is_async: bool) -> None:
    transport = Transport()
    client = make(is_async=is_async, **transport.options(is_async=is_async))
    await call(client)
    client.base_url = OTHER
    assert str(url_of(client, CHAT)) == f"{OTHER}/chat/completions"
    await call(client)
    client.base_url = "https://inference.baseten.co/v1"
    await call(client)
    await call(client.with_options(base_url=OTHER))
    first, other = "https://inference.baseten.co/v1/chat/completions", f"{OTHER}/chat/completions"
    assert transport.urls == [first, other, first, other]


def varying(base: Any, way: str) -> Any:
    """Make a user's class whose URLs change from call to call."""
    number = itertools.count()

    class Method(base):  # type: ignore[misc]
        def _prepare_url(self, url: str) -> Any:
            made = super()._prepare_url(url)
            return made.copy_with(params={"n": next(number)})

    class Property(base):  # type: ignore[misc]
        @property
        def base_url(self) -> Any:
            return http_library().URL(f"https://inference.baseten.co/v{next(number)}/")

        @base_url.setter
        def base_url(self, url: Any) -> None:
            self._base_url = self._enforce_trailing_slash(http_library().URL(url))

    return {"method": Method, "property": Property}[way]


@SYNC_AND_ASYNC
@pytest.mark.parametrize("way", ["method", "property"])
@pytest.mark.parametrize("entry_point", ["subclass", "bind", "patch"])
async def test_a_users_class_whose_urls_vary(entry_point: str, way: str, *, is_async: bool) -> None:
    transport = Transport()
    options = transport.options(is_async=is_async)
    ours = baseten_openai.AsyncOpenAI if is_async else baseten_openai.OpenAI
    sdks = openai.AsyncOpenAI if is_async else openai.OpenAI
    if entry_point == "patch":
        baseten_openai.patch()
    cls = varying(ours if entry_point == "subclass" else sdks, way)
    client = made(cls(api_key="abcd1234.of-baseten", **options))
    if entry_point == "bind":
        client = made(baseten_openai.bind(client))
    for _ in range(3):
        await call(client)
    assert len(set(transport.urls)) == 3


@SYNC_AND_ASYNC
async def test_another_librarys_wrapper_is_called_each_time(
    *, is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    cls: Any = openai.AsyncOpenAI if is_async else openai.OpenAI
    plain, seen = cls._prepare_url, []

    def wrapper(self: Any, url: str) -> Any:
        seen.append(url)
        return plain(self, url)

    monkeypatch.setattr(cls, "_prepare_url", wrapper)
    baseten_openai.patch()
    try:
        client = stock(is_async=is_async, **Transport().options(is_async=is_async))
        await call(client)
        await call(client)
    finally:
        baseten_openai.unpatch()
    assert seen == [CHAT, CHAT]


@SYNC_AND_ASYNC
async def test_clients_of_other_hosts(*, is_async: bool) -> None:
    transport = Transport()
    options = transport.options(is_async=is_async)
    client = stock(is_async=is_async, api_key="theirs", base_url=ELSEWHERE, **options)
    with baseten_openai.patched():
        await call(client)
        client.base_url = "https://other.example/v2/"
        await call(client)
        await call(client)
    await call(client)
    other = "https://other.example/v2/chat/completions"
    assert transport.urls == [f"{ELSEWHERE}/chat/completions", other, other, other]


async def test_the_module_level_client(monkeypatch: pytest.MonkeyPatch) -> None:
    transport = Transport()
    baseten_openai.patch()
    monkeypatch.setattr(openai, "http_client", transport.options(is_async=False)["http_client"])
    await call(openai)
    monkeypatch.setattr(openai, "base_url", f"{OTHER}/")
    await call(openai)
    assert transport.urls == [
        "https://inference.baseten.co/v1/chat/completions",
        f"{OTHER}/chat/completions",
    ]
