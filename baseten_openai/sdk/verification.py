"""The methods of the SDK that we hook, and the check that they are as expected.

All but ``request`` are private, but kept their signatures from openai 1.0 to 3.57 (evidence.md#sdk-methods). If
a later version changes one, nothing is patched, and the error says what to do.
"""

from __future__ import annotations

import inspect
from importlib import metadata
from typing import Any, NamedTuple

import openai

from .._version import __version__
from ..errors import IncompatibleOpenAIError
from .stock_clients import CLASSES, AsyncOpenAI

SUPPORTED = ">=1.92,<4"  # as in pyproject.toml, which a test compares


class Method(NamedTuple):
    """One method: its name, the parameters we use, and whether the async client awaits it."""

    name: str
    parameters: tuple[str, ...]
    awaited: bool  # on AsyncOpenAI only


METHODS: tuple[Method, ...] = (
    Method("request", ("cast_to", "options", "stream", "stream_cls"), awaited=True),
    Method("_prepare_options", ("options",), awaited=True),
    Method("_prepare_url", ("url",), awaited=False),
    Method("_prepare_request", ("request",), awaited=True),
    Method("_make_status_error", ("err_msg", "body", "response"), awaited=False),
    Method(
        "_process_response",
        ("cast_to", "options", "response", "stream", "stream_cls"),
        awaited=True,
    ),
    Method("_process_response_data", ("data", "cast_to", "response"), awaited=False),
)


def verify() -> None:
    """Raise ``IncompatibleOpenAIError`` unless every method exists with the parameters we use."""
    problems = [
        problem for cls in CLASSES for method in METHODS if (problem := _problem(cls, method))
    ]
    problems += [
        f"{cls.__name__}._iter_events is missing"
        for cls in (openai.Stream, openai.AsyncStream)
        if not callable(getattr(cls, "_iter_events", None))
    ]
    if problems:
        error = IncompatibleOpenAIError(
            f"baseten-openai {__version__} does not fit the installed openai "
            f"{metadata.version('openai')}: {'; '.join(problems)}. Nothing was changed."
        )
        error.hint = f"install a supported version (pip install 'openai{SUPPORTED}'), or a newer baseten-openai"
        raise error


def _problem(cls: type, method: Method) -> str | None:
    found: Any = getattr(cls, method.name, None)
    where = f"{cls.__name__}.{method.name}"
    if not callable(found):
        return f"{where} is missing"
    try:
        parameters = inspect.signature(found).parameters
    except ValueError:
        return f"{where} has no signature"
    catches_all = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
    lacking = [name for name in method.parameters if name not in parameters and not catches_all]
    if lacking:
        return f"{where} has no parameter {', '.join(lacking)}"
    awaited = method.awaited and cls is AsyncOpenAI
    wrapped_by_others = hasattr(found, "__wrapped__")  # a wrapper may not look like a coroutine
    if inspect.iscoroutinefunction(found) is not awaited and not wrapped_by_others:
        return f"{where} is {'not ' if awaited else ''}a coroutine"
    return None
