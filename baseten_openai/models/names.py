"""What a model name in a program means, before the catalogue is asked. Pure functions on strings.

OpenAI programs name models in several spellings: ``gpt-4o``, a dated snapshot (``gpt-4o-2024-08-06``),
with a provider's prefix (``openai/gpt-4o``). An alias for the plain name covers all of them.
"""

from __future__ import annotations

import fnmatch
import functools
import json
import re
from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_SNAPSHOT = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{4}(-preview)?)$")  # gpt-4o-2024-08-06, gpt-4-0613
_CHAT = re.compile(
    r"(ft:)?(gpt-(?!oss|image|audio|realtime|live|transcribe)|chatgpt-(?!image)|o\d|codex-|computer-use-)",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"text-(embedding|moderation|davinci|curie|babbage|ada)|davinci|babbage|curie|ada$|dall-e|whisper|tts-"
    r"|omni-moderation|sora|chatgpt-image|gpt-(image|audio|realtime|live|transcribe)",
    re.IGNORECASE,
)
_PROVIDERS = ("openai", "azure", "openrouter", "litellm", "baseten")


class OpenAIModel(NamedTuple):
    """A chat model of OpenAI's: USD per million tokens, and a Baseten model to take instead."""

    name: str
    vision: bool
    input: Decimal
    output: Decimal
    suggestion: str


def is_openai_chat_name(name: str) -> bool:
    """Tell the name of a chat model of OpenAI's, also with a provider's prefix."""
    return _CHAT.match(without_provider(name)) is not None


def is_openai_name(name: str) -> bool:
    """Tell the name of any model of OpenAI's, also with a provider's prefix."""
    bare = without_provider(name)
    return _CHAT.match(bare) is not None or _OTHER.match(bare) is not None


def without_provider(name: str) -> str:
    """Remove the prefixes that routers put before a name (``openai/``, ``azure/``, ...)."""
    bare = name.strip()
    while True:
        provider, slash, rest = bare.partition("/")
        if not slash or not rest or provider.lower() not in _PROVIDERS:
            return bare
        bare = rest.strip()


def spellings(name: str) -> tuple[str, ...]:
    """Return the names that an alias for ``name`` may be written under, most specific first.

    Other than the name itself only for OpenAI's models: ``openai/gpt-4o-2024-08-06``, then
    ``gpt-4o-2024-08-06``, then ``gpt-4o``.
    """
    bare = without_provider(name)
    if not is_openai_name(bare):
        return (name,)
    found = [name, bare, _SNAPSHOT.sub("", bare)]
    if bare.lower().startswith("ft:"):  # ft:gpt-4o-2024-08-06:org::id
        base = bare[3:].partition(":")[0]
        found += [base, _SNAPSHOT.sub("", base)]
    return tuple(dict.fromkeys(found))


def exact_alias(name: str, aliases: Mapping[str, str]) -> str | None:
    """Return the target of the alias for ``name`` or another spelling of it; letter case is ignored."""
    target = aliases.get(name)
    if target is not None or not aliases:
        return target
    lowered = {alias.lower(): target for alias, target in aliases.items()}
    return next((lowered[s] for s in map(str.lower, spellings(name)) if s in lowered), None)


def pattern_alias(name: str, aliases: Mapping[str, str]) -> str | None:
    """Return the target of the longest pattern (``gpt-4*``) that matches a spelling of ``name``."""
    patterns = sorted((alias for alias in aliases if "*" in alias), key=len, reverse=True)
    spelled = [spelling.lower() for spelling in spellings(name)] if patterns else []
    for pattern in patterns:
        if any(fnmatch.fnmatchcase(spelling, pattern.lower()) for spelling in spelled):
            return aliases[pattern]
    return None


def follow(name: str, aliases: Mapping[str, str]) -> str:
    """Go from alias to alias until a name has none, each once at most: they may form a circle."""
    for _ in range(len(aliases)):
        target = exact_alias(name, aliases)
        if target is None or target == name:
            break
        name = target
    return name


def openai_model(name: str) -> OpenAIModel | None:
    """Return what is known of an OpenAI model, by any spelling of its name."""
    known = _openai_models()
    return next((known[s] for s in map(str.lower, spellings(name)) if s in known), None)


def latest(name: str) -> str | None:
    """Return the slug that a moving name of LiteLLM's (``glm-latest``) means, or ``None``."""
    slug: str | None = _data()["latest"].get(name.strip().lower())
    return slug


def openai_models() -> tuple[OpenAIModel, ...]:
    """Return the well-known chat models of OpenAI's, each with a suggestion."""
    return tuple(_openai_models().values())


def suggestions_as_of() -> str:
    """Return the ISO date on which the suggestions were made."""
    date: str = _data()["as_of"]
    return date


@functools.cache
def _data() -> dict[str, Any]:
    file = resources.files("baseten_openai.models").joinpath("openai_models.json")
    data: dict[str, Any] = json.loads(file.read_bytes())
    return data


@functools.cache
def _openai_models() -> dict[str, OpenAIModel]:
    rows: list[dict[str, Any]] = _data()["models"]
    return {
        str(row["name"]): OpenAIModel(
            str(row["name"]),
            bool(row["vision"]),
            Decimal(str(row["input"])),
            Decimal(str(row["output"])),
            str(row["suggestion"]),
        )
        for row in rows
    }
