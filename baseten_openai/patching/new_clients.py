"""What a stock client that is created while patched becomes: Baseten's, or what it would be without us."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import openai

from ..clients.bound import is_other_service
from ..clients.classes import AsyncOpenAI, OpenAI, check_websocket_url, is_given, unchanged
from ..clients.options import OPENAI_ONLY
from ..credentials.base_url import check_base_url
from ..credentials.hosts import Origin, origin_of
from ..credentials.keys import (
    clean_key,
    is_foreign_key,
    leaks,
    may_receive,
    require_key,
    without_foreign_headers,
)
from ..errors import ConfigurationError, CredentialError
from ..sdk import bindings
from ..sdk.openai_credentials import strip_openai_credentials
from .state import PatchState

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..settings import Settings

    Args = tuple[Any, ...]
    Kwargs = dict[str, Any]

STATE = PatchState()
_GLOBALS = ("api_key", "admin_api_key", "organization", "project")


def init(wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs) -> Any:
    """Wrap ``OpenAI.__init__``: fill in Baseten's URL and key, and keep OpenAI's keys out."""
    if isinstance(client, OpenAI | AsyncOpenAI) or args:
        return wrapped(*args, **kw)  # a client of our classes, or a call that the SDK refuses
    settings = _settings_for(client, kw)
    if not _is_target(client, kw, settings):
        _keep_key_home(kw, settings)
        return wrapped(**kw)
    url: Any = settings.base_url
    if is_given(given := kw.get("base_url")):
        url = unchanged(given, check_base_url(str(given)))
    check_websocket_url(kw, settings)
    key = _key(kw.get("api_key"), settings)
    if isinstance(key, str):
        STATE.register_key(key)
    else:
        STATE.register_provider(key)
    filled = {**kw, "api_key": key, "base_url": url}
    if not bindings.is_module_client(client):
        wrapped(**filled)
        strip_openai_credentials(client, without_foreign_headers(kw.get("default_headers") or {}))
        return None
    kept = {name: getattr(openai, name) for name in _GLOBALS if hasattr(openai, name)}
    try:
        wrapped(**filled)  # the SDK's module client writes its arguments to the module's globals
    finally:
        for name, value in kept.items():
            setattr(openai, name, value)
        openai.default_headers = without_foreign_headers(kw.get("default_headers") or {})
    return None


def _settings_for(client: Any, kw: Kwargs) -> Settings:
    """Load the settings. An invalid environment must not prevent clients of other hosts."""
    try:
        return STATE.load()
    except (ConfigurationError, CredentialError):
        binding = STATE.binding
        if binding is None or _is_target(client, kw, binding.settings):
            raise
        return binding.settings


def _is_target(client: Any, kw: Kwargs, settings: Settings) -> bool:
    """Tell whether a new client talks to Baseten: it names no URL, or Baseten's."""
    if is_other_service(client) or any(kw.get(name) is not None for name in OPENAI_ONLY):
        return False
    url = _url(kw)
    return url is None or bindings.Binding(settings).serves(_Located(url))


def _url(kw: Kwargs) -> str | None:
    """Return the URL of the argument, else of OpenAI's variable."""
    url = kw.get("base_url")
    return str(url) if is_given(url) else os.environ.get("OPENAI_BASE_URL")


def _origin_of(url: str) -> Origin:
    """Return a URL's origin; an empty one for an invalid URL, which the SDK then refuses itself."""
    try:
        return origin_of(url)
    except ValueError:
        return "", "", None


class _Located:
    """A URL string with the attributes that ``Binding`` reads from the SDK's URL objects."""

    def __init__(self, url: str) -> None:
        self.scheme, self.host, self.port = _origin_of(url)


def _key(given: Any, settings: Settings) -> Any:
    """Return the key for Baseten: the program's own, unless that is OpenAI's."""
    if callable(given) and not isinstance(given, str):
        return given
    key = given.strip() if isinstance(given, str) else ""
    if not key or is_foreign_key(key, settings):
        return require_key(settings)
    return clean_key(key, name="api_key=")


def _keep_key_home(kw: Kwargs, settings: Settings) -> None:
    """Refuse Baseten's key for a client of another host, such as a patched client's copy."""
    url, given = _url(kw), kw.get("api_key")
    if given is None or url is None:
        return
    origin = _origin_of(url)
    if isinstance(given, str):
        leaking = any(leaks(given, origin, known) for known in tuple(STATE.known_settings.values()))
    else:
        leaking = STATE.is_provider(given) and not may_receive(origin, settings)
    if leaking:
        message = (
            f"A client for {origin[1]!r} was given the Baseten key, which is sent to Baseten only. "
            "Give that host's own api_key=, or set BASETEN_BASE_URL to it if it is your gateway."
        )
        raise CredentialError(message)
