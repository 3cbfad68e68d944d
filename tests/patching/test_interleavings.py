"""A thousand random orders of ``patch()``, ``unpatch()``, ``bind()``, other wrappers and threads.

After each the SDK is, object for object, what it was, or ours is switched off under a wrapper of
somebody else's; and no call was ever handled twice.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import logging
import multiprocessing
import os
import random
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any

import openai
import pytest
from client_factories import CLIENT_FACTORIES, stock
from listeners import Elsewhere
from test_unpatching import CLASSES, NAMES, Closure, Other, Wrapt, class_dicts, restore

import baseten_openai
from baseten_openai import bind, is_patched, patch, patch_status, unpatch
from baseten_openai.errors import http_library
from baseten_openai.patching import control
from baseten_openai.usage import recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "abcd1234.of-baseten"
REAL = "https://inference.baseten.co/v1"
ORDERS = 1000
ONCE, NEVER = (1, 1), (0, 0)
ANSWER = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": []}
ASKED: Any = {"model": "gpt-oss-120b", "messages": [{"role": "user", "content": "Hello"}]}


def methods() -> dict[str, int]:
    """The very functions that calls pass, inherited or put back as the class's own, by identity."""
    return {
        f"{cls.__name__}.{name}": id(inspect.getattr_static(cls, name))
        for cls in CLASSES
        for name in NAMES
    }


def _http(cls: str = "Client") -> Any:
    http = http_library()
    transport = http.MockTransport(lambda _: http.Response(200, json=ANSWER))
    return getattr(http, cls)(transport=transport)


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    yield
    restore()


class Counter(logging.Handler):
    """Counts how often a call was handled: by what is logged of it, and by the report."""

    def __init__(self) -> None:
        """Start at nothing."""
        super().__init__(logging.INFO)
        self.resolved = 0
        self.loop = asyncio.new_event_loop()

    def emit(self, record: logging.LogRecord) -> None:
        self.resolved += record.getMessage().startswith("resolved")

    def handled(self, client: Any) -> tuple[int, int]:
        self.resolved, before = 0, _reported()
        answer = client.chat.completions.create(**ASKED)
        if isinstance(client, openai.AsyncOpenAI):
            self.loop.run_until_complete(answer)
        return _reported() - before, self.resolved


def _reported() -> int:
    with recorder.flushed():
        return sum(model.calls for model in recorder.process.models.values())


@pytest.fixture
def counter() -> Iterator[Counter]:
    logger = logging.getLogger("baseten_openai")
    counter, level = Counter(), logger.level
    logger.addHandler(counter)
    logger.setLevel(logging.INFO)
    yield counter
    counter.loop.close()
    logger.removeHandler(counter)
    logger.setLevel(level)


def at_once(*steps: Callable[[], object]) -> None:
    """Run the steps in threads of their own, which start together."""
    barrier, failures = threading.Barrier(len(steps)), []

    def run(step: Callable[[], object]) -> None:
        barrier.wait()
        try:
            step()
        except Exception as error:  # noqa: BLE001  # told below
            failures.append(error)

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


class Play:
    """One order of things."""

    def __init__(self, seed: int, counter: Counter, http: dict[type, Any]) -> None:
        """Make the clients there are from the start: of the sync class, or of the async one."""
        self.chance = random.Random(seed)  # noqa: S311  # an order, not a secret
        self.counter = counter
        self.cls = self.chance.choice(CLASSES)
        self.client = self.cls(api_key=KEY, base_url=REAL, http_client=http[self.cls])
        self.bound = bind(self.client)
        self.others: list[Other] = []
        self.steps: list[str] = []

    def run(self) -> None:
        """Take some steps; look after each."""
        for _ in range(self.chance.randint(3, 8)):
            step = self.chance.choice([n for n in dir(self) if n.startswith("do_")])
            self.steps.append(step)
            getattr(self, step)()
            found = self.counter.handled(self.client)
            assert max(found) <= is_patched(), self.steps
            if step == "do_patch":  # else others may have thrown out some of ours
                assert found == ONCE, self.steps

    def do_patch(self) -> None:
        patch()

    def do_unpatch(self) -> None:
        unpatch()

    def do_block(self) -> None:
        was = is_patched()
        with baseten_openai.patched(default_model="kimi-k3"):
            assert self.counter.handled(self.client) == ONCE
        assert is_patched() is was

    def do_bind(self) -> None:
        self.bound = bind(self.chance.choice([self.client, self.bound]))

    def do_threads(self) -> None:
        steps = [patch, unpatch, lambda: bind(self.client), patch_status]
        at_once(*self.chance.choices(steps, k=3))

    def do_wrap(self) -> None:
        style = self.chance.choice([Closure, Wrapt])
        other = style(self.chance.choice(CLASSES), self.chance.choice(NAMES))
        other.put()
        self.others.append(other)

    def do_unwrap(self) -> None:
        if self.others:
            self.others.pop().take()


