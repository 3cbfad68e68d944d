"""Which host may be sent which key. The one set of rules here has no configuration.

* Baseten's key goes to Baseten's hosts, to the configured base URL, or to loopback; over https,
  but on loopback.
* OpenAI's credentials (``OPENAI_API_KEY``, ``OPENAI_ADMIN_KEY``, any ``sk-`` key, organisation,
  project, ``OPENAI_CUSTOM_HEADERS``) never go to Baseten. A stock client sends them all (design.md).
"""

from __future__ import annotations

import functools
import ipaddress
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .errors import ConfigurationError, CredentialError, MissingAPIKeyError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from .settings import Settings

MODEL_APIS_HOST = "inference.baseten.co"
DEDICATED_SUFFIX = ".api.baseten.co"  # model-<id>.api.baseten.co, baseten-api.md section 7
KEYS_PAGE = "https://app.baseten.co/settings/api_keys"

FOREIGN_VARIABLES = ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY")
FOREIGN_HEADERS = ("OpenAI-Organization", "OpenAI-Project")

_REMEMBERED = 100
_AUTHORIZATION = b"authorization"
_LENGTH = len(_AUTHORIZATION)
_DEFAULT_PORTS = {"https": 443, "http": 80}

Origin = tuple[str, str, int | None]
"""Scheme, host and port, ``None`` for the scheme's own port."""


def is_dedicated(host: str) -> bool:
    """Tell a dedicated deployment's host from the Model APIs'."""
    return host.endswith(DEDICATED_SUFFIX)


def is_baseten(host: str) -> bool:
    """Tell whether ``host`` is Baseten's: an exact match, so that no look-alike passes."""
    return host == MODEL_APIS_HOST or is_dedicated(host)


@functools.lru_cache(maxsize=64)
def is_loopback(host: str) -> bool:
    """Tell whether ``host`` is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def origin_of(url: Any) -> Origin:
    """Return the origin of a URL: a string, or an httpx URL as the SDK holds it."""
    if isinstance(url, str):
        return _read_origin(url)
    return _origin(url.scheme, url.host, url.port)


@functools.lru_cache(maxsize=64)
def _read_origin(url: str) -> Origin:
    parts = urlsplit(url)
    return _origin(parts.scheme, parts.hostname or "", parts.port)


def _origin(scheme: str, host: str, port: int | None) -> Origin:
    return scheme.lower(), host.lower(), None if port == _DEFAULT_PORTS.get(scheme) else port


def check_base_url(url: str, *, name: str = "base_url") -> str:
    """Return ``url`` in the form the SDK wants, or refuse it.

    A dedicated deployment's ``/predict`` URL becomes its OpenAI-compatible ``/sync/v1``, as
    langchain-baseten does (baseten-api.md section 7). Raises ``ConfigurationError`` for what is no
    http(s) URL, ``CredentialError`` for one that a key must not be sent to.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        scheme, host, _ = origin_of(url)
    except ValueError as error:
        message = f"{name} is no valid URL ({error}): {_masked(url)}"
        raise ConfigurationError(message) from None
    if parts.username is not None or parts.password is not None or "\\" in url:
        message = (
            f"{name} must not hold a user name or password: what stands before '@' is not the "
            f"host, and this URL would be sent to {host!r}."
        )
        raise CredentialError(message)
    if scheme not in {"http", "https"} or not host or any(c.isspace() for c in url):
        message = (
            f"{name} must be a URL such as https://{MODEL_APIS_HOST}/v1, not {_masked(url)!r}."
        )
        raise ConfigurationError(message)
    if "baseten.co" in host and not is_baseten(host):
        message = (
            f"{name} points at {host!r}, which looks like Baseten's host and is not: Baseten's are "
            f"{MODEL_APIS_HOST} and model-<id>{DEDICATED_SUFFIX}. No key is sent there."
        )
        raise CredentialError(message)
    if scheme == "http" and not is_loopback(host):
        message = (
            f"{name} is plain http ({host}): the key would travel in the clear. Use https, or a "
            "loopback address for a local server."
        )
        raise CredentialError(message)
    if is_dedicated(host):
        url = url.rstrip("/")
        for end in ("/predict", "/sync"):
            url = url.removesuffix(end) + "/sync/v1" if url.endswith(end) else url
    return url


