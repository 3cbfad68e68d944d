"""Baseten's errors in a notebook: what went wrong and what to do, then the cell's line.

The whole traceback, with the SDK's thirty frames, is ``%tb`` away.
"""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING, Any

from ..errors import BasetenError

if TYPE_CHECKING:
    from collections.abc import Callable

FULL = "The whole traceback: %tb"


def text(shell: Any, error: BaseException) -> list[str]:
    """Return the lines that are shown for ``error``."""
    lines = [f"{type(error).__name__}: {error}"]
    own = _own_frame(shell, error)
    if own is not None:
        lines += ["", f"In line {own.lineno} of {_cell(shell, own.filename)}:", f"    {own.line}"]
    return [*lines, "", FULL]


def _own_frame(shell: Any, error: BaseException) -> traceback.FrameSummary | None:
    """Return the last frame in a cell, or otherwise in a file outside installed packages."""
    frames = traceback.extract_tb(error.__traceback__)
    names = getattr(shell.compile, "_filename_map", {})
    cells = [frame for frame in frames if frame.filename in names or "ipykernel" in frame.filename]
    cells = [frame for frame in cells if "site-packages" not in frame.filename]
    return cells[-1] if cells else None


def _cell(shell: Any, filename: str) -> str:
    number = getattr(shell.compile, "_filename_map", {}).get(filename)
    return "the cell" if number is None else f"cell {number}"


def add(shell: Any) -> Callable[[], None]:
    """Add short errors to a shell; return a function that removes them."""

    def show(
        shell: Any,
        kind: type[BaseException],
        error: BaseException,
        trace: Any,
        tb_offset: Any = None,
    ) -> list[str]:
        del tb_offset
        sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace  # for %tb
        lines = text(shell, error)
        shell._showtraceback(kind, error, lines)  # noqa: SLF001  # as IPython's own showtraceback() does
        return lines

    before, handler = shell.custom_exceptions, shell.CustomTB
    shell.set_custom_exc((*before, BasetenError), _beside(before, handler, show))

    def remove() -> None:
        shell.custom_exceptions, shell.CustomTB = before, handler

    return remove


def _beside(before: tuple[type, ...], handler: Any, show: Any) -> Any:
    """Restore an earlier handler's errors."""

    def choose(shell: Any, kind: Any, error: Any, trace: Any, tb_offset: Any = None) -> Any:
        if before and issubclass(kind, before):
            return handler(kind, error, trace, tb_offset=tb_offset)
        return show(shell, kind, error, trace, tb_offset)

    return choose
