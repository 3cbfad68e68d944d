"""Report every change to a call: a note on the response, a log line, a warning at the user's line."""

from __future__ import annotations

import logging
import re
import warnings
import weakref
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .callers import caller_frame

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger("baseten_openai")

Kind = Literal["resolved", "renamed", "converted", "dropped", "unsupported", "repaired", "advice"]

WARNED: frozenset[Kind] = frozenset({"renamed", "converted", "dropped", "unsupported"})
"""Kinds that change what the user's code asked for; the others are only noted and logged."""

EXTENSION = "baseten_openai"
"""Key under which a response's ``extensions`` hold the context of its request, which has the notes."""


class BasetenWarning(UserWarning):
    """Part of a call was renamed, converted or dropped. Issued once per distinct message."""


class Note(NamedTuple):
    """One change to a call: its kind, the parameter or field, what was done and why."""

    kind: Kind
    param: str
    message: str

    def __str__(self) -> str:
        """Read as one log line."""
        return f"{self.kind}: {self.message}"


class Refusal(NamedTuple):
    """Why a request cannot be served as asked.

    ``feature`` is what ``param`` asks for, as ``UnsupportedFeatureError.feature`` gives it. ``malformed``
    marks what no API accepts, such as messages that are not a list: it is refused under every policy.
    """

    param: str
    feature: str
    message: str
    hint: str
    malformed: bool = False


_by_response: dict[int, list[Note]] = {}
_warned: set[str] = set()


def remember(response: object, noted: list[Note]) -> None:
    """Keep ``noted`` while ``response`` exists."""
    if noted:
        key = id(response)
        try:
            weakref.finalize(response, _by_response.pop, key, None)
        except TypeError:  # a plain dict, list or str: the user passed cast_to=
            return
        _by_response[key] = noted


def notes(response: object) -> tuple[Note, ...]:
    """Return what was changed in the call that returned ``response``; empty if nothing was.

    Accepts everything a call can return: a completion, a stream (its notes are complete once it has
    ended), the helper that ``.stream()`` returns, a raw or streaming response.
    """
    if (found := _by_response.get(id(response))) is not None:
        return tuple(found)
    for path in ("response", "http_response", "_raw_stream", "_response", "_AsyncStream__stream"):
        inner = getattr(response, path, None)
        if inner is not None and inner is not response:
            extensions = getattr(inner, "extensions", None)
            if isinstance(extensions, dict):
                context = extensions.get(EXTENSION)
                return tuple(context.notes) if context is not None else ()
            return notes(inner)
    return ()


def announce(made: Iterable[Note]) -> None:
    """Log each note, and warn at the user's line about those that change what was asked for."""
    for note in made:
        logger.info("%s", note)
        if note.kind in WARNED:
            warn(note.message)


def log_repairs(made: Iterable[Note]) -> None:
    """Log what was repaired in a response."""
    for note in made:
        if note.kind == "repaired":
            logger.info("%s", note)


def warn(message: str) -> None:
    """Issue a ``BasetenWarning`` on the line that made the call.

    Once per distinct message and process, unless one of the user's filters applies. Python's own "once"
    is not enough: it forgets what it has shown whenever any library changes a filter.
    """
    frame = caller_frame()
    names = frame.f_globals if frame else {}
    module, line = str(names.get("__name__", "<unknown>")), frame.f_lineno if frame else 1
    registry: dict[Any, Any] = {}
    if _is_filtered(message, module, line):
        registry = names.setdefault("__warningregistry__", registry)  # as warnings.warn does
    elif message in _warned:
        return
    else:
        _warned.add(message)
    warnings.warn_explicit(
        message,
        BasetenWarning,
        filename=frame.f_code.co_filename if frame else "<unknown>",
        lineno=line,
        module=module,
        registry=registry,
        source=None,
    )


def _is_filtered(message: str, module: str, line: int) -> bool:
    """Tell whether a filter applies. None of Python's default filters does."""
    return any(
        issubclass(BasetenWarning, category)
        and (text is None or re.match(text, message))
        and (mod is None or re.match(mod, module))
        and lineno in {0, line}
        for _, text, category, mod, lineno in warnings.filters
    )
