"""Take OpenAI's credentials, which the SDK reads from variables and its globals, out of Baseten's way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai

from ..credentials.keys import FOREIGN_HEADERS, is_foreign_key, require_key

if TYPE_CHECKING:
    from ..settings import Settings

_CLEAN = "_baseten_openai_clean"
"""Marks a client from which they were removed."""


def is_clean(client: Any) -> bool:
    """Tell whether ``clean`` has seen a client."""
    return _CLEAN in client.__dict__


def clean(client: Any, default_headers: Any) -> None:
    """Remove from a Baseten client what the SDK took from OpenAI's variables."""
    client.__dict__[_CLEAN] = True
    client.organization = client.project = None
    if hasattr(client, "admin_api_key"):
        client.admin_api_key = None
    client._custom_headers = dict(default_headers or {})  # noqa: SLF001  # the one place they are kept
    if hasattr(client, "_ambient_authorizations"):
        client._ambient_authorizations = frozenset()  # noqa: SLF001  # 3.x remembers which came from there


def authorize(options: Any, settings: Settings) -> None:
    """Give a call of the module-level client Baseten's key: its own are the module's globals."""
    given = options.headers if isinstance(options.headers, dict) else {}
    headers: dict[str, Any] = dict.fromkeys(FOREIGN_HEADERS, openai.Omit())
    own = openai.api_key
    if not isinstance(own, str) or not own or is_foreign_key(own, settings):
        headers["Authorization"] = f"Bearer {require_key(settings)}"
    names = {name.lower() for name in given}
    options.headers = {n: v for n, v in headers.items() if n.lower() not in names} | given
