"""Where the hooks find a client's binding: on the client, or in ``patch()``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import openai

from ..credentials.hosts import is_openai_default
from ..credentials.keys import without_foreign_headers
from ..usage import left_alone
from .bindings import BINDING_ATTRIBUTE, Binding, is_module_client
from .openai_credentials import authorize, is_stripped, strip_openai_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ..settings import Settings


class BindingSource(Protocol):
    """What the hooks ask about a client."""

    @property
    def register_key(self) -> Callable[[str], None] | None:
        """Called with each key that is sent to Baseten, or ``None``."""

    def binding_of(self, client: Any) -> Binding | None:
        """Return the client's binding; ``None`` for a client that these hooks must leave alone."""

    def before_request(self, client: Any, options: Any, binding: Binding) -> None:
        """Remove OpenAI's credentials from a request to Baseten, where they may still be set."""

    def redirect_module(self, binding: Binding) -> None:
        """Treat OpenAI's own URL in ``openai.base_url`` as no URL, if the settings say so."""

    def leave_alone(self, client: Any, host: str) -> None:
        """Take note of a client of another host, when it makes its first request."""

    def known_settings(self) -> Collection[Settings]:
        """Return all settings whose keys clients may hold, besides the binding's own."""
        raise NotImplementedError

    def is_bound(self, client: Any) -> bool:
        """Return whether every key of the client must be Baseten's."""
        raise NotImplementedError


class OwnBindings:
    """Clients of our classes and of ``bind()``: each holds its binding."""

    register_key = None

    def binding_of(self, client: Any) -> Binding | None:
        """Return the binding stored on the client."""
        binding: Binding | None = client.__dict__.get(BINDING_ATTRIBUTE)
        return binding

    def before_request(self, client: Any, options: Any, binding: Binding) -> None:
        """Do nothing: OpenAI's credentials were removed when the client was created."""

    def redirect_module(self, binding: Binding) -> None:
        """Do nothing: the module's client is ``patch()``'s."""

    def leave_alone(self, client: Any, host: str) -> None:
        """Do nothing: such a client was sent elsewhere by its own program."""

    def known_settings(self) -> Collection[Settings]:
        """Return nothing."""
        return ()

    def is_bound(self, client: Any) -> bool:  # noqa: ARG002  # all of them are
        """Return true."""
        return True


class Patch(Protocol):
    """The state of ``patch()``."""

    binding: Binding | None
    known_settings: dict[str, Settings]
    """All settings whose keys were given to clients, by key."""
    module_url: Any
    """What was removed from ``openai.base_url``, or ``None``."""

    def register_key(self, key: str) -> None:
        """Remember a key that was sent to Baseten."""


class PatchBindings:
    """All other clients while ``patch()`` is in effect: they share its binding."""

    def __init__(self, patch: Patch) -> None:
        """Read the binding from ``patch`` at each request."""
        self._patch = patch

    @property
    def register_key(self) -> Callable[[str], None]:
        """Remember a key that was sent to Baseten."""
        return self._patch.register_key

    def binding_of(self, client: Any) -> Binding | None:
        """Return the patch's binding, unless the client has its own, and so its own hooks."""
        return None if BINDING_ATTRIBUTE in client.__dict__ else self._patch.binding

    def before_request(self, client: Any, options: Any, binding: Binding) -> None:
        """Authorize the module-level client; clean a client that was created before ``patch()``."""
        if is_module_client(client):
            authorize(options, binding.settings)
        elif not is_stripped(client):
            strip_openai_credentials(client, without_foreign_headers(client._custom_headers))  # noqa: SLF001  # no public name

    def redirect_module(self, binding: Binding) -> None:
        """Remove OpenAI's own URL from ``openai.base_url``; ``unpatch()`` restores it."""
        url: Any = openai.base_url
        if url is not None and binding.settings.redirect == "all" and is_openai_default(str(url)):
            self._patch.module_url, openai.base_url = url, None

    def leave_alone(self, client: Any, host: str) -> None:
        """Remember the client, and log it once."""
        if left_alone.is_known(client):
            return
        if is_module_client(client):
            reason = "openai.base_url names that host"
        elif is_stripped(client):
            reason = "its base URL was set to that host"
        else:
            reason = "it was made before patch()"
        left_alone.add(client, host, reason, done="used")

    def known_settings(self) -> Collection[Settings]:
        """Return all settings whose keys were given to clients."""
        return tuple(self._patch.known_settings.values())

    def is_bound(self, client: Any) -> bool:
        """Return true for a Baseten client whose key is a function, which ``known`` does not list."""
        return client.__dict__.get("_api_key_provider") is not None and is_stripped(client)
