"""Remove OpenAI's credentials, which the SDK reads from variables and its globals, from requests to Baseten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai

from ..credentials.keys import FOREIGN_HEADERS, is_foreign_key, require_key

if TYPE_CHECKING:
    from ..settings import Settings

_STRIPPED = "_baseten_openai_stripped"
"""The attribute of a client from which they were removed."""


def is_stripped(client: Any) -> bool:
    """Return whether a client's OpenAI credentials were removed."""
    return _STRIPPED in client.__dict__


def strip_openai_credentials(client: Any, default_headers: Any) -> None:
    """Remove from a Baseten client what the SDK read from OpenAI's variables."""
    client.__dict__[_STRIPPED] = True
    client.organization = client.project = None
    if hasattr(client, "admin_api_key"):
        client.admin_api_key = None
    client._custom_headers = dict(default_headers or {})  # noqa: SLF001  # the one place they are kept
    if hasattr(client, "_ambient_authorizations"):
        client._ambient_authorizations = frozenset()  # noqa: SLF001  # 3.x: which headers came from the variable


def authorize(options: Any, settings: Settings) -> None:
    """Set Baseten's key on a call of the module-level client, whose own key is a global of ``openai``."""
    given = options.headers if isinstance(options.headers, dict) else {}
    headers: dict[str, Any] = dict.fromkeys(FOREIGN_HEADERS, openai.Omit())
    own = openai.api_key
    if not isinstance(own, str) or not own or is_foreign_key(own, settings):
        headers["Authorization"] = f"Bearer {require_key(settings)}"
    names = {name.lower() for name in given}
    options.headers = {n: v for n, v in headers.items() if n.lower() not in names} | given
