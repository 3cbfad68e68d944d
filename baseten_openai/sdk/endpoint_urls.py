"""Endpoints' URLs, which the SDK joins anew on each call: kept, for as long as they stay the same.

The SDK joins base URL and path with its HTTP library's parser: 45 to 60 µs of a call, which is more
than all else that is done here takes (benchmarks/README.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
from openai import _base_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from .bindings import Served

_MOST = 32  # of a client: paths with an id in them would be without end


def _sdks(method: Any) -> Any:
    """Return the SDK's method; nothing where another library was there first: its URLs may vary."""
    own = getattr(method, "__module__", "") == _base_client.__name__
    return method if own and not hasattr(method, "__wrapped__") else ()


_PREPARE_URL = _sdks(_base_client.BaseClient.__dict__.get("_prepare_url"))
_BASE_URLS = (openai.OpenAI.base_url, openai.AsyncOpenAI.base_url)


def kept_url(
    known: Served | None,
    wrapped: Callable[..., Any],
    client: Any,
    args: tuple[Any, ...],
    kw: dict[str, Any],
) -> Any:
    """Return the URL that ``wrapped``, the SDK's ``_prepare_url``, makes; the same object each time.

    Until the client's base URL is another object; and not where anything may say otherwise: a
    ``_prepare_url`` or ``base_url`` that is not the SDK's.
    """
    if (
        known is None
        or kw
        or not args
        or known.base_url is not client._base_url  # noqa: SLF001  # see bindings.base_url_of
        or getattr(wrapped, "__func__", None) is not _PREPARE_URL
        or type(client).base_url not in _BASE_URLS
    ):
        return wrapped(*args, **kw)
    made = known.urls.get(args[0])
    if made is None:
        made = wrapped(*args)
        unchanged = known.base_url is client._base_url  # noqa: SLF001  # not by another thread, meanwhile
        if unchanged and args[0].startswith("/") and len(known.urls) < _MOST:
            known.urls[args[0]] = made
    return made
