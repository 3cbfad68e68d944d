"""``patch()`` and ``unpatch()``: the stock clients talk to Baseten, and stop doing so.

wrapt wrappers around the methods of ``openai.OpenAI`` and ``AsyncOpenAI``, so that it does not
matter who imported them when. Clients with a ``base_url`` of their own are left alone; so are those
of ``baseten_openai``'s classes and of ``bind()``, which are hooked already.
"""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any

import openai
from openai import _base_client

from .. import deferred
from .._version import __version__
from ..clients.bound import is_other_service
from ..clients.classes import (
    AsyncOpenAI,
    OpenAI,
    check_websocket_url,
    is_given,
    unchanged,
)
from ..clients.options import OPENAI_ONLY, check_names, given, make_settings
from ..credentials.base_url import check_base_url
from ..credentials.hosts import Origin, origin_of
from ..credentials.keys import (
    SHORT_KEY,
    clean_key,
    is_foreign_key,
    leaks,
    may_receive,
    require_key,
    without_foreign_headers,
)
from ..errors import ConfigurationError, CredentialError
from ..fork_locks import ForkLock
from ..sdk import bindings, hooks, verification
from ..sdk.openai_credentials import clean
from .patched_method import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Unpack

    from ..clients.options import Options
    from ..settings import Settings

    Args = tuple[Any, ...]
    Kwargs = dict[str, Any]

_lock = ForkLock(threading.RLock)
_GLOBALS = ("api_key", "admin_api_key", "organization", "project")


@dataclass(frozen=True, slots=True)
class PatchStatus:
    """What ``patch()`` has done: ``sites`` are the methods wrapped now, by qualified name.

    ``disabled`` are those of an earlier ``patch()`` that another library has wrapped since: they do
    nothing, and cannot be taken out from under it.
    """

    patched: bool
    settings: Settings | None
    sites: tuple[str, ...]
    disabled: tuple[str, ...]

    def __str__(self) -> str:
        """Read as a few lines for a terminal."""
        versions = f"baseten-openai {__version__}, openai {metadata.version('openai')}"
        if not self.patched or self.settings is None:
            return f"not patched ({versions})"
        key = "set" if self.settings.api_key else "missing: set BASETEN_API_KEY"
        return (
            f"patched ({versions})\nbase URL: {self.settings.base_url}\nkey: {key}\n"
            f"aliases: {dict(self.settings.aliases) or 'none'}\n"
            f"default model: {self.settings.default_model or 'none'}\n"
            f"on unsupported: {self.settings.on_unsupported}"
        )


class _Patch:
    """The keywords of the last ``patch()``, and the settings they give with today's environment."""

    def __init__(self) -> None:
        self.keywords: dict[str, Any] | None = None
        self.binding: bindings.Binding | None = None
        self.known: dict[str, Settings] = {}  # by key; kept, since clients keep their keys too
        self.providers: weakref.WeakSet[Callable[..., Any]] = weakref.WeakSet()

    def bind(self, settings: Settings) -> None:
        """Let ``settings`` hold from now on."""
        self.binding = bindings.binding_of(settings)
        if settings.api_key is not None:
            self.known[settings.api_key.get_secret_value()] = settings

    def learn(self, key: str) -> None:
        """Remember a key of Baseten's that the program gave itself."""
        if len(key) > SHORT_KEY and key not in self.known and self.binding is not None:
            with contextlib.suppress(ConfigurationError):  # no Baseten key has this form
                self.known[key] = self.binding.settings.replace(api_key=key)

    def load(self) -> Settings:
        """Read the environment anew: a key set after ``patch()`` counts for the next client."""
        settings = make_settings(self.keywords or {})
        if self.keywords is not None:  # another thread may have called unpatch()
            self.bind(settings)
        return settings


_state = _Patch()
_hooks = hooks.Hooks(_state)


def _make_sites() -> tuple[Site, ...]:
    sites = []
    for cls, suffix in ((openai.OpenAI, ""), (openai.AsyncOpenAI, "_async")):
        sites.append(Site(cls, "__init__", _init))
        for method in verification.METHODS:
            hook = method.name.removeprefix("_") + (suffix if method.awaited else "")
            sites.append(Site(cls, method.name, getattr(_hooks, hook)))
    return tuple(sites)


def patch(**options: Unpack[Options]) -> PatchStatus:
    """Let stock ``openai`` clients talk to Baseten, module-level functions included.

    Takes effect on clients made from now on that name no ``base_url`` (nor ``OPENAI_BASE_URL``), and
    on any client that is pointed at Baseten. May be called again, from any thread: the last call's
    keywords hold. Raises ``ConfigurationError`` for unusable settings and ``IncompatibleOpenAIError``
    for an SDK it does not fit, and then changes nothing. Without a key, making a client raises.
    """
    check_names(options, function="patch")
    return _patch(given(options))


def _patch(keywords: dict[str, Any]) -> PatchStatus:
    if isinstance(aliases := keywords.get("aliases"), dict):
        keywords = {**keywords, "aliases": dict(aliases)}  # the caller may change its own
    with _lock:
        if not is_patched():
            verification.verify()
        settings = make_settings(keywords)
        was_patched = is_patched()
        _state.keywords = keywords
        _state.bind(settings)
        if not was_patched:
            _reset_module_client()
        for site in _sites:
            site.put()
        return patch_status()


