"""Count what calls did, as they are made: for ``report()`` and ``track()``.

A ``CallRecord`` lives as long as one call, retries included. What it has seen is added to the tallies
it belongs to, that of the process and those of the ledgers open where the call was made: later, when
somebody asks or many wait. Tallies hold sums, not calls, so that a long-running process does not grow.
"""

from __future__ import annotations

import collections
import contextlib
import contextvars
import datetime as dt
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

from .. import internal_errors
from ..callers import caller_place
from ..fork_locks import ForkLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..call_notes import Note

KEPT = 1000
"""How many latencies, and how many different names, changes and errors a tally keeps apart."""

_BATCH = 64
"""How many calls wait to be added: few, since what they hold would push other things from the caches."""

REST = "(others)"
_BEYOND = f"beyond {KEPT} different ones"


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
        "cached",
        "calls",
        "changed",
        "counted",
        "failed",
        "first_chunk",
        "input",
        "latency",
        "output",
        "reasoning",
        "refused",
        "retries",
        "streams",
    )

    def __init__(self) -> None:
        """Start at nothing."""
        self.calls = self.streams = self.refused = self.failed = self.retries = 0
        self.changed = 0  # calls of which anything but the model's name was changed
        self.counted = 0  # calls whose usage came
        self.input = self.cached = self.output = self.reasoning = 0  # tokens
        self.latency: collections.deque[float] = collections.deque(maxlen=KEPT)  # seconds
        self.first_chunk: collections.deque[float] = collections.deque(maxlen=KEPT)

    def add(self, tokens: Tokens) -> None:
        """Add the tokens of a call."""
        self.counted += 1
        self.input += tokens[0]
        self.cached += tokens[1]
        self.output += tokens[2]
        self.reasoning += tokens[3]

    @property
    def tokens(self) -> Tokens:
        """The tokens of all calls."""
        return Tokens(self.input, self.cached, self.output, self.reasoning)


