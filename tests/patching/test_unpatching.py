"""``unpatch()`` leaves the SDK as it was, also under and over the wrappers of other libraries."""

from __future__ import annotations

import contextlib
import inspect
import itertools
import logging
from typing import TYPE_CHECKING, Any

import openai
import pytest
import wrapt
from client_factories import SYNC_AND_ASYNC, stock
from listeners import Elsewhere

import baseten_openai
from baseten_openai import BasetenWarning, is_patched, patch, patch_status, unpatch
from baseten_openai.sdk.verification import METHODS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from baseten_openai.emulator import EmulatorServer

    Ask = Callable[..., Awaitable[Any]]

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore::baseten_openai.BasetenWarning"),
]

KEY = "abcd1234.of-baseten"
CLASSES = (openai.OpenAI, openai.AsyncOpenAI)
NAMES = ("__init__", *(method.name for method in METHODS))
FUNCTION = {"name": "f", "parameters": {"type": "object", "properties": {}}}


def class_dicts() -> list[dict[str, int]]:
    """The very objects in the classes, by identity: an equal one is not the same."""
    return [{name: id(value) for name, value in vars(cls).items()} for cls in CLASSES]


OWN = {cls: dict(vars(cls)) for cls in CLASSES}


def restore() -> None:
    """Undo the other libraries of this file, whatever they did."""
    unpatch()
    for cls, name in itertools.product(CLASSES, NAMES):
        if name in OWN[cls]:
            setattr(cls, name, OWN[cls][name])
        elif name in vars(cls):
            delattr(cls, name)


@pytest.fixture(autouse=True)
def _classes_are_restored(
    server: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)
    yield
    restore()


class Handled:
    """Counts what is done to a call, by what is logged of it."""

    def __init__(self, caplog: pytest.LogCaptureFixture, ask: Ask, server: EmulatorServer) -> None:
        """Listen to our logger."""
        caplog.set_level(logging.INFO, "baseten_openai")
        self._log, self._ask, self._server = caplog, ask, server

    async def __call__(self, client: Any) -> tuple[int, int]:
        """Tell how often the request was resolved, and how often the answer was repaired."""
        self._log.clear()
        with contextlib.suppress(openai.APIStatusError):  # unresolved, the server refuses it
            await self._ask(
                client, model="glm-4.7", functions=[FUNCTION], function_call={"name": "f"}
            )
        logged = [r.getMessage() for r in self._log.records if r.name == "baseten_openai"]
        resolved, repaired = (
            sum(line.startswith(kind) for line in logged) for kind in ("resolved", "repaired")
        )
        return resolved, repaired

    def client(self, *, is_async: bool) -> Any:
        """A client that is for Baseten if patched, and for the same server if not."""
        return stock(is_async=is_async, base_url=self._server.base_url, api_key=KEY, max_retries=0)


ONCE, NEVER = (1, 1), (0, 0)


@pytest.fixture
def handled(caplog: pytest.LogCaptureFixture, ask: Ask, server: EmulatorServer) -> Handled:
    return Handled(caplog, ask, server)


@SYNC_AND_ASYNC
async def test_the_classes_are_restored_exactly(is_async: bool, handled: Handled) -> None:
    client = handled.client(is_async=is_async)
    before = class_dicts()
    assert await handled(client) == NEVER
    for _ in range(3):
        patch()
        patch()
        assert class_dicts() != before
        assert await handled(client) == ONCE
        assert not unpatch().patched
        assert class_dicts() == before
        assert await handled(client) == NEVER
    unpatch()
    assert class_dicts() == before


@SYNC_AND_ASYNC
async def test_clients_made_while_patched_keep_baseten(
    is_async: bool, ask: Ask, server: EmulatorServer
) -> None:
    patch()
    client = stock(is_async=is_async)
    unpatch()
    await ask(client, model="openai/gpt-oss-120b")
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    with pytest.raises(openai.OpenAIError, match="OPENAI_API_KEY"):
        stock(is_async=is_async)


