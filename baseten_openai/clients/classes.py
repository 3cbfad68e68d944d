"""``OpenAI`` and ``AsyncOpenAI``: subclasses of the SDK's clients. The SDK's own classes stay unchanged.

``_Baseten`` holds what both share; ``sdk.hooks`` holds what happens on a call.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

import openai

from ..credentials.base_url import check_base_url
from ..credentials.hosts import origin_of
from ..credentials.keys import is_foreign_key, may_receive, require_key
from ..errors import ConfigurationError, CredentialError
from ..sdk import bindings, hooks, stock_clients, verification
from ..sdk.openai_credentials import strip_openai_credentials
from .options import IGNORED, OPENAI_ONLY, client_settings, make_settings, take_ours

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Unpack

    from openai import NotGiven

    from ..settings import Settings
    from .options import (
        URL,
        AsyncClientCopyOptions,
        AsyncClientOptions,
        ClientCopyOptions,
        ClientOptions,
    )

logger = logging.getLogger("baseten_openai")

verification.verify()
_hooks = hooks.Hooks()


class _Baseten:
    """Turns the SDK's client into a Baseten client, and its copies too."""

    def _start(
        self,
        init: Callable[..., None],
        api_key: object,
        base_url: object,
        arguments: dict[str, Any],
    ) -> None:
        """Run the SDK's ``__init__`` with Baseten's URL and key, and without OpenAI's credentials."""
        settings, key = load(api_key, base_url, take_ours(arguments))
        arguments |= {"api_key": key, "base_url": unchanged(base_url, settings.base_url)}
        for name in OPENAI_ONLY:
            if arguments.get(name) is not None:
                message = (
                    f"{name}= is for OpenAI's own service; use a stock openai client for that."
                )
                raise ConfigurationError(message)
        for name in IGNORED:
            if arguments.pop(name, None) is not None:
                logger.info("%s= is OpenAI's and not sent to Baseten", name)
        check_websocket_url(arguments, settings)
        init(**arguments)
        strip_openai_credentials(self, arguments.get("default_headers"))
        self.__dict__[bindings.BINDING_ATTRIBUTE] = bindings.binding_of(settings)

    @property
    def baseten_settings(self) -> Settings:
        """The client's settings, immutable; their ``repr`` masks the key."""
        binding: bindings.Binding = self.__dict__[bindings.BINDING_ATTRIBUTE]
        return binding.settings

    def _copied(
        self, copy: Callable[..., Any], api_key: object, base_url: object, options: dict[str, Any]
    ) -> Any:
        """Copy with the SDK's ``copy``; give the copy this client's settings, changed by ``options``."""
        if api_key is not None:
            options["api_key"] = api_key
        if is_given(base_url):
            options["base_url"] = base_url
        ours = take_ours(options)
        replaced = ours.get("settings") is not None
        settings = settings_of_copy(make_settings(ours, self.baseten_settings), options)
        if replaced:
            own = {"api_key": require_key(settings), "base_url": settings.base_url}
            options |= {name: v for name, v in own.items() if not is_given(options.get(name))}
        held = getattr(self, "api_key", None)
        if not options.get("api_key") and isinstance(held, str) and is_foreign_key(held, settings):
            options["api_key"] = require_key(settings)  # client.api_key = ... was OpenAI's
        copied = copy(**options)
        copied.__dict__[bindings.BINDING_ATTRIBUTE] = bindings.binding_of(settings)
        return copied


def load(
    api_key: object, base_url: object, ours: dict[str, Any]
) -> tuple[Settings, str | Callable[..., Any]]:
    """Return a client's settings and its key, which may be a function, as in the SDK."""
    if not (api_key is None or isinstance(api_key, str) or callable(api_key)):
        message = f"api_key= must be a string or a function, not {type(api_key).__name__}."
        raise ConfigurationError(message)
    if isinstance(api_key, str) and api_key.strip():
        ours = {**ours, "api_key": api_key}
    if is_given(base_url):
        ours = {**ours, "base_url": str(base_url)}
    by_function = callable(api_key) and not isinstance(api_key, str)
    settings = client_settings(ours, own_key=by_function)
    if callable(api_key) and not isinstance(api_key, str):
        return settings, api_key
    return settings, require_key(settings)


def settings_of_copy(settings: Settings, options: dict[str, Any]) -> Settings:
    """Return the settings of a copy made with ``options``; refuse to take the key to another host."""
    base_url, key = options.get("base_url"), options.get("api_key")
    changes: dict[str, Any] = {}
    if isinstance(key, str) and key.strip():
        changes["api_key"] = key
    if is_given(base_url):
        changes["base_url"] = check_base_url(str(base_url))
        host = origin_of(changes["base_url"])
        if not may_receive(host, settings):
            if key is None:
                message = (
                    f"with_options(base_url=...) would send this client's Baseten key to {host[1]!r}. "
                    "Give that host's own api_key= along with it."
                )
                raise CredentialError(message)
            changes.setdefault("api_key", None)  # a function returns that host's key
    return settings.replace(**changes)


def unchanged(given: object, checked: str) -> Any:
    """Return the given URL object if it is already right, which saves parsing, else the checked URL."""
    return given if str(given) == checked else checked


def is_given(value: object) -> bool:
    """Return whether an argument was given: not ``None``, blank or one of the SDK's ``NotGiven``."""
    if isinstance(value, str):  # a URL object would parse it to compare
        return bool(value)
    return value is not None and not isinstance(value, openai.NotGiven)


