"""Count calls while they are made, for ``report()`` and ``track()``.

A ``CallRecord`` exists as long as one call, retries included. Its counts are added to its tallies: the
one of the process, and one for each ledger that is open where the call is made. Records are added in
batches, or when a tally is read. Tallies hold sums, not calls, so memory does not grow with the calls.
"""

from __future__ import annotations

import collections
import contextlib
import contextvars
import datetime as dt
import itertools
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from .. import internal_errors
from ..callers import caller_place
from ..fork_locks import ForkLock
from .tokens import Tokens, read_usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..call_notes import Note
    from ..models.catalog import Model
    from .tokens import Counts

KEPT = 1000
"""The maximum number of latencies, and of different names, changes and errors, in a tally."""

_BATCH = 64
"""How many records wait before they are added. Small, so that what they hold stays in the CPU caches."""

REST = "(others)"
_BEYOND = f"beyond {KEPT} different ones"


Line: TypeAlias = tuple[str, int]
"""A file of the user's code, and a line in it."""


class ChangeKey(NamedTuple):
    """A change to a call, as in its note."""

    kind: str
    param: str
    message: str


class ErrorKey(NamedTuple):
    """An exception that ended a call."""

    name: str
    status: int | None
    refused: bool
    message: str
    hint: str


ModelKey: TypeAlias = tuple[str, str | None, int]
"""A model's name in the code, the slug it was sent as, and a number for each different price."""


class ModelTally:
    """The sums of one model."""

    __slots__ = (
        "cached",
        "calls",
        "changed",
        "counted",
        "failed",
        "first_chunk",
        "input",
        "latency",
        "model",
        "output",
        "reasoning",
        "refused",
        "retries",
        "streams",
    )

    def __init__(self) -> None:
        """Start all sums at zero."""
        self.model: Model | None = None  # with its price, from the catalog of the client
        self.calls = self.streams = self.refused = self.failed = self.retries = 0
        self.changed = 0  # calls in which more than the model's name was changed
        self.counted = 0  # calls whose usage was received
        self.input = self.cached = self.output = self.reasoning = 0  # tokens
        self.latency: collections.deque[float] = collections.deque(maxlen=KEPT)  # seconds
        self.first_chunk: collections.deque[float] = collections.deque(maxlen=KEPT)

    def add(self, counts: Counts) -> None:
        """Add the tokens of a call."""
        self.counted += 1
        self.input += counts[0]
        self.cached += counts[1]
        self.output += counts[2]
        self.reasoning += counts[3]

    @property
    def tokens(self) -> Tokens:
        """The tokens of all calls."""
        return Tokens(self.input, self.cached, self.output, self.reasoning)


class Tally:
    """Sums by model, by change and by error. Read them inside ``with flushed():``."""

    def __init__(self) -> None:
        """Start without any calls."""
        self.started = dt.datetime.now(dt.UTC)
        self.models: dict[ModelKey, ModelTally] = {}
        self.changes: dict[ChangeKey, collections.Counter[Line]] = {}
        self.errors: dict[ErrorKey, collections.Counter[Line]] = {}

    def model(self, named: str, slug: str | None, model: Model | None = None) -> ModelTally:
        """Return the sums of a model, by its name in the code and the slug that was sent.

        ``model`` is the client's record of it. If clients have different prices for one slug, each price
        has its own sums.
        """
        for number in itertools.count():
            found = self.models.get((named, slug, number))
            if found is None:
                if len(self.models) >= KEPT:
                    named, slug, number, model = REST, None, 0, None  # noqa: PLW2901  # the end of the loop
                found = self.models.setdefault((named, slug, number), ModelTally())
            if found.model is None:
                found.model = model
            if model is None or _same_price(found.model, model):
                return found
        raise AssertionError


def _same_price(one: Model | None, other: Model) -> bool:
    return one is other or (
        one is not None
        and (one.price, one.source, one.as_of) == (other.price, other.source, other.as_of)
    )


_REST_OF_CHANGES = ChangeKey(REST, "", _BEYOND)
_REST_OF_ERRORS = ErrorKey(REST, None, refused=False, message=_BEYOND, hint="")


def count_at(
    places: dict[Any, collections.Counter[Line]], key: Any, rest: Any, at: Line | None
) -> None:
    """Count ``key`` at a line once more, or ``rest`` if there are too many different keys."""
    at = at or ("<unknown>", 0)
    counter = places.get(key)
    if counter is None:
        counter = places.setdefault(key if len(places) < KEPT else rest, collections.Counter())
    counter[at if at in counter or len(counter) < KEPT else (REST, 0)] += 1


process = Tally()
"""All calls of this process."""

open_tallies: Callable[[], tuple[Tally, ...]] | None = None
"""Set by ``ledger`` while a ledger is open; returns the tallies of a call that is made now."""

current: contextvars.ContextVar[CallRecord | None] = contextvars.ContextVar(
    "baseten_openai_call", default=None
)
"""The call that is being made, for the hooks that run inside ``request``."""

_pending: collections.deque[CallRecord] = collections.deque()
_flushing = ForkLock()


@contextlib.contextmanager
def flushed() -> Iterator[None]:
    """Add all pending records to their tallies, and lock the tallies for reading.

    Batches cost much less than adding each call on its own.
    """
    with _flushing:
        while _pending:
            record = _pending.popleft()
            try:
                record.add_to_tallies()
            except Exception as bug:  # noqa: BLE001  # an uncounted call is better than a broken one
                internal_errors.log_once("recording", bug)
        yield


