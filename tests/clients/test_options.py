"""Our keywords: the same at every door, typed as the SDK's own, set back with ``NOT_GIVEN``."""

from __future__ import annotations

import gc
import inspect
import weakref
from typing import TYPE_CHECKING, Any

import openai
import pytest
from client_factories import SYNC_AND_ASYNC, made, stock
from client_factories import subclass as make

import baseten_openai
from baseten_openai import (
    Catalog,
    ConfigurationError,
    CredentialError,
    MissingAPIKeyError,
    Model,
    Settings,
    bind,
)
from baseten_openai.clients import options

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("clients_are_closed")]

KEY = "abcd1234.of-baseten"
OTHER_KEY = "abcd1234.another"
CATALOG = Catalog([Model("own-lab/Own-Model")])
CONFIGURED: dict[str, Any] = {
    "aliases": {"mine": "glm-4.7"},
    "default_model": "glm-5",
    "on_unsupported": "warn",
    "catalog": CATALOG,
}
# The defaults that the documentation promises.
DEFAULTS: dict[str, Any] = {
    "aliases": {},
    "default_model": None,
    "on_unsupported": "error",
    "catalog": Catalog.bundled(),
}


@pytest.fixture(autouse=True)
def _openais_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")


def subclassed(*, is_async: bool, **keywords: Any) -> Settings:
    settings: Settings = make(is_async=is_async, **keywords).baseten_settings
    return settings


def bound(*, is_async: bool, **keywords: Any) -> Settings:
    client = bind(stock(is_async=is_async), **keywords)
    settings: Settings = client.__dict__["_baseten_openai"].settings
    return settings


def patched(*, is_async: bool, **keywords: Any) -> Settings:
    del is_async  # patch() is for both
    settings = baseten_openai.patch(**keywords).settings
    assert settings is not None
    return settings


def in_a_block(*, is_async: bool, **keywords: Any) -> Settings:
    del is_async
    with baseten_openai.patched(**keywords) as status:
        assert status.settings is not None
        return status.settings


DOORS = (subclassed, bound, patched, in_a_block)
EACH_DOOR = pytest.mark.parametrize("door", DOORS)


