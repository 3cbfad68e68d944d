"""The live list, as the commands read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model_catalog import Catalog
from . import terminal

if TYPE_CHECKING:
    from ..live_catalog import LiveCatalog


def read(*, anew: bool) -> LiveCatalog:
    """Read the live list over the bundled catalogue; unless ``anew``, one on disk may do."""
    with terminal.working("reading Baseten's list of models"):
        catalog = Catalog.bundled()
        return catalog.refresh(max_age=0) if anew else catalog.refresh()


def describe(live: LiveCatalog) -> str:
    """Say which list it is, and why an old one had to do."""
    when = live.read_at.strftime("%Y-%m-%d %H:%M UTC")
    if live.problem:
        return f"{live.problem}; this is the list of {when}, from the cache"
    return f"live list of {live.url}, read {when}{' (from the cache)' if live.from_cache else ''}"
