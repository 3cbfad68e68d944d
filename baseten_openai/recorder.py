"""Count what calls did, as they are made: for ``report()`` and ``track()``.

A ``CallRecord`` lives as long as one call, retries included, and adds what it has seen to the tallies
it belongs to: that of the process, and those of the ledgers open where the call was made. Tallies hold
sums, not calls, so that a long-running process does not grow.
"""

from __future__ import annotations

import collections
import contextvars
import datetime as dt
import threading
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from . import own_bugs
from .users_line import find_place

if TYPE_CHECKING:
    from collections.abc import Callable

    from .call_notes import Note

KEPT = 1000
"""How many latencies, and how many different names, changes and errors a tally keeps apart."""

REST = "(others)"
_BEYOND = f"beyond {KEPT} different ones"


class Names(NamedTuple):
    """A model as the code named it, and the slug it was resolved to; ``None`` if it was not."""

    named: str
    slug: str | None


class Place(NamedTuple):
    """A line of the user's code."""

    file: str
    line: int


class ChangeKey(NamedTuple):
    """A change to a call, as its note says."""

    kind: str
    param: str
    message: str


class ErrorKey(NamedTuple):
    """An error that a call ended with."""

    name: str
    status: int | None
    refused: bool
    message: str
    hint: str


class Tokens(NamedTuple):
    """Tokens as an answer's ``usage`` counts them; ``cached`` is a part of ``input``."""

    input: int
    cached: int
    output: int
    reasoning: int


class ModelTally:
    """The sums of one model."""

    __slots__ = (
        "calls",
        "changed",
        "counted",
        "failed",
        "first_chunk",
        "latency",
        "refused",
        "retries",
        "streams",
        "tokens",
    )

    def __init__(self) -> None:
        """Start at nothing."""
        self.calls = self.streams = self.refused = self.failed = self.retries = 0
        self.changed = 0  # calls of which anything but the model's name was changed
        self.counted = 0  # calls whose usage came
        self.tokens = Tokens(0, 0, 0, 0)
        self.latency: collections.deque[float] = collections.deque(maxlen=KEPT)  # seconds
        self.first_chunk: collections.deque[float] = collections.deque(maxlen=KEPT)