@EACH_DOOR
@SYNC_AND_ASYNC
async def test_settings_replace_the_environment(
    door: Callable[..., Settings], is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Settings(api_key=KEY, base_url="https://gateway.test/v1", **CONFIGURED)
    monkeypatch.setenv("BASETEN_API_KEY", OTHER_KEY)
    monkeypatch.setenv("BASETEN_BASE_URL", "https://environment.test/v1")
    monkeypatch.setenv("BASETEN_OPENAI_ALIASES", "gpt-4o=glm-5")
    assert door(is_async=is_async, settings=given) == given
    changed = door(is_async=is_async, settings=given, on_unsupported="ignore")
    assert changed == given.replace(on_unsupported="ignore")


@EACH_DOOR
@SYNC_AND_ASYNC
async def test_settings_are_checked_with_what_is_given_beside_them(
    door: Callable[..., Settings], is_async: bool
) -> None:
    given = Settings(api_key=KEY)
    with pytest.raises(ConfigurationError, match="settings="):
        door(is_async=is_async, settings={"api_key": KEY})
    with pytest.raises(ConfigurationError, match="on_unsupported="):
        door(is_async=is_async, settings=given, on_unsupported="panic")
    with pytest.raises(CredentialError, match=r"elsewhere\.test"):
        door(is_async=is_async, settings=given, base_url="https://elsewhere.test/v1")


@SYNC_AND_ASYNC
async def test_settings_without_a_key_are_refused_and_the_environments_key_is_not_used(
    is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", OTHER_KEY)
    for door in (subclassed, bound):
        with pytest.raises(MissingAPIKeyError):
            door(is_async=is_async, settings=Settings())
    baseten_openai.patch(settings=Settings())
    with pytest.raises(MissingAPIKeyError):
        stock(is_async=is_async)


@SYNC_AND_ASYNC
@pytest.mark.parametrize("name", CONFIGURED)
async def test_not_given_sets_one_back_to_its_default(is_async: bool, name: str) -> None:
    client = make(is_async=is_async, api_key=KEY, **CONFIGURED)
    changed = {name: openai.NOT_GIVEN}
    for copied in (client.with_options(**changed), client.copy(**changed), bind(client, **changed)):
        settings = copied.baseten_settings
        assert getattr(settings, name) == DEFAULTS[name]
        for other in CONFIGURED.keys() - {name}:
            assert getattr(settings, other) == CONFIGURED[other]


@EACH_DOOR
@SYNC_AND_ASYNC
@pytest.mark.parametrize("left_out", [None, openai.NOT_GIVEN])
async def test_what_is_left_out_is_read_from_the_environment(
    door: Callable[..., Settings], is_async: bool, left_out: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("BASETEN_OPENAI_DEFAULT_MODEL", "glm-5")
    names = ("api_key", "base_url", "default_model", "on_unsupported", "aliases", "settings")
    if door is subclassed:
        names = names[1:]  # the SDK's own, which is a string, a function or None
    settings = door(is_async=is_async, **dict.fromkeys(names, left_out))
    assert settings == Settings(api_key=KEY, default_model="glm-5")


@SYNC_AND_ASYNC
async def test_the_aliases_of_a_copy_replace_the_clients(is_async: bool) -> None:
    client = make(is_async=is_async, api_key=KEY, **CONFIGURED)
    for copied in (
        client.with_options(aliases={"yours": "glm-5"}),
        bind(client, aliases={"yours": "glm-5"}),
    ):
        assert copied.baseten_settings.aliases == {"yours": "glm-5"}
    assert client.with_options(aliases={}).baseten_settings.aliases == {}
    assert client.with_options(aliases=None).baseten_settings.aliases == {"mine": "glm-4.7"}


@SYNC_AND_ASYNC
async def test_a_copy_with_settings_uses_their_key_and_base_url(is_async: bool) -> None:
    client = make(is_async=is_async, api_key=KEY, **CONFIGURED)
    given = Settings(api_key=OTHER_KEY, base_url="https://gateway.test/v1")
    copied = client.with_options(settings=given, timeout=5)
    assert copied.baseten_settings == given
    assert (copied.api_key, copied.base_url) == (OTHER_KEY, "https://gateway.test/v1/")
    assert copied.timeout == 5
    with pytest.raises(CredentialError, match=r"elsewhere\.test"):
        client.with_options(settings=given, base_url="https://elsewhere.test/v1")
    assert client.baseten_settings.aliases == {"mine": "glm-4.7"}


@SYNC_AND_ASYNC
async def test_binding_a_client_of_ours_takes_its_key_to_no_other_host(is_async: bool) -> None:
    client = make(is_async=is_async, api_key=KEY)
    with pytest.raises(CredentialError, match=r"elsewhere\.test"):
        bind(client, base_url="https://elsewhere.test/v1")


@SYNC_AND_ASYNC
async def test_clients_with_equal_settings_share_them_while_in_use(is_async: bool) -> None:
    first = make(is_async=is_async, api_key=KEY, aliases={"mine": "glm-4.7"})
    again = make(is_async=is_async, api_key=KEY, aliases={"mine": "glm-4.7"})
    other = make(is_async=is_async, api_key=OTHER_KEY, aliases={"mine": "glm-4.7"})
    assert first.baseten_settings is again.baseten_settings
    assert other.baseten_settings is not first.baseten_settings
    assert (first.api_key, other.api_key) == (KEY, OTHER_KEY)


def test_settings_are_not_kept_after_their_clients() -> None:
    client = openai.OpenAI(api_key="of-a-stock-client")
    held = bind(client, api_key="abcd1234.short-lived")
    gone = weakref.ref(held.__dict__["_baseten_openai"])
    held.close()
    client.close()
    del held
    gc.collect()
    assert gone() is None


def test_a_keyword_that_patch_and_bind_do_not_have_is_named() -> None:
    wrong: Any = {"alias": {"a": "b"}}
    with pytest.raises(TypeError, match=r"patch\(\) got an unexpected keyword argument 'alias'"):
        baseten_openai.patch(**wrong)
    with (
        pytest.raises(TypeError, match=r"patched\(\) got an unexpected keyword argument 'alias'"),
        baseten_openai.patched(**wrong),
    ):
        pass
    client = made(openai.OpenAI(api_key="x"))
    with pytest.raises(TypeError, match=r"bind\(\) got an unexpected keyword argument 'alias'"):
        bind(client, **wrong)
    assert not baseten_openai.is_patched()


# What type checkers see, against the installed SDK

TYPED = {
    "OpenAI": (openai.OpenAI.__init__, options.ClientOptions),
    "AsyncOpenAI": (openai.AsyncOpenAI.__init__, options.AsyncClientOptions),
    "OpenAI.copy": (openai.OpenAI.copy, options.ClientCopyOptions),
    "AsyncOpenAI.copy": (openai.AsyncOpenAI.copy, options.AsyncClientCopyOptions),
}


@pytest.mark.parametrize("name", TYPED)
def test_every_keyword_of_the_installed_sdk_is_typed(name: str) -> None:
    theirs, typed = TYPED[name]
    keywords = set(inspect.signature(theirs).parameters) - {"self", "api_key", "base_url"}
    assert len(keywords) > 8
    assert keywords - set(options.OPENAI_ONLY) <= typed.__optional_keys__


def test_no_keyword_of_ours_is_one_of_the_sdks() -> None:
    theirs = {*inspect.signature(openai.OpenAI.__init__).parameters}
    theirs |= {*inspect.signature(openai.OpenAI.copy).parameters}
    ours = {"aliases", "default_model", "on_unsupported", "catalog", "fast", "settings"}
    assert options.ModelOptions.__optional_keys__ == ours
    assert options.Options.__optional_keys__ == ours | {"api_key", "base_url"}
    assert not ours & theirs
