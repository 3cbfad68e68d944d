"""How the facts about a model read."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decimal import Decimal

    from ..live_catalog import LiveCatalog
    from ..model_catalog import Model

REASONING = {
    "default_on": "on",
    "always_on": "always",
    "opt_in": "opt-in",
    "unsupported": "no",
    None: "?",
}


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


def as_json(model: Model) -> dict[str, Any]:
    """Turn a model into JSON: prices are decimal strings, unknown is null."""
    record = dataclasses.asdict(model)
    if model.price:
        record["price"] = {
            name: None if amount is None else str(amount)
            for name, amount in dataclasses.asdict(model.price).items()
        }
    return record


def provenance(live: LiveCatalog, slug: str) -> dict[str, Any]:
    """Turn the sources of a model's fields into JSON."""
    return {field: source._asdict() for field, source in live.provenance(slug).items()}
