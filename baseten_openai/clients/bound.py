"""``bind()``: a copy, of the same class, of an existing client, which talks to Baseten."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any, TypeVar

from ..credentials.keys import require_key, without_foreign_headers
from ..errors import ConfigurationError
from ..sdk import bindings, hooks, stock_clients, verification
from ..sdk.openai_credentials import strip_openai_credentials
from .classes import check_websocket_url, settings_of_copy
from .options import OPENAI_ONLY, check_names, client_settings, given

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from ..settings import Settings
    from .options import Options

    Args = tuple[Any, ...]
    Kwargs = dict[str, Any]
    Hook = Callable[[Callable[..., Any], Any, Args, Kwargs], Any]

C = TypeVar("C", bound=stock_clients.OpenAI | stock_clients.AsyncOpenAI)

_hooks = hooks.Hooks()


def bind(client: C, **options: Unpack[Options]) -> C:
    """Return a copy of ``client`` that talks to Baseten; ``client`` stays as it is.

    Keeps the class (a subclass of yours too), timeout, retries, HTTP client and default headers. Replaces
    base URL and key; drops organisation and project. Copies made with ``with_options()`` are bound too.
    Keywords: ``api_key``, ``base_url``, ``aliases``, ``default_model``, ``on_unsupported``, ``catalog`` and
    ``settings``, as for ``OpenAI()``; a client that is Baseten's already keeps what they do not change.

    Raises what ``OpenAI()`` raises, and ``ConfigurationError`` for clients of other services (Azure, Bedrock).
    """
    check_names(options, function="bind")
    accepted: object = client
    if not isinstance(accepted, stock_clients.OpenAI | stock_clients.AsyncOpenAI):
        message = f"bind() takes an openai.OpenAI or openai.AsyncOpenAI client, not {type(client).__name__}."
        raise ConfigurationError(message)
    if is_other_service(client):
        message = (
            f"bind() cannot turn a {type(client).__name__} into a Baseten client; make a new one."
        )
        raise ConfigurationError(message)
    verification.verify()
    held: bindings.Binding | None = client.__dict__.get(bindings.BINDING_ATTRIBUTE)
    settings = client_settings(given(options), held.settings if held else None)
    check_websocket_url(
        {"websocket_base_url": getattr(client, "websocket_base_url", None)}, settings
    )
    with stock_clients.creating("bind"):
        copied: Any = client.copy(api_key=require_key(settings), base_url=settings.base_url)
    _attach(copied, settings)
    bound: C = copied
    return bound


def is_other_service(client: Any) -> bool:
    """Return whether a client authenticates with another service: Azure, Bedrock, a provider."""
    attributes = (
        getattr(client, f"_{name}", None) or getattr(client, name, None) for name in OPENAI_ONLY
    )
    return stock_clients.is_other_service(type(client)) or any(attributes)


def _attach(client: Any, settings: Settings) -> None:
    """Set the hooks as attributes of the instance, which Python finds before the class's methods."""
    strip_openai_credentials(client, without_foreign_headers(client._custom_headers))  # noqa: SLF001  # the one place they are kept
    # by its class or by an earlier bind(); None marks a client made in an unpatched() block
    hooked = client.__dict__.get(bindings.BINDING_ATTRIBUTE) is not None
    client.__dict__[bindings.BINDING_ATTRIBUTE] = bindings.binding_of(settings)
    if hooked:
        return
    for name, hook, shared in _METHODS[isinstance(client, stock_clients.AsyncOpenAI)]:
        own = client.__dict__.get(name)  # set by the user's own class
        method = shared if own is None else _hooked(name, hook, own)
        client.__dict__[name] = types.MethodType(method, client)
    client.__dict__["with_options"] = client.__dict__["copy"]


def _hooked(name: str, hook: Hook, own: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """Return a hooked method. Bound clients share it: a closure for each would take 400 bytes."""

    def method(client: Any, *args: Any, **kw: Any) -> Any:
        wrapped = types.MethodType(getattr(type(client), name), client) if own is None else own
        return hook(wrapped, client, args, kw)

    return method


def _copy(wrapped: Callable[..., Any], client: Any, args: Args, options: Kwargs) -> Any:
    binding: bindings.Binding = client.__dict__[bindings.BINDING_ATTRIBUTE]
    changed = settings_of_copy(binding.settings, options)
    check_websocket_url(options, changed)
    copied = wrapped(*args, **options)
    _attach(copied, changed)
    return copied


def _methods(suffix: str) -> tuple[tuple[str, Hook, Callable[..., Any]], ...]:
    found: dict[str, Hook] = {"copy": _copy}
    for method in verification.METHODS:
        hook = method.name.removeprefix("_") + (suffix if method.awaited else "")
        found[method.name] = getattr(_hooks, hook)
    return tuple((name, hook, _hooked(name, hook)) for name, hook in found.items())


_METHODS = {False: _methods(""), True: _methods("_async")}
