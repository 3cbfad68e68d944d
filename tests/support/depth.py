"""How far the property tests go: ``make fuzz`` sets FUZZ_DEPTH and goes further, at random."""

from __future__ import annotations

import os

DEPTH = int(os.environ.get("FUZZ_DEPTH", "1"))
AT_RANDOM = DEPTH > 1


def examples(number: int) -> int:
    """How many examples to try where ``number`` will do every day."""
    return number * DEPTH
