"""``track()``: count the calls of one block of code.

A ledger is open in the context it was opened in: code after it, tasks it starts, and, while it is open,
threads it starts and work it hands to a thread pool. Two blocks at the same time, in two tasks or two
threads, do not see each other's calls.
"""

from __future__ import annotations

import contextlib
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import wrapt

from ..fork_locks import ForkLock
from . import recorder
from .report import ModelUse, Report, make_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal

    import matplotlib.figure
    import pandas as pd

    from ..models.catalog import Catalog
    from .tokens import Tokens

_open: contextvars.ContextVar[tuple[Ledger, ...] | None] = contextvars.ContextVar(
    "baseten_openai_ledgers", default=None
)
_of_threads: WeakKeyDictionary[threading.Thread, tuple[Ledger, ...]] = WeakKeyDictionary()
_lock = ForkLock()
_count = 0  # of open ledgers


class Ledger:
    """The calls of a ``track()`` block so far. Can be read inside the block and after it."""

    def __init__(self, catalog: Catalog | None = None) -> None:
        """Start with no calls; prices come from ``catalog``."""
        self._tally = recorder.Tally()
        self._catalog = catalog
        self._closed = False

    def report(self) -> Report:
        """Return the full report: models, changes and errors, with lines of code."""
        return make_report(self._tally, catalog=self._catalog)

    @property
    def models(self) -> tuple[ModelUse, ...]:
        """The calls by model: tokens, cost in USD, latency in seconds."""
        return self.report().models

    @property
    def calls(self) -> int:
        """The number of calls, including refused and failed ones."""
        return self.report().calls

    @property
    def tokens(self) -> Tokens:
        """The tokens of all calls. ``input`` includes ``cached``."""
        return self.report().tokens

    @property
    def cost(self) -> Decimal | None:
        """The cost in USD, or ``None`` if the price of any model is unknown."""
        return self.report().cost

    @property
    def cost_at_most(self) -> Decimal | None:
        """The cost in USD, with the input price for cached tokens whose price is unknown."""
        return self.report().cost_at_most

    def to_pandas(self) -> pd.DataFrame:
        """Return a row for each model, as ``Report.to_pandas()`` does. Needs pandas."""
        return self.report().to_pandas()

    def plot(self) -> matplotlib.figure.Figure:
        """Return the figure of ``Report.plot()``. Needs the extra ``plot``."""
        return self.report().plot()

    def __str__(self) -> str:
        """Return the tables of the report."""
        return str(self.report())

    def __repr__(self) -> str:
        """Return the totals."""
        return repr(self.report()).replace("Report", "Ledger", 1)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001  # IPython's signature
        del cycle
        printer.text(str(self))

    def _repr_html_(self) -> str:
        return self.report()._repr_html_()

    def _close(self) -> None:
        self._closed = True


@contextlib.contextmanager
def track(*, catalog: Catalog | None = None) -> Iterator[Ledger]:
    """Count the calls of a ``with`` block; the block receives a ``Ledger``.

    ``catalog`` replaces the bundled one where prices are looked up. Calls made in the block are
    counted to the end of their answer, also when a stream is read after it. Calls are those of
    clients that are ours, by class, ``bind()`` or ``patch()``.
    """
    ledger = Ledger(catalog)
    _opened()
    token = _open.set((*_inherited(), ledger))
    try:
        yield ledger
    finally:
        ledger._close()  # noqa: SLF001  # this module's own
        with contextlib.suppress(ValueError):  # a generator may end in another context
            _open.reset(token)
        _released()


def _inherited() -> tuple[Ledger, ...]:
    """Return the ledgers that count a call in the current context."""
    here = _open.get()
    if here is None:
        here = _of_threads.get(threading.current_thread(), ())
    return tuple(ledger for ledger in here if not ledger._closed)  # noqa: SLF001  # as above


def _tallies() -> tuple[recorder.Tally, ...]:
    return tuple(ledger._tally for ledger in _inherited())  # noqa: SLF001  # as above


def _start_thread(
    wrapped: Callable[..., None], thread: threading.Thread, args: Any, kw: Any
) -> None:
    """Pass the ledgers to new threads, which start with an empty context before Python 3.14."""
    if ledgers := _inherited():
        _of_threads[thread] = ledgers
    wrapped(*args, **kw)


def _submit(wrapped: Callable[..., Any], _: ThreadPoolExecutor, args: Any, kw: Any) -> Any:
    """Pass the ledgers to work for an executor, whose threads may be older than the block."""
    if not args:
        return wrapped(*args, **kw)  # raises its TypeError
    return wrapped(_run_with, _inherited(), *args, **kw)


def _run_with(
    ledgers: tuple[Ledger, ...], function: Callable[..., Any], *args: Any, **kw: Any
) -> Any:
    token = _open.set(ledgers)
    try:
        return function(*args, **kw)
    finally:
        _open.reset(token)


_INHERITING: tuple[tuple[type, str, Any], ...] = (
    (threading.Thread, "start", _start_thread),
    (ThreadPoolExecutor, "submit", _submit),
)


def _opened() -> None:
    """Install the hooks for threads and for the recorder when the first ledger opens."""
    global _count  # noqa: PLW0603  # under the lock
    with _lock:
        _count += 1
        if _count == 1:
            recorder.open_tallies = _tallies
            for owner, name, hook in _INHERITING:
                wrapt.wrap_function_wrapper(owner, name, hook)


def _released() -> None:
    """Remove the hooks when the last ledger closes."""
    global _count  # noqa: PLW0603  # under the lock
    with _lock:
        _count -= 1
        if _count == 0:
            recorder.open_tallies = None
            for owner, name, hook in _INHERITING:
                found: Any = owner.__dict__.get(name)
                if (
                    getattr(found, "_self_wrapper", None) is hook
                ):  # else it stays, and finds no ledger
                    setattr(owner, name, found.__wrapped__)
