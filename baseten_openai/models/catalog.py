"""The models, what each can do, and the names they go by. Standard library only.

The data is ``catalog.json`` beside this file, reviewed by hand; its ``about`` says where each value
comes from. A test validates it with pydantic.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..errors import UnknownModelError

Feature = Literal["json_mode", "structured_outputs", "reasoning", "vision", "tools"]
Reasoning = Literal["default_on", "always_on", "opt_in", "unsupported"]
Switch = Literal[
    "reasoning_effort", "enable_thinking", "enable_thinking_and_effort", "thinking_and_effort"
]

_OPENAI_CHAT_NAME = re.compile(r"(ft:)?(gpt-|chatgpt-|o\d|codex-|computer-use-)", re.IGNORECASE)
_OPENAI_OTHER_NAME = re.compile(
    r"(text-|davinci|babbage|curie|ada|dall-e|whisper|tts-|omni-moderation|sora)", re.IGNORECASE
)
_FOR_EXAMPLE = "gpt-oss-120b"  # the one model of the specification that is still listed


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens. Cached input is a part of the input; ``None`` is unknown, not free."""

    input: Decimal | None
    output: Decimal | None
    cached_input: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """One model. ``None`` is unknown everywhere, and unknown never blocks a call.

    ``max_output_tokens`` caps ``max_tokens``. ``reasoning_efforts`` are the allowed values in rising
    order, ``None`` where the model has no levels; ``reasoning_switch`` is how reasoning is turned on.
    ``logprobs`` is how the service reacts to them. ``status`` is "listed" (in today's documentation),
    "unlisted" (gone from it) or "retired" (with Baseten's notice). ``as_of`` is an ISO date.
    """

    slug: str
    name: str = ""
    aliases: tuple[str, ...] = ()
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    price: Price | None = None
    json_mode: bool | None = None
    structured_outputs: bool | None = None
    tools: bool | None = None
    vision: bool | None = None
    reasoning: Reasoning | None = None
    reasoning_switch: Switch | None = None
    reasoning_efforts: tuple[str, ...] | None = None
    default_reasoning_effort: str | None = None
    sampling: tuple[str, ...] | None = None
    logprobs: Literal["refused", "ignored"] | None = None
    status: Literal["listed", "unlisted", "retired"] | None = None
    retired_on: str | None = None
    replacement: str | None = None
    replacement_source: Literal["recorded notice", "inferred"] | None = None
    source: str = "unknown"
    as_of: str = ""
    note: str = ""

    @classmethod
    def unknown(cls, slug: str) -> Model:
        """Return a model nothing is known of, so that nothing is checked."""
        return cls(slug, name=slug)

    def supports(self, feature: Feature) -> bool | None:
        """Tell whether the model has ``feature``; ``None`` when that is unknown."""
        if feature == "reasoning":
            return None if self.reasoning is None else self.reasoning != "unsupported"
        value: bool | None = getattr(self, feature)
        return value

    def __str__(self) -> str:
        """Read as lines: the facts, and what it can do."""
        from .text import describe  # noqa: PLC0415  # needed only to print it

        return describe(self)

    def _repr_html_(self) -> str:
        from .html import of_model  # noqa: PLC0415  # needed only in a notebook

        return of_model(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001  # IPython's signature
        printer.text("Model(...)" if cycle else str(self))


class Catalog:
    """An immutable set of models, and the names they go by.

    ``Catalog([*baseten_openai.catalog, Model("org/new", vision=True)])`` adds one; of two records
    with one slug the later wins.
    """

    __slots__ = ("_by_name", "_by_slug")

    def __init__(self, models: Iterable[Model]) -> None:
        """Index ``models`` by every name: slug, display name, aliases, slug without its organisation."""
        self._by_slug = {model.slug: model for model in models}
        self._by_name: dict[str, Model] = {}
        for model in self._by_slug.values():
            for name in (model.slug, model.name, *model.aliases, model.slug.rpartition("/")[2]):
                if name:
                    self._by_name.setdefault(_key(name), model)

    @classmethod
    def bundled(cls) -> Catalog:
        """Return the models this version ships with, always the same object."""
        return _bundled()

    def __iter__(self) -> Iterator[Model]:
        """Iterate over the models, those of the specification first."""
        return iter(self._by_slug.values())

    def __len__(self) -> int:
        """Count the models."""
        return len(self._by_slug)

    def __contains__(self, slug: object) -> bool:
        """Tell whether there is a model with exactly this slug."""
        return slug in self._by_slug

    def __repr__(self) -> str:
        """Give the count only."""
        return f"<Catalog of {len(self)} models>"

    def __str__(self) -> str:
        """Read as a table."""
        from .. import tables  # noqa: PLC0415  # needed only to print it
        from . import text  # noqa: PLC0415  # needed only to print it

        return "\n".join(tables.plain(text.table(self)))

    def _repr_html_(self) -> str:
        from .html import of_catalog  # noqa: PLC0415  # needed only in a notebook

        return of_catalog(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001  # IPython's signature
        printer.text("Catalog(...)" if cycle else str(self))

    def get(self, slug: str) -> Model | None:
        """Return the model with exactly this slug, or ``None``."""
        return self._by_slug.get(slug)

    def supporting(self, feature: Feature) -> list[Model]:
        """Return the models known to have ``feature``."""
        return [model for model in self if model.supports(feature)]

    def resolve(
        self,
        name: str,
        *,
        aliases: Mapping[str, str] | None = None,
        default_model: str | None = None,
    ) -> Model:
        """Find the model ``name`` means.

        Tried in turn: the user's ``aliases``; slug, display name, alias or short form in any case,
        with or without a ``baseten/`` prefix; anything else with a slash as it is (a model newer
        than this catalogue); ``default_model`` for OpenAI's chat models.
        Raises ``UnknownModelError`` with the closest slugs, or the line that maps an OpenAI name.
        """
        if (model := self._by_slug.get(name)) is not None and not aliases:
            return model
        target = _follow(name, aliases) if aliases else name
        if (model := self._find(target)) is not None:
            return model
        target = _unprefixed(target)
        if default_model and _OPENAI_CHAT_NAME.match(target) and "/" not in target:
            target = _follow(default_model, aliases or {})
            if (model := self._find(target)) is not None:
                return model
        raise _unknown(name, target, self.suggest(target))

    def suggest(self, name: str, n: int = 3) -> list[str]:
        """Return the slugs whose names are closest to ``name``, best first, ``n`` at most."""
        import difflib  # noqa: PLC0415  # needed only to explain an error

        close = difflib.get_close_matches(_key(name), self._by_name, n=4 * n, cutoff=0.5)
        slugs = dict.fromkeys(self._by_name[match].slug for match in close)
        return list(slugs)[:n]

    def _find(self, name: str) -> Model | None:
        model = self._by_name.get(_key(name))
        if model is None:
            name = _unprefixed(name)
            model = self._by_name.get(_key(name))
        if model is None and "/" in name:
            return Model.unknown(name)
        return model


def capabilities(model: Model) -> str:
    """Say in one line what ``model`` can do, for an error message."""
    reasoning = {"default_on": "on by default", "always_on": "always on", "opt_in": "opt-in"}
    has = [
        title
        for feature, title in (
            ("json_mode", "JSON mode"),
            ("structured_outputs", "structured outputs"),
            ("tools", "tool calling"),
            ("vision", "image input"),
        )
        if getattr(model, feature)
    ]
    if model.reasoning in reasoning:
        has.append(f"reasoning ({reasoning[model.reasoning]})")
    if model.max_output_tokens:
        has.append(f"up to {model.max_output_tokens} output tokens")
    return ", ".join(has) or "nothing known"


def _key(name: str) -> str:
    return name.strip().lower().replace(" ", "-").replace("_", "-")


def _unprefixed(name: str) -> str:
    """Take off ``baseten/``, which routers put before a model's name, one before the other's at times."""
    while (bare := name.strip()).lower().startswith("baseten/"):
        name = bare[len("baseten/") :]
    return name


def _follow(name: str, aliases: Mapping[str, str]) -> str:
    """Go from alias to alias, each once: they may name one another, in any case."""
    lowered: dict[str, str] | None = None
    for _ in range(len(aliases)):
        target = aliases.get(name)
        if target is None:
            lowered = lowered or {alias.lower(): target for alias, target in aliases.items()}
            target = lowered.get(name.lower())
        if target is None or target == name:
            break
        name = target
    return name


def _unknown(given: str, target: str, close: list[str]) -> UnknownModelError:
    from ..errors import UnknownModelError  # noqa: PLC0415  # imports openai, which a lookup does not need

    meant = f" (an alias for {target!r})" if target != _unprefixed(given) else ""
    if _OPENAI_CHAT_NAME.match(target):
        message = f"{given!r}{meant} is a model of OpenAI's, which Baseten does not serve."
        hint = (
            f'say which model to use for it: aliases={{"{given}": "{_FOR_EXAMPLE}"}}, or '
            f"BASETEN_OPENAI_ALIASES={given}={_FOR_EXAMPLE}; or for all OpenAI names at once: "
            f'default_model="{_FOR_EXAMPLE}", or BASETEN_OPENAI_DEFAULT_MODEL={_FOR_EXAMPLE}'
        )
        return UnknownModelError(message, model=given, suggestions=(), hint=hint)
    if _OPENAI_OTHER_NAME.match(target):
        message = f"{given!r}{meant} is a model of OpenAI's, which Baseten does not serve."
        hint = "Baseten's Model APIs are chat models; keep a stock openai client for this call"
        return UnknownModelError(message, model=given, suggestions=close, hint=hint)
    message = f"{given!r}{meant} is no model of Baseten's that this version knows."
    nearest = f"closest: {', '.join(close)}. " if close else ""
    hint = (
        f"{nearest}A newer model is sent as it is when named by its whole slug (organisation/model); "
        f'a name of your own needs aliases={{"{given}": "organisation/model"}}'
    )
    return UnknownModelError(message, model=given, suggestions=close, hint=hint)


@functools.cache
def _bundled() -> Catalog:
    data = Path(__file__).with_name("catalog.json").read_bytes()
    return Catalog(_read(record) for record in json.loads(data)["models"])


def _read(record: dict[str, Any]) -> Model:
    for name in ("aliases", "reasoning_efforts", "sampling"):
        if record[name] is not None:
            record[name] = tuple(record[name])
    if (price := record["price"]) is not None:
        amounts = {kind: Decimal(v) if v is not None else None for kind, v in price.items()}
        record["price"] = Price(**amounts)
    return Model(**record)
