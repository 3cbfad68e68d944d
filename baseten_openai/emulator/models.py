"""The models the emulator serves: every one of the bundled catalogue, retired ones too.

The service would answer 404 for a retired slug. The emulator keeps serving it: the models of the
specification are what users test with, and most of them are no longer listed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from baseten_openai.models.catalog import Catalog

if TYPE_CHECKING:
    from baseten_openai.models.catalog import Model


def by_slug() -> dict[str, Model]:
    """Return the bundled models by slug, exactly as spelled: slugs are case-sensitive (OFF)."""
    return {model.slug: model for model in Catalog.bundled()}
