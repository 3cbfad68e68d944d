"""How models look in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import tables
from ..tables import Table
from . import text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .catalog import Model


def of_catalog(models: Iterable[Model]) -> str:
    """Return the models, a row each."""
    title = "Models: limits in tokens, prices in USD per million tokens; ? is unknown"
    return tables.page(tables.to_html(text.table(models, title)))


def of_model(model: Model) -> str:
    """Return what is known of a model."""
    features = Table("", text.FEATURES, [tuple(text.features(model))])
    return tables.page(
        tables.to_html(Table(model.slug, ("what", "value"), text.facts(model))),
        tables.to_html(features),
    )
