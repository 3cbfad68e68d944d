"""Which hosts are Baseten's, which are this machine, and the origin of a URL."""

from __future__ import annotations

import functools
import ipaddress
from typing import Any
from urllib.parse import urlsplit

MODEL_APIS_HOST = "inference.baseten.co"
DEDICATED_SUFFIX = ".api.baseten.co"  # model-<id>.api.baseten.co, evidence.md#dedicated-deployments

OPENAI_HOST = "api.openai.com"
"""The host of the SDK's own default base URL. OpenAI's regional hosts are others."""

_ALIKE = 0.7
"""From this ``difflib`` ratio on, a host looks like one of Baseten's."""

DEFAULT_PORTS = {"https": 443, "http": 80}

Origin = tuple[str, str, int | None]
"""Scheme, host and port; ``None`` for the scheme's own port."""


def is_dedicated(host: str) -> bool:
    """Return whether ``host`` is a dedicated deployment's."""
    return host.endswith(DEDICATED_SUFFIX)


def is_baseten(host: str) -> bool:
    """Return whether ``host`` is exactly one of Baseten's; no look-alike is."""
    return host == MODEL_APIS_HOST or is_dedicated(host)


@functools.lru_cache(maxsize=64)
def is_loopback(host: str) -> bool:
    """Return whether ``host`` is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@functools.lru_cache(maxsize=64)
def is_openai_default(url: str) -> bool:
    """Return whether ``url`` is the SDK's default, ``https://api.openai.com/v1``, in any spelling.

    Case, a trailing slash and port 443 make no difference.
    """
    try:
        parts = urlsplit(url.strip())
        origin = _origin(parts.scheme, parts.hostname or "", parts.port)
    except ValueError:
        return False
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    return (
        plain and origin == ("https", OPENAI_HOST, None) and parts.path.rstrip("/").lower() == "/v1"
    )


def origin_of(url: Any) -> Origin:
    """Return the origin of a URL: a string, or a URL object of the HTTP library."""
    if isinstance(url, str):
        return _read_origin(url)
    return _origin(url.scheme, url.host, url.port)


@functools.lru_cache(maxsize=64)
def _read_origin(url: str) -> Origin:
    parts = urlsplit(url)
    return _origin(parts.scheme, parts.hostname or "", parts.port)


def _origin(scheme: str, host: str, port: int | None) -> Origin:
    return scheme.lower(), host.lower(), None if port == DEFAULT_PORTS.get(scheme) else port


def looks_like_baseten(host: str) -> bool:
    """Return whether a host can be mistaken for Baseten's: by its words, or by letters of another script."""
    if is_baseten(host):
        return False
    if host.isascii() and "xn--" not in host:
        return "baseten.co" in host
    from difflib import SequenceMatcher  # noqa: PLC0415  # rarely needed

    seen = ".".join(map(_unicode, host.split(".")))
    return any(
        SequenceMatcher(None, seen[-len(own) :], own).ratio() > _ALIKE
        for own in (MODEL_APIS_HOST, DEDICATED_SUFFIX)
    )


def _unicode(label: str) -> str:
    """Return a label of a host name as browsers show it."""
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode().decode("punycode")
    except UnicodeError:
        return label
