"""Which host may be sent which key. The one set of rules here has no configuration.

* Baseten's key goes to Baseten's hosts, to the configured base URL, or to loopback; over https,
  but on loopback.
* OpenAI's credentials (``OPENAI_API_KEY``, ``OPENAI_ADMIN_KEY``, any ``sk-`` key, organisation,
  project, ``OPENAI_CUSTOM_HEADERS``) never go to Baseten. A stock client sends them all
  (evidence.md#credentials-sent).
"""

from __future__ import annotations

import functools
import ipaddress
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import ConfigurationError, CredentialError, MissingAPIKeyError, http_library

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from ..settings import Settings

MODEL_APIS_HOST = "inference.baseten.co"
DEDICATED_SUFFIX = ".api.baseten.co"  # model-<id>.api.baseten.co, evidence.md#dedicated-deployments
KEYS_PAGE = "https://app.baseten.co/settings/api_keys"

FOREIGN_VARIABLES = ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY")
FOREIGN_HEADERS = ("OpenAI-Organization", "OpenAI-Project")

SHORT_KEY = 7
"""A key no longer than this is a test's: part of many words, and what it is like is no secret."""

_REMEMBERED = 100
_ALIKE = 0.7  # of what two hosts share, by difflib
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


def check_base_url(url: object, *, name: str = "base_url") -> str:
    """Return ``url`` in the form the SDK wants, or refuse it.

    A dedicated deployment's ``/predict`` URL becomes its OpenAI-compatible ``/sync/v1``, as
    langchain-baseten does (evidence.md#predict-urls). Raises ``ConfigurationError`` for what is no
    http(s) URL, ``CredentialError`` for one that a key must not be sent to.
    """
    if not isinstance(url, str):
        message = f"{name} must be a URL, not {type(url).__name__}."
        raise ConfigurationError(message)
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
    if scheme not in {"http", "https"} or not host or not _is_url(url):
        message = (
            f"{name} must be a URL such as https://{MODEL_APIS_HOST}/v1, not {_masked(url)!r}."
        )
        raise ConfigurationError(message)
    if _looks_like_baseten(host):
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


@functools.lru_cache(maxsize=64)
def _is_url(url: str) -> bool:
    """Tell whether the HTTP library takes it, which knows control characters, names and lengths."""
    if any(c.isspace() for c in url):
        return False
    http = http_library()
    try:
        http.URL(url)
    except http.InvalidURL:
        return False
    return True


def _looks_like_baseten(host: str) -> bool:
    """Tell a host that may be taken for Baseten's and is not: by its words, or by another script."""
    if is_baseten(host):
        return False
    if host.isascii() and "xn--" not in host:
        return "baseten.co" in host
    from difflib import SequenceMatcher  # noqa: PLC0415  # seldom needed

    seen = ".".join(map(_unicode, host.split(".")))
    return any(
        SequenceMatcher(None, seen[-len(own) :], own).ratio() > _ALIKE
        for own in (MODEL_APIS_HOST, DEDICATED_SUFFIX)
    )


def _unicode(label: str) -> str:
    """Return a label as it is shown to people."""
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode().decode("punycode")
    except UnicodeError:
        return label


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


def clean_key(value: object, *, name: str) -> str | None:
    """Trim a key; an empty one is missing. Refuse what cannot be a Baseten key."""
    if value is not None and not isinstance(value, str):
        message = f"{name} must be a string, not {type(value).__name__}."
        raise ConfigurationError(message)
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
    learn: Callable[[str], None] | None = None,
) -> None:
    """Look at the finished request once more; raise ``CredentialError`` rather than leak a key.

    The last gate, on what is really sent: it holds for absolute URLs, a changed ``client.base_url``,
    ``extra_headers`` and bugs of ours alike. ``headers`` are the request's, case-insensitive;
    ``bound`` says that the client is Baseten's, so that any ``Authorization`` of its is too;
    ``http_client`` is what will send it, perhaps by a proxy;
    ``earlier`` are all settings, these included, whose keys clients may still hold; ``passed``
    remembers, for these settings, which keys were found fit for which origin, and which origins
    are none of Baseten's; ``learn`` is told of keys that go to Baseten.
    """
    # as bytes: the HTTP library decodes each header anew, which costs more than all else here
    raw = headers.raw
    where = (url.scheme, url.raw_host, url.port)
    if passed is None or where not in passed:
        exposed = where[0] in {"http", "ws"} and _by_proxy(http_client, url)
        authorization = [v for n, v in raw if len(n) == _LENGTH and n.lower() == _AUTHORIZATION]
        key = (where, exposed, *authorization)
        if passed is not None and key in passed:
            return
        origin = origin_of(url)
        # any other loopback server is none of Baseten's: the program may send it what it likes
        own = is_baseten(origin[1]) or origin[1:] == origin_of(settings.base_url)[1:]
        if bound or own:
            _refuse_foreign_keys(headers, origin, settings)
            _refuse_odd_keys(authorization)
            if exposed:
                _refuse_proxy(origin)
        elif passed is not None:
            _remember(passed, where)
        if may_receive(origin, settings):
            if passed is not None and where not in passed:
                _remember(passed, key)
            if own and learn is not None:
                for value in authorization:
                    learn(value.decode("latin-1").rpartition(" ")[2])
            return
    _refuse_leak(url, headers, earlier or (settings,), bound=bound)


def _refuse_leak(url: Any, headers: Any, known: Collection[Settings], *, bound: bool) -> None:
    sent = b"\n".join([value for _, value in headers.raw]).decode("latin-1")
    if (bound and "authorization" in headers) or any(
        leaks(sent, origin_of(url), settings) for settings in known if _holds(sent, settings)
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


def _refuse_odd_keys(authorization: list[bytes]) -> None:
    # a function's, or one set on the client: they were not looked at when they were given
    if any(not value.isascii() or not value.decode().isprintable() for value in authorization):
        message = (
            "The key of this client holds a character that no key has (a line break, perhaps, of the "
            "file it was read from). Nothing was sent."
        )
        raise ConfigurationError(message)


def _by_proxy(http_client: Any, url: Any) -> bool:
    """Tell whether a request in the clear takes a proxy: to this machine it is safe, to that not."""
    # the HTTP client has read the environment when it was made, and in its own way
    choose = getattr(http_client, "_transport_for_url", None)
    if choose is not None:
        return "Proxy" in type(getattr(choose(url), "_pool", None)).__name__
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415  # slow to import

    named = getproxies().keys() & {"http", "all", "ws", "socks", "https"}
    port = url.port or _DEFAULT_PORTS["http"]
    return bool(named) and not proxy_bypass(f"{url.host}:{port}")


def _refuse_proxy(origin: Origin) -> None:
    message = (
        "The Baseten key would have been sent in the clear through a proxy (HTTP_PROXY or ALL_PROXY may "
        f"name it). Nothing was sent. For a server on this machine set NO_PROXY={origin[1]} before the "
        "client is made."
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
