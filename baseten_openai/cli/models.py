"""``baseten-openai models``: the catalogue as a table."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..models import text
from ..models.catalog import Catalog, Model
from . import terminal, values
from .live import describe, read

if TYPE_CHECKING:
    from ..models.catalog import Feature
    from ..models.live_list import LiveCatalog
    from ..models.live_merge import ListNote


class Status(StrEnum):
    """The statuses of models."""

    LISTED = "listed"
    UNLISTED = "unlisted"
    RETIRED = "retired"


_WIDE = (
    terminal.Column("Model"),
    terminal.Column("Context", number=True),
    terminal.Column("Output", number=True),
    terminal.Column("$ in", number=True),
    terminal.Column("$ out", number=True),
    terminal.Column("JSON"),
    terminal.Column("Schema"),
    terminal.Column("Reason"),
    terminal.Column("Vision"),
    terminal.Column("Tools"),
    terminal.Column("Status"),
)
_NARROW = (
    terminal.Column("Model"),
    terminal.Column("Tokens\n$ in / out", number=True),
    terminal.Column("Can"),
    terminal.Column("Status"),
)
_PIPED = tuple(
    terminal.Column(title)
    for title in (
        "slug",
        "context",
        "max_output",
        "usd_in",
        "usd_out",
        "usd_cached",
        "json",
        "schema",
        "reasoning",
        "vision",
        "tools",
        "status",
    )
)
_DIFF = tuple(
    terminal.Column(t) for t in ("model", "field", "verdict", "bundled", "listed", "reason")
)


def models(
    *,
    vision: Annotated[bool, typer.Option("--vision", help="Only models with vision.")] = False,
    json_mode: Annotated[
        bool, typer.Option("--json-mode", help="Only models with JSON mode.")
    ] = False,
    structured: Annotated[
        bool, typer.Option("--structured-outputs", help="Only models with structured outputs.")
    ] = False,
    reasoning: Annotated[
        bool, typer.Option("--reasoning", help="Only models with reasoning.")
    ] = False,
    tools: Annotated[bool, typer.Option("--tools", help="Only models with tool calling.")] = False,
    status: Annotated[Status | None, typer.Option(help="Only models of this status.")] = None,
    refresh: Annotated[
        bool,
        typer.Option("--refresh", help="Merge Baseten's live list over the bundled catalogue."),
    ] = False,
    diff: Annotated[
        bool,
        typer.Option("--diff", help="Show where the live list and the bundled catalogue differ."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the models.

    Limits in tokens, prices in USD per million tokens, features; "?" is unknown.
    """
    live = read(anew=refresh) if refresh or diff else None
    catalog = live or Catalog.bundled()
    wanted: dict[Feature, bool] = {
        "vision": vision,
        "json_mode": json_mode,
        "structured_outputs": structured,
        "reasoning": reasoning,
        "tools": tools,
    }
    found = [
        model
        for model in catalog.values()
        if all(model.supports(feature) for feature, asked in wanted.items() if asked)
        and (status is None or model.status == status.value)
    ]
    slugs = {model.slug for model in found}
    notes = [n for n in live.notes if n.slug in slugs or n.slug not in live] if live else []
    if as_json:
        terminal.print_json(_document(found, live, notes))
    elif diff:
        _print_diff(notes)
    elif found:
        _print_models(found)
    if not found:
        terminal.remark("no model has all of that")
    if live:
        terminal.remark(describe(live))
    elif terminal.is_terminal():
        terminal.remark("bundled catalogue; --refresh reads Baseten's live list")


def _print_models(found: list[Model]) -> None:
    if not terminal.is_terminal():
        terminal.table(_PIPED, [_piped_row(model) for model in found])
    elif terminal.width() >= terminal.WIDE:
        terminal.table(_WIDE, [_wide_row(model) for model in found])
    else:
        terminal.table(_NARROW, [_narrow_row(model) for model in found])


def _piped_row(model: Model) -> list[str]:
    return [
        model.slug,
        text.tokens(model.context_tokens),
        text.tokens(model.max_output_tokens),
        text.price(model, "input"),
        text.price(model, "output"),
        text.price(model, "cached_input"),
        *text.features(model),
        text.status(model),
    ]


def _wide_row(model: Model) -> list[str]:
    return [
        model.slug,
        text.tokens(model.context_tokens, grouped=True),
        text.tokens(model.max_output_tokens, grouped=True),
        text.price(model, "input"),
        text.price(model, "output"),
        *text.features(model),
        text.status(model),
    ]


def _narrow_row(model: Model) -> list[str]:
    """Return a model as two lines that fit into 80 columns."""
    counts = (model.context_tokens, model.max_output_tokens)
    limits = " / ".join(text.tokens(count, short=True) for count in counts)
    prices = f"{text.price(model, 'input')} / {text.price(model, 'output')}"
    cells = zip(map(str.lower, text.FEATURES), text.features(model), strict=True)
    can = [name if cell == "yes" else f"{name}({cell})" for name, cell in cells if cell != "no"]
    slug = model.slug.replace("/", "/\n", 1)
    return [slug, f"{limits}\n{prices}", " ".join(can), text.status(model)]


def _print_diff(notes: list["ListNote"]) -> None:
    rows = [
        [n.slug, n.field, n.verdict, _word(n.known), _word(n.listed), n.reason]
        for n in notes
        if n.known is not None or n.listed is not None  # neither has a value
    ]
    if rows:
        terminal.table(_DIFF, rows)
    else:
        terminal.remark("live list and bundled catalogue agree")


def _word(value: Any) -> str:
    """Return a value without blanks, so that columns in a pipe can be split at blanks."""
    if value is None:
        return "?"
    if isinstance(value, bool):
        return text.yes_no(value)
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).replace(" ", "_")


def _document(
    found: list[Model], live: "LiveCatalog | None", notes: list["ListNote"]
) -> dict[str, Any]:
    document: dict[str, Any] = {"source": "bundled"}
    if live:
        document = {
            "source": "cache" if live.from_cache else "live",
            "url": live.url,
            "read_at": live.read_at.isoformat(timespec="seconds"),
            "problem": live.problem or None,
            "notes": [note._asdict() for note in notes],
        }
    document["models"] = [
        {
            **values.as_json(model),
            **({"provenance": values.provenance(live, model.slug)} if live else {}),
        }
        for model in found
    ]
    return document
