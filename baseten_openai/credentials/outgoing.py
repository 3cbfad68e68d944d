"""The last check of a request before it is sent: no key leaves for a host that is not its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, CredentialError
from .hosts import DEFAULT_PORTS, Origin, is_baseten, origin_of
from .keys import is_foreign_key, leaks, may_receive

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ..settings import Settings

_REMEMBERED = 100
_AUTHORIZATION = b"authorization"
_LENGTH = len(_AUTHORIZATION)


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
    port = url.port or DEFAULT_PORTS["http"]
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
