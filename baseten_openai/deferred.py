"""Work that waits until ``patching`` is fully imported.

If one of our own modules is the first to import ``openai``, the import hook runs while that module is half
imported, and cannot patch yet. It leaves its work here, and ``patching`` runs it at the end of its own import.
This module imports nothing, since every interpreter that activates the package loads it.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing would cost every interpreter that starts
if TYPE_CHECKING:
    from collections.abc import Callable

_waiting: list[Callable[[], None]] = []


def when_ready(work: Callable[[], None]) -> None:
    """Run ``work`` once ``patching`` is imported."""
    if work not in _waiting:
        _waiting.append(work)


def run() -> None:
    """Run the waiting work."""
    while _waiting:
        _waiting.pop(0)()
