"""The models, what each can do, and the names that find them. Standard library only.

The data is in ``catalog.json`` beside this file, reviewed by hand. Its ``about`` says where the values
come from. A test validates it with pydantic.
"""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING, Any

from . import names
from .validation import (
    EFFORTS,
    Feature,
    Kind,
    Logprobs,
    Reasoning,
    ReplacementSource,
    Status,
    Switch,
    check_model,
    check_price,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..errors import UnknownModelError

__all__ = ["EFFORTS", "Catalog", "Feature", "Model", "Price", "capabilities"]

_FOR_EXAMPLE = "openai/gpt-oss-120b"  # the one model of the specification that is still listed


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens; ``None`` means unknown, not free.

    ``cached_input`` is the price of input tokens read from the cache. Raises ``ValueError`` for anything
    but a ``Decimal`` of 0 or more.
    """

    input: Decimal | None
    output: Decimal | None
    cached_input: Decimal | None = None

    def __post_init__(self) -> None:
        """Check the amounts."""
        check_price(self)


@dataclass(frozen=True, slots=True)
class Model:
    """One model. ``None`` always means unknown, and an unknown value never blocks a call.

    ``kind`` is "chat", or "decisions" for a model that only ``POST /v1/decisions`` takes.
    ``max_output_tokens`` caps ``max_tokens``. ``reasoning_efforts`` are the allowed levels in rising
    order, ``None`` if the model has no levels; ``reasoning_switch`` is how reasoning is turned on.
    ``logprobs`` is how Baseten answers a request for them. ``status`` is "listed" (in Baseten's current
    documentation), "unlisted" (no longer there) or "retired" (Baseten announced it). ``as_of`` is an ISO
    date. Raises ``ValueError``, naming the field and what is allowed, for a value that cannot be right.
    """

    slug: str
    name: str = ""
    kind: Kind = "chat"
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
    logprobs: Logprobs | None = None
    status: Status | None = None
    retired_on: str | None = None
    replacement: str | None = None
    replacement_source: ReplacementSource | None = None
    source: str = "unknown"
    as_of: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        """Check the fields; a model without a display name is called by its slug."""
        check_model(self, Price)
        if not self.name:
            object.__setattr__(self, "name", self.slug)

    @staticmethod
    @functools.lru_cache(256)
    def unknown(slug: str) -> Model:
        """Return a model of which nothing is known, so that nothing is checked.

        ``slug`` is any name that a call gave. It is not validated, since an unknown name never breaks a call.
        """
        model = copy.copy(Model("organisation/model"))
        object.__setattr__(model, "slug", slug)
        object.__setattr__(model, "name", slug)
        return model

    def supports(self, feature: Feature) -> bool | None:
        """Return whether the model has ``feature``, or ``None`` if that is unknown."""
        if feature == "reasoning":
            return None if self.reasoning is None else self.reasoning != "unsupported"
        value: bool | None = getattr(self, feature)
        return value

    def __str__(self) -> str:
        """Return the facts and features as lines of text."""
        from .text import describe  # noqa: PLC0415  # needed only to print it

        return describe(self)

    def _repr_html_(self) -> str:
        from .html import of_model  # noqa: PLC0415  # needed only in a notebook

        return of_model(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001  # IPython's signature
        printer.text("Model(...)" if cycle else str(self))


class Catalog(Mapping[str, Model]):
    """An immutable mapping from slugs to models, which also finds a model by its other names.

    ``Catalog([*baseten_openai.catalog.values(), Model("org/new", vision=True)])`` adds a model. If two
    models have the same slug, the later one wins. Two catalogs are equal if they hold equal models in the
    same order.
    """

    __slots__ = ("_by_name", "_by_slug")

    def __init__(self, models: Iterable[Model]) -> None:
        """Index ``models`` by slug, display name, aliases, and slug without its organisation.

        Raises ``TypeError`` if something else than a ``Model`` is among them.
        """
        self._by_slug: dict[str, Model] = {}
        for model in models:
            given: object = model
            if not isinstance(given, Model):
                message = (
                    f"Catalog() takes models, not {type(given).__name__}; "
                    "the models of a catalog are catalog.values()."
                )
                raise TypeError(message)
            self._by_slug[model.slug] = model
        self._by_name: dict[str, Model] = {}
        for model in self._by_slug.values():
            for name in (model.slug, model.name, *model.aliases, model.slug.rpartition("/")[2]):
                if name:
                    self._by_name.setdefault(_key(name), model)

    @classmethod
    def bundled(cls) -> Catalog:
        """Return the models this version ships with, always the same object."""
        return _bundled()

    def __getitem__(self, slug: str) -> Model:
        """Return the model with exactly this slug. Raises ``KeyError``."""
        return self._by_slug[slug]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the slugs, those of the specification first."""
        return iter(self._by_slug)

    def __len__(self) -> int:
        """Return the number of models."""
        return len(self._by_slug)

    def __eq__(self, other: object) -> bool:
        """Compare models and their order, which decides between models that share a name."""
        if self is other:
            return True
        if not isinstance(other, Catalog):
            return NotImplemented
        return type(self) is type(other) and list(self.items()) == list(other.items())

    def __hash__(self) -> int:
        """Hash the slugs."""
        return hash(tuple(self._by_slug))

    def __repr__(self) -> str:
        """Return the number of models only."""
        return f"<Catalog of {len(self)} models>"

    def __str__(self) -> str:
        """Return a table of the models."""
        from .. import tables  # noqa: PLC0415  # needed only to print it
        from . import text  # noqa: PLC0415  # needed only to print it

        return "\n".join(tables.to_lines(text.table(self.values())))

    def _repr_html_(self) -> str:
        from .html import of_catalog  # noqa: PLC0415  # needed only in a notebook

        return of_catalog(self.values())

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001  # IPython's signature
        printer.text("Catalog(...)" if cycle else str(self))

    def supporting(self, feature: Feature) -> list[Model]:
        """Return the models that are known to have ``feature``."""
        return [model for model in self.values() if model.supports(feature)]

    def resolve(
        self,
        name: str,
        *,
        aliases: Mapping[str, str] | None = None,
        default_model: str | None = None,
    ) -> Model:
        """Find the model that ``name`` means.

        Tried in turn: the user's ``aliases``, which also cover an OpenAI model's dated snapshots and
        provider prefixes (``openai/gpt-4o-2024-08-06``); slug, display name, alias or short form in any
        case, with or without a ``baseten/`` prefix; a moving name (``glm-latest``); alias patterns
        (``gpt-4*``), the longest first; ``default_model`` for OpenAI's chat models; any other name with a
        slash as it is (a model newer than this catalog).
        Raises ``UnknownModelError`` with the closest slugs, or with a suggestion for an OpenAI name.
        """
        if (model := self._by_slug.get(name)) is not None and not aliases:
            return model
        target = names.follow(name, aliases) if aliases else name
        if (model := self._find(target)) is not None:
            return model
        pattern = names.pattern_alias(target, aliases) if aliases else None
        if pattern is not None:
            target = names.follow(pattern, aliases or {})
        elif default_model and names.is_openai_chat_name(target):
            target = names.follow(default_model, aliases or {})
        model = self._find(target) or self._newer(target)
        if model is None:
            raise _unknown(name, target, self.suggest(target))
        return model

    def suggest(self, name: str, n: int = 3) -> list[str]:
        """Return up to ``n`` slugs whose names are closest to ``name``, the best first."""
        import difflib  # noqa: PLC0415  # needed only to explain an error

        close = difflib.get_close_matches(_key(name), self._by_name, n=4 * n, cutoff=0.5)
        slugs = dict.fromkeys(self._by_name[match].slug for match in close)
        return list(slugs)[:n]

    def _find(self, name: str) -> Model | None:
        """Find a model of the catalog by any of its names."""
        model = self._by_name.get(_key(name)) or self._by_name.get(_key(_unprefixed(name)))
        if model is None and (slug := names.latest(_unprefixed(name))) is not None:
            model = self._by_slug.get(slug)
        return model

    def _newer(self, name: str) -> Model | None:
        """Return a record of a model that the catalog does not know, if the name may be a slug."""
        name = _unprefixed(name)
        return Model.unknown(name) if "/" in name and not names.is_openai_name(name) else None


def capabilities(model: Model) -> str:
    """Return in one line what ``model`` can do, for an error message."""
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
    """Remove ``baseten/``, which routers add to a model's name, some of them twice."""
    while (bare := name.strip()).lower().startswith("baseten/"):
        name = bare[len("baseten/") :]
    return name


def _unknown(given: str, target: str, close: list[str]) -> UnknownModelError:
    from ..errors import UnknownModelError  # noqa: PLC0415  # imports openai, which a lookup does not need

    meant = f" (an alias for {target!r})" if target != _unprefixed(given) else ""
    if names.is_openai_name(target):
        message = f"{given!r}{meant} is an OpenAI model, which Baseten does not serve."
        hint = _hint_for_openai(given, target)
        if not names.is_openai_chat_name(target):
            hint = "Baseten's Model APIs serve chat models only; keep a stock openai client for this call"
        return UnknownModelError(message, model=given, suggestions=(), hint=hint)
    message = f"{given!r}{meant} is not a Baseten model that this version knows."
    nearest = f"closest: {', '.join(close)}. " if close else ""
    hint = (
        f"{nearest}For a newer model, use its full slug (organisation/model), which is sent as it is; "
        f'for a name of your own, set aliases={{"{given}": "organisation/model"}}'
    )
    return UnknownModelError(message, model=given, suggestions=close, hint=hint)


def _hint_for_openai(given: str, target: str) -> str:
    """Say how to map an OpenAI name, with the model suggested for it and both prices."""
    known = names.openai_model(target)
    slug, name = (known.suggestion, known.name) if known else (_FOR_EXAMPLE, given)
    suggested = f" ({suggestion_with_prices(known)})" if known else ""
    return (
        f'say which model to use instead: aliases={{"{name}": "{slug}"}}{suggested}, or '
        f"BASETEN_OPENAI_ALIASES={name}={slug}; or for all OpenAI names at once: "
        f'default_model="{slug}", or BASETEN_OPENAI_DEFAULT_MODEL={slug}'
    )


def suggestion_with_prices(known: names.OpenAIModel) -> str:
    """Say when the suggestion was made, and what both models cost."""
    model = _bundled().get(known.suggestion)
    price = model.price if model else None
    ours = f"{price.input} / {price.output}" if price else "unknown"
    return (
        f"suggested on {names.suggestions_as_of()}; USD per million tokens in / out: {ours}, "
        f"{known.name} {known.input} / {known.output}"
    )


@functools.cache
def _bundled() -> Catalog:
    data = resources.files("baseten_openai.models").joinpath("catalog.json").read_bytes()
    return Catalog(_read(record) for record in json.loads(data)["models"])


def _read(record: dict[str, Any]) -> Model:
    for name in ("aliases", "reasoning_efforts", "sampling"):
        if record[name] is not None:
            record[name] = tuple(record[name])
    if (price := record["price"]) is not None:
        amounts = {kind: Decimal(v) if v is not None else None for kind, v in price.items()}
        record["price"] = Price(**amounts)
    return Model(**record)