class CallRecord:
    """One call, from the user's line to the end of the response."""

    # defaults, on the class because most calls never change them
    slug: str | None = None
    model: Model | None = None
    attempts = 0
    prepared = False
    first: float | None = None  # when the first chunk of a stream arrived
    notes: Sequence[Note] = ()
    changed = False
    _place: Line | None = None
    _added_notes = 0
    _streamed = _counted = _counted_change = False
    _returned = _ended = 0.0
    usage: object = None  # as received
    _error: ErrorKey | None = None

    def __init__(self, named: object) -> None:
        """Start timing a call that names a model."""
        self.named = named if isinstance(named, str) else f"({type(named).__name__})"
        self._tallies = (process,) if open_tallies is None else (process, *open_tallies())
        self._started = perf_counter()

    def resolved(self, model: Model | None, notes: list[Note]) -> None:
        """Record the model that the request is sent to, and its notes, which may still grow."""
        self.prepared = True
        self.model = model
        self.slug = model.slug if model is not None else None
        self.notes = notes

    @property
    def is_over(self) -> bool:
        """Whether the SDK has returned from the call."""
        return bool(self._returned)

    def returned(self, *, streamed: bool) -> None:
        """Record that the SDK has returned from the call; a stream is still to be read."""
        self._returned = perf_counter()
        if streamed:
            self._streamed = True
            self._place = (
                caller_place()
            )  # the line that makes the call, not the one that reads the stream
        else:
            self._ended = self._returned
        self.enqueue()

    def enqueue(self, usage: object = None) -> None:
        """Record the usage of a response, and let new counts and notes be added."""
        if usage is not None:
            self.usage = usage
        if self.notes and not self.changed:
            self.changed = any(note.kind != "resolved" for note in self.notes)
            if self.changed and self._place is None:
                self._place = caller_place()
        if self._returned:
            _pending.append(self)
            if len(_pending) > _BATCH:
                with flushed():
                    pass

    def ended(self, usage: object, *, whole: bool) -> None:
        """Record that a stream is not read further; ``whole`` if it was read to its end."""
        if whole:
            self._ended = perf_counter()
        self.enqueue(usage)

    def failed(self, error: BaseException, *, returned: bool = False) -> None:
        """Record that the call, or after it ``returned`` its stream, raised an exception."""
        refused = not self.prepared or type(error).__name__ == "CredentialError"
        slug = getattr(error, "model", None)
        if self.slug is None and isinstance(slug, str) and "/" in slug:
            self.slug = slug
        self._error = ErrorKey(
            type(error).__name__,
            getattr(error, "status_code", None),
            refused,
            str(getattr(error, "message", None) or error)[:300],
            str(getattr(error, "hint", None) or ""),
        )
        if self._place is None:
            self._place = caller_place()
        if not returned:
            self._returned = perf_counter()
        self.enqueue()

    def add_to_tallies(self) -> None:
        """Add what is new: the call, its usage, times and error once, and notes as they appear.

        Clears only what it has read, since another thread may still be recording.
        """
        first_time, self._counted = not self._counted, True
        tokens = None
        if self.usage is not None:
            tokens, self.usage = read_usage(self.usage), None
        ended = self._ended
        if ended:
            self._ended = 0.0
        for tally in self._tallies:
            model = self._sums(tally)
            if first_time:
                model.calls += 1
                model.streams += self._streamed
                if self.attempts > 1:
                    model.retries += self.attempts - 1
            if tokens is not None:
                model.add(tokens)
            if ended:
                model.latency.append(ended - self._started)
                if self.first is not None:
                    model.first_chunk.append(self.first - self._started)
        if self.changed or self._error is not None:
            self._add_changes_and_error()

    def _sums(self, tally: Tally) -> ModelTally:
        found = tally.models.get((self.named, self.slug, 0))
        if found is not None and found.model is self.model:
            return found
        return tally.model(self.named, self.slug, self.model)

    def _add_changes_and_error(self) -> None:
        error = self._error
        if error is not None:
            self._error = None
        new = self.notes[self._added_notes :]
        self._added_notes += len(new)
        notes = [note for note in new if note.kind != "resolved"] if self.changed else []
        for tally in self._tallies:
            model = self._sums(tally)
            if error is not None:
                model.refused += error.refused
                model.failed += not error.refused
                count_at(tally.errors, error, _REST_OF_ERRORS, self._place)
            if notes:
                model.changed += not self._counted_change
                for note in notes:
                    count_at(tally.changes, ChangeKey(*note), _REST_OF_CHANGES, self._place)
        if notes:
            self._counted_change = True


def begin(options: Any) -> CallRecord | None:
    """Start a record for a call with these request options of the SDK, if it names a model."""
    try:
        body, extra = options.json_data, options.extra_json
        named = (extra or {}).get("model") or (body or {}).get("model")
        return None if named is None else CallRecord(named)
    except Exception as bug:  # noqa: BLE001  # an uncounted call is better than a broken one
        if not isinstance(bug, AttributeError):  # the body is not a JSON object
            internal_errors.log_once("recording", bug)
        return None


def safely(count: Callable[..., None], *args: Any, **kw: Any) -> None:
    """Call ``count``; log an exception, which is a bug of ours, instead of raising it."""
    try:
        count(*args, **kw)
    except Exception as bug:  # noqa: BLE001  # an uncounted call is better than a broken one
        internal_errors.log_once("recording", bug)


def model_used(name: str) -> Model | None:
    """Return the model that the latest of this process's calls to ``name`` used.

    ``name`` is a slug or a name in the code. ``None`` if there was no such call.
    """
    with flushed():
        for (named, slug, _), tally in reversed(process.models.items()):
            if tally.model is not None and name in {named, slug}:
                return tally.model
    return None