def test_any_order(counter: Counter) -> None:
    before, functions = class_dicts(), methods()
    http = {openai.OpenAI: _http(), openai.AsyncOpenAI: _http("AsyncClient")}
    under_others = 0
    for seed in range(ORDERS):
        play = Play(seed, counter, http)
        play.run()
        assert counter.handled(play.bound) == ONCE, (seed, play.steps)
        unpatch()
        assert counter.handled(play.bound) == ONCE, (seed, play.steps)
        assert counter.handled(play.client) == NEVER, (seed, play.steps)
        if play.others:
            under_others += 1
            for other in reversed(play.others):
                assert not patch_status().methods
                other.take()
                unpatch()  # ours may be the outermost now, which some libraries take out for theirs
        if "do_wrap" not in play.steps:
            assert class_dicts() == before, (seed, play.steps)
        if "do_unwrap" not in play.steps:  # which may take out another's, ours included
            assert methods() == functions, (seed, play.steps)
        assert counter.handled(play.client) == NEVER, (seed, play.steps)
        restore()
        assert class_dicts() == before
    assert 100 < under_others < ORDERS - 100


def test_threads_that_patch_and_call_at_once() -> None:
    http = _http()
    before = class_dicts()
    client = openai.OpenAI(api_key=KEY, base_url=REAL, http_client=http)
    start = _reported()
    asked = 0
    for _ in range(50):
        patch()
        at_once(patch, *[lambda: client.chat.completions.create(**ASKED)] * 4)
        asked += 4
        assert _reported() - start == asked
        unpatch()
        assert class_dicts() == before


def test_threads_that_patch_and_unpatch_at_once() -> None:
    before, interval = class_dicts(), sys.getswitchinterval()

    def change() -> None:
        for _ in range(100):
            patch()
            unpatch()

    sys.setswitchinterval(1e-5)
    try:
        at_once(*[change] * 4)
    finally:
        sys.setswitchinterval(interval)
    assert class_dicts() == before


@pytest.mark.parametrize("make", CLIENT_FACTORIES.values(), ids=CLIENT_FACTORIES)
def test_clients_are_collected(make: Any) -> None:
    http = _http()
    clients = [make(is_async=False, http_client=http) for _ in range(20)]
    for client in clients:
        client.chat.completions.create(**ASKED)
    refs = [weakref.ref(client) for client in clients]
    del client, clients
    _forget_the_doors()
    gc.collect()
    assert [ref() for ref in refs] == [None] * 20


def _forget_the_doors() -> None:
    from client_factories import opened_sync  # noqa: PLC0415  # what they keep for the end of the test

    opened_sync.clear()


def _ask_in_a_child(results: Any) -> None:
    elsewhere = Elsewhere()
    client = stock(is_async=False, http_client=elsewhere.client(is_async=False), max_retries=0)
    try:
        client.chat.completions.create(**ASKED)
    except openai.NotFoundError:
        results.put((is_patched(), elsewhere.arrived[0].url))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_is_patched_as_its_parent() -> None:
    patch()
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    child = context.Process(target=_ask_in_a_child, args=(results,))
    child.start()
    assert results.get(timeout=30) == (True, f"{REAL}/chat/completions")
    child.join()


def _call_often_in_a_child(results: Any) -> None:
    client = openai.OpenAI(http_client=_http())
    for _ in range(100):  # enough for them to be counted, which is done in batches
        client.chat.completions.create(**ASKED)
    results.put(patch_status().patched)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_does_not_wait_for_its_parents_threads() -> None:
    patch()
    held, forked = threading.Event(), threading.Event()

    def hold() -> None:
        with recorder.flushed(), control._lock:  # noqa: SLF001  # as report() and patch() hold them
            held.set()
            forked.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    child = context.Process(target=_call_often_in_a_child, args=(results,))
    child.start()
    try:
        assert results.get(timeout=30) is True
    finally:
        forked.set()
        thread.join()
        child.kill()
        child.join()


def _patch_and_ask_in_a_child(results: Any) -> None:
    patch()
    _ask_in_a_child(results)


def test_a_spawned_child_patches_for_itself() -> None:
    patch()
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    child = context.Process(target=_patch_and_ask_in_a_child, args=(results,))
    child.start()
    assert results.get(timeout=60) == (True, f"{REAL}/chat/completions")
    child.join()
