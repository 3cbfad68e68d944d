"""``baseten-openai cost FILE``: what logged calls cost on Baseten."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ..usage.costs import Cost
from ..usage.money import add, usd
from ..usage.usage_logs import Logged, price
from . import fail, terminal
from .options import ALIAS, DEFAULT_MODEL, load_settings

_COLUMNS = (
    terminal.Column("model"),
    terminal.Column("priced as"),
    *(terminal.Column(title, number=True) for title in ("calls", "in", "cached", "out", "USD")),
    terminal.Column("price of"),
)
_MANY = 5  # problems that are printed; the others are counted


def cost(
    *,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="JSON lines, one response each; - is stdin.")
    ],
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="The model for lines without one.")
    ] = None,
    alias: ALIAS = None,
    default_model: DEFAULT_MODEL = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Calculate the cost of logged responses.

    A line is a completion, {"model": ..., "usage": ...}, or a line of OpenAI's batch output. Names are
    resolved as in a program; "?" is an unknown price. Exits with 1 if a line could not be counted.
    """
    settings = load_settings(alias, default_model)
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file}: {getattr(error, 'strerror', None) or error}", 2)
    found = price(
        text.splitlines(),
        model=model,
        aliases=settings.aliases,
        default_model=settings.default_model,
        catalog=settings.catalog,
    )
    if as_json:
        terminal.print_json(_document(found))
    elif found.costs:
        _print(found)
    else:
        terminal.remark("nothing to count")
    for problem in found.problems[:_MANY]:
        terminal.remark(f"{file}:{problem.line}: {problem.reason}")
    if len(found.problems) > _MANY:
        terminal.remark(f"{file}: {len(found.problems) - _MANY} more lines were not counted")
    if found.problems:
        raise typer.Exit(1)


def _print(found: Logged) -> None:
    costs = list(found.costs.values())
    rows = [
        [
            name,
            one.model,
            f"{found.calls[name]:,}",
            *(f"{n:,}" for n in (one.input_tokens, one.cached_tokens, one.output_tokens)),
            _amount(one.total, one.at_most),
            one.as_of or "unknown",
        ]
        for name, one in found.costs.items()
    ]
    if len(costs) > 1:
        total = add(one.total for one in costs), add(one.at_most for one in costs)
        sums = (
            sum(getattr(one, kind) for one in costs)
            for kind in ("input_tokens", "cached_tokens", "output_tokens")
        )
        calls = f"{sum(found.calls.values()):,}"
        rows.append(["total", "", calls, *(f"{n:,}" for n in sums), _amount(*total), ""])
    terminal.table(_COLUMNS, rows)


def _amount(total: Any, at_most: Any) -> str:
    if total is not None:
        return usd(total)
    return "?" if at_most is None else f"<={usd(at_most)}"


def _document(found: Logged) -> dict[str, Any]:
    return {
        "models": [
            {"named": name, "calls": found.calls[name], **_as_json(one)}
            for name, one in found.costs.items()
        ],
        "total": add(one.total for one in found.costs.values()),
        "at_most": add(one.at_most for one in found.costs.values()),
        "not_counted": [problem._asdict() for problem in found.problems],
    }


def _as_json(one: Cost) -> dict[str, Any]:
    names = (
        "model", "input_tokens", "cached_tokens", "output_tokens", "input", "cached", "output",
        "total", "at_most", "source", "as_of",
    )  # fmt: skip
    return {name: getattr(one, name) for name in names}
