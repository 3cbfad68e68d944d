"""No credential of OpenAI's reaches Baseten, and Baseten's key reaches no host but its own."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import openai
import pytest
from client_factories import (
    EACH_FACTORY,
    SYNC_AND_ASYNC,
    patched,
    settled,
    subclass,
)
from listeners import Arrived, Listener, listening

import baseten_openai
from baseten_openai import CredentialError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "abcd1234.of-baseten"
FOREIGN = {  # each value says so, so that no part of any can pass unseen
    "OPENAI_API_KEY": "sk-foreign-key",
    "OPENAI_ADMIN_KEY": "sk-admin-foreign",
    "OPENAI_ORG_ID": "org-foreign",
    "OPENAI_PROJECT_ID": "proj_foreign",
    "OPENAI_CUSTOM_HEADERS": "Authorization: Bearer foreign-custom\nX-Other: foreign-header",
}
HELLO: Any = [{"role": "user", "content": "Hello"}]
SLUG = "openai/gpt-oss-120b"
REAL = "https://inference.baseten.co/v1"

pytestmark = pytest.mark.anyio


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as server:
        yield server


@pytest.fixture(autouse=True)
def _both_sets_of_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BASETEN_API_KEY", KEY)


def chat(client: Any) -> Any:
    return client.chat.completions.create(model=SLUG, messages=HELLO)


def stream(client: Any) -> Any:
    return client.chat.completions.create(model=SLUG, messages=HELLO, stream=True)


ROUTES: dict[str, Callable[[Any], Any]] = {
    "chat": chat,
    "stream": stream,
    "raw": lambda c: c.chat.completions.with_raw_response.create(model=SLUG, messages=HELLO),
    "responses": lambda c: c.responses.create(model=SLUG, input="Hello"),
    "embeddings": lambda c: c.embeddings.create(model="a/b", input="Hello"),
    "models": lambda c: c.models.list(),
    "post": lambda c: c.post("/anything?at=all", cast_to=object, body={"a": 1}),
    "copy": lambda c: chat(c.with_options(timeout=5)),
    "copy of a copy": lambda c: chat(c.copy().copy(max_retries=1)),
    "copy with headers": lambda c: chat(c.with_options(default_headers={"X-Own": "1"})),
}


def check_only_baseten(arrived: list[Arrived]) -> None:
    assert arrived
    for request in arrived:
        assert request.keys == [f"Bearer {KEY}"]
        assert "foreign" not in repr(request)
        assert "openai-organization" not in repr(request).lower()
        assert "openai-project" not in repr(request).lower()


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_nothing_of_openais_reaches_the_server(
    make: Any, is_async: bool, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_BASE_URL", listener.url)
    client = make(is_async=is_async, max_retries=0)
    for number, use in enumerate(ROUTES.values(), 1):
        with pytest.raises(openai.NotFoundError):
            await settled(use(client))
        assert len(listener.arrived) == number
    check_only_baseten(listener.arrived)
    assert getattr(client, "admin_api_key", None) is None


@pytest.mark.parametrize("before", [False, True], ids=["patched first", "used before"])
async def test_nothing_of_openais_reaches_the_server_from_the_module(
    before: bool, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    if before:  # the SDK's module client stores what it read in the module's globals
        with listening() as other, monkeypatch.context() as its:
            its.setenv("OPENAI_BASE_URL", other.url)
            with pytest.raises(openai.NotFoundError):
                openai.models.list()
            assert "foreign" in repr(other.arrived)
    monkeypatch.setenv("BASETEN_BASE_URL", listener.url)
    baseten_openai.patch()
    for name in ("chat", "stream", "raw", "responses", "embeddings", "models"):
        with pytest.raises(openai.NotFoundError):
            ROUTES[name](openai)
    assert len(listener.arrived) >= 6
    check_only_baseten(listener.arrived)


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_arguments_that_are_openais_credentials_are_not_sent(
    make: Any, is_async: bool, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_BASE_URL", listener.url)
    given = {"organization": "org-foreign", "project": "proj_foreign"}
    client = make(is_async=is_async, max_retries=0, **given)
    for one in (client, client.with_options(**given)):
        with pytest.raises(openai.NotFoundError):
            await settled(chat(one))
    check_only_baseten(listener.arrived)


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_the_admin_key_is_not_sent_on_admin_routes(
    make: Any, is_async: bool, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hasattr(openai.OpenAI, "admin"):
        pytest.skip(f"openai {openai.VERSION} has no admin routes")
    monkeypatch.setenv("BASETEN_BASE_URL", listener.url)
    client = make(is_async=is_async, max_retries=0)
    with contextlib.suppress(TypeError, CredentialError, openai.NotFoundError):
        # the SDK's "could not resolve authentication method", ours, or Baseten's key was sent
        await settled(client.admin.organization.usage.completions(start_time=0))
    assert "foreign" not in repr(listener.arrived)


@pytest.mark.parametrize("given", ["sk-foreign-key", "sk-another", "of-any-form", " of-any-form\n"])
@SYNC_AND_ASYNC
async def test_an_openai_key_that_an_unmodified_program_passes_is_replaced(
    given: str, is_async: bool, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", given)
    monkeypatch.setenv("BASETEN_BASE_URL", listener.url)
    client = patched(is_async=is_async, api_key=given, max_retries=0)
    with pytest.raises(openai.NotFoundError):
        await settled(chat(client))
    openai.api_key = given
    with pytest.raises(openai.NotFoundError):
        chat(openai)
    check_only_baseten(listener.arrived)
    assert openai.api_key == given


@SYNC_AND_ASYNC
async def test_a_key_of_openais_that_is_passed_to_us_is_refused(is_async: bool) -> None:
    stock = openai.OpenAI()
    for given in ("sk-foreign-key", "sk-another"):
        with pytest.raises(CredentialError):
            subclass(is_async=is_async, api_key=given)
        with pytest.raises(CredentialError):
            subclass(is_async=is_async).with_options(api_key=given)
        with pytest.raises(CredentialError):
            baseten_openai.bind(stock, api_key=given)
        with pytest.raises(CredentialError):
            baseten_openai.patch(api_key=given)
    assert not baseten_openai.is_patched()


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_a_key_of_openais_that_gets_into_a_client_later_is_replaced(
    make: Any, is_async: bool, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_BASE_URL", listener.url)
    client = make(is_async=is_async, max_retries=0)
    foreign = {"Authorization": "Bearer sk-foreign-key"}
    with pytest.raises(openai.NotFoundError):
        await settled(client.post("/a", cast_to=object, options={"headers": foreign}))
    client.api_key = "sk-another"
    for one in (client, client.with_options(default_headers=foreign)):
        with pytest.raises(openai.NotFoundError):
            await settled(chat(one))
    check_only_baseten(listener.arrived)
    assert len(listener.arrived) == 3


def called(key: str, *, is_async: bool) -> Any:
    async def give_async() -> str:
        return key

    return give_async if is_async else lambda: key


@pytest.mark.skipif(
    not hasattr(openai.OpenAI, "_refresh_api_key"),
    reason=f"openai {openai.VERSION} takes no function as api_key",
)
@pytest.mark.parametrize("make", [subclass, patched])
@SYNC_AND_ASYNC
async def test_a_function_may_give_the_key(
    make: Any, is_async: bool, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_BASE_URL", listener.url)
    client = make(is_async=is_async, max_retries=0, api_key=called(KEY, is_async=is_async))
    for one in (client, client.with_options(timeout=5)):
        with pytest.raises(openai.NotFoundError):
            await settled(chat(one))
    check_only_baseten(listener.arrived)
    assert len(listener.arrived) == 2
    foreign = called("sk-foreign-key", is_async=is_async)
    client = make(is_async=is_async, max_retries=0, api_key=foreign)
    with pytest.raises(openai.NotFoundError):
        await settled(chat(client))
    check_only_baseten(listener.arrived)
    assert len(listener.arrived) == 3
