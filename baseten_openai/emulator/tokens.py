"""A stand-in for a tokenizer: enough to count, cut and stream text deterministically."""

from __future__ import annotations

import re

_PIECE = re.compile(r"\s*\w{1,8}|\s*[^\w\s]|\s+$")
_PER_MESSAGE = 4


def pieces(text: str) -> list[str]:
    """Split ``text`` into "tokens", whose concatenation is ``text``. Blanks belong to the next token."""
    return _PIECE.findall(text)


def count(text: str) -> int:
    """Return the number of tokens in ``text``."""
    return len(pieces(text))


def groups(text: str, size: int = 3) -> list[str]:
    """Split ``text`` into deltas: one token first, then ``size`` at a time."""
    parts = pieces(text)
    return ["".join(parts[:1])] * bool(parts) + [
        "".join(parts[start : start + size]) for start in range(1, len(parts), size)
    ]


def count_prompt(texts: list[str]) -> int:
    """Return the tokens of a prompt of these messages (and tool definitions)."""
    return sum(_PER_MESSAGE + count(text) for text in texts)
