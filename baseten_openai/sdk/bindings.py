"""Which clients' calls go to Baseten: a client's binding, and what is cached for its base URL."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import openai

from ..credentials.hosts import is_baseten, is_dedicated, origin_of
from ..credentials.outgoing import CheckedRequests
from . import fast_paths

if TYPE_CHECKING:
    from ..settings import Settings

BINDING_ATTRIBUTE = "_baseten_openai"
"""The attribute in which a client of our classes or of ``bind()`` keeps its ``Binding``.

``None`` there marks a client of an ``unpatched()`` block, which stays the SDK's own.
"""

CACHE_ATTRIBUTE = "_baseten_openai_cache"
"""Where a client keeps its ``EndpointCache``."""


class Binding:
    """A client's settings, and the hosts whose calls they apply to."""

    __slots__ = ("__weakref__", "_origin", "requests", "settings", "token")

    def __init__(self, settings: Settings) -> None:
        """Parse the base URL once; it is compared on every call."""
        self.settings = settings
        self.requests = CheckedRequests(settings)
        self.token = object()
        self._origin = origin_of(settings.base_url)[1:]

    def serves(self, url: Any) -> bool:
        """Return whether ``url`` is Baseten's, or has the configured base URL's host."""
        host = url.host
        return is_baseten(host) or (host == self._origin[0] and origin_of(url)[1:] == self._origin)


class EndpointCache:
    """What is cached for one base URL and one binding; outdated when either is another.

    While patched, clients of other hosts have one too. So it holds no reference to the binding and its key, and
    pickles as ``None``.
    """

    __slots__ = ("base_url", "is_dedicated", "serves", "token", "urls")

    def __init__(self, base_url: Any, binding: Binding) -> None:
        """Inspect the host once."""
        self.base_url, self.token = base_url, binding.token
        self.serves, self.is_dedicated = binding.serves(base_url), is_dedicated(base_url.host)
        self.urls: dict[str, Any] = {}

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        """Pickle as ``None``."""
        return type(None), ()


_bindings: weakref.WeakValueDictionary[Settings, Binding] = weakref.WeakValueDictionary()


def binding_of(settings: Settings) -> Binding:
    """Return the binding of these settings; clients with equal settings share one while it is in use."""
    binding = _bindings.get(settings) or _bindings.setdefault(settings, Binding(settings))
    fast_paths.use(binding)
    return binding


def base_url_of(client: Any) -> Any:
    """Return a client's base URL. The private attribute is ten times as fast as the property."""
    return client.base_url if is_module_client(client) else client._base_url  # noqa: SLF001  # see evidence.md#private-base-url


def is_module_client(client: Any) -> bool:
    """Return whether it is the client behind ``openai.chat...``, whose settings are the module's globals."""
    # read at each call: a program that reloads openai has another class
    return isinstance(client, vars(openai).get("_ModuleClient", ()))
