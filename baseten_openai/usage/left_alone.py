"""The clients that ``patch()`` leaves alone: where they were created, their host, and why.

``patch_status()``, the report and the log name them, so that a program does not stay at OpenAI unnoticed.
"""

from __future__ import annotations

import logging
import weakref
from collections import Counter
from typing import Any, Literal, NamedTuple

from ..callers import caller_place

logger = logging.getLogger("baseten_openai")

MOST = 100
"""How many distinct clients are remembered; a program that creates one per request may have many."""


Done = Literal["made", "used"]


class ClientLeftAlone(NamedTuple):
    """A client that keeps its own host. ``done`` is "made", or "used" if that place is unknown."""

    file: str
    line: int
    host: str
    reason: str
    done: Done = "made"

    def __str__(self) -> str:
        """Read as one line of the log."""
        return f"{self.done} at {self.file}:{self.line} for {self.host}: left alone, because {self.reason}"


_clients: Counter[ClientLeftAlone] = Counter()


_known: weakref.WeakSet[Any] = weakref.WeakSet()


def add(client: object, host: str, reason: str, *, done: Done = "made") -> None:
    """Remember a client created or used at the user's line; log the first of each line, host and reason."""
    _known.add(client)
    record = ClientLeftAlone(*caller_place(), host, reason, done)
    if record not in _clients:
        if len(_clients) >= MOST:
            return
        logger.info("a client was %s", record)
    _clients[record] += 1


def is_known(client: object) -> bool:
    """Return whether a client was added."""
    return client in _known


def clients() -> dict[ClientLeftAlone, int]:
    """Return the clients left alone in this process, and how often each was created."""
    return dict(_clients)


def forget() -> None:
    """Forget all of them."""
    _clients.clear()
