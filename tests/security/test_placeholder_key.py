"""The placeholder in OPENAI_API_KEY is sent to no host: not to Baseten, OpenAI or any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest
from client_factories import EACH_FACTORY, SYNC_AND_ASYNC, stock
from listeners import Elsewhere

import baseten_openai
from baseten_openai import MissingAPIKeyError
from baseten_openai.credentials.placeholder import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Ask = Callable[..., Awaitable[Any]]

pytestmark = pytest.mark.anyio

KEY = "abcd1234.of-baseten"


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", PLACEHOLDER)


@pytest.mark.parametrize("given", [{}, {"api_key": PLACEHOLDER}])
@SYNC_AND_ASYNC
async def test_baseten_gets_its_own_key(given: dict[str, str], is_async: bool, ask: Ask) -> None:
    baseten_openai.patch()
    elsewhere = Elsewhere()
    client = stock(
        is_async=is_async, http_client=elsewhere.client(is_async=is_async), max_retries=0, **given
    )
    with pytest.raises(openai.NotFoundError):
        await ask(client)
    (request,) = elsewhere.arrived
    assert request.url.startswith("https://inference.baseten.co/")
    assert request.keys == [f"Bearer {KEY}"]


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_every_kind_of_client_sends_basetens_key(make: Any, is_async: bool, ask: Ask) -> None:
    elsewhere = Elsewhere()
    http = elsewhere.client(is_async=is_async)
    client = make(is_async=is_async, http_client=http, max_retries=0)
    with pytest.raises(openai.NotFoundError):
        await ask(client)
    (request,) = elsewhere.arrived
    assert request.keys == [f"Bearer {KEY}"]


@pytest.mark.parametrize("given", [{}, {"api_key": PLACEHOLDER}])
@pytest.mark.parametrize("url", [None, "https://api.openai.com/v1", "https://gateway.test/v1"])
@SYNC_AND_ASYNC
def test_no_client_of_the_sdks_own_is_made_with_it(
    given: dict[str, str], url: str | None, is_async: bool
) -> None:
    baseten_openai.patch()
    with baseten_openai.unpatched(), pytest.raises(MissingAPIKeyError, match="placeholder"):
        stock(is_async=is_async, base_url=url, **given)


@pytest.mark.parametrize("given", [{}, {"api_key": PLACEHOLDER}])
@SYNC_AND_ASYNC
def test_no_client_of_another_host_is_made_with_it(given: dict[str, str], is_async: bool) -> None:
    baseten_openai.patch()
    with pytest.raises(MissingAPIKeyError, match=r"gateway\.test"):
        stock(is_async=is_async, base_url="https://gateway.test/v1", **given)


def test_the_module_sends_basetens_key(server: Any) -> None:
    baseten_openai.patch(base_url=server.base_url)
    openai.models.list()
    openai.api_key = PLACEHOLDER
    openai.models.list()
    assert [r.headers["authorization"] for r in server.requests] == [f"Bearer {KEY}"] * 2


def test_it_says_what_it_is_and_no_variable_or_keyword_takes_it_for_basetens() -> None:
    assert "placeholder" in PLACEHOLDER
    assert "not-a-key" in PLACEHOLDER
    with pytest.raises(baseten_openai.CredentialError):
        baseten_openai.Settings(api_key=PLACEHOLDER)
