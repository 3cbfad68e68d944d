"""Work that waits until ``patching`` is imported in full.

``openai`` may be imported for the first time by one of our own modules, halfway through its import; the
import hook cannot patch at that moment. It leaves its work here, and ``patching`` runs it when it is ready.
Imports nothing: every interpreter that activates the package loads it.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing would cost every interpreter that starts
if TYPE_CHECKING:
    from collections.abc import Callable

_waiting: list[Callable[[], None]] = []


def when_ready(work: Callable[[], None]) -> None:
    """Run ``work`` once ``patching`` is there."""
    if work not in _waiting:
        _waiting.append(work)


def run() -> None:
    """Run what waits."""
    while _waiting:
        _waiting.pop(0)()
