"""The exceptions of a broken connection, of every HTTP library that a client may use.

From openai 3 on the SDK uses httpx2 and also accepts clients of httpx, which raise httpx's exceptions. The
SDK has functions that list the exceptions of both (evidence.md#two-http-libraries); older versions name the
exceptions of their one library directly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import openai
from openai import _streaming

from ..errors import http_libraries

if TYPE_CHECKING:
    from collections.abc import Callable

    Errors = tuple[type[Exception], ...]

_sdk_names = vars(_streaming)
_request_exceptions: Callable[[], Errors] | None = _sdk_names.get("request_exceptions")
_timeout_exceptions: Callable[[], Errors] | None = _sdk_names.get("timeout_exceptions")


def request_errors() -> Errors:
    """Return the exceptions of a request that failed, timeouts included."""
    own = tuple(library.RequestError for library in http_libraries())
    return own if _request_exceptions is None else own + tuple(_request_exceptions())


def timeouts() -> Errors:
    """Return the exceptions of a timeout."""
    own = tuple(library.TimeoutException for library in http_libraries())
    return own if _timeout_exceptions is None else own + tuple(_timeout_exceptions())


def stream_failures() -> Errors:
    """Return what a stream that breaks raises: the libraries' exceptions, the SDK's, a cut character."""
    misused = tuple(library.StreamError for library in http_libraries())
    return (*request_errors(), *misused, openai.APIConnectionError, UnicodeDecodeError)
