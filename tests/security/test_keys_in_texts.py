"""No key is in what people copy into an issue: messages, reprs, logs, pickled errors."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import openai
import pytest
from client_factories import EACH_FACTORY, SYNC_AND_ASYNC, settled, subclass

import baseten_openai
from baseten_openai import BasetenError, CredentialError, OpenAI, UnsupportedFeatureError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from baseten_openai.emulator import EmulatorServer

    Ask = Callable[..., Awaitable[Any]]

KEY = "abcd1234.of-baseten"
FOREIGN = "sk-foreign-key"

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch, server: EmulatorServer) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", FOREIGN)
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)


def check_no_key(text: str) -> None:
    assert text
    assert KEY not in text
    assert FOREIGN not in text


async def consumed(stream: Any) -> None:
    if hasattr(stream, "__aiter__"):
        async for _ in stream:
            pass
    else:
        for _ in stream:
            pass


async def posted(client: Any, url: str) -> Any:
    return await settled(client.post(url, cast_to=object, body={}))


async def failures(client: Any, ask: Ask, server: EmulatorServer) -> list[Exception]:
    """Every kind of error that a call with a key in it can end with."""
    found: list[Exception] = []

    async def failing(expected: type[Exception], made: Awaitable[Any]) -> None:
        with pytest.raises(expected) as caught:
            await made
        found.append(caught.value)

    for kind in ("400", "402", "403", "404", "429-retry-after", "500", "502-html", "529"):
        server.fault(kind)
        await failing(openai.APIStatusError, ask(client))
    for kind in ("cut", "reset", "error-event-flat"):
        server.fault(kind)
        await failing(openai.APIError, consumed(await ask(client, stream=True)))
    server.fault("reset")
    await failing(openai.APIConnectionError, ask(client))
    await failing(UnsupportedFeatureError, ask(client, n=2))
    await failing(openai.NotFoundError, ask(client, model="nobody-knows"))
    await failing(CredentialError, posted(client, "https://evil.test/x"))
    return found


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_not_in_errors(make: Any, is_async: bool, ask: Ask, server: EmulatorServer) -> None:
    for error in await failures(make(is_async=is_async, max_retries=0), ask, server):
        check_no_key("".join(traceback.format_exception(error)))
        check_no_key(repr(error))
        if isinstance(error, BasetenError):
            again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
            assert (type(again), str(again)) == (type(error), str(error))
            check_no_key(repr(pickle.dumps(error)))
            assert str(copy.copy(error)) == str(error)


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_not_in_logs(
    make: Any,
    is_async: bool,
    ask: Ask,
    server: EmulatorServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx", "httpx2", "httpcore", "httpcore2", "baseten_openai"):
        caplog.set_level(logging.DEBUG, name)
    client = make(is_async=is_async, max_retries=0, organization="org-x")
    await ask(client)
    await ask(client.with_options(timeout=9), model="gpt-oss-120b", max_tokens=5)
    await failures(client, ask, server)
    assert {record.name.partition(".")[0] for record in caplog.records} >= {
        "openai",
        "baseten_openai",
    }
    check_no_key(caplog.text)
    check_no_key(repr([vars(record) for record in caplog.records]))


async def test_not_in_logs_of_the_module(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "openai")
    baseten_openai.patch()
    await ask(openai)
    check_no_key(caplog.text)


async def test_not_in_reprs(ask: Ask) -> None:
    client = subclass(is_async=False)
    answer = await ask(client)
    status = baseten_openai.patch(api_key=KEY)
    for shown in (client, client.baseten_settings, status, status.settings, answer, OpenAI().chat):
        check_no_key(repr(shown))
        check_no_key(str(shown))
    check_no_key(repr(vars(client)["_baseten_openai"]))
    check_no_key(repr(baseten_openai.notes(answer)))


@pytest.mark.parametrize("given", [f"{KEY}\n{KEY}", f"{KEY} {KEY}", f"{KEY}\u00fc", f"{FOREIGN}-2"])
async def test_not_in_what_is_said_about_an_unusable_key(given: str) -> None:
    with pytest.raises(BasetenError) as caught:
        OpenAI(api_key=given)
    check_no_key("".join(traceback.format_exception(caught.value)))
    url = f"https://{KEY}@inference.baseten.co/v1"
    with pytest.raises(BasetenError) as caught:
        OpenAI(base_url=url)
    check_no_key(str(caught.value))
