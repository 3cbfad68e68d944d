"""shell-gpt, started as its command line is."""

from __future__ import annotations

import contextlib
import importlib
import io
import sys


def run(*arguments: str) -> str:
    """Run ``sgpt`` with arguments; return what it prints.

    Each run imports it anew, as a process of its own would: it makes its client on import.
    """
    for name in [name for name in sys.modules if name.partition(".")[0] == "sgpt"]:
        del sys.modules[name]
    before, output = sys.argv, io.StringIO()
    sys.argv = ["sgpt", *arguments]
    try:
        with contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
            importlib.import_module("sgpt.app").entry_point()
    finally:
        sys.argv = before
    return output.getvalue()


def plain(question: str = "What is the capital of France?") -> str:
    """Ask, which sgpt does by streaming."""
    return run("--model", "gpt-4o-mini", "--no-cache", "--no-md", "--no-functions", question)
