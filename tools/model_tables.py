"""The tables of models in README.md and docs/models.md, from the bundled catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from markdown_table import table

from baseten_openai.models import text
from baseten_openai.models.catalog import Catalog, Feature, Model

if TYPE_CHECKING:
    from collections.abc import Container, Iterable


class Suggestion(NamedTuple):
    """A listed model for a group of OpenAI's models, which have ``features``."""

    openai: tuple[str, ...]
    features: tuple[Feature, ...]
    model: str
    why: str


SUGGESTIONS = (
    Suggestion(
        ("gpt-4o", "gpt-4.1"), ("vision",), "zai-org/GLM-5.2", "reasons only if you ask for it"
    ),
    Suggestion(
        ("gpt-4o-mini", "gpt-4.1-mini", "o4-mini", "gpt-5-mini"),
        ("vision", "reasoning"),
        "deepseek-ai/DeepSeek-V4.1-Flash",
        '`reasoning_effort="none"` turns reasoning off',
    ),
    Suggestion(("o3", "o1", "gpt-5"), ("vision", "reasoning"), "zai-org/GLM-5.3", "always reasons"),
    Suggestion(
        ("gpt-3.5-turbo", "o3-mini"), ("reasoning",), "openai/gpt-oss-120b", "text only, cheapest"
    ),
)
"""Every suggested model has tools and structured outputs, too; ``suggestions()`` checks all of it."""


def suggestions() -> str:
    """Build the table of which model to use for OpenAI's. Raises ValueError if one does not fit."""
    return table(
        ("In your code", "Use", "Images", "Reasoning", "USD per million in / out", "Remark"),
        [_suggestion_row(row) for row in SUGGESTIONS],
    )


def _suggestion_row(row: Suggestion) -> tuple[str, ...]:
    model = Catalog.bundled().get(row.model)
    needed: tuple[Feature, ...] = (*row.features, "tools", "structured_outputs")
    if model is None or model.status != "listed" or not all(map(model.supports, needed)):
        message = f"{row.model} is not listed, or lacks one of {', '.join(needed)}"
        raise ValueError(message)
    return (
        ", ".join(f"`{name}`" for name in row.openai),
        f"`{model.aliases[0]}`",
        text.yes_no(model.vision),
        text.REASONING_IN_FULL[model.reasoning],
        _price(model),
        row.why,
    )


def specification() -> str:
    """Build the small table of the specification's models."""
    head = (
        "Model",
        "Context",
        "Max output",
        "USD in / out",
        "JSON",
        "Reasoning",
        "Vision",
        "Status",
    )
    listed = {model.slug for model in Catalog.bundled().values() if model.status == "listed"}
    return table(
        head,
        [
            (
                f"`{model.aliases[0]}`",
                _count(model.context_tokens),
                _count(model.max_output_tokens),
                _price(model),
                text.yes_no(model.structured_outputs),
                text.REASONING_IN_FULL[model.reasoning],
                text.yes_no(model.vision),
                _status(model, replacements=listed),
            )
            for model in Catalog.bundled().values()
            if model.source == "specification"
        ],
    )


def models(*, specified: bool, listed: bool | None = None) -> str:
    """Build the table of the specification's models, or of the others, by whether they are listed."""
    return _model_table(
        model
        for model in Catalog.bundled().values()
        if (model.source == "specification") == specified
        and (listed is None or (model.status == "listed") == listed)
    )


def _model_table(rows: Iterable[Model]) -> str:
    head = (
        "Model",
        "Write, for example",
        "Context",
        "Max output",
        "USD per million in / out",
        "JSON mode",
        "Structured outputs",
        "Reasoning",
        "Vision",
        "Tools",
        "Status",
        "As of",
    )
    return table(head, [_model_row(model) for model in rows])


def _model_row(model: Model) -> tuple[str, ...]:
    return (
        f"{model.name}<br>`{model.slug}`",
        ", ".join(f"`{alias}`" for alias in model.aliases[:1]) or "the slug",
        _count(model.context_tokens),
        _count(model.max_output_tokens),
        _price(model),
        text.yes_no(model.json_mode),
        text.yes_no(model.structured_outputs),
        text.REASONING_IN_FULL[model.reasoning],
        text.yes_no(model.vision),
        text.yes_no(model.tools),
        _status(model),
        str(model.as_of),
    )


def _price(model: Model) -> str:
    return f"{model.price.input} / {model.price.output}" if model.price else "?"


def _status(model: Model, replacements: Container[str] | None = None) -> str:
    """Say whether a model is listed, and what replaces it if not (only one of ``replacements``)."""
    status = model.status or "?"
    if model.status == "retired" and model.retired_on:
        status += f" {model.retired_on}"
    known = replacements is None or model.replacement in replacements
    if model.replacement and model.status != "listed" and known:
        status += f"; use `{model.replacement}`"
    return status


def _count(tokens: int | None) -> str:
    return "?" if tokens is None else f"{tokens:,}"
