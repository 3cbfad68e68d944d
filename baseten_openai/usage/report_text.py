"""Print a report: tables in a terminal, if rich is installed, and otherwise plain text."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

from ..tables import Table, to_lines
from .money import usd

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from .report import ModelUse, Place, Report, Seconds

MANY = 3
"""How many lines of code are named; the others are counted. The JSON form names all."""
_KINDS = ("unsupported", "converted", "renamed", "dropped", "repaired", "advice")
_STYLES = {
    "unsupported": "red",
    "converted": "yellow",
    "renamed": "yellow",
    "dropped": "yellow",
    "repaired": "green",
    "refused": "red",
    "failed": "red",
}


cells: Mapping[str, int] = {}
"""The cell number for each file name in a notebook; set by ``notebook``."""

ADVICE = "Before you migrate"


def show(report: Report, file: TextIO | None = None) -> None:
    """Write a report to ``file`` or standard error, in colour if it is a terminal."""
    target = sys.stderr if file is None else file
    if target.isatty():
        try:
            _show_rich(report, target)
        except ImportError:
            pass
        else:
            return
    target.write(to_text(report))
    target.flush()


def to_text(report: Report, title: str | None = None) -> str:
    """Return a report as text in aligned columns of full width, under the heading ``title``."""
    lines = [title or heading(report), *verdict(report)]
    for table in tables(report):
        lines += ["", *to_lines(table)]
    advice = next_steps(report)
    if advice:
        lines += ["", ADVICE, *(f"  - {line}" for line in advice)]
    return "\n".join(lines) + "\n"


def heading(report: Report) -> str:
    """Return the program, the versions and the time."""
    program = " ".join(report.program) or "this process"
    if "ipykernel_launcher" in program:
        program = "this notebook"
    took = (report.ended - report.started).total_seconds()
    return (
        f"{program} on Baseten, {report.started:%Y-%m-%d %H:%M} UTC, {took:,.1f} s "
        f"(baseten-openai {report.baseten_openai}, openai {report.openai})"
    )


def verdict(report: Report) -> list[str]:
    """Return a few lines about the outcomes of the calls and their cost."""
    if not report.calls:
        return ["No call was made to Baseten by this process."]
    answered = report.calls - report.refused - report.failed
    parts = [f"{answered:,} of {count(report.calls, 'call')} answered"]
    if report.streams:
        parts[0] += f" ({count(report.streams, 'stream')})"
    parts += [
        f"{report.changed:,} changed on the way",
        f"{report.refused:,} refused before sending",
        f"{report.failed:,} failed",
        "1 retry" if report.retries == 1 else f"{report.retries:,} retries",
    ]
    tokens = report.tokens
    used = f"{tokens.input:,} tokens in ({tokens.cached:,} cached), {tokens.output:,} out"
    return [", ".join(parts) + ".", f"{used}: {_amount(report.cost, report.cost_at_most)}."]


def _amount(total: Decimal | None, at_most: Decimal | None) -> str:
    if total is not None:
        return f"USD {usd(total)}"
    if at_most is not None:
        return f"at most USD {usd(at_most)}"
    return "the cost is unknown"


def tables(report: Report) -> Iterator[Table]:
    """Return the tables that have rows: models, changes, errors."""
    if report.models:
        yield _calls(report.models)
        costs = _costs(report.models)
        if costs.rows:
            yield costs
    if report.changes:
        order = {kind: at for at, kind in enumerate(_KINDS)}
        changes = sorted(report.changes, key=lambda c: (order.get(c.kind, len(order)), -c.count))
        yield Table(
            "What was changed",
            ("what", "parameter", "times", "how and why", "where"),
            [(c.kind, c.param, f"{c.count:,}", c.message, where(c.places)) for c in changes],
        )  # fmt: skip
    if report.errors:
        yield Table(
            "What was raised",
            ("error", "status", "times", "message", "where"),
            [
                (
                    f"{e.name}, not sent" if e.refused else e.name,
                    "" if e.status is None or e.refused else str(e.status),
                    f"{e.count:,}",
                    e.message,
                    where(e.places),
                )
                for e in sorted(report.errors, key=lambda e: -e.count)
            ],
        )  # fmt: skip
    if report.left_alone:
        yield Table(
            "Clients left alone",
            ("host", "times", "because", "where"),
            [
                (c.host, f"{c.count:,}", c.reason, f"{c.done} at {where(c.places)}")
                for c in report.left_alone
            ],
        )


def _calls(models: Sequence[ModelUse]) -> Table:
    columns = (
        "in the code", "on Baseten", "calls", "streams", "changed", "refused", "failed", "retries",
        "first chunk", "whole answer",
    )  # fmt: skip
    rows = [
        (
            use.named,
            use.resolved or "-",
            *(f"{n:,}" for n in (use.calls, use.streams, use.changed, use.refused)),
            *(f"{n:,}" for n in (use.failed, use.retries)),
            _time(use.first_chunk),
            _time(use.latency),
        )
        for use in sorted(models, key=lambda use: -use.calls)
    ]
    optional = {"streams", "changed", "refused", "failed", "retries", "first chunk"}
    kept = [
        at
        for at, column in enumerate(columns)
        if column not in optional or any(row[at] not in ("0", "-") for row in rows)
    ]
    return Table(
        "Calls by model (times are medians)",
        tuple(columns[at] for at in kept),
        [tuple(row[at] for at in kept) for row in rows],
    )


def _costs(models: Sequence[ModelUse]) -> Table:
    rows = []
    for use in sorted(models, key=lambda use: -use.tokens.input - use.tokens.output):
        answered = use.calls - use.refused - use.failed
        if not answered:
            continue
        counted = answered - use.without_usage
        money = use.cost
        each = money.total * 1000 / counted if money.total is not None and counted else None
        rows.append(
            (
                use.named,
                use.resolved or "-",
                *(f"{n:,}" for n in (use.tokens.input, use.tokens.cached, use.tokens.output)),
                usd(money.total)
                if money.total is not None
                else "?"
                if money.at_most is None
                else f"<= {usd(money.at_most)}",
                "?" if each is None else usd(each),
                money.as_of or "unknown",
            )
        )
    columns = (
        "in the code", "on Baseten", "tokens in", "cached", "out", "USD", "USD/1,000 calls", "price of",
    )  # fmt: skip
    return Table("Tokens and cost", columns, rows)


def _time(times: Seconds | None) -> str:
    if times is None:
        return "-"
    return f"{times.median:.1f} s" if times.median >= 1 else f"{times.median * 1000:.0f} ms"


def where(places: Sequence[Place]) -> str:
    """Return lines of code as text, the most frequent first."""
    named = [
        f"{_shortest(p.file)}:{p.line}" + (f" x{p.count}" if p.count > 1 else "")
        for p in places[:MANY]
    ]
    more = len(places) - MANY
    return ", ".join([*named, f"{more} more"] if more > 0 else named)


def _shortest(path: str) -> str:
    if path in cells:
        return f"cell {cells[path]}"
    if path.startswith("<"):
        return path
    try:
        relative = os.path.relpath(path)
    except ValueError:  # the file is on another drive
        return path
    return relative if len(relative) < len(path) else path


def next_steps(report: Report) -> list[str]:
    """Return advice that follows from the calls."""
    advice = [f"{where(e.places)}: {e.name}: {e.hint}" for e in report.errors if e.hint]
    advice += [
        f"{where(change.places)}: {change.message}"
        for change in report.changes
        if change.kind in ("unsupported", "advice")
    ]
    for use in report.models:
        name = use.resolved or use.named
        if use.cost.total is None and use.cost.at_most is None:
            advice.append(f"the price of {name} is not known here; the total leaves it open")
        elif use.cost.total is None:
            advice.append(f"the price of {name}'s cached tokens is not known; {usd_note(use)}")
        if use.without_usage:
            advice.append(
                f"{count(use.without_usage, 'answer')} of {name} told no usage that was read "
                "(raw bytes, or a stream left early): their tokens are in no sum"
            )
    return list(dict.fromkeys(advice))


def usd_note(use: ModelUse) -> str:
    """Return a note on what the cost assumes."""
    return f"at the full price they make it USD {usd(use.cost.at_most)}" if use.cost.at_most else ""


def count(number: int, noun: str) -> str:
    """Return a count with its noun: ``1 call``, ``2 calls``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _show_rich(report: Report, target: TextIO) -> None:
    import rich.box  # noqa: PLC0415  # from the extra `cli`, if installed
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table as RichTable  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(file=target, highlight=False, markup=False, emoji=False)
    console.print()
    console.print(Text(heading(report), style="bold"))
    first, *others = verdict(report)
    console.print(Text(first, style="red" if report.refused or report.failed else "green"))
    for line in others:
        console.print(line)
    for table in tables(report):
        drawn = RichTable(
            title=table.title,
            title_justify="left",
            title_style="bold",
            box=rich.box.ROUNDED,
            header_style="bold",
        )
        for column, number in zip(table.columns, table.numeric(), strict=True):
            drawn.add_column(
                column, justify="right" if number else "left", overflow="fold", no_wrap=number
            )
        for row in table.rows:
            drawn.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
        console.print()
        console.print(drawn)
    advice = next_steps(report)
    if advice:
        console.print()
        console.print(Text(ADVICE, style="bold"))
        for line in advice:
            console.print(Text(f"• {line}"))
