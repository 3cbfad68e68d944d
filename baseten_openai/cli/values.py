"""Models as JSON."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..models.catalog import Model
    from ..models.live_list import LiveCatalog


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
