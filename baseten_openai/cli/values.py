"""Models as JSON."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..models.catalog import Model
    from ..models.live_list import LiveCatalog


def as_json(model: Model) -> dict[str, Any]:
    """Return a model as JSON. Prices are decimal strings; unknown values are null."""
    record = dataclasses.asdict(model)
    if model.price:
        record["price"] = {
            name: None if amount is None else str(amount)
            for name, amount in dataclasses.asdict(model.price).items()
        }
    return record


def provenance(live: LiveCatalog, slug: str) -> dict[str, Any]:
    """Return the sources of a model's fields as JSON."""
    return {field: source._asdict() for field, source in live.provenance(slug).items()}
