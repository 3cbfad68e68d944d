"""The keywords of the clients, of ``patch()`` and of ``bind()``, as type checkers see them.

A function with ``**options: Unpack[...]`` has one list of keywords, typed. At run time it passes on what is
not in the list, so that a newer SDK's own keywords reach the SDK. A test compares the lists with the
signatures of the installed SDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

import openai

from ..errors import ConfigurationError
from ..settings import OnUnsupported, Redirect, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from openai import NotGiven, Timeout

    from ..models.catalog import Catalog

OPENAI_ONLY = ("provider", "data_residency", "workload_identity")
"""Arguments of newer SDKs that select another service than Baseten; refused."""

IGNORED = ("organization", "project", "admin_api_key")
"""Arguments that are OpenAI's credentials; never sent to Baseten."""


class URL(Protocol):
    """A URL object of the HTTP library that the SDK uses (``httpx.URL`` or ``httpx2.URL``)."""

    @property
    def scheme(self) -> str:
        """``https`` or ``http``."""
        raise NotImplementedError

    @property
    def host(self) -> str:
        """The host name."""
        raise NotImplementedError


class ModelOptions(TypedDict, total=False):
    """Our keywords that a client takes besides ``api_key`` and ``base_url``.

    ``None`` leaves a keyword out: the environment's value or the default holds, in a copy the value of the
    client that is copied. ``NOT_GIVEN`` sets the value back to its default in a copy.
    """

    aliases: Mapping[str, str] | NotGiven | None
    default_model: str | NotGiven | None
    on_unsupported: OnUnsupported | NotGiven | None
    catalog: Catalog | NotGiven | None
    fast: bool | NotGiven | None
    settings: Settings | NotGiven | None


class Options(ModelOptions, total=False):
    """The keywords of ``bind()``, ``patch()`` and ``patched()``."""

    api_key: str | NotGiven | None
    base_url: str | NotGiven | None


class PatchOptions(Options, total=False):
    """The keywords of ``patch()`` and ``patched()``."""

    redirect: Redirect | NotGiven | None
    placeholder_key: bool | NotGiven | None


class SDKOptions(ModelOptions, total=False):
    """The SDK's keywords that its constructors and ``copy()`` share, and ours."""

    admin_api_key: str | None
    organization: str | None
    project: str | None
    webhook_secret: str | None
    websocket_base_url: str | URL | None
    timeout: float | Timeout | NotGiven | None
    default_headers: Mapping[str, str] | None
    default_query: Mapping[str, object] | None


class ConstructorOptions(SDKOptions, total=False):
    """The keywords of both constructors."""

    max_retries: int
    _strict_response_validation: bool
    _enforce_credentials: bool


class ClientOptions(ConstructorOptions, total=False):
    """The keywords of ``OpenAI()``, without ``api_key`` and ``base_url``."""

    # this alias names httpx.Client or httpx2.Client, whichever the installed SDK uses
    http_client: openai.DefaultHttpxClient | None


class AsyncClientOptions(ConstructorOptions, total=False):
    """The keywords of ``AsyncOpenAI()``, without ``api_key`` and ``base_url``."""

    http_client: openai.DefaultAsyncHttpxClient | None


class CopyOptions(SDKOptions, total=False):
    """The keywords of both classes' ``copy()``."""

    max_retries: int | NotGiven
    set_default_headers: Mapping[str, str] | None
    set_default_query: Mapping[str, object] | None
    _enforce_credentials: bool | None
    _extra_kwargs: Mapping[str, Any]


class ClientCopyOptions(CopyOptions, total=False):
    """The keywords of ``OpenAI.copy()``, without ``api_key`` and ``base_url``."""

    http_client: openai.DefaultHttpxClient | None


class AsyncClientCopyOptions(CopyOptions, total=False):
    """The keywords of ``AsyncOpenAI.copy()``, without ``api_key`` and ``base_url``."""

    http_client: openai.DefaultAsyncHttpxClient | None


def take_ours(options: dict[str, Any]) -> dict[str, Any]:
    """Remove our keywords from ``options``; return those that were given, as ``given()`` does."""
    names = ModelOptions.__optional_keys__
    return given({name: options.pop(name) for name in names if name in options})


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords that were given, without those that are ``None`` or blank.

    ``NOT_GIVEN`` becomes ``None``, which stands for the default in ``Settings.replace()`` and for the
    environment's value in ``Settings.load()``.
    """
    return {
        name: None if isinstance(value, openai.NotGiven) else value
        for name, value in options.items()
        if value is not None and not (isinstance(value, str) and not value.strip())
    }


def check_names(options: Iterable[str], *, function: str) -> None:
    """Raise ``TypeError`` for a keyword that ``patch()``, ``patched()`` or ``bind()`` does not have."""
    known = (Options if function == "bind" else PatchOptions).__optional_keys__
    for name in options:
        if name not in known:
            message = f"{function}() got an unexpected keyword argument {name!r}"
            raise TypeError(message)


class PatchDefaults:
    """The settings of ``patch()`` while it is in effect, the defaults of ``bind()`` and our classes."""

    def __init__(self) -> None:
        """Start with none; ``patch()``, which is in a layer above, sets ``load``."""
        self.load: Callable[[], Settings] | None = None


PATCH_DEFAULTS = PatchDefaults()


def client_settings(
    given: Mapping[str, Any], base: Settings | None = None, *, own_key: bool = False
) -> Settings:
    """Return a client's settings: the keywords over ``settings=``, ``base``, ``patch()`` or the environment.

    ``own_key`` says that the client gets its key from a function.
    """
    if base is not None or given.get("settings") is not None or PATCH_DEFAULTS.load is None:
        return make_settings(given, base)
    default = PATCH_DEFAULTS.load()
    changes = dict(given)
    if isinstance(aliases := changes.get("aliases"), Mapping):
        changes["aliases"] = {**default.aliases, **aliases}
    if own_key:
        changes["api_key"] = None
    return default.replace(**changes)


def make_settings(given: Mapping[str, Any], base: Settings | None = None) -> Settings:
    """Return the settings of the keywords given: over ``settings=``, else ``base``, else the environment."""
    changes = dict(given)
    chosen = changes.pop("settings", None)
    if chosen is not None and not isinstance(chosen, Settings):
        message = f"settings= must be a Settings, not {type(chosen).__name__}."
        raise ConfigurationError(message)
    base = chosen or base
    return Settings.load(**changes) if base is None else base.replace(**changes)
