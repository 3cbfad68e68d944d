"""One server and one client of each kind for all tests of a process."""

from __future__ import annotations

import asyncio
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from .run import make_bare_client, make_client
from .server import running
from .summary import BARE, OURS
from .tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .server import Recorded


@pytest.fixture(autouse=True)
def _requests_are_as_recorded() -> Iterator[None]:
    """Let recorded requests hold what users are warned of; the warnings have tests of their own."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".* is (not )?sent", category=UserWarning)
        warnings.filterwarnings("ignore", message=".*(retired|left out)", category=UserWarning)
        yield


class Client(NamedTuple):
    """A client and, when it is async, the loop it lives on."""

    client: Any
    runner: asyncio.Runner | None


@pytest.fixture(scope="session")
def server() -> Iterator[Recorded]:
    """Serve on loopback."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def clients(server: Recorded) -> Iterator[tuple[Client, Client]]:
    """Make the sync and the async client under test."""
    pytest.importorskip("baseten_openai.clients.classes", exc_type=ImportError)
    with make_client(server.base_url, is_async=False) as client, asyncio.Runner() as runner:
        async_client = runner.run(_made_inside_a_loop(server.base_url))
        yield Client(client, None), Client(async_client, runner)
        runner.run(async_client.close())


async def _made_inside_a_loop(base_url: str) -> Any:
    return make_client(base_url, is_async=True)


@pytest.fixture(scope="session")
def bare_client(server: Recorded) -> Iterator[Any]:
    """Make the SDK's own client."""
    with make_bare_client(server.base_url, is_async=False) as client:
        yield client


@pytest.fixture(scope="session")
def ours(request: pytest.FixtureRequest) -> Tally:
    """Count what our client is taken through."""
    return request.config.stash.setdefault(OURS, Tally())


@pytest.fixture(scope="session")
def bare(request: pytest.FixtureRequest) -> Tally:
    """Count what the SDK's own client is taken through."""
    return request.config.stash.setdefault(BARE, Tally())
