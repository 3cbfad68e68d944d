"""Tab completion: the words of ``%baseten``, and models after ``model="``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..models.catalog import Catalog
from ..patching.control import patch_status
from . import magics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MAGIC = re.compile(r"^\s*%baseten\s+(?P<done>.*\s)?(?P<word>\S*)$")
_ARGUMENT = re.compile(r"""\bmodel\s*=\s*["'](?P<word>[^"'\n]*)$""")


def offers(line: str) -> tuple[str, list[str]]:
    """Return the word at the end of ``line``, and its completions."""
    if found := _MAGIC.match(line):
        word = found["word"]
        return word, _starting(word, _after((found["done"] or "").split(), word))
    if found := _ARGUMENT.search(line):
        word = found["word"]
        return word, _starting(word, [*_models(), *_aliases()])
    return "", []


def _after(done: list[str], word: str) -> Iterable[str]:
    if not done:
        return magics.COMMANDS
    if done[0] == "models":
        return (*magics.FILTERS, "listed", "unlisted", "retired")
    if done[0] in {"use", "model"} and len(done) == 1:
        return [*_models(), *(_aliases() if done[0] == "model" else ())]
    if done[0] == "alias" and "=" in word:
        name = word.partition("=")[0]
        return [f"{name}={model}" for model in _models()]
    if done[0] == "emulator":
        return ("on", "off")
    return ()


def _starting(word: str, words: Iterable[str]) -> list[str]:
    start = word.lower()
    return list(dict.fromkeys(w for w in words if w.lower().startswith(start)))


def _models() -> list[str]:
    """Return the short forms and slugs of all models that are not retired."""
    models = [model for model in Catalog.bundled().values() if model.status != "retired"]
    return [name for model in models for name in (*model.aliases[:1], model.slug)]


def _aliases() -> list[str]:
    settings = patch_status().settings
    return list(settings.aliases) if settings else []


def add(shell: Any) -> Callable[[], None]:
    """Add the completion to a shell; return a function that removes it."""

    def matcher(context: Any) -> dict[str, Any]:
        from IPython.core.completer import SimpleCompletion  # noqa: PLC0415  # only in a notebook

        word, words = offers(context.text_until_cursor)
        return {
            "completions": [SimpleCompletion(text=text, type="model") for text in words],
            "matched_fragment": word,
            "suppress": bool(words),
        }

    matcher.matcher_api_version = 2  # type: ignore[attr-defined]  # IPython's protocol
    matcher.matcher_identifier = "baseten_openai"  # type: ignore[attr-defined]  # as above
    matchers = shell.Completer.custom_matchers
    matchers.append(matcher)

    def remove() -> None:
        matchers.remove(matcher)

    return remove
