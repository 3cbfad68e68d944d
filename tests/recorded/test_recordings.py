"""Every recording, by every route that fits it, gives user code what its bytes say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .cases import over
from .exchanges import load
from .routes import fitting
from .run import call, servable

if TYPE_CHECKING:
    from .conftest import Client
    from .exchanges import Exchange
    from .server import Mode, Recorded
    from .tally import Tally


@pytest.mark.parametrize("mode", ["whole", "split"])
@over(load())
def test_user_code_gets_what_the_bytes_say(
    exchange: Exchange,
    mode: Mode,
    server: Recorded,
    clients: tuple[Client, Client],
    ours: Tally,
) -> None:
    failures = []
    for client, runner in clients:
        for route in fitting(exchange, brief=mode == "split"):
            _, found = call(server, client, servable(exchange), route, mode, runner)
            ours.add(exchange, f"{'async' if runner else 'sync'} {route.__name__}", found)
            failures += [
                f"{'async' if runner else 'sync'} {v.route}: {v.rule}: {v.detail}" for v in found
            ]
            if len(server.received) != 1:
                failures.append(f"{route.__name__}: {len(server.received)} requests were sent")
    assert not failures, "\n".join(failures)
