"""``with patched():`` leaves things as they were, in any order of blocks; and threads may patch."""

from __future__ import annotations

import contextlib
import itertools
import threading
from typing import TYPE_CHECKING, Any

import anyio
import openai
import pytest
from client_factories import SYNC_AND_ASYNC, stock

from baseten_openai import ConfigurationError, is_patched, patch, patch_status, patched, unpatch
from baseten_openai.sdk.verification import METHODS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from baseten_openai.emulator import EmulatorServer

    Ask = Callable[..., Awaitable[Any]]

pytestmark = pytest.mark.anyio

KEY = "abcd1234.of-baseten"
CLASSES = (openai.OpenAI, openai.AsyncOpenAI)
NAMES = ("__init__", *(method.name for method in METHODS))


def class_dicts() -> list[dict[str, int]]:
    return [{name: id(value) for name, value in vars(cls).items()} for cls in CLASSES]


def model() -> str | None:
    """The setting that tells one ``patch()`` of these tests from another; None if not patched."""
    settings = patch_status().settings
    return settings.default_model if settings else None


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch, server: EmulatorServer) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)


@SYNC_AND_ASYNC
async def test_a_block_is_patched_and_nothing_else(
    is_async: bool, ask: Ask, server: EmulatorServer
) -> None:
    before = class_dicts()
    with patched(default_model="glm-4.7") as made:
        assert made == patch_status()
        await ask(stock(is_async=is_async), model="gpt-4")
    assert server.requests[-1].json["model"] == "zai-org/GLM-4.7"
    assert not is_patched()
    assert class_dicts() == before


def test_blocks_nest() -> None:
    with patched(default_model="a"):
        with patched(default_model="b"):
            with patched():
                assert (is_patched(), model()) == (True, None)
            assert model() == "b"
        assert model() == "a"
    assert not is_patched()


def test_after_a_block_it_is_as_before_whatever_was_called_inside() -> None:
    patch(default_model="a")
    for inside in (unpatch, lambda: patch(default_model="c")):
        with patched(default_model="b"):
            inside()
        assert model() == "a"
    unpatch()
    with patched(default_model="b"):
        patch(default_model="c")
    assert not is_patched()


def test_an_exception_ends_a_block_too() -> None:
    patch(default_model="a")
    with pytest.raises(KeyError), patched(default_model="b"):
        raise KeyError
    assert model() == "a"
    unpatch()
    with pytest.raises(KeyError), patched(default_model="b"):
        raise KeyError
    assert not is_patched()


def test_settings_that_cannot_be_used_change_nothing() -> None:
    patch(default_model="a")
    with (
        pytest.raises(ConfigurationError),
        patched(on_unsupported="panic"),  # type: ignore[arg-type]  # that it is refused is tested
    ):
        pytest.fail("the block runs")
    assert model() == "a"
    unpatch()
    assert not is_patched()


@pytest.mark.parametrize("before", [None, "z"])
@pytest.mark.parametrize("leaving", list(itertools.permutations("abc")), ids="".join)
def test_blocks_may_overlap(before: str | None, leaving: tuple[str, ...]) -> None:
    if before:
        patch(default_model=before)
    open_blocks = {}
    for name in "abc":
        open_blocks[name] = contextlib.ExitStack()
        open_blocks[name].enter_context(patched(default_model=name))
    for name in leaving:
        open_blocks.pop(name).close()
        # the one that was entered last of those still open
        assert model() == max(open_blocks, default=before)
        assert is_patched() is bool(open_blocks or before)


async def test_blocks_in_tasks_may_overlap() -> None:
    entered = anyio.Event()

    async def first() -> None:
        with patched(default_model="a"):
            await entered.wait()

    async def second() -> None:
        with patched(default_model="b"):
            entered.set()
            for _ in range(5):
                await anyio.lowlevel.checkpoint()
            assert model() == "b"

    async with anyio.create_task_group() as group:
        group.start_soon(first)
        group.start_soon(second)
    assert not is_patched()


def test_threads_may_patch_and_unpatch() -> None:
    before = class_dicts()
    failures: list[BaseException] = []
    hosts: set[str] = set()
    start = threading.Barrier(8)

    def work(number: int) -> None:
        try:
            start.wait()
            for turn in range(15):
                if number % 2:
                    patch(default_model=str(number))
                    patch_status()
                    unpatch()
                else:
                    with patched(default_model=f"{number}.{turn}"):
                        client = openai.OpenAI(api_key="of-the-program")
                        hosts.add(str(client.base_url.host))
                        client.close()
        except BaseException as failure:  # noqa: BLE001  # a thread's would be lost
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert hosts <= {"127.0.0.1", "api.openai.com"}
    unpatch()
    assert class_dicts() == before


@SYNC_AND_ASYNC
async def test_calls_go_on_while_another_thread_patches(
    is_async: bool, ask: Ask, server: EmulatorServer
) -> None:
    before = class_dicts()
    client = stock(is_async=is_async, base_url=server.base_url, api_key=KEY)
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            patch()
            unpatch()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(20):
            answer = await ask(client, model="openai/gpt-oss-120b")
            assert answer.choices[0].message.role == "assistant"
    finally:
        stop.set()
        thread.join()
    assert class_dicts() == before
    assert len(server.requests) == 20
