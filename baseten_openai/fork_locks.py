"""Locks that a forked child can take, whichever thread of its parent held them when it forked."""

from __future__ import annotations

import os
import threading
from typing import Any

_made: list[ForkLock] = []


class ForkLock:
    """A lock of the module's, made anew in a forked child: the thread that held it is not there."""

    def __init__(self, make: Any = threading.Lock) -> None:
        """Make it with ``make``; it is never given up."""
        self._make = make
        self.renew()
        _made.append(self)

    def renew(self) -> None:
        """Start with nobody holding it."""
        self._lock = self._make()

    def __enter__(self) -> None:
        """Wait for it."""
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        """Give it back."""
        self._lock.release()


def _renew() -> None:
    for lock in _made:
        lock.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
