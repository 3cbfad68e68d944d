"""What a stock client that is created while patched becomes: Baseten's, or what it would be without us."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import openai

from ..clients.classes import AsyncOpenAI, OpenAI, check_websocket_url, is_given, unchanged
from ..clients.options import OPENAI_ONLY
from ..credentials.base_url import check_base_url
from ..credentials.hosts import OPENAI_HOST
from ..credentials.keys import (
    clean_key,
    is_foreign_key,
    leaks,
    may_receive,
    require_key,
    without_foreign_headers,
)
from ..credentials.placeholder import PLACEHOLDER
from ..errors import ConfigurationError, CredentialError, MissingAPIKeyError
from ..sdk import bindings, stock_clients
from ..sdk.openai_credentials import strip_openai_credentials
from ..usage import left_alone
from . import targets
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
    by = stock_clients.creation.get()
    if by == "unpatched" and not bindings.is_module_client(client):
        _keep_own(wrapped, client, kw)
        return None
    if STATE.keywords is None:  # wrapped for an unpatched() block alone
        return wrapped(**kw)
    settings = _settings_for(client, kw)
    reason = targets.COPY if by == "copy" else targets.reason_to_leave(type(client), kw, settings)
    if reason is not None:
        _keep_key_home(kw, settings)
        _refuse_placeholder(client, kw)
        wrapped(**kw)
        if by is None:
            left_alone.add(client, targets.host_of(client), reason)
        return None
    url: Any = settings.base_url
    if is_given(given := kw.get("base_url")) and not targets.names_openai(kw):
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


def copy(wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs) -> Any:
    """Wrap ``OpenAI.copy``: a copy goes where the client goes, unless ``base_url=`` names another host."""
    if bindings.BINDING_ATTRIBUTE in client.__dict__:
        own = client.__dict__[bindings.BINDING_ATTRIBUTE] is None
        bound = stock_clients.creation.get() == "bind"
        with stock_clients.creating("unpatched" if own and not bound else "bind"):
            return wrapped(*args, **kw)
    binding = STATE.binding
    if binding is None or is_given(kw.get("base_url")) or args:
        return wrapped(*args, **kw)
    with stock_clients.creating(None if binding.serves(client._base_url) else "copy"):  # noqa: SLF001  # see bindings.base_url_of
        return wrapped(*args, **kw)


def _keep_own(wrapped: Callable[..., Any], client: Any, kw: Kwargs) -> None:
    """Make a client that stays the SDK's own, and so do its copies."""
    settings = STATE.binding.settings if STATE.binding is not None else None
    if settings is not None:
        _keep_key_home(kw, settings)
    _refuse_placeholder(client, kw)
    wrapped(**kw)
    client.__dict__[bindings.BINDING_ATTRIBUTE] = None
    left_alone.add(client, targets.host_of(client), targets.UNPATCHED)


def _settings_for(client: Any, kw: Kwargs) -> Settings:
    """Load the settings. An invalid environment must not prevent clients of other hosts."""
    try:
        return STATE.load()
    except (ConfigurationError, CredentialError):
        binding = STATE.binding
        if binding is None or targets.reason_to_leave(type(client), kw, binding.settings) is None:
            raise
        return binding.settings


def _key(given: Any, settings: Settings) -> Any:
    """Return the key for Baseten: the program's own, unless that is OpenAI's or the placeholder."""
    if callable(given) and not isinstance(given, str):
        return given
    key = given.strip() if isinstance(given, str) else ""
    if not key or is_foreign_key(key, settings):
        return require_key(settings)
    return clean_key(key, name="api_key=")


def _refuse_placeholder(client: Any, kw: Kwargs) -> None:
    """Refuse the placeholder as the key of a client of another host, to which the SDK would send it."""
    key = kw.get("api_key")
    other = stock_clients.is_other_service(type(client))
    if key is None and not other and not any(kw.get(name) for name in OPENAI_ONLY):
        key = os.environ.get("OPENAI_API_KEY")
    if isinstance(key, str) and key.strip() == PLACEHOLDER:
        host = targets.origin_of_url(targets.place_of(kw).url)[1] or OPENAI_HOST
        message = (
            f"A client for {host!r} has no key: OPENAI_API_KEY holds the placeholder of baseten-openai, which "
            "is sent to no host. Give that host's own api_key=, or set OPENAI_API_KEY."
        )
        raise MissingAPIKeyError(message)


def _keep_key_home(kw: Kwargs, settings: Settings) -> None:
    """Refuse Baseten's key for a client of another host, such as a patched client's copy."""
    url, given = targets.place_of(kw).url or f"https://{OPENAI_HOST}/v1", kw.get("api_key")
    if given is None:
        return
    origin = targets.origin_of_url(url)
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
