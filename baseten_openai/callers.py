"""Find the line of the user's code that led to a call."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

_OURS = frozenset({"baseten_openai", "openai", "wrapt", "pydantic"})
_BETWEEN = frozenset({"asyncio", "concurrent", "threading", "contextlib", "functools"})


def caller_frame() -> FrameType | None:
    """Return the innermost frame outside this package, its dependencies, and what runs threads and tasks."""
    frame: Any = sys._getframe(1)  # noqa: SLF001  # as the warnings module does; inspect.stack reads files
    while frame is not None:
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package not in _OURS and package not in _BETWEEN:
            return frame  # type: ignore[no-any-return]  # a frame
        frame = frame.f_back
    return None


def caller_place() -> tuple[str, int]:
    """Return the file and line of that frame."""
    frame = caller_frame()
    return (frame.f_code.co_filename, frame.f_lineno) if frame else ("<unknown>", 0)
