"""Print for the commands: tables and colour in a terminal, plain columns in a pipe."""

from __future__ import annotations

import contextlib
import json
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WIDE = 120  # the width from which a table shows all columns
_STYLES = {
    "yes": "green",
    "ok": "green",
    "taken": "green",
    "listed": "green",
    "no": "red",
    "refused": "red",
    "problem": "bold red",
    "unknown model": "red",
    "unreadable": "red",
    "?": "yellow",
    "warning": "yellow",
    "retired": "yellow",
    "unlisted": "yellow",
    "kept": "yellow",
    "perhaps refused": "yellow",
    "not chat": "yellow",
}


class Column(NamedTuple):
    """A column's heading, and whether it holds numbers."""

    title: str
    number: bool = False


def is_terminal() -> bool:
    """Return whether stdout is a terminal."""
    return sys.stdout.isatty()


def console() -> Console:
    """Return the console for stdout, without markup."""
    return Console(highlight=False, markup=False, emoji=False)


def width() -> int:
    """Return the width of the terminal in columns."""
    return console().width


def styled(text: str) -> Text:
    """Return a word in its colour; NO_COLOR turns colours off."""
    return Text(text, style=_STYLES.get(text, ""))


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Print rows: a coloured table in a terminal, aligned columns of full width in a pipe."""
    if not is_terminal():
        for line in aligned([[column.title for column in columns], *rows]):
            sys.stdout.write(line + "\n")
        return
    made = Table(box=box.ROUNDED, header_style="bold")
    for column in columns:
        made.add_column(
            column.title,
            justify="right" if column.number else "left",
            overflow="fold",
            no_wrap=column.number,
        )
    for row in rows:
        made.add_row(*map(styled, row))
    console().print(made)


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield lines with aligned columns, two blanks apart."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def heading(text: str) -> None:
    """Print a heading."""
    console().print(Text(f"\n{text}", style="bold"))


def pairs(rows: Sequence[tuple[str, str]]) -> None:
    """Print a name and a value per line; wrap long values in a terminal only."""
    names = max((len(name) for name, _ in rows), default=0)
    if not is_terminal():
        for line in aligned(rows):
            sys.stdout.write(f"  {line}\n")
        return
    grid = Table.grid(padding=(0, 2))
    grid.add_column(min_width=min(names, 20), max_width=40, style="dim")
    grid.add_column(overflow="fold")
    for name, value in rows:
        grid.add_row(Text(name), styled(value))
    console().print(Padding(grid, (0, 0, 0, 2)))


def print_json(value: Any) -> None:
    """Print JSON without colours."""
    sys.stdout.write(json.dumps(value, indent=2, default=str) + "\n")


def remark(text: str) -> None:
    """Print a remark on the output to stderr."""
    sys.stdout.flush()  # keeps the order where both go to one file
    sys.stderr.write(f"{text}\n")


@contextlib.contextmanager
def working(text: str) -> Iterator[None]:
    """Show progress on stderr if it is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    with Console(stderr=True, highlight=False, markup=False).status(text):
        yield