@SYNC_AND_ASYNC
async def test_a_client_of_ours_is_handled_once_while_patched(
    is_async: bool, handled: Handled
) -> None:
    ours: Any = baseten_openai.AsyncOpenAI if is_async else baseten_openai.OpenAI
    bound = baseten_openai.bind(handled.client(is_async=is_async))
    for _ in range(2):
        async with contextlib.AsyncExitStack() as stack:
            made = ours(max_retries=0)
            stack.push_async_callback(made.close) if is_async else stack.callback(made.close)
            for client in (made, made.with_options(timeout=9), bound, bound.copy()):
                assert await handled(client) == ONCE
        patch()


@pytest.mark.filterwarnings("default::baseten_openai.BasetenWarning")
@SYNC_AND_ASYNC
async def test_a_change_is_warned_of_once_while_patched(is_async: bool, ask: Ask) -> None:
    patch()
    ours: Any = baseten_openai.AsyncOpenAI if is_async else baseten_openai.OpenAI
    async with contextlib.AsyncExitStack() as stack:
        made = ours()
        stack.push_async_callback(made.close) if is_async else stack.callback(made.close)
        for client in (made, stock(is_async=is_async)):
            with pytest.warns(BasetenWarning) as caught:
                await ask(client, store=True)
            assert len(caught) == 1
            assert "store" in str(caught[0].message)


class Other:
    """Another library's instrumentation of one method, as such libraries do it."""

    def __init__(self, cls: type, name: str) -> None:
        """Say what to wrap."""
        self.cls, self.name, self.calls = cls, name, 0

    def put(self) -> None:
        """Wrap."""
        raise NotImplementedError

    def take(self) -> None:
        """Unwrap."""
        raise NotImplementedError


class Closure(Other):
    """Plain: without ``functools.wraps``; takes itself out by putting back what it had found."""

    def put(self) -> None:
        """Wrap."""
        self.original: Any = getattr(self.cls, self.name)

        def wrapper(client: Any, *args: Any, **kw: Any) -> Any:
            self.calls += 1
            return self.original(client, *args, **kw)

        async def async_wrapper(client: Any, *args: Any, **kw: Any) -> Any:
            return await wrapper(client, *args, **kw)

        if inspect.iscoroutinefunction(self.original):
            setattr(self.cls, self.name, async_wrapper)
            return
        setattr(self.cls, self.name, wrapper)

    def take(self) -> None:
        """Unwrap."""
        setattr(self.cls, self.name, self.original)


class Wrapt(Other):
    """With wrapt; takes out whichever wrapper is outermost, as OpenTelemetry's ``unwrap`` does."""

    def put(self) -> None:
        """Wrap."""

        def wrapper(wrapped: Any, _client: Any, args: Any, kw: Any) -> Any:
            self.calls += 1
            return wrapped(*args, **kw)

        wrapt.wrap_function_wrapper(self.cls, self.name, wrapper)

    def take(self) -> None:
        """Unwrap."""
        outermost = getattr(self.cls, self.name)
        if hasattr(outermost, "__wrapped__"):
            setattr(self.cls, self.name, outermost.__wrapped__)


STYLE = pytest.mark.parametrize("style", [Closure, Wrapt])


def others(style: type[Other], *, is_async: bool) -> list[Other]:
    return [style(CLASSES[is_async], name) for name in NAMES]


@STYLE
@SYNC_AND_ASYNC
async def test_wrappers_that_were_there_before_come_back(
    style: type[Other], is_async: bool, handled: Handled
) -> None:
    wrappers = others(style, is_async=is_async)
    for wrapper in wrappers:
        wrapper.put()
    before = class_dicts()
    patch()
    assert await handled(handled.client(is_async=is_async)) == ONCE
    unpatch()
    assert class_dicts() == before
    assert await handled(handled.client(is_async=is_async)) == NEVER
    assert all(wrapper.calls for wrapper in wrappers if "error" not in wrapper.name)


