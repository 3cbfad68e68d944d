"""A bug of ours must not break the user's call: log it once and continue the call."""

from __future__ import annotations

import logging

_logger = logging.getLogger("baseten_openai")
_seen: set[tuple[str, type[BaseException]]] = set()


def log_once(where: str, error: Exception) -> None:
    """Log ``error`` with its traceback, the first time it happens at ``where``."""
    if (where, type(error)) not in _seen:
        _seen.add((where, type(error)))
        _logger.error(
            "bug in baseten_openai (%s): the call continues without this step. Please report it: %s",
            where,
            type(error).__name__,
            exc_info=error,
        )
