"""``bind()``: a Baseten copy of the user's own client, which stays as it is."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import openai
import pytest
from client_factories import SYNC_AND_ASYNC, made, stock

import baseten_openai
from baseten_openai import (
    ConfigurationError,
    CredentialError,
    MissingAPIKeyError,
    UnsupportedFeatureError,
    bind,
    notes,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from baseten_openai.emulator import EmulatorServer

    Ask = Callable[..., Awaitable[Any]]

pytestmark = pytest.mark.anyio

KEY = "abcd1234.of-baseten"
FUNCTION = {"name": "f", "parameters": {"type": "object", "properties": {}}}
OPENAIS = "https://api.openai.com/v1/"


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch, server: EmulatorServer) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")


@SYNC_AND_ASYNC
async def test_a_bound_client_talks_to_baseten(
    is_async: bool, ask: Ask, server: EmulatorServer
) -> None:
    bound = bind(stock(is_async=is_async, max_retries=0), aliases={"gpt-4o": "glm-4.7"})
    answer = await ask(bound, model="gpt-4o")
    assert server.requests[-1].json["model"] == "zai-org/GLM-4.7"
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    assert [note.param for note in notes(answer)] == ["model"]
    with pytest.raises(UnsupportedFeatureError):
        await ask(bound, n=2)
    server.fault("402")
    with pytest.raises(baseten_openai.PaymentRequiredError):
        await ask(bound)
    server.fault("cut")
    with pytest.raises(baseten_openai.StreamInterruptedError):
        await all_of(await ask(bound, stream=True))


async def all_of(stream: Any) -> list[Any]:
    return [x async for x in stream] if hasattr(stream, "__aiter__") else list(stream)


@SYNC_AND_ASYNC
async def test_the_clients_own_options_are_kept(is_async: bool, server: EmulatorServer) -> None:
    own = {"X-Own": "1"}
    client = stock(is_async=is_async, timeout=12.5, max_retries=7, default_headers=own)
    bound = bind(client)
    assert type(bound) is type(client)
    assert (bound.timeout, bound.max_retries) == (12.5, 7)
    assert bound._client is client._client  # noqa: SLF001  # one connection pool
    assert bound.default_headers["X-Own"] == "1"
    assert bound.base_url == f"{server.base_url}/"


@SYNC_AND_ASYNC
async def test_the_original_stays_as_it_is(
    is_async: bool, ask: Ask, server: EmulatorServer
) -> None:
    client = stock(is_async=is_async, organization="org", default_headers={"X-Own": "1"})
    before = dict(vars(client))
    bound = bind(client)
    await ask(bound)
    await ask(bound.with_options(timeout=9))
    assert vars(client) | {"chat": None} == before | {"chat": None}
    assert (client.base_url, client.api_key) == (OPENAIS, "sk-of-openai")
    assert client.organization == "org"
    assert len(server.requests) == 2


@SYNC_AND_ASYNC
async def test_a_users_own_subclass_keeps_its_class_methods_and_hooks(
    is_async: bool, ask: Ask, server: EmulatorServer
) -> None:
    base: Any = openai.AsyncOpenAI if is_async else openai.OpenAI
    prepared = []

    class Own(base):  # type: ignore[misc]  # either of the two
        """With a hook and a method, as user code has them."""

        def hello(self) -> str:
            return f"hello from {self.base_url.host}"

        if is_async:

            async def _prepare_options(self, options: Any) -> Any:
                prepared.append(options.json_data["model"])
                return await super()._prepare_options(options)

        else:

            def _prepare_options(self, options: Any) -> Any:
                prepared.append(options.json_data["model"])
                return super()._prepare_options(options)

    bound = bind(made(Own()))
    copied = bound.with_options(timeout=9)
    for one in (bound, copied):
        assert type(one) is Own
        assert one.hello() == "hello from 127.0.0.1"
        await ask(one)
        assert server.requests[-1].json["model"] == "openai/gpt-oss-120b"
    assert prepared == ["gpt-oss-120b"] * 2


@SYNC_AND_ASYNC
async def test_methods_that_a_users_class_sets_on_the_instance_are_called(
    is_async: bool, ask: Ask, server: EmulatorServer
) -> None:
    base: Any = openai.AsyncOpenAI if is_async else openai.OpenAI
    asked = []

    class Own(base):  # type: ignore[misc]  # either of the two
        """Wraps a method of its own instance, as some tracers do."""

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            request = self.request
            self.request = lambda *args, **kw: (asked.append(self), request(*args, **kw))[1]

    bound = bind(made(Own()))
    copied = bound.with_options(timeout=9)
    for one in (bound, copied):
        await ask(one, model="baseten/gpt-oss-120b")
        assert server.requests[-1].json["model"] == "openai/gpt-oss-120b"
    assert asked == [bound, copied]


@SYNC_AND_ASYNC
@pytest.mark.parametrize("method", ["copy", "with_options"])
async def test_a_copy_of_a_bound_client_is_bound(
    is_async: bool, method: str, ask: Ask, server: EmulatorServer
) -> None:
    bound = bind(stock(is_async=is_async), aliases={"mine": "glm-4.7"})
    for _ in range(3):
        bound = getattr(bound, method)(timeout=9)
        await ask(bound, model="mine")
        assert server.requests[-1].json["model"] == "zai-org/GLM-4.7"
        with pytest.raises(UnsupportedFeatureError):
            await ask(bound, n=2)


@SYNC_AND_ASYNC
async def test_a_copy_may_have_another_key_and_host(is_async: bool) -> None:
    bound = bind(stock(is_async=is_async))
    copied = bound.with_options(base_url="https://other.test/v1", api_key="of-other")
    assert (copied.base_url, copied.api_key) == ("https://other.test/v1/", "of-other")
    assert bound.api_key == KEY
    with pytest.raises(CredentialError):
        bound.with_options(base_url="https://other.test/v1")
    with pytest.raises(CredentialError):
        bound.with_options(api_key="sk-of-openai")


@pytest.mark.filterwarnings("ignore::baseten_openai.BasetenWarning")
@SYNC_AND_ASYNC
async def test_binding_again_changes_what_is_given_and_keeps_the_rest(
    is_async: bool, ask: Ask, server: EmulatorServer, caplog: pytest.LogCaptureFixture
) -> None:
    first = bind(stock(is_async=is_async), aliases={"mine": "glm-4.7"}, default_model="glm-5.2")
    again = bind(first, aliases={"mine": "glm-5.2"})
    await ask(again, model="gpt-4")
    assert server.requests[-1].json["model"] == "zai-org/GLM-5.2"
    await ask(first, model="mine")
    assert server.requests[-1].json["model"] == "zai-org/GLM-4.7"
    caplog.set_level(logging.INFO, "baseten_openai")
    for one in (again, again.with_options(timeout=9), bind(bind(again))):
        caplog.clear()
        answer = await ask(one, model="mine", functions=[FUNCTION], function_call={"name": "f"})
        assert server.requests[-1].json["model"] == "zai-org/GLM-5.2"
        assert len(notes(answer)) == len(set(notes(answer)))
        logged = [r.message for r in caplog.records if r.name == "baseten_openai"]
        assert [note.kind for note in notes(answer)].count("repaired") == 1
        assert len(logged) == len(set(logged))  # what is done, is done once


@SYNC_AND_ASYNC
async def test_a_client_of_ours_can_be_bound_anew(
    is_async: bool, ask: Ask, server: EmulatorServer
) -> None:
    ours = baseten_openai.AsyncOpenAI if is_async else baseten_openai.OpenAI
    client: Any = made(ours(aliases={"mine": "glm-4.7"}, on_unsupported="ignore"))
    bound = bind(client, aliases={"mine": "glm-5.2"})
    assert type(bound) is ours
    assert bound.baseten_settings.on_unsupported == "ignore"
    for one in (bound, bound.with_options(timeout=9)):
        await ask(one, model="mine")
        assert server.requests[-1].json["model"] == "zai-org/GLM-5.2"
    assert client.baseten_settings.aliases == {"mine": "glm-4.7"}


@SYNC_AND_ASYNC
@pytest.mark.parametrize("patched_first", [True, False])
async def test_bound_clients_while_patched_keep_their_settings(
    is_async: bool, patched_first: bool, ask: Ask, server: EmulatorServer
) -> None:
    if patched_first:
        baseten_openai.patch(
            aliases={"mine": "glm-5.2"}, base_url="https://inference.baseten.co/v1"
        )
    bound = bind(stock(is_async=is_async), base_url=server.base_url, aliases={"mine": "glm-4.7"})
    baseten_openai.patch(aliases={"mine": "glm-5.2"}, base_url="https://inference.baseten.co/v1")
    for one in (bound, bound.with_options(timeout=9)):
        answer = await ask(one, model="mine")
        assert server.requests[-1].json["model"] == "zai-org/GLM-4.7"
        assert len(notes(answer)) == 1
    baseten_openai.unpatch()
    await ask(bound, model="mine")
    assert server.requests[-1].json["model"] == "zai-org/GLM-4.7"


def azure(*, is_async: bool) -> Any:
    cls = openai.AsyncAzureOpenAI if is_async else openai.AzureOpenAI
    return made(cls(api_key="azure", api_version="2024-10-21", azure_endpoint="https://a.test"))


@SYNC_AND_ASYNC
async def test_a_client_of_another_service_is_refused(is_async: bool) -> None:
    client = azure(is_async=is_async)
    before = dict(vars(client))
    with pytest.raises(ConfigurationError, match=type(client).__name__):
        bind(client)
    assert vars(client) == before


@pytest.mark.parametrize("given", [None, "client", openai, openai.OpenAI, object()])
async def test_what_is_no_client_is_refused(given: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"bind\(\) takes"):
        bind(given)


@SYNC_AND_ASYNC
async def test_settings_are_checked(is_async: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    client = stock(is_async=is_async)
    for wrong in ({"on_unsupported": "panic"}, {"aliases": {"a": ""}}, {"base_url": "ftp://a"}):
        with pytest.raises(ConfigurationError):
            bind(client, **wrong)  # type: ignore[arg-type]  # that they are refused is tested
    monkeypatch.delenv("BASETEN_API_KEY")
    with pytest.raises(MissingAPIKeyError, match="BASETEN_API_KEY"):
        bind(client)