def check_own_host(url: str, configured: str | None, *, name: str) -> None:
    """Refuse to send the key of the environment to a host that only the code names.

    ``configured`` is the environment's base URL. Raises ``CredentialError``.
    """
    scheme, host, port = origin_of(url)
    own = is_baseten(host) or is_loopback(host)
    if not own and (configured is None or origin_of(configured) != (scheme, host, port)):
        message = (
            f"{name} is {host!r}, and BASETEN_API_KEY is sent only to Baseten's hosts, BASETEN_BASE_URL "
            "and loopback. For a gateway of your own, set BASETEN_BASE_URL to it, or give its key "
            "with api_key=."
        )
        raise CredentialError(message)


def clean_key(value: str | None, *, name: str) -> str | None:
    """Trim a key; an empty one is missing. Refuse what cannot be a Baseten key."""
    key = value.strip() if value else ""
    if not key:
        return None
    if not key.isascii() or not key.isprintable() or " " in key:
        message = f"{name} holds a character that no key has (a line break, a blank or non-ASCII)."
        raise ConfigurationError(message)
    if key.startswith("sk-"):
        message = (
            f"{name} holds an OpenAI key (it starts with 'sk-'), which is never sent to Baseten. "
            f"Get a Baseten key at {KEYS_PAGE}."
        )
        raise CredentialError(message)
    return key


def require_key(settings: Settings) -> str:
    """Return the Baseten key, or say how to get one. Never falls back to OpenAI's."""
    if settings.api_key is None:
        message = (
            "No Baseten API key: set the environment variable BASETEN_API_KEY, or pass api_key=. "
            f"Get a key at {KEYS_PAGE}. (OPENAI_API_KEY is never sent to Baseten.)"
        )
        raise MissingAPIKeyError(message)
    return settings.api_key.get_secret_value()


def is_foreign_key(key: str, settings: Settings) -> bool:
    """Tell whether ``key`` is OpenAI's: by its form, or because OpenAI's variables hold it."""
    key = key.strip()
    if key.startswith("sk-"):
        return True
    # people export one Baseten key under both names, or under OpenAI's only
    own = os.environ.get("BASETEN_API_KEY", "").strip()
    if not own and settings.api_key is not None:
        own = settings.api_key.get_secret_value()
    if key == own:
        return False
    return any(key == os.environ.get(name, "").strip() for name in FOREIGN_VARIABLES)


def may_receive(origin: Origin, settings: Settings) -> bool:
    """Tell whether Baseten's key may be sent to ``origin``."""
    scheme, host, _ = origin
    if scheme in {"https", "wss"} and is_baseten(host):
        return True
    if is_loopback(host):
        return True
    return scheme in {"https", "wss"} and origin[1:] == origin_of(settings.base_url)[1:]