def check_websocket_url(arguments: dict[str, Any], settings: Settings) -> None:
    """Refuse a websocket host that Baseten's key may not be sent to."""
    url = arguments.get("websocket_base_url")
    if is_given(url) and not may_receive(origin_of(str(url)), settings):
        message = f"websocket_base_url= would send the Baseten key to {origin_of(str(url))[1]!r}."
        raise CredentialError(message)


class OpenAI(_Baseten, stock_clients.OpenAI):
    """``openai.OpenAI`` for Baseten: the same client, with more keywords.

    ``aliases`` maps the model names in your code to Baseten's. ``default_model`` is used for OpenAI's model
    names that have no alias. ``on_unsupported`` (``"error"``, ``"warn"`` or ``"ignore"``) says what to do
    with a call that uses a feature the model does not have. ``catalog`` replaces the bundled catalogue.
    ``settings`` replaces the environment. Without ``api_key`` and ``base_url``, the client uses
    ``BASETEN_API_KEY`` and ``BASETEN_BASE_URL`` or ``https://inference.baseten.co/v1``. The other keywords
    are the SDK's.

    Raises ``MissingAPIKeyError``, ``CredentialError``, ``ConfigurationError``.
    """

    def __init__(
        self,
        *,
        api_key: str | Callable[[], str] | None = None,
        base_url: str | URL | NotGiven | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        """Take the SDK's keywords and ours."""
        self._start(super().__init__, api_key, base_url, {**options})

    def copy(  # type: ignore[override]  # without the SDK's keywords in OPENAI_ONLY
        self,
        *,
        api_key: str | Callable[[], str] | None = None,
        base_url: str | URL | NotGiven | None = None,
        **options: Unpack[ClientCopyOptions],
    ) -> Self:
        """Return a copy with some options changed, the SDK's or ours.

        ``aliases`` replaces the client's aliases. ``NOT_GIVEN`` sets one of our keywords back to its
        default: no aliases, no default model, ``"error"``, the bundled catalogue.
        """
        copied: Self = self._copied(super().copy, api_key, base_url, {**options})
        return copied

    with_options = copy  # type: ignore[assignment]  # as copy

    def request(self, *args: Any, **kw: Any) -> Any:
        """Send a request, as the SDK does."""
        return _hooks.request(super().request, self, args, kw)

    def _prepare_options(self, *args: Any, **kw: Any) -> Any:
        return _hooks.prepare_options(super()._prepare_options, self, args, kw)

    def _prepare_url(self, *args: Any, **kw: Any) -> Any:
        return _hooks.prepare_url(super()._prepare_url, self, args, kw)

    def _prepare_request(self, *args: Any, **kw: Any) -> Any:
        return _hooks.prepare_request(super()._prepare_request, self, args, kw)

    def _make_status_error(self, *args: Any, **kw: Any) -> Any:
        return _hooks.make_status_error(super()._make_status_error, self, args, kw)

    def _process_response(self, *args: Any, **kw: Any) -> Any:
        return _hooks.process_response(super()._process_response, self, args, kw)

    def _process_response_data(self, *args: Any, **kw: Any) -> Any:
        return _hooks.process_response_data(super()._process_response_data, self, args, kw)


class AsyncOpenAI(_Baseten, stock_clients.AsyncOpenAI):
    """``openai.AsyncOpenAI`` for Baseten: the same client, with the keywords of ``OpenAI``."""

    def __init__(
        self,
        *,
        api_key: str | Callable[[], Awaitable[str]] | None = None,
        base_url: str | URL | NotGiven | None = None,
        **options: Unpack[AsyncClientOptions],
    ) -> None:
        """Take the SDK's keywords and ours."""
        self._start(super().__init__, api_key, base_url, {**options})

    def copy(  # type: ignore[override]  # without the SDK's keywords in OPENAI_ONLY
        self,
        *,
        api_key: str | Callable[[], Awaitable[str]] | None = None,
        base_url: str | URL | NotGiven | None = None,
        **options: Unpack[AsyncClientCopyOptions],
    ) -> Self:
        """Return a copy with some options changed, the SDK's or ours.

        ``aliases`` replaces the client's aliases. ``NOT_GIVEN`` sets one of our keywords back to its
        default: no aliases, no default model, ``"error"``, the bundled catalogue.
        """
        copied: Self = self._copied(super().copy, api_key, base_url, {**options})
        return copied

    with_options = copy  # type: ignore[assignment]  # as copy

    async def request(self, *args: Any, **kw: Any) -> Any:
        """Send a request, as the SDK does."""
        return await _hooks.request_async(super().request, self, args, kw)

    async def _prepare_options(self, *args: Any, **kw: Any) -> Any:
        return await _hooks.prepare_options_async(super()._prepare_options, self, args, kw)

    def _prepare_url(self, *args: Any, **kw: Any) -> Any:
        return _hooks.prepare_url(super()._prepare_url, self, args, kw)

    async def _prepare_request(self, *args: Any, **kw: Any) -> Any:
        return await _hooks.prepare_request_async(super()._prepare_request, self, args, kw)

    def _make_status_error(self, *args: Any, **kw: Any) -> Any:
        return _hooks.make_status_error(super()._make_status_error, self, args, kw)

    async def _process_response(self, *args: Any, **kw: Any) -> Any:
        return await _hooks.process_response_async(super()._process_response, self, args, kw)

    def _process_response_data(self, *args: Any, **kw: Any) -> Any:
        return _hooks.process_response_data(super()._process_response_data, self, args, kw)
