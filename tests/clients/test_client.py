"""``OpenAI`` and ``AsyncOpenAI``: the SDK's clients with Baseten's defaults and four more keywords."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import openai
import pytest
from client_factories import SYNC_AND_ASYNC, made
from client_factories import subclass as make

import baseten_openai
from baseten_openai import (
    AsyncOpenAI,
    Catalog,
    ConfigurationError,
    CredentialError,
    MissingAPIKeyError,
    Model,
    OpenAI,
    UnsupportedFeatureError,
)
from baseten_openai.errors import http_library

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from baseten_openai.emulator import EmulatorServer

    Ask = Callable[..., Awaitable[Any]]

pytestmark = pytest.mark.anyio

KEY = "abcd1234.of-baseten"
CATALOG = Catalog([Model("own-lab/Own-Model")])
OURS: dict[str, Any] = {
    "aliases": {"gpt-4o": "gpt-oss-120b"},
    "default_model": "glm-4.7",
    "on_unsupported": "warn",
    "catalog": CATALOG,
}
SDKS: dict[str, Any] = {
    "timeout": 12.5,
    "max_retries": 7,
    "default_headers": {"X-Own": "1"},
    "default_query": {"own": "1"},
}


@SYNC_AND_ASYNC
async def test_with_no_arguments_it_is_basetens(
    is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", f" {KEY}\n")
    client = make(is_async=is_async)
    assert client.base_url == "https://inference.baseten.co/v1/"
    assert client.api_key == KEY
    assert isinstance(client, openai.AsyncOpenAI if is_async else openai.OpenAI)


@SYNC_AND_ASYNC
async def test_openais_variables_are_not_read(
    is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-foreign")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://foreign.test/v1")
    client = make(is_async=is_async)
    assert (client.base_url.host, client.api_key) == ("inference.baseten.co", KEY)


@SYNC_AND_ASYNC
async def test_a_keyword_beats_the_environment(
    is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", "of-the-environment")
    monkeypatch.setenv("BASETEN_BASE_URL", "https://environment.test/v1")
    monkeypatch.setenv("BASETEN_OPENAI_ALIASES", "gpt-4o=glm-5.2,other=glm-5.2")
    monkeypatch.setenv("BASETEN_OPENAI_DEFAULT_MODEL", "glm-5.2")
    monkeypatch.setenv("BASETEN_OPENAI_ON_UNSUPPORTED", "ignore")
    assert make(is_async=is_async).api_key == "of-the-environment"
    client = make(is_async=is_async, api_key=KEY, base_url="https://keyword.test/v1", **OURS)
    assert client.api_key == KEY
    assert client.base_url == "https://keyword.test/v1/"
    settings = client.baseten_settings
    assert settings.aliases == {"gpt-4o": "gpt-oss-120b", "other": "glm-5.2"}
    assert (settings.default_model, settings.on_unsupported) == ("glm-4.7", "warn")
    assert settings.catalog is CATALOG


@SYNC_AND_ASYNC
async def test_base_url_as_the_sdks_url_or_left_out_in_its_ways(is_async: bool) -> None:
    url = http_library().URL("https://inference.baseten.co/v1")
    for given in (url, None, "", openai.NOT_GIVEN):
        client = make(is_async=is_async, api_key=KEY, base_url=given)
        assert client.base_url == "https://inference.baseten.co/v1/"


@SYNC_AND_ASYNC
async def test_the_sdks_arguments_are_taken(is_async: bool) -> None:
    http = http_library()
    own = http.AsyncClient() if is_async else http.Client()
    client = make(is_async=is_async, api_key=KEY, http_client=own, **SDKS)
    assert (client.timeout, client.max_retries, client._client) == (12.5, 7, own)  # noqa: SLF001  # no public name
    assert client.default_headers["X-Own"] == "1"
    assert client.default_query == {"own": "1"}


@SYNC_AND_ASYNC
async def test_every_argument_of_the_sdk_is_taken(is_async: bool) -> None:
    theirs = openai.AsyncOpenAI if is_async else openai.OpenAI
    taken = inspect.signature(theirs.__init__).parameters
    defaults = {name: one.default for name, one in taken.items() if name != "self"}
    client = make(is_async=is_async, **{**defaults, "api_key": KEY})
    taken = inspect.signature(theirs.copy).parameters
    defaults = {name: one.default for name, one in taken.items() if name != "self"}
    assert client.copy(**defaults).baseten_settings == client.baseten_settings


@SYNC_AND_ASYNC
async def test_an_unknown_argument_is_the_sdks_error(is_async: bool) -> None:
    with pytest.raises(TypeError, match="flavour"):
        make(is_async=is_async, api_key=KEY, flavour="mint")
    with pytest.raises(TypeError, match="flavour"):
        make(is_async=is_async, api_key=KEY).with_options(flavour="mint")


@SYNC_AND_ASYNC
@pytest.mark.parametrize("method", ["copy", "with_options"])
async def test_a_copy_keeps_all_of_it(is_async: bool, method: str) -> None:
    url = "https://keyword.test/v1"
    client = make(is_async=is_async, api_key=KEY, base_url=url, **SDKS, **OURS)
    copied = getattr(getattr(client, method)(), method)(timeout=1)
    assert type(copied) is type(client)
    assert copied.baseten_settings == client.baseten_settings
    assert (copied.api_key, copied.base_url) == (client.api_key, client.base_url)
    assert (copied.timeout, copied.max_retries) == (1, 7)
    assert copied.default_headers["X-Own"] == "1"
    assert copied.default_query == {"own": "1"}
    assert client.timeout == 12.5


@SYNC_AND_ASYNC
@pytest.mark.parametrize("name", OURS)
async def test_a_copy_may_change_one_of_ours(is_async: bool, name: str) -> None:
    client = make(is_async=is_async, api_key=KEY)
    before = client.baseten_settings
    copied = client.with_options(**{name: OURS[name]})
    assert getattr(copied.baseten_settings, name) == OURS[name]
    assert copied.baseten_settings == before.replace(**{name: OURS[name]})
    assert client.baseten_settings == before


@SYNC_AND_ASYNC
async def test_a_copy_may_have_another_key_and_base_url(is_async: bool) -> None:
    client = make(is_async=is_async, api_key=KEY)
    copied = client.with_options(api_key="another", base_url="https://other.test/v1")
    assert (copied.api_key, copied.base_url) == ("another", "https://other.test/v1/")
    assert copied.baseten_settings.base_url == "https://other.test/v1"
    assert copied.with_options(timeout=1).api_key == "another"
    with pytest.raises(ConfigurationError, match="on_unsupported="):
        client.with_options(on_unsupported="panic")


@SYNC_AND_ASYNC
async def test_what_is_configured_takes_effect_also_in_copies(
    is_async: bool, ask: Ask, server: EmulatorServer
) -> None:
    client = make(
        is_async=is_async, api_key=KEY, base_url=server.base_url, aliases={"gpt-4o": "glm-4.7"}
    )
    for one in (client, client.with_options(timeout=9), client.copy().copy()):
        await ask(one, model="gpt-4o")
        assert server.requests[-1].json["model"] == "zai-org/GLM-4.7"
        with pytest.raises(UnsupportedFeatureError):
            await ask(one, n=2)
    await ask(client.with_options(aliases={"gpt-4o": "glm-5.2"}), model="gpt-4o")
    assert server.requests[-1].json["model"] == "zai-org/GLM-5.2"
    await ask(client.with_options(default_model="glm-5.2"), model="gpt-4")
    assert server.requests[-1].json["model"] == "zai-org/GLM-5.2"
    with pytest.raises(openai.BadRequestError) as caught:  # sent, and refused by the server
        await ask(client.with_options(on_unsupported="ignore"), n=2)
    assert not isinstance(caught.value, UnsupportedFeatureError)


@SYNC_AND_ASYNC
async def test_a_users_own_subclass(is_async: bool, ask: Ask, server: EmulatorServer) -> None:
    base: Any = AsyncOpenAI if is_async else OpenAI

    class Own(base):  # type: ignore[misc]  # either of the two
        """With a method and a header of its own, as user code has it."""

        @property
        def default_headers(self) -> dict[str, Any]:
            return {**super().default_headers, "X-Team": "search"}

        def hello(self) -> str:
            return "hello"

    client = made(Own(api_key=KEY, base_url=server.base_url, aliases={"gpt-4o": "glm-4.7"}))
    copied = client.with_options(max_retries=0)
    assert (type(copied), copied.hello()) == (Own, "hello")
    await ask(copied, model="gpt-4o")
    (request,) = server.requests
    assert request.headers["x-team"] == "search"
    assert request.json["model"] == "zai-org/GLM-4.7"


@SYNC_AND_ASYNC
async def test_the_users_own_headers_are_sent(
    is_async: bool, ask: Ask, server: EmulatorServer
) -> None:
    own = {"OpenAI-Organization": "mine", "X-Own": "1"}
    client = make(is_async=is_async, api_key=KEY, base_url=server.base_url, default_headers=own)
    await ask(client)
    await ask(client.with_options(default_headers={"X-More": "2"}))
    for request in server.requests:
        assert (request.headers["openai-organization"], request.headers["x-own"]) == ("mine", "1")
    assert server.requests[-1].headers["x-more"] == "2"


@SYNC_AND_ASYNC
@pytest.mark.parametrize("openais", [None, "sk-foreign", "of-any-form"])
async def test_a_missing_key_is_explained_and_never_replaced_by_openais(
    is_async: bool, openais: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if openais:
        monkeypatch.setenv("OPENAI_API_KEY", openais)
        monkeypatch.setenv("OPENAI_ADMIN_KEY", openais)
    for blank in ({}, {"api_key": None}, {"api_key": ""}, {"api_key": " \n"}):
        with pytest.raises(MissingAPIKeyError) as caught:
            make(is_async=is_async, **blank)
        text = str(caught.value)
        assert "BASETEN_API_KEY" in text
        assert "https://app.baseten.co/settings/api_keys" in text
        assert isinstance(caught.value, openai.OpenAIError)


@SYNC_AND_ASYNC
async def test_the_key_of_openais_variable_is_refused_when_basetens_is_another(
    is_async: bool, ask: Ask, server: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of-any-form")
    for basetens, refused in ((KEY, True), ("of-any-form", False), ("", False)):
        monkeypatch.setenv("BASETEN_API_KEY", basetens)
        client = make(is_async=is_async, api_key="of-any-form", base_url=server.base_url)
        if refused:
            with pytest.raises(CredentialError, match="BASETEN_API_KEY"):
                await ask(client)
            assert server.requests == []
        else:  # one Baseten key under both names, or under OpenAI's only
            await ask(client)
            assert server.requests[-1].headers["authorization"] == "Bearer of-any-form"


@SYNC_AND_ASYNC
@pytest.mark.parametrize("name", ["provider", "data_residency", "workload_identity"])
async def test_arguments_that_name_another_service_are_refused(is_async: bool, name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}="):
        make(is_async=is_async, api_key=KEY, **{name: "eu"})
    if name in inspect.signature(openai.OpenAI.__init__).parameters:
        client = make(is_async=is_async, api_key=KEY, **{name: None})
        assert client.base_url.host == "inference.baseten.co"


@SYNC_AND_ASYNC
async def test_while_patched_it_keeps_its_own_settings(
    is_async: bool, ask: Ask, server: EmulatorServer
) -> None:
    baseten_openai.patch(api_key="of-the-patch", aliases={"gpt-4o": "glm-5.2"})
    client = make(
        is_async=is_async, api_key=KEY, base_url=server.base_url, aliases={"gpt-4o": "glm-4.7"}
    )
    for one in (client, client.with_options(timeout=9)):
        await ask(one, model="gpt-4o")
        assert server.requests[-1].json["model"] == "zai-org/GLM-4.7"
        assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
