"""Make every change visible: a note on the response, a log line, a warning on the user's line."""

from __future__ import annotations

import logging
import re
import warnings
import weakref
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .callers import find_frame

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger("baseten_openai")

Kind = Literal["resolved", "renamed", "converted", "dropped", "unsupported", "repaired", "advice"]

WARNED: frozenset[Kind] = frozenset({"renamed", "converted", "dropped", "unsupported"})
"""Kinds that change what the user's code asked for; the others are only noted and logged."""

EXTENSION = "baseten_openai"


class BasetenWarning(UserWarning):
    """Something in a call was renamed, converted or dropped, once per distinct message."""


class Note(NamedTuple):
    """One change to a call: its kind, the parameter or field, what was done and why."""

    kind: Kind
    param: str
    message: str

    def __str__(self) -> str:
        """Read as one log line."""
        return f"{self.kind}: {self.message}"


_by_response: dict[int, list[Note]] = {}
_warned: set[str] = set()


def remember(response: object, noted: list[Note]) -> None:
    """Keep ``noted`` for as long as ``response`` lives."""
    if noted:
        key = id(response)
        try:
            weakref.finalize(response, _by_response.pop, key, None)
        except TypeError:  # a plain dict, list or text, by the user's own cast_to=
            return
        _by_response[key] = noted


def notes(response: object) -> tuple[Note, ...]:
    """Tell what was changed in the call that gave ``response``: empty when nothing was.

    Takes what any route returns: a completion, a stream (complete once it has ended), ``.stream()``'s
    helper, a raw or streaming response.
    """
    if (found := _by_response.get(id(response))) is not None:
        return tuple(found)
    for path in ("response", "http_response", "_raw_stream", "_response", "_AsyncStream__stream"):
        inner = getattr(response, path, None)
        if inner is not None and inner is not response:
            extensions = getattr(inner, "extensions", None)
            if isinstance(extensions, dict):
                call = extensions.get(EXTENSION)
                return tuple(call.notes) if call is not None else ()
            return notes(inner)
    return ()


def announce(made: Iterable[Note]) -> None:
    """Log each note, and warn of those that change what was asked for, on the user's line."""
    for note in made:
        logger.info("%s", note)
        if note.kind in WARNED:
            warn(note.message)


def log_repairs(made: Iterable[Note]) -> None:
    """Log what was repaired in an answer, once it is known."""
    for note in made:
        if note.kind == "repaired":
            logger.info("%s", note)


def warn(message: str) -> None:
    """Issue a ``BasetenWarning`` on the line that made the call.

    Once per distinct message in the process, unless a filter of the user's says otherwise. Python's
    own "once" does not hold that: it forgets whenever any filter changes, in any library.
    """
    frame = find_frame()
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
    """Tell whether a filter applies; none of Python's own does."""
    return any(
        issubclass(BasetenWarning, category)
        and (text is None or re.match(text, message))
        and (mod is None or re.match(mod, module))
        and lineno in {0, line}
        for _, text, category, mod, lineno in warnings.filters
    )
