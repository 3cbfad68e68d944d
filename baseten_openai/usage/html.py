"""Reports and costs as HTML for notebooks, in the style of ``tables``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import tables
from ..tables import Table
from . import report_text
from .money import usd

if TYPE_CHECKING:
    from .costs import Cost
    from .report import Report


def of_report(report: Report, title: str | None = None) -> str:
    """Return a report: title, summary, tables and advice."""
    advice = report_text.next_steps(report)
    return tables.page(
        tables.title(title or report_text.heading(report)),
        *map(tables.paragraph, report_text.verdict(report)),
        *map(tables.to_html, report_text.tables(report)),
        *((tables.title(report_text.ADVICE), tables.bullets(advice)) if advice else ()),
    )


def of_cost(cost: Cost) -> str:
    """Return the parts of a cost, with the price's source and date."""
    parts = (
        ("input, not cached", cost.input_tokens - cost.cached_tokens, cost.input),
        ("input, cached", cost.cached_tokens, cost.cached),
        ("output", cost.output_tokens, cost.output),
        ("total", cost.input_tokens + cost.output_tokens, cost.total),
    )
    rows = [
        (name, f"{count:,}", "?" if amount is None else usd(amount))
        for name, count, amount in parts
    ]
    source = f"Price of {cost.as_of} from {cost.source}." if cost.as_of else "No price is known."
    at_most = ""
    if cost.total is None and cost.at_most is not None:
        at_most = f" At most USD {usd(cost.at_most)}: the price of cached tokens is unknown."
    return tables.page(
        tables.to_html(Table(f"Cost on {cost.model}", ("part", "tokens", "USD"), rows)),
        tables.paragraph(source + at_most),
    )
