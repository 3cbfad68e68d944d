"""``baseten-openai run``: the runner, ``python -m baseten_openai``."""

from __future__ import annotations

import os
import sys

from ..activation import runner


def run(arguments: list[str]) -> None:
    """Run a program patched, and exit with its status."""
    if not sys.flags.safe_path:
        # sys.path starts with the script's own folder; `python -m` puts the current folder there.
        sys.path[0] = os.getcwd()  # noqa: PTH109  # sys.path holds strings
    runner.main(arguments)
