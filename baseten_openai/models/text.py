"""How the facts about a model read: in the command line's tables, in a notebook, in an interpreter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from .catalog import Model

REASONING = {
    "default_on": "on",
    "always_on": "always",
    "opt_in": "opt-in",
    "unsupported": "no",
    None: "?",
}
REASONING_IN_FULL = REASONING | {"default_on": "on by default", "always_on": "always on"}
FEATURES = ("JSON", "schema", "reasoning", "vision", "tools")


def yes_no(value: bool | None) -> str:  # noqa: FBT001  # a value, not a switch
    """Read a capability; unknown is "?"."""
    return {True: "yes", False: "no", None: "?"}[value]


def tokens(count: int | None, *, grouped: bool = False, short: bool = False) -> str:
    """Read a number of tokens: 163840, 163,840 or 164k."""
    if count is None:
        return "?"
    if short:
        return f"{count / 1000:.0f}k"
    return f"{count:,}" if grouped else str(count)


def usd(amount: Decimal | None) -> str:
    """Read a price per million tokens, in cents at least."""
    if amount is None:
        return "?"
    return format(amount if -amount.as_tuple().exponent >= 2 else round(amount, 2), "f")  # type: ignore[operator]  # noqa: PLR2004  # prices are finite; cents


def price(model: Model, part: str) -> str:
    """Read one of a model's prices."""
    return usd(getattr(model.price, part) if model.price else None)


def status(model: Model) -> str:
    """Read a model's status."""
    return model.status or "?"


def features(model: Model) -> list[str]:
    """Read whether a model has each of ``FEATURES``."""
    return [
        yes_no(model.json_mode),
        yes_no(model.structured_outputs),
        REASONING[model.reasoning],
        yes_no(model.vision),
        yes_no(model.tools),
    ]


def table(models: Iterable[Model], title: str = "") -> Table:
    """Return a row for each model: limits in tokens, prices in USD per million tokens, features."""
    return Table(
        title,
        ("model", "context", "output", "$ in", "$ cached", "$ out", *FEATURES, "status"),
        [
            (
                model.slug,
                tokens(model.context_tokens, grouped=True),
                tokens(model.max_output_tokens, grouped=True),
                *(price(model, part) for part in ("input", "cached_input", "output")),
                *features(model),
                status(model),
            )
            for model in models
        ],
    )


def facts(model: Model) -> list[tuple[str, str]]:
    """Return what is known of a model, by name; what is not is left out or "?"."""
    parts = (("in", "input"), ("cached in", "cached_input"), ("out", "output"))
    replacement = f"{model.replacement} ({model.replacement_source})" if model.replacement else ""
    retired = model.status == "retired" and model.retired_on
    found = [
        ("name", model.name),
        ("also", ", ".join(model.aliases)),
        ("status", f"retired on {model.retired_on}" if retired else status(model)),
        ("replacement", replacement),
        ("context", tokens(model.context_tokens, grouped=True)),
        ("max output", tokens(model.max_output_tokens, grouped=True)),
        ("USD per million", ", ".join(f"{name} {price(model, part)}" for name, part in parts)),
        ("sampling", ", ".join(model.sampling) if model.sampling else "?"),
        ("source", f"{model.source}{f' ({model.as_of})' if model.as_of else ''}"),
        ("note", model.note),
    ]
    return [(name, text) for name, text in found if text]


def describe(model: Model) -> str:
    """Return the facts and features as lines of text."""
    rows = [*facts(model), *zip(FEATURES, features(model), strict=True)]
    width = max(len(name) for name, _ in rows)
    return "\n".join([model.slug, *(f"  {name.ljust(width)}  {text}" for name, text in rows)])
