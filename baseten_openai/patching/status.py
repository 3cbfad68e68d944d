"""What ``patch_status()`` returns."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

from .._version import __version__

if TYPE_CHECKING:
    from ..settings import Settings
    from ..usage.left_alone import ClientLeftAlone


@dataclass(frozen=True, slots=True)
class PatchStatus:
    """Whether ``patch()`` is in effect, and with which settings.

    ``methods`` are the SDK's methods that are wrapped, such as ``OpenAI.request``. ``disabled_methods`` are those of an
    earlier ``patch()`` that another library has wrapped since: our wrapper does nothing there, but cannot be
    removed from under the other. ``left_alone`` are the clients that keep another host: created at which line,
    for which host, and why. ``patched`` is false too if the program imported another copy of the SDK since.
    """

    patched: bool
    settings: Settings | None
    methods: tuple[str, ...]
    disabled_methods: tuple[str, ...]
    left_alone: tuple[ClientLeftAlone, ...] = ()

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
            + "".join(f"\nclient {client}" for client in self.left_alone)
        )
