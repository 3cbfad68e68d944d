"""What every test starts from: no variables set, the SDK as it was installed."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import client_factories
import openai
import pytest

import baseten_openai
from baseten_openai import emulator
from baseten_openai.patching.new_clients import STATE
from baseten_openai.usage import left_alone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

MODULE_GLOBALS = (
    "api_key",
    "admin_api_key",
    "organization",
    "project",
    "base_url",
    "default_headers",
    "default_query",
    "http_client",
    "api_type",
    "azure_endpoint",
    "api_version",
    "_client",
)


# No test goes beyond loopback, and reading every authority takes 30 ms a client.
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a shell script's background job, as in .ci/run; programs that tests start would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)


REPETITIVE = ("test_properties_", "test_every_call_counts", "test_interleavings", "test_unpatching")


pytest_plugins = ["recorded.summary"]


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Let every ``-n`` respect the groups that ``pytest_itemcollected`` forms."""
    if getattr(config.option, "numprocesses", None) and config.option.dist == "no":
        config.option.dist = "loadgroup"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Exclude repetitive tests from coverage, and keep tests that share a fixture in one worker.

    Tracing tests that run the same lines thousands of times would take twice as long. Without a
    group, each worker of pytest-xdist would set up a module's fixture for itself.
    """
    if item.path.parent.name == "recorded" or item.path.name.startswith(REPETITIVE):
        item.add_marker("no_cover")
    if isinstance(item, pytest.Function) and _shares_a_fixture(item):
        item.add_marker(pytest.mark.xdist_group(item.path.name))


def _shares_a_fixture(item: pytest.Function) -> bool:
    """Tell whether a fixture that the test's own file defines is made once for the file."""
    defined = item._fixtureinfo.name2fixturedefs.values()  # noqa: SLF001  # there is no public name
    return any(d[-1].scope == "module" and d[-1].baseid.endswith(".py") for d in defined if d)


@pytest.fixture(autouse=True)
def _as_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Remove OpenAI's and our variables; afterwards undo patch() and the SDK's module globals."""
    for name in [name for name in os.environ if name.startswith(("BASETEN_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    yield
    while client_factories.opened_sync:
        client_factories.opened_sync.pop().close()
    baseten_openai.unpatch()
    left_alone.forget()
    STATE.known_settings.clear()  # keys of this test are no secrets of the next
    for name in MODULE_GLOBALS:
        if hasattr(openai, name):
            setattr(openai, name, None)


@pytest.fixture
def server() -> Iterator[emulator.EmulatorServer]:
    with emulator.serve() as running:
        yield running


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def clients_are_closed(anyio_backend: str) -> AsyncIterator[None]:
    """Close what ``client_factories`` opened: an async client left open is a ResourceWarning."""
    del anyio_backend
    yield
    while client_factories.opened:
        await client_factories.settled(client_factories.opened.pop().close())


@pytest.fixture(autouse=True)
def _closed(request: pytest.FixtureRequest) -> None:
    """Have it done after every async test; others need no event loop."""
    if request.node.get_closest_marker("anyio"):
        request.getfixturevalue("clients_are_closed")


@pytest.fixture
def ask() -> Callable[..., Awaitable[Any]]:
    """``chat.completions.create`` of a client of either kind, or of the module ``openai``."""

    async def ask(client: Any, *, model: str = "gpt-oss-120b", **options: Any) -> Any:
        asked = {"model": model, "messages": [{"role": "user", "content": "Hello"}], **options}
        return await client_factories.settled(client.chat.completions.create(**asked))

    return ask
