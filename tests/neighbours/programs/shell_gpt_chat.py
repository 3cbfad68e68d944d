"""shell-gpt, started as its command line is."""

from __future__ import annotations

import contextlib
import io
import sys

from sgpt.app import entry_point


def run(*arguments: str) -> str:
    """Run ``sgpt`` with arguments; return what it prints."""
    before, output = sys.argv, io.StringIO()
    sys.argv = ["sgpt", *arguments]
    try:
        with contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
            entry_point()
    finally:
        sys.argv = before
    return output.getvalue()


def plain(question: str = "What is the capital of France?") -> str:
    """Ask, which sgpt does by streaming."""
    return run("--model", "gpt-4o-mini", "--no-cache", "--no-md", "--no-functions", question)