def without_foreign_headers(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return a client's default headers less what ``OPENAI_CUSTOM_HEADERS`` put there.

    Read as the SDK reads it since 2.x: one ``Name: value`` a line.
    """
    lines = (
        line.partition(":") for line in os.environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n")
    )
    foreign = {(name.strip().lower(), value.strip()) for name, colon, value in lines if colon}
    return {name: v for name, v in headers.items() if (name.lower(), v) not in foreign}


def check_request(
    url: Any,
    headers: Any,
    settings: Settings,
    *,
    bound: bool,
    earlier: Collection[Settings] = (),
    passed: set[Any] | None = None,
    http_client: Any = None,
) -> None:
    """Look at the finished request once more; raise ``CredentialError`` rather than leak a key.

    The last gate, on what is really sent: it holds for absolute URLs, a changed ``client.base_url``,
    ``extra_headers`` and bugs of ours alike. ``headers`` are the request's, case-insensitive;
    ``bound`` says that the client is Baseten's, so that any ``Authorization`` of its is too;
    ``http_client`` is what will send it, perhaps by a proxy;
    ``earlier`` are all settings, these included, whose keys clients may still hold; ``passed``
    remembers, for these settings, which keys were found fit for which origin, and which origins
    are none of Baseten's.
    """
    # as bytes: the HTTP library decodes each header anew, which costs more than all else here
    raw = headers.raw
    where = (url.scheme, url.raw_host, url.port)
    if passed is None or where not in passed:
        exposed = where[0] == "http" and getattr(http_client, "trust_env", True)
        authorization = [v for n, v in raw if len(n) == _LENGTH and n.lower() == _AUTHORIZATION]
        key = (where, exposed, *authorization)
        if passed is not None and key in passed:
            return
        origin = origin_of(url)
        # any other loopback server is none of Baseten's: the program may send it what it likes
        if bound or is_baseten(origin[1]) or origin[1:] == origin_of(settings.base_url)[1:]:
            _refuse_foreign_keys(headers, origin, settings)
            if exposed:
                _refuse_proxy(origin)
        elif passed is not None:
            _remember(passed, where)
        if may_receive(origin, settings):
            if passed is not None and where not in passed:
                _remember(passed, key)
            return
    sent = b"\n".join([value for _, value in raw]).decode("latin-1")
    if (bound and "authorization" in headers) or any(
        leaks(sent, origin_of(url), known)
        for known in earlier or (settings,)
        if _holds(sent, known)
    ):
        message = (
            f"The Baseten key would have been sent to {origin_of(url)[1]!r}, which is neither Baseten's "
            "host nor the configured base URL over https. Nothing was sent. To use a gateway of your "
            "own, set BASETEN_BASE_URL to it."
        )
        raise CredentialError(message)


def _refuse_foreign_keys(headers: Any, origin: Origin, settings: Settings) -> None:
    # a header given twice, in two spellings, arrives joined by a comma
    words = headers.get("authorization", "").replace(",", " ").split()
    if any(word != "Bearer" and is_foreign_key(word, settings) for word in words):
        message = (
            f"An OpenAI key would have been sent to {origin[1]!r}. Nothing was sent. "
            "Pass a Baseten key, or none and set BASETEN_API_KEY."
        )
        raise CredentialError(message)


def _refuse_proxy(origin: Origin) -> None:
    """Refuse plain http through a proxy: to this machine it is safe, to the proxy it is not."""
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415  # slow to import

    proxies = getproxies()
    if (proxies.get("http") or proxies.get("all")) and not proxy_bypass(origin[1]):
        message = (
            f"The Baseten key would have been sent in the clear through the proxy that HTTP_PROXY or "
            f"ALL_PROXY names. Nothing was sent. Set NO_PROXY={origin[1]} for a server on this machine."
        )
        raise CredentialError(message)


def _remember(passed: set[Any], what: Any) -> None:
    if len(passed) >= _REMEMBERED:
        passed.clear()
    passed.add(what)


def _holds(text: str, settings: Settings) -> bool:
    return settings.api_key is not None and settings.api_key.get_secret_value() in text


def leaks(text: str, origin: Origin, settings: Settings) -> bool:
    """Tell whether ``text`` holds the key of ``settings``, and ``origin`` may not receive it."""
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    if not key or key not in text or may_receive(origin, settings):
        return False
    # as a word of its own: a short test key is part of many a harmless value
    return re.search(rf"(?<![\w.-]){re.escape(key)}(?![\w.-])", text) is not None


def _masked(url: str) -> str:
    """Drop what stands before an ``@``: people paste keys there."""
    return url.rpartition("@")[2][:200]