def unpatch() -> PatchStatus:
    """Put the SDK back as it was. Where another library wrapped it since, ours is switched off.

    Clients made while patched keep Baseten's URL and key. When not patched, takes out what it had to
    leave behind, where that library has gone since.
    """
    with _lock:
        for site in _sites:
            site.take()
        if is_patched():
            _state.keywords = _state.binding = None
            _reset_module_client()
        return patch_status()


@contextlib.contextmanager
def patched(**options: Unpack[Options]) -> Iterator[PatchStatus]:
    """Patch while the block runs; afterwards it is as before, patched or not. For all threads."""
    with _lock:
        block = _Block(_state.keywords)
        check_names(options, function="patched")
        made = _patch(given(options))
        _blocks.append(block)
    try:
        yield made
    finally:
        with _lock:
            _leave(block)


class _Block:
    """A running ``patched()`` block, and what its end goes back to: keywords, or unpatched."""

    def __init__(self, before: dict[str, Any] | None) -> None:
        self.before = before


_blocks: list[_Block] = []


def _leave(block: _Block) -> None:
    """Go back; or, where a later block runs still, in another thread or task, let that one do so."""
    at = _blocks.index(block)
    del _blocks[at]
    if at < len(_blocks):
        _blocks[at].before = block.before
    elif block.before is None:
        unpatch()
    else:
        _patch(block.before)


def is_patched() -> bool:
    """Tell whether ``patch()`` is in effect."""
    return _state.keywords is not None


def patch_status() -> PatchStatus:
    """Tell what is patched, with which settings; the key is masked."""
    with _lock:
        binding = _state.binding
        active = tuple(site.qualified_name for site in _sites if site.is_on)
        return PatchStatus(
            patched=is_patched(),
            settings=binding.settings if binding else None,
            sites=active,
            disabled=tuple(
                site.qualified_name for site in _sites if site.put_on and not site.is_on
            ),
        )


status = patch_status
"""The short name of ``patch_status``."""


def _init(wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs) -> Any:
    """Wrap ``OpenAI.__init__``: fill in what was left to default, and keep OpenAI's keys away."""
    if isinstance(client, OpenAI | AsyncOpenAI) or args:
        return wrapped(*args, **kw)  # ours by class, or nothing the SDK allows
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
        _state.learn(key)
    else:
        with contextlib.suppress(TypeError):  # what takes no weak reference
            _state.providers.add(key)
    filled = {**kw, "api_key": key, "base_url": url}
    if not bindings.is_module_client(client):
        wrapped(**filled)
        clean(client, without_foreign_headers(kw.get("default_headers") or {}))
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
    """Load the settings; other hosts' clients are made even where the environment is no good now."""
    try:
        return _state.load()
    except (ConfigurationError, CredentialError):
        binding = _state.binding
        if binding is None or _is_target(client, kw, binding.settings):
            raise
        return binding.settings


def _is_target(client: Any, kw: Kwargs, settings: Settings) -> bool:
    """Tell whether a new client is to talk to Baseten: by default, or because its URL says so."""
    if is_other_service(client) or any(kw.get(name) is not None for name in OPENAI_ONLY):
        return False
    url = _url(kw)
    return url is None or bindings.Binding(settings).serves(_Located(url))


def _url(kw: Kwargs) -> str | None:
    """Return the URL that a program gives a client, itself or by OpenAI's variable."""
    url = kw.get("base_url")
    return str(url) if is_given(url) else os.environ.get("OPENAI_BASE_URL")


def _origin_of(url: str) -> Origin:
    """Return a URL's origin; one that is none of ours where the URL is no good, for the SDK to say."""
    try:
        return origin_of(url)
    except ValueError:
        return "", "", None


class _Located:
    """A URL string with the attributes of the SDK's URL objects that ``Binding`` looks at."""

    def __init__(self, url: str) -> None:
        self.scheme, self.host, self.port = _origin_of(url)


def _key(given: Any, settings: Settings) -> Any:
    """Return the key for Baseten: the program's own, unless it is OpenAI's."""
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
        leaking = any(leaks(given, origin, known) for known in tuple(_state.known.values()))
    else:
        leaking = _is_providers(given) and not may_receive(origin, settings)
    if leaking:
        message = (
            f"A client for {origin[1]!r} was given the Baseten key, which is sent to Baseten only. "
            "Give that host's own api_key=, or set BASETEN_BASE_URL to it if it is your gateway."
        )
        raise CredentialError(message)


def _is_providers(given: Any) -> bool:
    try:
        return given in _state.providers
    except TypeError:  # what cannot be hashed, or takes no weak reference
        return False


def _reset_module_client() -> None:
    """Let ``openai.chat...`` make its client anew, in the state the SDK is in then."""
    client, openai._client = openai._client, None  # noqa: SLF001  # what openai's own tests do
    if client is not None and isinstance(openai.http_client, _base_client.SyncHttpxClientWrapper):
        openai.http_client = None  # the client's own, which it had stored there


_sites = _make_sites()
deferred.run()  # what activation left, where openai was imported by a module of ours