class Tally:
    """Sums by model, by change and by error. Read them while ``folded()``."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.started = dt.datetime.now(dt.UTC)
        self.models: dict[tuple[str, str | None], ModelTally] = {}
        self.changes: dict[ChangeKey, collections.Counter[Place]] = {}
        self.errors: dict[ErrorKey, collections.Counter[Place]] = {}

    def model(self, named: str, slug: str | None) -> ModelTally:
        """Return the sums of a model: by its name in the code, and what that was resolved to."""
        found = self.models.get((named, slug))
        if found is None:
            if len(self.models) >= KEPT:
                named, slug = REST, None
            found = self.models.setdefault((named, slug), ModelTally())
        return found


_REST_OF_CHANGES = ChangeKey(REST, "", _BEYOND)
_REST_OF_ERRORS = ErrorKey(REST, None, refused=False, message=_BEYOND, hint="")


def count_at(
    places: dict[Any, collections.Counter[Place]], key: Any, rest: Any, at: Place | None
) -> None:
    """Count one more of ``key`` at a place; of ``rest`` when there are too many different ones."""
    at = at or Place("<unknown>", 0)
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

_news: collections.deque[CallRecord] = collections.deque()
_folding = ForkLock()


@contextlib.contextmanager
def folded() -> Iterator[None]:
    """Add to the tallies what records have learnt since, and hold them still for reading.

    Done in batches, since that costs far less than doing it in every call.
    """
    with _folding:
        while _news:
            record = _news.popleft()
            try:
                record.fold()
            except Exception as bug:  # noqa: BLE001  # a call uncounted is better than a call broken
                internal_errors.log_once("recording", bug)
        yield


class CallRecord:
    """One call, from the user's line to the end of its answer. What it learns is folded in later."""

    # what a call starts with; on the class, since most of it stays so
    slug: str | None = None
    attempts = 0
    prepared = False
    first: float | None = None  # when the first chunk of a stream came
    notes: Sequence[Note] = ()
    changed = False
    _place: Place | None = None
    _folded_notes = 0
    _streamed = _counted = _told_change = False
    _returned = _ended = 0.0
    usage: object = None  # as it came
    _error: ErrorKey | None = None

    def __init__(self, named: object) -> None:
        """Start the clock of a call that names a model."""
        self.named = named if isinstance(named, str) else f"({type(named).__name__})"
        self._tallies = (process,) if open_tallies is None else (process, *open_tallies())
        self._started = perf_counter()

    def resolved(self, slug: str | None, notes: list[Note]) -> None:
        """Learn what the request was made into; ``notes`` may still grow."""
        self.prepared = True
        self.slug = slug
        self.notes = notes

    @property
    def is_over(self) -> bool:
        """Tell whether the SDK has returned from the call."""
        return bool(self._returned)

    def returned(self, *, streamed: bool) -> None:
        """Learn that the SDK has returned from the call; a stream is yet to be read."""
        self._returned = perf_counter()
        if streamed:
            self._streamed = True
            self._place = Place(*caller_place())  # the line that asks, not the one that reads
        else:
            self._ended = self._returned
        self.told()

    def told(self, usage: object = None) -> None:
        """Learn an answer's usage, and that there may be new notes."""
        if usage is not None:
            self.usage = usage
        if self.notes and not self.changed:
            self.changed = any(note.kind != "resolved" for note in self.notes)
            if self.changed and self._place is None:
                self._place = Place(*caller_place())
        if self._returned:
            _news.append(self)
            if len(_news) > _BATCH:
                with folded():
                    pass

    def ended(self, usage: object, *, whole: bool) -> None:
        """Learn that a stream is not read any further, being at its end or not."""
        if whole:
            self._ended = perf_counter()
        self.told(usage)

    def failed(self, error: BaseException, *, returned: bool = False) -> None:
        """Learn that the call, or after it ``returned`` its stream, ended with an exception."""
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
            self._place = Place(*caller_place())
        if not returned:
            self._returned = perf_counter()
        self.told()

    def fold(self) -> None:
        """Add what is new: the call, its usage, its times and its error once; notes as they come.

        What was read is cleared, and nothing else: the call may be learning more in its own thread.
        """
        first_time, self._counted = not self._counted, True
        tokens = None
        if self.usage is not None:
            tokens, self.usage = read_usage(self.usage), None
        ended = self._ended
        if ended:
            self._ended = 0.0
        for tally in self._tallies:
            model = tally.models.get((self.named, self.slug)) or tally.model(self.named, self.slug)
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
            self._fold_words()

    def _fold_words(self) -> None:
        error = self._error
        if error is not None:
            self._error = None
        new = self.notes[self._folded_notes :]
        self._folded_notes += len(new)
        notes = [note for note in new if note.kind != "resolved"] if self.changed else []
        for tally in self._tallies:
            model = tally.model(self.named, self.slug)
            if error is not None:
                model.refused += error.refused
                model.failed += not error.refused
                count_at(tally.errors, error, _REST_OF_ERRORS, self._place)
            if notes:
                model.changed += not self._told_change
                for note in notes:
                    count_at(tally.changes, ChangeKey(*note), _REST_OF_CHANGES, self._place)
        if notes:
            self._told_change = True


def begin(options: Any) -> CallRecord | None:
    """Start a record for the SDK's request options, if they are those of a call that names a model."""
    try:
        body, extra = options.json_data, options.extra_json
        named = (extra or {}).get("model") or (body or {}).get("model")
        return None if named is None else CallRecord(named)
    except Exception as bug:  # noqa: BLE001  # a call uncounted is better than a call broken
        if not isinstance(bug, AttributeError):  # a body that is no JSON object
            internal_errors.log_once("recording", bug)
        return None


def safely(count: Callable[..., None], *args: Any, **kw: Any) -> None:
    """Count; a bug in that must not become the user's."""
    try:
        count(*args, **kw)
    except Exception as bug:  # noqa: BLE001  # a call uncounted is better than a call broken
        internal_errors.log_once("recording", bug)


def read_usage(usage: object) -> Tokens | None:
    """Read ``usage``, a dict or the SDK's object, of chat, completions, embeddings or responses."""
    get: Any = usage.get if isinstance(usage, dict) else partial(_attribute, usage)
    given, output = get("prompt_tokens"), get("completion_tokens")
    details, made = get("prompt_tokens_details"), get("completion_tokens_details")
    if given is None:  # of the Responses API
        given, output = get("input_tokens"), get("output_tokens")
        details, made = get("input_tokens_details"), get("output_tokens_details")
    if not _is_count(given):
        return None
    cached = 0 if details is None else _count(details, "cached_tokens")
    return Tokens(
        given,
        min(cached, given),
        output if _is_count(output) else 0,
        0 if made is None else _count(made, "reasoning_tokens"),
    )


def _attribute(holder: object, name: str) -> Any:
    return getattr(holder, name, None)


def _count(holder: object, name: str) -> int:
    value = holder.get(name) if isinstance(holder, dict) else getattr(holder, name, None)
    return value if _is_count(value) else 0


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
