"""The live list, as the commands read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import terminal

if TYPE_CHECKING:
    from ..models.live_list import LiveCatalog


def read(*, anew: bool) -> LiveCatalog:
    """Read the live list over the bundled catalogue; unless ``anew``, one on disk may do."""
    with terminal.working("reading Baseten's list of models"):
        from ..clients.live_catalog import DAY, refresh_catalog  # noqa: PLC0415  # imports openai

        return refresh_catalog(max_age=0 if anew else DAY)


def describe(live: LiveCatalog) -> str:
    """Say which list it is, and why an old one had to do."""
    when = live.read_at.strftime("%Y-%m-%d %H:%M UTC")
    if live.problem:
        return f"{live.problem}; this is the list of {when}, from the cache"
    return f"live list of {live.url}, read {when}{' (from the cache)' if live.from_cache else ''}"
