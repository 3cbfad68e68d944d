"""Replace the model name in a request's body with Baseten's slug."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..call_notes import Note, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..models.catalog import Catalog, Model


class Resolved(NamedTuple):
    """A body that names a slug, the model with that slug, and what was changed."""

    body: dict[str, Any]
    model: Model | None = None
    notes: tuple[Note, ...] = ()
    refusal: Refusal | None = None


def resolve_model(
    body: dict[str, Any],
    catalog: Catalog,
    *,
    aliases: Mapping[str, str] | None = None,
    default_model: str | None = None,
) -> Resolved:
    """Find the model that ``body`` names; a body without a model is returned as it is.

    Raises ``UnknownModelError``, from ``Catalog.resolve``, for a name that stands for no model.
    """
    if "model" not in body:
        return Resolved(body)
    name = body["model"]
    if not isinstance(name, str):
        message = f"model must be a string, not {type(name).__name__}"
        hint = "pass the name of a model, such as 'openai/gpt-oss-120b'"
        return Resolved(body, refusal=Refusal("model", "", message, hint, malformed=True))
    model = catalog.resolve(name, aliases=aliases, default_model=default_model)
    notes: tuple[Note, ...] = ()
    if model.status == "retired":
        message = f"{model.slug} was retired on {model.retired_on}; use {model.replacement}"
        notes = (Note("unsupported", "model", message),)
    if model.slug == name:
        return Resolved(body, model, notes)
    note = Note("resolved", "model", f"model {name!r} is {model.slug}")
    return Resolved({**body, "model": model.slug}, model, (*notes, note))
