"""The catalogue with Baseten's live list (``GET /v1/models``) merged in, and the copy kept on disk.

``clients.live_catalog`` reads the list; ``live_merge`` decides what is taken from a row.

The list as received is kept in the platform's cache folder, readable by its user only, one file for
each base URL. It holds no key.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import logging
import os
import sys
import tempfile
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ..errors import LiveListError
from .catalog import Catalog
from .live_merge import ListNote, Source, merge

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

logger = logging.getLogger("baseten_openai")

FORMAT = 1
_CLOCK_SLACK = 60.0  # seconds a list may be from the future; more, and a clock was wrong


class LiveCatalog(Catalog):
    """A catalog with Baseten's live list merged over it; as immutable as any ``Catalog``."""

    __slots__ = ("_base", "_from_cache", "_kept", "_notes", "_problem", "_sources")

    def __init__(self, base: Catalog, kept: Kept, *, from_cache: bool, problem: str = "") -> None:
        """Merge ``kept`` over ``base``. Raises ``LiveListError``."""
        rows = _rows(kept.data)
        merged = merge(base.values(), rows, kept.read_at.date().isoformat())
        if not merged.rows:
            message = f"the list of models at {kept.url} has no model in it ({len(rows)} rows)."
            raise LiveListError(message)
        super().__init__(merged.models)
        self._base, self._kept = base, kept
        self._from_cache, self._problem = from_cache, problem
        self._notes = tuple(merged.notes)
        self._sources = merged.sources

    @property
    def base(self) -> Catalog:
        """The catalog below the live list."""
        return self._base

    @property
    def notes(self) -> tuple[ListNote, ...]:
        """The differences between the live list and ``base``, and how each was settled."""
        return self._notes

    @property
    def url(self) -> str:
        """The base URL that the list was read from."""
        return self._kept.url

    @property
    def read_at(self) -> dt.datetime:
        """When the list was read, in UTC."""
        return self._kept.read_at

    @property
    def from_cache(self) -> bool:
        """Whether the list was read from disk."""
        return self._from_cache

    @property
    def problem(self) -> str:
        """Why an old list from disk is used; empty if none had to be."""
        return self._problem

    def __eq__(self, other: object) -> bool:
        """Compare the models, and which list they are from."""
        if self is other:
            return True
        if not isinstance(other, LiveCatalog):
            return NotImplemented
        mine = (self.url, self.read_at, self.from_cache, self.problem)
        theirs = (other.url, other.read_at, other.from_cache, other.problem)
        return mine == theirs and super().__eq__(other)

    def __hash__(self) -> int:
        """Hash the slugs."""
        return super().__hash__()

    def provenance(self, slug: str) -> Mapping[str, Source]:
        """Return the source of each field of a model; ``price.input`` counts as a field."""
        return MappingProxyType(self._sources.get(slug, {}))


class Kept(NamedTuple):
    """A list as it was received."""

    url: str
    read_at: dt.datetime
    data: object


def cache_folder(
    environ: Mapping[str, str] = os.environ,
    *,
    platform: str = sys.platform,
    home: Callable[[], Path] = Path.home,
) -> Path | None:
    """Return the folder for our cache on this platform; None where there is no home for one."""
    given = environ.get("LOCALAPPDATA" if platform == "win32" else "XDG_CACHE_HOME", "")
    if Path(given).is_absolute():  # as the XDG specification has it
        return Path(given) / "baseten-openai"
    try:
        folder = home()
    except RuntimeError:
        return None
    places = {"win32": "AppData/Local", "darwin": "Library/Caches"}
    return folder / places.get(platform, ".cache") / "baseten-openai"


def _rows(data: object) -> list[object]:
    """Return the rows of ``{"data": [...]}``."""
    rows = data.get("data") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        message = "what came as the list of models has no data in it."
        raise LiveListError(message)
    return rows


def received(base: Catalog, url: str, data: object) -> LiveCatalog:
    """Merge a list that has just been received, and keep it on disk."""
    kept = Kept(url, dt.datetime.now(dt.UTC), data)
    catalog = LiveCatalog(base, kept, from_cache=False)
    _save(kept)
    return catalog


def from_disk(base: Catalog, kept: Kept, problem: str = "") -> LiveCatalog | None:
    """Merge a kept list; ``None`` where it has no model in it."""
    try:
        return LiveCatalog(base, kept, from_cache=True, problem=problem)
    except LiveListError:
        return None


def current(base: Catalog, kept: Kept | None, max_age: float) -> LiveCatalog | None:
    """Merge a kept list that is younger than ``max_age`` seconds."""
    if kept is None:
        return None
    age = (dt.datetime.now(dt.UTC) - kept.read_at).total_seconds()
    return from_disk(base, kept) if max_age > 0 and -_CLOCK_SLACK < age < max_age else None


def _path(url: str) -> Path | None:
    folder = cache_folder()
    digest = hashlib.sha256(url.encode()).hexdigest()[:16]
    return folder / f"models-{digest}.json" if folder else None


def load(url: str) -> Kept | None:
    """Read what is kept for ``url``; what cannot be read is as good as nothing."""
    path = _path(url)
    try:
        record = json.loads(path.read_bytes()) if path else None
        if not isinstance(record, dict) or (record["format"], record["url"]) != (FORMAT, url):
            return None
        read_at = dt.datetime.fromisoformat(record["read_at"]).astimezone(dt.UTC)
        return Kept(url, read_at, record["list"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _save(kept: Kept) -> None:
    """Write aside and rename, so that no reader sees half a file. A cache that fails is no error."""
    path = _path(kept.url)
    if path is None:
        return
    record = {
        "format": FORMAT,
        "url": kept.url,
        "read_at": kept.read_at.isoformat(),
        "list": kept.data,
    }
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.chmod(0o700)  # an older umask, or another program, may have made it
        descriptor, aside = tempfile.mkstemp(
            dir=path.parent, prefix=".models-"
        )  # for its user only
    except OSError as error:
        logger.info("the list of models is not kept: %s", error)
        return
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(record, file)
        Path(aside).replace(path)
    except (OSError, ValueError) as error:
        logger.info("the list of models is not kept: %s", error)
        with contextlib.suppress(OSError):
            Path(aside).unlink()
