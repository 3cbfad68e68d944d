"""``baseten-openai run``: the runner, ``python -m baseten_openai``."""

from __future__ import annotations

import os
import sys

from ..activation import runner


def run(arguments: list[str]) -> None:
    """Run a program patched; ends as the program ends."""
    if not sys.flags.safe_path:
        # An installed script starts with its own folder there; `python -m` with the current one.
        sys.path[0] = os.getcwd()  # noqa: PTH109  # sys.path holds strings
    runner.main(arguments)