class Tally:
    """Sums by model, by change and by error."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.lock = threading.Lock()
        self.started = dt.datetime.now(dt.UTC)
        self.models: dict[Names, ModelTally] = {}
        self.changes: dict[ChangeKey, collections.Counter[Place]] = {}
        self.errors: dict[ErrorKey, collections.Counter[Place]] = {}

    def model(self, names: Names) -> ModelTally:
        """Return the sums of a model. The lock is held."""
        found = self.models.get(names)
        if found is None:
            if len(self.models) >= KEPT:
                names = Names(REST, None)
            found = self.models.setdefault(names, ModelTally())
        return found


def count_at(places: dict[Any, collections.Counter[Place]], key: Any, rest: Any, at: Place) -> None:
    """Count one more of ``key`` at a place; of ``rest`` when there are too many different ones."""
    counter = places.get(key)
    if counter is None:
        counter = places.setdefault(key if len(places) < KEPT else rest, collections.Counter())
    counter[at if at in counter or len(counter) < KEPT else Place(REST, 0)] += 1


process = Tally()
"""What this process did since it started."""

open_tallies: Callable[[], tuple[Tally, ...]] | None = None
"""Set by ``ledger`` while any is open: those that a call made here and now belongs to."""

current: contextvars.ContextVar[CallRecord | None] = contextvars.ContextVar(
    "baseten_openai_call", default=None
)
"""The call that is being made, for the hooks below ``request`` that it passes."""


class CallRecord:
    """One call, from the user's line to the end of its answer."""

    __slots__ = (
        "_changed",
        "_folded",
        "_notes",
        "_place",
        "_started",
        "_tallies",
        "_usage_known",
        "attempts",
        "first",
        "names",
        "prepared",
    )

    def __init__(self, named: object) -> None:
        """Start the clock of a call that names a model."""
        self.names = Names(named if isinstance(named, str) else f"({type(named).__name__})", None)
        self.attempts = 0
        self.prepared = False
        self.first: float | None = None  # when the first chunk of a stream came
        self._tallies = (process,) if open_tallies is None else (process, *open_tallies())
        self._place: Place | None = None
        self._notes: list[Note] = []
        self._folded = 0  # how many of the notes have been counted
        self._changed = self._usage_known = False
        self._started = perf_counter()

    def resolved(self, slug: str | None, notes: list[Note]) -> None:
        """Learn what the request was made into; ``notes`` may still grow."""
        self.prepared = True
        self._notes = notes
        if slug is not None:
            self.names = Names(self.names.named, slug)

    def returned(self, *, streamed: bool) -> None:
        """Count the call, which the SDK has returned from; a stream is yet to be read."""
        if streamed:
            self._place = Place(*find_place())  # the line that asks, not the one that reads
        took = None if streamed else perf_counter() - self._started
        self._count_call(streamed=streamed, took=took)
        if not streamed:
            self.count_notes()

    def _count_call(self, *, streamed: bool = False, took: float | None = None) -> None:
        for tally in self._tallies:
            with tally.lock:
                model = tally.model(self.names)
                model.calls += 1
                model.streams += streamed
                model.retries += max(self.attempts - 1, 0)
                if took is not None:
                    model.latency.append(took)

    def ended(self, usage: object, *, whole: bool) -> None:
        """Count a stream that is not read any further, being at its end or not."""
        took = perf_counter() - self._started
        for tally in self._tallies:
            with tally.lock:
                model = tally.model(self.names)
                if whole:
                    model.latency.append(took)
                if self.first is not None:
                    model.first_chunk.append(self.first - self._started)
        self.count_usage(usage)
        self.count_notes()

    def failed(self, error: BaseException, *, returned: bool = False) -> None:
        """Count a call, or after it ``returned`` its stream, that ended with an exception."""
        refused = not self.prepared or type(error).__name__ == "CredentialError"
        slug = getattr(error, "model", None)
        if self.names.slug is None and isinstance(slug, str) and slug:
            self.names = Names(self.names.named, slug if "/" in slug else None)
        if not returned:
            self._count_call()
        key = ErrorKey(
            type(error).__name__,
            getattr(error, "status_code", None),
            refused,
            str(getattr(error, "message", None) or error)[:300],
            str(getattr(error, "hint", None) or ""),
        )
        rest = ErrorKey(REST, None, refused=False, message=_BEYOND, hint="")
        place = self._place or Place(*find_place())
        for tally in self._tallies:
            with tally.lock:
                model = tally.model(self.names)
                if refused:
                    model.refused += 1
                else:
                    model.failed += 1
                count_at(tally.errors, key, rest, place)
        self.count_notes()

    def count_usage(self, usage: object) -> None:
        """Add an answer's ``usage``, once."""
        tokens = read_usage(usage)
        if tokens is None or self._usage_known:
            return
        self._usage_known = True
        for tally in self._tallies:
            with tally.lock:
                model = tally.model(self.names)
                model.counted += 1
                model.tokens = Tokens(*map(sum, zip(model.tokens, tokens, strict=True)))

    def count_notes(self) -> None:
        """Add the notes that have come since the last time."""
        new = self._notes[self._folded :]
        if not new:
            return
        self._folded += len(new)
        place = self._place = self._place or Place(*find_place())
        changed = not self._changed and any(note.kind != "resolved" for note in new)
        self._changed = self._changed or changed
        rest = ChangeKey(REST, "", _BEYOND)
        for tally in self._tallies:
            with tally.lock:
                if changed:
                    tally.model(self.names).changed += 1
                for note in new:
                    count_at(tally.changes, ChangeKey(*note), rest, place)


def begin(options: Any) -> CallRecord | None:
    """Start a record for the SDK's request options, if they are those of a call that names a model."""
    try:
        body, extra = options.json_data, options.extra_json
        named = (extra or {}).get("model") or (body or {}).get("model")
        return None if named is None else CallRecord(named)
    except Exception as bug:  # noqa: BLE001  # a call uncounted is better than a call broken
        if not isinstance(bug, AttributeError):  # a body that is no JSON object
            own_bugs.report("recording", bug)
        return None


def safely(count: Callable[..., None], *args: Any, **kw: Any) -> None:
    """Count; a bug in that must not become the user's."""
    try:
        count(*args, **kw)
    except Exception as bug:  # noqa: BLE001  # a call uncounted is better than a call broken
        own_bugs.report("recording", bug)


def read_usage(usage: object) -> Tokens | None:
    """Read ``usage``, a dict or the SDK's object, of chat, completions, embeddings or responses."""
    given = _get(usage, "prompt_tokens", "input_tokens")
    if not _is_count(given):
        return None
    output = _get(usage, "completion_tokens", "output_tokens")
    cached = _get(_get(usage, "prompt_tokens_details", "input_tokens_details"), "cached_tokens")
    reasoning = _get(
        _get(usage, "completion_tokens_details", "output_tokens_details"), "reasoning_tokens"
    )
    return Tokens(
        given,
        min(cached, given) if _is_count(cached) else 0,
        output if _is_count(output) else 0,
        reasoning if _is_count(reasoning) else 0,
    )


def _get(holder: object, *names: str) -> Any:
    """Return the first of ``names`` that a dict or an object has."""
    for name in names:
        value = holder.get(name) if isinstance(holder, dict) else getattr(holder, name, None)
        if value is not None:
            return value
    return None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
