"""``baseten-openai emulator``: the offline stand-in, ``python -m baseten_openai.emulator``."""

from __future__ import annotations

import sys

from . import USAGE_ERROR, fail


def emulate(arguments: list[str]) -> None:
    """Serve until interrupted. Reports a missing extra."""
    try:
        from ..emulator.__main__ import main  # noqa: PLC0415  # reports a missing extra
    except ImportError as error:
        if "emulator needs its extra" not in str(error):
            raise
        fail(str(error), USAGE_ERROR)
    sys.exit(main(arguments))
