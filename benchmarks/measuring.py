"""Time two ways of doing one thing in one interleaved run, so that the machine's moods cancel out."""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from typing import TYPE_CHECKING, NamedTuple

from baseten_openai.sdk import fast_paths

if TYPE_CHECKING:
    from collections.abc import Callable

    Clock = Callable[[], float]


class Timing(NamedTuple):
    """Medians in microseconds, and the spread of the ratio (its quartiles).

    ``added`` is the median of the differences side by side, which the machine's moods move less than
    the difference of the medians.
    """

    bare: float
    ours: float
    added: float
    ratio: float
    low: float
    high: float

    def __str__(self) -> str:
        """Read as cells of a table."""
        return f"{self.bare:,.1f} | {self.ours:,.1f} | {self.ratio:.3f} ({self.low:.3f} to {self.high:.3f})"


def compare(
    bare: Callable[[], object],
    ours: Callable[[], object],
    *,
    rounds: int,
    number: int,
    clock: Clock = time.thread_time,
) -> Timing:
    """Run each ``number`` times a round, in turn; a ratio is that of one round, side by side.

    The fast path of requests, which all clients of a process share, is in the SDK for ``ours`` alone.
    """
    fast = fast_paths.requests()
    install = (lambda: None) if fast is None else fast.install
    fast_paths.take_out()
    try:
        return interleaved(
            bare,
            ours,
            rounds=rounds,
            number=number,
            before_second=install,
            after_second=fast_paths.take_out,
            clock=clock,
        )
    finally:
        install()


def interleaved(
    bare: Callable[[], object],
    ours: Callable[[], object],
    *,
    rounds: int,
    number: int,
    before_second: Callable[[], object] = lambda: None,
    after_second: Callable[[], object] = lambda: None,
    clock: Clock = time.thread_time,
) -> Timing:
    """Do as ``compare`` says, with something set up for the second of each round, untimed."""

    def pair() -> tuple[float, float]:
        first = _time(bare, number, clock)
        before_second()
        ours()  # what is done once after the set-up is no cost of a call
        second = _time(ours, number, clock)
        after_second()
        return first, second

    pair()  # caches filled, imports done
    gc.collect()
    gc.disable()
    try:
        pairs = [pair() for _ in range(rounds)]
    finally:
        gc.enable()
    ratios = [b / a for a, b in pairs]
    quartiles = statistics.quantiles(ratios, n=4)
    return Timing(
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(b - a for a, b in pairs),
        statistics.median(ratios),
        quartiles[0],
        quartiles[2],
    )


def microseconds(step: Callable[[], object], *, rounds: int = 30, number: int = 20) -> float:
    """Return the median time of one ``step``."""
    step()
    return statistics.median(_time(step, number) for _ in range(rounds))


def peak_bytes(step: Callable[[], object]) -> int:
    """Return the most memory that was allocated at once during ``step``."""
    step()
    gc.collect()
    tracemalloc.start()
    try:
        step()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _time(step: Callable[[], object], number: int, clock: Clock = time.thread_time) -> float:
    # CPU time, if nothing else was asked for: what else runs on the machine counts less
    start = clock()
    for _ in range(number):
        step()
    return (clock() - start) / number * 1e6
