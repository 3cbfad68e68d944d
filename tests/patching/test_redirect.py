"""Clients with OpenAI's own URL written out are Baseten's; those of ``unpatched()`` are the SDK's own."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import openai
import pytest
from client_factories import REAL, SYNC_AND_ASYNC, made, settled, stock
from listeners import Elsewhere

import baseten_openai
from baseten_openai import CredentialError, bind, patch, patch_status, unpatched
from baseten_openai.credentials.hosts import is_openai_default

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Ask = Callable[..., Awaitable[Any]]

pytestmark = pytest.mark.anyio

KEY = "abcd1234.of-baseten"
OPENAIS = "sk-of-openai"
OTHER_KEY = "sk-given-by-hand"
OPENAI_URL = "https://api.openai.com/v1"
SPELLINGS = [
    OPENAI_URL,
    "https://api.openai.com/v1/",
    "https://api.openai.com/v1//",
    "HTTPS://API.OpenAI.com/V1",
    "https://api.openai.com:443/v1",
    " https://api.openai.com/v1 ",
]
NOT_OPENAIS_DEFAULT = [
    "http://api.openai.com/v1",
    "https://api.openai.com",
    "https://api.openai.com:8443/v1",
    "https://api.openai.com/v2",
    "https://eu.api.openai.com/v1",
    "https://api.openai.com.evil.test/v1",
    "https://user@api.openai.com/v1",
    "https://api.openai.com/v1?x=1",
    "https://host:port/v1",
    "",
]


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", OPENAIS)


async def arrived(
    ask: Ask, *, is_async: bool, client: Any = None, **options: Any
) -> tuple[str, Any]:
    """Return the host and the keys of the request that a client makes."""
    elsewhere = Elsewhere()
    http = elsewhere.client(is_async=is_async)
    one = (
        stock(is_async=is_async, http_client=http, max_retries=0, **options)
        if client is None
        else made(client.with_options(http_client=http, max_retries=0, **options))
    )
    with pytest.raises(openai.NotFoundError):
        await ask(one)
    (request,) = elsewhere.arrived
    return request.url.split("/")[2], request.keys


TO_BASETEN = ("inference.baseten.co", [f"Bearer {KEY}"])
TO_OPENAI = ("api.openai.com", [f"Bearer {OPENAIS}"])


@pytest.mark.parametrize("url", SPELLINGS)
def test_the_spellings_of_openais_url(url: str) -> None:
    assert is_openai_default(url)


@pytest.mark.parametrize("url", NOT_OPENAIS_DEFAULT)
def test_other_urls(url: str) -> None:
    assert not is_openai_default(url)


@pytest.mark.parametrize("url", SPELLINGS[:5])
@SYNC_AND_ASYNC
async def test_openais_url_written_out_is_basetens(url: str, is_async: bool, ask: Ask) -> None:
    patch()
    assert await arrived(ask, is_async=is_async, base_url=url, api_key=OTHER_KEY) == TO_BASETEN


@pytest.mark.parametrize("url", [*SPELLINGS, "", " "])
@SYNC_AND_ASYNC
async def test_by_openais_variable_too(
    url: str, is_async: bool, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    patch()
    assert await arrived(ask, is_async=is_async) == TO_BASETEN


@pytest.mark.parametrize("by_variable", [False, True])
@SYNC_AND_ASYNC
async def test_unset_leaves_them_alone(
    by_variable: bool, is_async: bool, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by_variable:
        monkeypatch.setenv("BASETEN_OPENAI_REDIRECT", "unset")
    patch(redirect=None if by_variable else "unset")
    assert await arrived(ask, is_async=is_async, base_url=OPENAI_URL) == TO_OPENAI
    assert await arrived(ask, is_async=is_async) == TO_BASETEN
    (left,) = patch_status().left_alone
    assert (left.host, left.reason) == (
        "api.openai.com",
        "base_url= names OpenAI's URL and redirect is 'unset'",
    )


@SYNC_AND_ASYNC
async def test_a_copy_with_openais_url_is_basetens(is_async: bool, ask: Ask) -> None:
    patch()
    client = stock(is_async=is_async)
    assert await arrived(ask, is_async=is_async, client=client, base_url=OPENAI_URL) == TO_BASETEN


@pytest.mark.parametrize("before", [True, False], ids=["set before", "set after"])
@pytest.mark.parametrize("url", SPELLINGS[:5])
def test_the_module_with_openais_url(url: str, *, before: bool, server: Any) -> None:
    openai.base_url = url if before else None
    patch(base_url=server.base_url)
    openai.models.list()
    openai.base_url = url
    openai.models.list()
    assert [r.headers["authorization"] for r in server.requests] == [f"Bearer {KEY}"] * 2
    baseten_openai.unpatch()
    assert openai.base_url == url


@SYNC_AND_ASYNC
async def test_copies_of_clients_made_before_go_where_the_clients_go(
    is_async: bool, ask: Ask
) -> None:
    client = stock(is_async=is_async)
    patch()
    assert await arrived(ask, is_async=is_async, client=client) == TO_OPENAI


@pytest.mark.parametrize("patched_before", [True, False])
@SYNC_AND_ASYNC
async def test_clients_of_an_unpatched_block_stay_the_sdks(
    patched_before: bool, is_async: bool, ask: Ask
) -> None:
    if patched_before:
        patch()
    with unpatched():
        clients = [
            stock(is_async=is_async),
            stock(is_async=is_async, base_url=OPENAI_URL),
            stock(is_async=is_async, base_url=REAL, api_key="of-the-program"),
        ]
    patch(default_model="glm-5")
    for client in clients[:2]:
        assert await arrived(ask, is_async=is_async, client=client) == TO_OPENAI
        copied = made(client.with_options(timeout=9))
        assert await arrived(ask, is_async=is_async, client=copied) == TO_OPENAI
    sent = await arrived(ask, is_async=is_async, client=clients[2])
    assert sent == ("inference.baseten.co", ["Bearer of-the-program"])
    assert await arrived(ask, is_async=is_async) == TO_BASETEN


@SYNC_AND_ASYNC
async def test_an_unpatched_client_can_be_bound(is_async: bool, ask: Ask) -> None:
    patch()
    with unpatched():
        client = stock(is_async=is_async)
    bound = made(bind(client))
    assert await arrived(ask, is_async=is_async, client=bound) == TO_BASETEN
    assert await arrived(ask, is_async=is_async, client=client) == TO_OPENAI


def test_an_unpatched_block_ends_with_the_sdk_as_it_was() -> None:
    before = openai.OpenAI.__dict__["__init__"]
    with unpatched(), unpatched():
        assert not patch_status().patched
    assert openai.OpenAI.__dict__["__init__"] is before


def test_an_unpatched_block_is_of_its_thread() -> None:
    patch()
    hosts: list[str] = []
    with unpatched():
        thread = threading.Thread(target=lambda: hosts.append(stock(is_async=False).base_url.host))
        thread.start()
        thread.join()
        hosts.append(stock(is_async=False).base_url.host)
    assert hosts == ["inference.baseten.co", "api.openai.com"]


@SYNC_AND_ASYNC
def test_an_unpatched_client_is_not_made_with_basetens_key(is_async: bool) -> None:
    patch()
    with unpatched(), pytest.raises(CredentialError, match=r"api\.openai\.com"):
        stock(is_async=is_async, api_key=KEY)


@SYNC_AND_ASYNC
async def test_each_client_left_alone_is_known(
    is_async: bool, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "baseten_openai")
    elsewhere = Elsewhere()
    before = stock(
        is_async=is_async, http_client=elsewhere.client(is_async=is_async), max_retries=0
    )
    patch()
    for _ in range(2):
        stock(is_async=is_async, base_url="https://api.other.com/v1", api_key="k")
    for _ in range(2):
        with pytest.raises(openai.NotFoundError):
            await settled(ask(before))
    other, old = patch_status().left_alone
    assert (other.done, other.host, other.reason) == (
        "made",
        "api.other.com",
        "base_url= names that host",
    )
    assert other.file.endswith("client_factories.py")
    assert (old.done, old.host, old.reason) == (
        "used",
        "api.openai.com",
        "it was made before patch()",
    )
    assert "for api.other.com: left alone, because base_url= names that host" in str(patch_status())
    lines = [r.getMessage() for r in caplog.records if "left alone" in r.getMessage()]
    assert lines == [f"a client was {other}", f"a client was {old}"]


def test_clients_of_ours_and_bound_ones_are_not_named() -> None:
    patch()
    url = "http://127.0.0.1:9/v1"
    with baseten_openai.OpenAI(base_url=url), bind(stock(is_async=False), base_url=url) as bound:
        made(bound.with_options(timeout=9))
        assert patch_status().left_alone == ()


def test_a_second_patch_says_what_it_replaced(caplog: pytest.LogCaptureFixture) -> None:
    patch(default_model="glm-5", aliases={"a": "glm-5"})
    patch(default_model="glm-5", aliases={"a": "glm-5"})
    assert not caplog.records
    patch(default_model="glm-4.7", api_key="abcd1234.another")
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage() == (
        "patch() replaced settings of an earlier patch(): api_key (changed), "
        "aliases (was {'a': 'glm-5'}, is {}), default_model (was 'glm-5', is 'glm-4.7')"
    )


def test_adding_a_setting_replaces_nothing(caplog: pytest.LogCaptureFixture) -> None:
    patch()
    patch(aliases={"a": "glm-4.7"}, default_model="glm-4.7")
    assert not caplog.records


def test_the_report_names_the_clients_left_alone() -> None:
    patch()
    stock(is_async=False, base_url="https://api.other.com/v1", api_key="k")
    report = baseten_openai.report()
    (left,) = report.left_alone
    assert (left.host, left.reason, left.count) == (
        "api.other.com",
        "base_url= names that host",
        1,
    )
    assert "Clients left alone" in str(report)
