"""The last check of a request before it is sent: no key leaves for a host that is not its own.

It looks at what is really sent, so it also covers absolute URLs, a changed ``client.base_url``,
``extra_headers`` and our own bugs. ``check_request`` is the rule. ``CheckedRequests`` applies it to the
requests of one binding and remembers what it has verified, since most requests of a client are alike.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, CredentialError
from .hosts import DEFAULT_PORTS, Origin, is_baseten, origin_of
from .keys import is_foreign_key, leaks, may_receive

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ..settings import Settings

logger = logging.getLogger("baseten_openai")

_REMEMBERED = 100
_AUTHORIZATION = b"authorization"
_LENGTH = len(_AUTHORIZATION)


def check_request(
    url: Any,
    headers: Any,
    settings: Settings,
    *,
    bound: bool,
    proxied: bool = False,
    known: Collection[Settings] = (),
) -> None:
    """Raise ``CredentialError`` if the request would send a key to a host that may not receive it.

    ``url`` and ``headers`` are the HTTP library's. ``bound`` says that the client is Baseten's, so that its
    ``Authorization`` always is too. ``proxied`` says that a request over plain http goes through a proxy.
    ``known`` are all settings whose keys clients may hold; by default only ``settings``.
    """
    origin = origin_of(url)
    if bound or _is_own(origin, settings):
        _refuse_foreign_keys(headers, origin, settings)
        _refuse_odd_keys(_authorization(headers))
        if proxied:
            _refuse_proxy(origin)
    if not may_receive(origin, settings):
        _refuse_leak(origin, headers, known or (settings,), bound=bound)


class CheckedRequests:
    """Checks the requests of one binding. A request like one that was verified before costs little."""

    __slots__ = ("_elsewhere", "_settings", "_verified")

    def __init__(self, settings: Settings) -> None:
        """Start with nothing verified."""
        self._settings = settings
        self._verified: set[tuple[Any, ...]] = set()
        """Origin, whether through a proxy, and ``Authorization``, of requests that may carry this key."""
        self._elsewhere: set[tuple[Any, ...]] = set()
        """Origins that are none of Baseten's, of clients that are not bound."""

    def check(
        self,
        url: Any,
        headers: Any,
        *,
        bound: bool,
        known: Collection[Settings] = (),
        http_client: Any = None,
        register_key: Callable[[str], None] | None = None,
    ) -> None:
        """Do what ``check_request`` does, after replacing an OpenAI key in ``Authorization`` by Baseten's.

        ``http_client`` sends the request, possibly through a proxy. ``register_key`` is called with each key
        that goes to Baseten.
        """
        place = (url.scheme, url.raw_host, url.port)
        if not bound and place in self._elsewhere:
            _refuse_leak(origin_of(url), headers, known or (self._settings,), bound=False)
            return
        proxied = place[0] in {"http", "ws"} and _by_proxy(http_client, url)
        authorization = _authorization(headers)
        seen = (place, proxied, *authorization)
        if seen in self._verified:
            return
        if _replace_foreign_key(url, headers, self._settings, bound=bound):
            authorization = _authorization(headers)
            seen = (place, proxied, *authorization)
        check_request(url, headers, self._settings, bound=bound, proxied=proxied, known=known)
        origin = origin_of(url)
        own = _is_own(origin, self._settings)
        if not bound and not own:
            _remember(self._elsewhere, place)
        elif may_receive(origin, self._settings):
            _remember(self._verified, seen)
            if own and register_key is not None:
                for value in authorization:
                    register_key(value.decode("latin-1").rpartition(" ")[2])


def _is_own(origin: Origin, settings: Settings) -> bool:
    """Return whether a host is Baseten's or the configured one; other loopback servers are not."""
    return is_baseten(origin[1]) or origin[1:] == origin_of(settings.base_url)[1:]


def _authorization(headers: Any) -> list[bytes]:
    # raw bytes: the HTTP library decodes each header on every access, which would dominate the cost
    return [v for n, v in headers.raw if len(n) == _LENGTH and n.lower() == _AUTHORIZATION]


def _refuse_leak(origin: Origin, headers: Any, known: Collection[Settings], *, bound: bool) -> None:
    sent = b"\n".join([value for _, value in headers.raw]).decode("latin-1")
    if (bound and "authorization" in headers) or any(
        leaks(sent, origin, settings) for settings in known if _holds(sent, settings)
    ):
        message = (
            f"The Baseten key would have been sent to {origin[1]!r}, which is neither Baseten's "
            "host nor the configured base URL over https. Nothing was sent. To use a gateway of your "
            "own, set BASETEN_BASE_URL to it."
        )
        raise CredentialError(message)


def _refuse_foreign_keys(headers: Any, origin: Origin, settings: Settings) -> None:
    if _has_foreign_key(headers, settings):
        message = (
            f"An OpenAI key would have been sent to {origin[1]!r}. Nothing was sent. "
            "Pass a Baseten key, or none and set BASETEN_API_KEY."
        )
        raise CredentialError(message)


def _replace_foreign_key(url: Any, headers: Any, settings: Settings, *, bound: bool) -> bool:
    """Set Baseten's key in the place of an OpenAI key, as the constructor does; tell whether it was.

    ``client.api_key``, ``default_headers`` and ``extra_headers`` can all set one after that.
    """
    origin = origin_of(url)
    if settings.api_key is None or not (bound or _is_own(origin, settings)):
        return False
    if not may_receive(origin, settings) or not _has_foreign_key(headers, settings):
        return False
    headers["Authorization"] = f"Bearer {settings.api_key.get_secret_value()}"
    logger.info("an OpenAI key was set on a client: Baseten's key is sent in its place")
    return True


def _has_foreign_key(headers: Any, settings: Settings) -> bool:
    # a header given twice, in two spellings, arrives joined by a comma
    words = headers.get("authorization", "").replace(",", " ").split()
    return any(word != "Bearer" and is_foreign_key(word, settings) for word in words)


def _refuse_odd_keys(authorization: list[bytes]) -> None:
    # a key from a function, or one set on the client, was not checked when it was given
    if any(not value.isascii() or not value.decode().isprintable() for value in authorization):
        message = (
            "The key of this client contains a character that no key has, perhaps a line break of the "
            "file it was read from. Nothing was sent."
        )
        raise ConfigurationError(message)


def _by_proxy(http_client: Any, url: Any) -> bool:
    """Return whether a request over plain http goes through a proxy, which would see the key."""
    # the HTTP client read the environment when it was created, by its own rules
    choose = getattr(http_client, "_transport_for_url", None)
    if choose is not None:
        return "Proxy" in type(getattr(choose(url), "_pool", None)).__name__
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415  # slow to import

    named = getproxies().keys() & {"http", "all", "ws", "socks", "https"}
    port = url.port or DEFAULT_PORTS["http"]
    return bool(named) and not proxy_bypass(f"{url.host}:{port}")


def _refuse_proxy(origin: Origin) -> None:
    message = (
        "The Baseten key would have been sent in the clear through a proxy (HTTP_PROXY or ALL_PROXY may "
        f"name it). Nothing was sent. For a server on this machine set NO_PROXY={origin[1]} before the "
        "client is made."
    )
    raise CredentialError(message)


def _remember(seen: set[tuple[Any, ...]], what: tuple[Any, ...]) -> None:
    if len(seen) >= _REMEMBERED:
        seen.clear()
    seen.add(what)


def _holds(text: str, settings: Settings) -> bool:
    return settings.api_key is not None and settings.api_key.get_secret_value() in text
