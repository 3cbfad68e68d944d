"""``%%baseten``: show a summary of a cell's calls under the cell.

The line is taken away before the cell runs, so that the cell runs as any other: ``await`` works, the
last value is shown, lines keep their numbers. What it does is counted from one event to the other.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from IPython.display import display

from ..usage import report_text
from ..usage.html import of_report
from ..usage.ledger import Ledger, track

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..usage.report import Report

MAGIC = "%%baseten"


class Summary:
    """The report of one cell in the form that a notebook shows."""

    def __init__(self, report: Report) -> None:
        """Keep the report."""
        self.report = report

    def __repr__(self) -> str:
        """Return the summary as text."""
        return report_text.to_text(self.report, title=MAGIC)

    def _repr_html_(self) -> str:
        return of_report(self.report, title=MAGIC)


class Watcher:
    """Counts the calls of cells that begin with ``%%baseten``."""

    def __init__(self) -> None:
        """Start with no running cell."""
        self._open: contextlib.ExitStack | None = None
        self._ledger: Any = None

    def take_line(self, lines: list[str]) -> list[str]:
        """Replace the line ``%%baseten`` by a comment, which keeps the line numbers."""
        return [f"# {lines[0]}", *lines[1:]] if _asks(lines[0] if lines else "") else lines

    def before(self, info: Any) -> None:
        """Start counting if the cell begins with ``%%baseten``."""
        if _asks((info.raw_cell or "").lstrip("\n").partition("\n")[0]):
            self._open = contextlib.ExitStack()
            self._ledger = self._open.enter_context(track())

    def after(self, result: Any) -> None:
        """Show the summary of the cell."""
        del result
        if self._open is not None:
            self._open.close()
            self._open = None
            show(self._ledger)


def show(ledger: Ledger) -> None:
    """Show the summary of ``ledger``."""
    display(Summary(ledger.report()))  # type: ignore[no-untyped-call]


def _asks(line: str) -> bool:
    return line.split() == [MAGIC]


def add(shell: Any) -> Callable[[], None]:
    """Add the summaries to a shell; return a function that removes them."""
    watcher = Watcher()
    shell.input_transformers_cleanup.insert(0, watcher.take_line)
    shell.events.register("pre_run_cell", watcher.before)
    shell.events.register("post_run_cell", watcher.after)

    def remove() -> None:
        shell.input_transformers_cleanup.remove(watcher.take_line)
        shell.events.unregister("pre_run_cell", watcher.before)
        shell.events.unregister("post_run_cell", watcher.after)

    return remove
