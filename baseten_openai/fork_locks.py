"""Locks that a forked child can acquire even if a thread of its parent held them at the fork."""

from __future__ import annotations

import os
import threading
from typing import Any

_made: list[ForkLock] = []


class ForkLock:
    """A module-level lock that is created again in a forked child, where its holder does not exist."""

    def __init__(self, make: Any = threading.Lock) -> None:
        """Create it with ``make``, and keep it for the life of the process."""
        self._make = make
        self.renew()
        _made.append(self)

    def renew(self) -> None:
        """Replace the lock by a free one."""
        self._lock = self._make()

    def __enter__(self) -> None:
        """Acquire the lock."""
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        """Release the lock."""
        self._lock.release()


def _renew() -> None:
    for lock in _made:
        lock.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
