"""Whose key a text is, and which host may receive Baseten's key.

* Baseten's key goes to Baseten's hosts, to the configured base URL and to loopback; over https, except on
  loopback.
* OpenAI's credentials (``OPENAI_API_KEY``, ``OPENAI_ADMIN_KEY``, any ``sk-`` key, organization, project,
  ``OPENAI_CUSTOM_HEADERS``) never go to Baseten. A stock client sends them all
  (evidence.md#credentials-sent).
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, CredentialError, MissingAPIKeyError
from .hosts import Origin, is_baseten, is_loopback, origin_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..settings import Settings

KEYS_PAGE = "https://app.baseten.co/settings/api_keys"

FOREIGN_VARIABLES = ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY")
FOREIGN_HEADERS = ("OpenAI-Organization", "OpenAI-Project")

SHORT_KEY = 7
"""A key of at most this length is a test's: such a text is part of many words and is no secret."""


def clean_key(value: object, *, name: str) -> str | None:
    """Return a key without surrounding blanks, ``None`` if it is empty; refuse what cannot be a Baseten key."""
    if value is not None and not isinstance(value, str):
        message = f"{name} must be a string, not {type(value).__name__}."
        raise ConfigurationError(message)
    key = value.strip() if value else ""
    if not key:
        return None
    if not key.isascii() or not key.isprintable() or " " in key:
        message = f"{name} contains a character that no key has (a line break, a blank or a non-ASCII character)."
        raise ConfigurationError(message)
    if key.startswith("sk-"):
        message = (
            f"{name} is an OpenAI key (it starts with 'sk-'), which is never sent to Baseten. "
            f"Get a Baseten key at {KEYS_PAGE}."
        )
        raise CredentialError(message)
    return key


def require_key(settings: Settings) -> str:
    """Return the Baseten key; raise ``MissingAPIKeyError`` if there is none. OpenAI's is never used."""
    if settings.api_key is None:
        message = (
            "No Baseten API key: set the environment variable BASETEN_API_KEY, or pass api_key=. "
            f"Get a key at {KEYS_PAGE}. (OPENAI_API_KEY is never sent to Baseten.)"
        )
        raise MissingAPIKeyError(message)
    return settings.api_key.get_secret_value()


def is_foreign_key(key: str, settings: Settings) -> bool:
    """Return whether ``key`` is OpenAI's: by its form, or because one of OpenAI's variables contains it."""
    key = key.strip()
    if key.startswith("sk-"):
        return True
    # some programs set the Baseten key in both variables, or in OpenAI's only
    own = os.environ.get("BASETEN_API_KEY", "").strip()
    if not own and settings.api_key is not None:
        own = settings.api_key.get_secret_value()
    if key == own:
        return False
    return any(key == os.environ.get(name, "").strip() for name in FOREIGN_VARIABLES)


def may_receive(origin: Origin, settings: Settings) -> bool:
    """Return whether Baseten's key may be sent to ``origin``."""
    scheme, host, _ = origin
    if scheme in {"https", "wss"} and is_baseten(host):
        return True
    if is_loopback(host):
        return True
    return scheme in {"https", "wss"} and origin[1:] == origin_of(settings.base_url)[1:]


def leaks(text: str, origin: Origin, settings: Settings) -> bool:
    """Return whether ``text`` contains the key of ``settings`` although ``origin`` may not receive it."""
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    if not key or key not in text or may_receive(origin, settings):
        return False
    # only as a whole word: a short test key is part of many harmless values
    return re.search(rf"(?<![\w.-]){re.escape(key)}(?![\w.-])", text) is not None


def without_foreign_headers(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return a client's default headers without those of ``OPENAI_CUSTOM_HEADERS``.

    The SDK reads that variable since 2.x: one ``Name: value`` per line.
    """
    lines = (
        line.partition(":") for line in os.environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n")
    )
    foreign = {(name.strip().lower(), value.strip()) for name, colon, value in lines if colon}
    return {name: v for name, v in headers.items() if (name.lower(), v) not in foreign}
