"""Read the live list for the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import terminal

if TYPE_CHECKING:
    from ..models.live_list import LiveCatalog


def read(*, anew: bool) -> LiveCatalog:
    """Return the live list merged over the bundled catalogue. Without ``anew``, a copy on disk may be used."""
    with terminal.working("reading Baseten's list of models"):
        from ..clients.live_catalog import DAY, refresh_catalog  # noqa: PLC0415  # imports openai

        return refresh_catalog(max_age=0 if anew else DAY)


def describe(live: LiveCatalog) -> str:
    """Print which list is shown, and why it is an old one if it is."""
    when = live.read_at.strftime("%Y-%m-%d %H:%M UTC")
    if live.problem:
        return f"{live.problem}; this is the list of {when}, from the cache"
    return f"live list of {live.url}, read {when}{' (from the cache)' if live.from_cache else ''}"
