"""A plugin of pytest that prints, at the end of a run, how many recorded exchanges ran and broke.

With pytest-xdist the tests run in worker processes. Each sends its tallies to the controller,
which adds them up. The controller does not load ``tests/recorded/conftest.py``, since it collects
no tests, so ``tests/conftest.py`` registers this plugin.
"""

from __future__ import annotations

from typing import Any

import pytest

from .tally import Tally, sentence

OURS, BARE = pytest.StashKey[Tally](), pytest.StashKey[Tally]()
KEYS = {"baseten_openai": OURS, "bare SDK": BARE}


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send the tallies of a worker to the controller."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        stash = session.config.stash
        output["tallies"] = {
            name: stash[key].to_plain() for name, key in KEYS.items() if key in stash
        }


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add the tallies of a worker to those of the controller."""
    for name, plain in getattr(node, "workeroutput", {}).get("tallies", {}).items():
        node.config.stash.setdefault(KEYS[name], Tally()).merge(Tally.from_plain(plain))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print how much ran, and the headline figure if both clients ran every exchange."""
    tallies = {name: config.stash[key] for name, key in KEYS.items() if key in config.stash}
    if not tallies:
        return
    terminalreporter.section("recorded traffic")
    for name, tally in tallies.items():
        terminalreporter.line(
            f"{name}: {len(tally.found)} exchanges, {len(tally.routes)} routes, "
            f"{tally.calls} calls; {tally.broken()} exchanges break"
        )
        terminalreporter.line(f"  exchanges by violated rule: {tally.by_rule() or 'none'}")
    ours, bare = config.stash.get(OURS, None), config.stash.get(BARE, None)
    if ours is not None and bare is not None and ours.found.keys() == bare.found.keys():
        terminalreporter.line(sentence(bare, ours))
