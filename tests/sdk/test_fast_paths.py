"""Which clients take the fast paths, and what turns them off."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import TYPE_CHECKING, Any

import openai
import pytest
import wrapt
from client_factories import CLIENT_FACTORIES, EACH_FACTORY, SYNC_AND_ASYNC, made, settled
from openai import _models
from openai._utils import _transform
from openai.types.chat import ChatCompletion

import baseten_openai
from baseten_openai.errors import http_library
from baseten_openai.sdk import fast_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Counts = Callable[[], tuple[int, int]]

MODEL = "openai/gpt-oss-120b"
MESSAGES: Any = [{"role": "user", "content": "Hello"}]
MESSAGE = {"role": "assistant", "content": "Hi"}
CHOICE = {"index": 0, "finish_reason": "stop", "message": MESSAGE}
ANSWER = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": MODEL,
    "choices": [CHOICE],
}


@pytest.fixture(autouse=True)
def counts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counts]:
    """Count the SDK's steps: of its walk over requests, and of its construction of responses."""
    monkeypatch.setenv("BASETEN_API_KEY", "abcd1234.fast-paths")
    monkeypatch.setattr(fast_paths, "_refusing", weakref.WeakSet())  # without other tests' clients
    baseten_openai.unpatch()
    fast_paths.take_out()
    step = fast_paths._responses.get().step(ChatCompletion)  # noqa: SLF001  # what it is about
    step(ANSWER)  # compiles, for which it asks the SDK for defaults
    walked, constructed = [], []
    names = ("_transform_recursive", "_async_transform_recursive")
    for name in names:
        monkeypatch.setattr(_transform, name, _counted(walked, getattr(_transform, name)))
    default = _counted(constructed, _models.field_get_default)
    monkeypatch.setattr(_models, "field_get_default", default)
    yield lambda: (len(walked), len(constructed))
    baseten_openai.unpatch()
    fast_paths.take_out()


def _counted(calls: list[Any], function: Callable[..., Any]) -> Callable[..., Any]:
    def counted(*args: Any, **kw: Any) -> Any:
        calls.append(function)
        return function(*args, **kw)

    return counted


def http_client(*, is_async: bool) -> Any:
    http = http_library()
    transport = http.MockTransport(lambda _: http.Response(200, json=ANSWER))
    return (http.AsyncClient if is_async else http.Client)(transport=transport)


def ask(client: Any) -> None:
    answer = asyncio.run(
        settled(client.chat.completions.create(model=MODEL, messages=MESSAGES)),
    )
    assert type(answer) is ChatCompletion
    assert answer.choices[0].message.content == "Hi"
    assert answer.choices[0].message.model_fields_set == {"role", "content"}


@EACH_FACTORY
@SYNC_AND_ASYNC
def test_clients_of_baseten_take_both(make: Any, *, is_async: bool, counts: Counts) -> None:
    ask(make(is_async=is_async, http_client=http_client(is_async=is_async)))
    assert counts() == (0, 0)


@EACH_FACTORY
@SYNC_AND_ASYNC
def test_the_variable_turns_both_off(
    make: Any, *, is_async: bool, counts: Counts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_OPENAI_FAST", "off")
    ask(make(is_async=is_async, http_client=http_client(is_async=is_async)))
    walked, constructed = counts()
    assert walked > 0
    assert constructed > 0


@pytest.mark.parametrize("make", ["subclass", "copy", "bind", "patch"])
def test_the_keyword_turns_both_off(make: str, counts: Counts) -> None:
    http = http_client(is_async=False)
    stock = made(openai.OpenAI(api_key="sk-stock", http_client=http))
    if make == "subclass":
        client = baseten_openai.OpenAI(fast=False, http_client=http)
    elif make == "copy":
        client = baseten_openai.OpenAI(http_client=http).with_options(fast=False)
    elif make == "bind":
        client = baseten_openai.bind(stock, fast=False)
    else:
        baseten_openai.patch(fast=False)
        client = openai.OpenAI(http_client=http)
    ask(made(client))
    walked, constructed = counts()
    assert walked > 0
    assert constructed > 0
    assert fast_paths.describe(fast=True)[1].startswith("off: the SDK's own code ")


def test_one_client_that_refuses_turns_requests_off_for_all_while_it_lives(counts: Counts) -> None:
    fast = made(baseten_openai.OpenAI(http_client=http_client(is_async=False)))
    refusing = baseten_openai.OpenAI(
        fast=False,
        aliases={"of": "no-other-test"},
        http_client=http_client(is_async=False),
    )
    ask(fast)
    walked, constructed = counts()
    assert walked > 0
    assert constructed == 0
    refusing.close()
    del refusing
    gc.collect()
    ask(fast)
    assert counts() == (walked, 0)


@pytest.mark.parametrize("fast", [True, False])
def test_a_client_of_another_host_takes_both_while_patched(counts: Counts, *, fast: bool) -> None:
    baseten_openai.patch(fast=fast)
    client = made(
        openai.OpenAI(
            api_key="theirs",
            base_url="https://llm.test/v1",
            http_client=http_client(is_async=False),
        )
    )
    ask(client)
    assert all(number == 0 if fast else number > 0 for number in counts())


def test_unpatch_puts_the_sdks_function_back() -> None:
    theirs = _transform.transform, _transform.async_transform
    baseten_openai.patch()
    assert _transform.transform is not theirs[0]
    assert _transform.async_transform is not theirs[1]
    baseten_openai.unpatch()
    assert (_transform.transform, _transform.async_transform) == theirs


@pytest.mark.parametrize("name", ["_requests", "_responses"])
def test_an_sdk_that_does_not_fit_is_used_as_it_is(
    name: str, counts: Counts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> Any:
        message = "another version"
        raise AttributeError(message)

    monkeypatch.setattr(fast_paths, name, fast_paths._Lazy(fail))  # noqa: SLF001  # as it is made
    ask(CLIENT_FACTORIES["subclass"](is_async=False, http_client=http_client(is_async=False)))
    used = counts()[name == "_responses"]
    assert used > 0
    fits, text = fast_paths.describe(fast=True)
    assert not fits
    assert text == (
        f"not for {name[1:]}: the installed openai does not fit (AttributeError: another version)"
    )


@EACH_FACTORY
def test_another_librarys_wrapper_of_the_method_sees_every_response(make: Any) -> None:
    seen = []

    def see(wrapped: Any, _: Any, args: Any, kw: Any) -> Any:
        seen.append(kw["cast_to"])
        return wrapped(*args, **kw)

    original = openai.OpenAI.__dict__.get("_process_response_data")
    wrapt.wrap_function_wrapper("openai", "OpenAI._process_response_data", see)
    try:
        ask(make(is_async=False, http_client=http_client(is_async=False)))
    finally:
        if original is None:
            baseten_openai.unpatch()
            del openai.OpenAI._process_response_data  # noqa: SLF001  # it was inherited
    assert seen == [ChatCompletion]


def test_what_is_in_use_is_said() -> None:
    assert fast_paths.describe(fast=True) == (True, "for requests and responses")
    assert fast_paths.describe(fast=False)[1].startswith("off: the SDK's own code ")
