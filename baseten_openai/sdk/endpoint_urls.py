"""Keep the URLs that the SDK joins from its base URL and an endpoint's path at each call.

Joining takes 45 to 60 µs, more than all our own steps (benchmarks/README.md). A kept URL must be the one
that the SDK would make now, so it is used only if all of these hold:

- the client's base URL is still the object that the cache was made for (``base_url`` can be set);
- ``_prepare_url`` and ``base_url`` are the SDK's own: a subclass or another library may vary the URL.

A URL is kept only if the base URL did not change while it was made (another thread may set it), the path
is relative, and fewer than 32 are kept: paths that contain ids would fill the memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openai import _base_client

from .stock_clients import CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable

    from .bindings import EndpointCache

_MOST = 32
_PREPARE_URL = _base_client.BaseClient.__dict__.get("_prepare_url")
_IS_THE_SDKS = (  # False where another library wrapped it before we were imported
    getattr(_PREPARE_URL, "__module__", "") == _base_client.__name__
    and not hasattr(_PREPARE_URL, "__wrapped__")
)
_BASE_URLS = tuple(cls.base_url for cls in CLASSES)


def kept_url(
    cache: EndpointCache | None, wrapped: Callable[..., Any], client: Any, url: str
) -> Any:
    """Return the URL that ``wrapped``, the client's ``_prepare_url``, makes of ``url``."""
    if (
        cache is None
        or cache.base_url is not client._base_url  # noqa: SLF001  # see bindings.base_url_of
        or not _is_the_sdks(client, wrapped)
    ):
        return wrapped(url)
    made = cache.urls.get(url)
    if made is None:
        made = wrapped(url)
        unchanged = cache.base_url is client._base_url  # noqa: SLF001  # the same
        if unchanged and url.startswith("/") and len(cache.urls) < _MOST:
            cache.urls[url] = made
    return made


def _is_the_sdks(client: Any, wrapped: Callable[..., Any]) -> bool:
    return (
        _IS_THE_SDKS
        and getattr(wrapped, "__func__", None) is _PREPARE_URL
        and type(client).base_url in _BASE_URLS
    )
