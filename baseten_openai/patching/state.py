"""The state of ``patch()``: its keywords, the settings in force, and the keys given to clients."""

from __future__ import annotations

import contextlib
import weakref
from typing import TYPE_CHECKING, Any

from ..clients.options import make_settings
from ..credentials.keys import SHORT_KEY
from ..errors import ConfigurationError
from ..sdk import fast_paths
from ..sdk.bindings import Binding

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..settings import Settings


class PatchState:
    """The keywords of the last ``patch()``, and the settings that they and the environment give."""

    def __init__(self) -> None:
        """Start unpatched."""
        self.keywords: dict[str, Any] | None = None
        self.binding: Binding | None = None
        self.module_url: Any = None  # what was removed from openai.base_url
        # by key; kept after unpatch(), since clients keep their keys too
        self.known_settings: dict[str, Settings] = {}
        self.providers: weakref.WeakSet[Callable[..., Any]] = weakref.WeakSet()

    def use(self, settings: Settings) -> None:
        """Put ``settings`` into force."""
        # never shared with clients of our classes, whose requests are checked by stricter rules
        self.binding = Binding(settings)
        fast_paths.use(self.binding)
        if settings.api_key is not None:
            self.known_settings[settings.api_key.get_secret_value()] = settings

    def register_key(self, key: str) -> None:
        """Remember a Baseten key that the program itself gave to a client."""
        if len(key) > SHORT_KEY and key not in self.known_settings and self.binding is not None:
            with contextlib.suppress(ConfigurationError):  # no Baseten key has this form
                self.known_settings[key] = self.binding.settings.replace(api_key=key)

    def register_provider(self, provider: Callable[..., Any]) -> None:
        """Remember a function that returns a Baseten key."""
        with contextlib.suppress(TypeError):  # it takes no weak reference
            self.providers.add(provider)

    def is_provider(self, given: Any) -> bool:
        """Tell whether ``given`` is such a function."""
        try:
            return given in self.providers
        except TypeError:  # not hashable, or it takes no weak reference
            return False

    def load(self) -> Settings:
        """Read the environment again: a key set after ``patch()`` is used for the next client."""
        settings = make_settings(self.keywords or {})
        if self.keywords is not None:  # another thread may have called unpatch()
            self.use(settings)
        return settings
