"""Which base URLs a user may configure, and in which form the SDK gets them."""

from __future__ import annotations

import functools
from urllib.parse import urlsplit

from ..errors import ConfigurationError, CredentialError, http_library
from .hosts import (
    DEDICATED_SUFFIX,
    MODEL_APIS_HOST,
    is_baseten,
    is_dedicated,
    is_loopback,
    looks_like_baseten,
    origin_of,
)


def check_base_url(url: object, *, name: str = "base_url") -> str:
    """Return ``url`` in the form that the SDK needs, or refuse it.

    A dedicated deployment's ``/predict`` URL becomes its OpenAI-compatible ``/sync/v1``, as
    langchain-baseten does (evidence.md#predict-urls). Raises ``ConfigurationError`` for anything
    but an http(s) URL, ``CredentialError`` for a URL to which no key may be sent.
    """
    if not isinstance(url, str):
        message = f"{name} must be a URL, not {type(url).__name__}."
        raise ConfigurationError(message)
    url = url.strip()
    try:
        parts = urlsplit(url)
        scheme, host, _ = origin_of(url)
    except ValueError as error:
        message = f"{name} is not a valid URL ({error}): {_masked(url)}"
        raise ConfigurationError(message) from None
    if parts.username is not None or parts.password is not None or "\\" in url:
        message = (
            f"{name} must not contain a user name or password: the part before '@' is not the "
            f"host, and requests to this URL would go to {host!r}."
        )
        raise CredentialError(message)
    if scheme not in {"http", "https"} or not host or not _is_url(url):
        message = (
            f"{name} must be a URL such as https://{MODEL_APIS_HOST}/v1, not {_masked(url)!r}."
        )
        raise ConfigurationError(message)
    if looks_like_baseten(host):
        message = (
            f"{name} points at {host!r}, which looks like a Baseten host but is not one. Baseten's hosts are "
            f"{MODEL_APIS_HOST} and model-<id>{DEDICATED_SUFFIX}. No key is sent there."
        )
        raise CredentialError(message)
    if scheme == "http" and not is_loopback(host):
        message = (
            f"{name} is plain http ({host}): the key would be sent unencrypted. Use https, or a "
            "loopback address for a local server."
        )
        raise CredentialError(message)
    if is_dedicated(host):
        url = url.rstrip("/")
        for end in ("/predict", "/sync"):
            url = url.removesuffix(end) + "/sync/v1" if url.endswith(end) else url
    return url


def check_own_host(url: str, configured: str | None, *, name: str) -> None:
    """Refuse to send the environment's key to a host that only the code names.

    ``configured`` is the environment's base URL. Raises ``CredentialError``.
    """
    scheme, host, port = origin_of(url)
    own = is_baseten(host) or is_loopback(host)
    if not own and (configured is None or origin_of(configured) != (scheme, host, port)):
        message = (
            f"{name} is {host!r}, and BASETEN_API_KEY is sent only to Baseten's hosts, BASETEN_BASE_URL "
            "and loopback. To use a gateway of your own, set BASETEN_BASE_URL to it, or give its key "
            "with api_key=."
        )
        raise CredentialError(message)


@functools.lru_cache(maxsize=64)
def _is_url(url: str) -> bool:
    """Return whether the HTTP library accepts it: control characters, host names and lengths."""
    if any(c.isspace() for c in url):
        return False
    http = http_library()
    try:
        http.URL(url)
    except http.InvalidURL:
        return False
    return True


def _masked(url: str) -> str:
    """Drop the part before an ``@``, which may be a key."""
    return url.rpartition("@")[2][:200]
