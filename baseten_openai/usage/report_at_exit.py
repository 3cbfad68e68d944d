"""``--report``: print a report to standard error when the program ends, also after an exception."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import tempfile
from pathlib import Path


def arrange(path: str) -> None:
    """Print a report at exit. A ``path`` that is not empty receives the report as JSON.

    Raises ``OSError`` at once if nothing can be written there. ``os._exit()`` and signals that kill
    leave no time for a report. A forked child makes none: it would be its parent's, told twice.
    """
    target = Path(path).resolve() if path else None  # the program may change its directory
    if target is not None:
        if target.is_dir():
            raise IsADirectoryError(path)
        with tempfile.NamedTemporaryFile(dir=target.parent):
            pass
    process = os.getpid()

    def tell() -> None:
        if os.getpid() == process:
            _tell(target)
            _still_interrupted()

    atexit.register(tell)


def _tell(target: Path | None) -> None:
    from .report import report  # noqa: PLC0415  # needed only at exit
    from .report_text import show  # noqa: PLC0415  # as above

    made = report()
    try:
        if sys.stderr is not None:
            show(made)
        if target is not None:
            _replace(target, made.model_dump_json(indent=2) + "\n")
    except (
        OSError,
        ValueError,
    ) as error:  # full disk or closed stderr: keep the program's exit status
        if sys.__stderr__ is not None and not sys.__stderr__.closed:
            sys.__stderr__.write(f"baseten_openai: no report could be written: {error}\n")


def _still_interrupted() -> None:
    """Keep the exit by SIGINT after Ctrl-C.

    CPython forgets that it was interrupted whenever source text is run, as dataclasses do when they
    are defined; and remembers it when text that is run raises KeyboardInterrupt.
    """
    if getattr(sys, "last_type", None) is KeyboardInterrupt:
        with contextlib.suppress(KeyboardInterrupt):
            exec("raise KeyboardInterrupt")  # noqa: S102  # see above


def _replace(target: Path, text: str) -> None:
    """Write a file atomically."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=target.parent, prefix=f".{target.name}.", delete=False
    ) as file:
        file.write(text)
    Path(file.name).replace(target)
