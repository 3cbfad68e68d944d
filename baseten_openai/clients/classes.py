"""``OpenAI`` and ``AsyncOpenAI``: the SDK's clients, subclassed. Nothing is monkeypatched.

What both share stands in ``_Baseten``; what is done on a call stands in ``hooks``.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

import openai

from ..credentials.rules import check_base_url, may_receive, origin_of, require_key
from ..errors import ConfigurationError, CredentialError
from ..sdk import bindings, hooks, verification
from ..sdk.openai_credentials import clean
from ..settings import OnUnsupported, Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from ..models.catalog import Catalog

logger = logging.getLogger("baseten_openai")

OPENAI_ONLY = ("provider", "data_residency", "workload_identity")
"""Arguments that name another service than Baseten, in the versions of the SDK that have them."""

IGNORED = ("organization", "project", "admin_api_key")
"""Arguments that are OpenAI's credentials; never sent to Baseten."""

verification.verify()
_hooks = hooks.Hooks()


class _Baseten:
    """Make the SDK's client a Baseten one, and keep it one through ``copy()``."""

    def _start(
        self, init: Callable[..., None], settings: Settings, arguments: dict[str, Any]
    ) -> None:
        """Run the SDK's ``__init__`` with Baseten's URL and key, and without OpenAI's credentials."""
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
        clean(self, arguments.get("default_headers"))
        self.__dict__[bindings.STATE] = bindings.binding_of(settings)

    @property
    def baseten_settings(self) -> Settings:
        """The client's settings; their ``repr`` masks the key."""
        binding: bindings.Binding = self.__dict__[bindings.STATE]
        return binding.settings

    def _copied(
        self, copy: Callable[..., Any], ours: dict[str, Any], options: dict[str, Any]
    ) -> Any:
        """Copy with the SDK's ``copy``, and give the copy our settings, changed by ``ours``."""
        settings = settings_of_copy(self.baseten_settings.replace(**ours), options)
        copied = copy(**options)
        copied.__dict__[bindings.STATE] = bindings.binding_of(settings)
        return copied


def load(
    api_key: object, base_url: object, ours: dict[str, Any]
) -> tuple[Settings, str | Callable[..., Any]]:
    """Load a client's settings; return them and the key, which may be a function, as in the SDK."""
    url = str(base_url) if is_given(base_url) else None
    if not (api_key is None or isinstance(api_key, str) or callable(api_key)):
        message = f"api_key= must be a string or a function, not {type(api_key).__name__}."
        raise ConfigurationError(message)
    key = api_key if isinstance(api_key, str) else None
    settings = Settings.load(api_key=key, base_url=url, **ours)
    if callable(api_key) and not isinstance(api_key, str):
        return settings, api_key
    return settings, require_key(settings)


def settings_of_copy(settings: Settings, options: dict[str, Any]) -> Settings:
    """Return the settings of a copy made with ``options``; refuse to take the key to another host."""
    base_url, key = options.get("base_url"), options.get("api_key")
    changes = {"api_key": key if isinstance(key, str) else None}
    if is_given(base_url):
        changes["base_url"] = check_base_url(str(base_url))
        host = origin_of(changes["base_url"])
        if key is None and not may_receive(host, settings):
            message = (
                f"with_options(base_url=...) would send this client's Baseten key to {host[1]!r}. "
                "Give that host's own api_key= along with it."
            )
            raise CredentialError(message)
    return settings.replace(**changes)


def unchanged(given: object, checked: str) -> Any:
    """Return a URL object that was found to be right, which saves parsing it, else the URL checked."""
    return given if str(given) == checked else checked


def is_given(value: object) -> bool:
    """Tell an argument that was given from the SDK's several ways of leaving one out."""
    if isinstance(value, str):  # a URL compares itself by parsing what it is compared with
        return bool(value)
    return value is not None and not isinstance(value, openai.NotGiven)


def check_websocket_url(arguments: dict[str, Any], settings: Settings) -> None:
    """Refuse a websocket host that Baseten's key may not be sent to."""
    url = arguments.get("websocket_base_url")
    if is_given(url) and not may_receive(origin_of(str(url)), settings):
        message = f"websocket_base_url= would send the Baseten key to {origin_of(str(url))[1]!r}."
        raise CredentialError(message)


class OpenAI(_Baseten, openai.OpenAI):
    """``openai.OpenAI`` for Baseten: the same client, with four more keywords.

    ``aliases`` maps the model names your code uses to Baseten's; ``default_model`` stands in for
    OpenAI's names without an alias; ``on_unsupported`` is what happens when a model lacks a feature;
    ``catalog`` replaces the bundled one. Without ``api_key`` and ``base_url``: ``BASETEN_API_KEY``
    and ``https://inference.baseten.co/v1`` (or ``BASETEN_BASE_URL``). All else is the SDK's.

    Raises ``MissingAPIKeyError``, ``CredentialError``, ``ConfigurationError``.
    """

    def __init__(
        self,
        *,
        api_key: str | Callable[[], str] | None = None,
        base_url: Any = None,
        aliases: Mapping[str, str] | None = None,
        default_model: str | None = None,
        on_unsupported: OnUnsupported | None = None,
        catalog: Catalog | None = None,
        **options: Any,
    ) -> None:
        """Take the SDK's keywords and ours."""
        ours = {
            "aliases": aliases,
            "default_model": default_model,
            "on_unsupported": on_unsupported,
            "catalog": catalog,
        }
        settings, key = load(api_key, base_url, ours)
        options |= {"api_key": key, "base_url": unchanged(base_url, settings.base_url)}
        self._start(super().__init__, settings, options)

    def copy(
        self,
        *,
        aliases: Mapping[str, str] | None = None,
        default_model: str | None = None,
        on_unsupported: OnUnsupported | None = None,
        catalog: Catalog | None = None,
        **options: Any,
    ) -> Self:
        """Return a copy with some options changed, the SDK's or ours."""
        ours = {
            "aliases": aliases,
            "default_model": default_model,
            "on_unsupported": on_unsupported,
            "catalog": catalog,
        }
        copied: Self = self._copied(super().copy, ours, options)
        return copied

    with_options = copy

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


class AsyncOpenAI(_Baseten, openai.AsyncOpenAI):
    """``openai.AsyncOpenAI`` for Baseten, with the keywords of ``OpenAI``."""

    def __init__(
        self,
        *,
        api_key: str | Callable[[], Awaitable[str]] | None = None,
        base_url: Any = None,
        aliases: Mapping[str, str] | None = None,
        default_model: str | None = None,
        on_unsupported: OnUnsupported | None = None,
        catalog: Catalog | None = None,
        **options: Any,
    ) -> None:
        """Take the SDK's keywords and ours."""
        ours = {
            "aliases": aliases,
            "default_model": default_model,
            "on_unsupported": on_unsupported,
            "catalog": catalog,
        }
        settings, key = load(api_key, base_url, ours)
        options |= {"api_key": key, "base_url": unchanged(base_url, settings.base_url)}
        self._start(super().__init__, settings, options)

    def copy(
        self,
        *,
        aliases: Mapping[str, str] | None = None,
        default_model: str | None = None,
        on_unsupported: OnUnsupported | None = None,
        catalog: Catalog | None = None,
        **options: Any,
    ) -> Self:
        """Return a copy with some options changed, the SDK's or ours."""
        ours = {
            "aliases": aliases,
            "default_model": default_model,
            "on_unsupported": on_unsupported,
            "catalog": catalog,
        }
        copied: Self = self._copied(super().copy, ours, options)
        return copied

    with_options = copy

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