@STYLE
@SYNC_AND_ASYNC
async def test_under_wrappers_that_came_later_it_is_switched_off(
    style: type[Other], is_async: bool, handled: Handled
) -> None:
    patch()
    wrappers = others(style, is_async=is_async)
    for wrapper in wrappers:
        wrapper.put()
    client = handled.client(is_async=is_async)
    assert await handled(client) == ONCE
    off = unpatch()
    assert not off.patched
    assert not off.methods
    assert set(off.disabled_methods) == {f"{CLASSES[is_async].__name__}.{name}" for name in NAMES}
    assert await handled(client) == NEVER
    assert await handled(handled.client(is_async=is_async)) == NEVER
    patch()
    patch()
    assert not patch_status().disabled_methods
    assert await handled(client) == ONCE
    calls = [wrapper.calls for wrapper in wrappers]
    assert all(n for n, wrapper in zip(calls, wrappers, strict=True) if "error" not in wrapper.name)
    unpatch()
    for wrapper in wrappers:
        wrapper.take()
    assert await handled(client) == NEVER
    patch()
    assert await handled(client) == ONCE
    assert calls == [wrapper.calls for wrapper in wrappers]
    unpatch()
    assert await handled(client) == NEVER


STEPS: dict[str, Callable[[list[Other]], object]] = {
    "patch": lambda _: patch(),
    "unpatch": lambda _: unpatch(),
    "put": lambda wrappers: [wrapper.put() for wrapper in wrappers],
    "take": lambda wrappers: [wrapper.take() for wrapper in wrappers],
}


def sequences() -> Iterator[tuple[str, ...]]:
    """All orders of five steps in which the other library is put and taken in turn."""
    for steps in itertools.product(STEPS, repeat=5):
        other = [step for step in steps if step in ("put", "take")]
        if other == ["put", "take", "put", "take", "put"][: len(other)]:
            yield steps


@STYLE
@SYNC_AND_ASYNC
async def test_in_any_order_a_call_is_never_handled_twice(
    style: type[Other], is_async: bool, handled: Handled
) -> None:
    client = handled.client(is_async=is_async)
    tried = 0
    for steps in sequences():
        wrappers = others(style, is_async=is_async)
        for step in steps:
            STEPS[step](wrappers)
        found = await handled(client)
        if not is_patched():
            assert found == NEVER, steps
        elif steps[-1] == "patch":
            assert found == ONCE, steps
        else:  # the other library may have thrown us out, which the next patch() mends
            assert found in (ONCE, NEVER), steps
        unpatch()
        assert await handled(client) == NEVER, steps
        restore()
        tried += 1
    assert tried > 100


async def test_the_modules_globals_are_as_before(server: EmulatorServer, ask: Ask) -> None:
    elsewhere = Elsewhere()
    given: dict[str, Any] = {
        "api_key": "sk-of-openai",
        "organization": "org",
        "project": "proj",
        "base_url": None,
        "default_headers": {"X-Own": "1"},
        "default_query": {"own": "1"},
        "http_client": elsewhere.client(is_async=False),
        "timeout": 12.5,
        "max_retries": 1,
    }
    kept = {name: getattr(openai, name) for name in ("timeout", "max_retries")}
    try:
        for name, value in given.items():
            setattr(openai, name, value)
        with pytest.raises(openai.NotFoundError):
            await ask(openai)
        patch()
        with pytest.raises(baseten_openai.NotFoundError):
            await ask(openai)
        unpatch()
        assert {name: getattr(openai, name) for name in given} == given
        with pytest.raises(openai.NotFoundError):
            await ask(openai)
    finally:
        for name, value in kept.items():
            setattr(openai, name, value)
    urls = [request.url.partition("/chat")[0] for request in elsewhere.arrived]
    assert urls == ["https://api.openai.com/v1", server.base_url, "https://api.openai.com/v1"]
    assert [r.keys for r in elsewhere.arrived][::2] == [["Bearer sk-of-openai"]] * 2
    assert dict(elsewhere.arrived[1].headers)["x-own"] == "1"
    assert elsewhere.arrived[0] == elsewhere.arrived[2]
