"""Calculate the cost of logged responses: JSON lines, one response per line.

A line may be a completion or a stream's last chunk, ``{"model": ..., "usage": ...}``, a bare usage, or
any of them under ``response``, ``response.body`` (OpenAI's batch output) or ``body``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from ..models.catalog import Catalog
from .costs import Cost, cost_on, find_model
from .recorder import ModelTally
from .tokens import read_usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .tokens import Counts


class Problem(NamedTuple):
    """A line that could not be counted."""

    line: int
    reason: str


class Logged(NamedTuple):
    """The cost of logged calls by model, and the lines without a usage."""

    calls: dict[str, int]
    costs: dict[str, Cost]
    problems: list[Problem]


def price(
    lines: Iterable[str],
    *,
    model: str | None = None,
    aliases: Mapping[str, str] | None = None,
    default_model: str | None = None,
    catalog: Catalog | None = None,
) -> Logged:
    """Add up logged usages. ``model`` applies to lines without a model.

    A name that is no model's, even after ``aliases`` and ``default_model``, has no known price.
    """
    prices = catalog or Catalog.bundled()
    tallies: dict[str, ModelTally] = {}
    problems = []
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            named, counts = _read(json.loads(text))
        except (ValueError, RecursionError):
            problems.append(Problem(number, "is no JSON"))
            continue
        if counts is None:
            problems.append(Problem(number, "has no usage"))
        elif not (named or model):
            problems.append(Problem(number, "names no model; --model names that of all such lines"))
        else:
            tallies.setdefault(named or str(model), ModelTally()).add(counts)
    costs = {}
    for name, tally in tallies.items():
        found = find_model(name, prices, aliases=aliases, default_model=default_model)
        costs[name] = cost_on(found, tally.tokens)
    return Logged({name: tally.counted for name, tally in tallies.items()}, costs, problems)


def _read(record: Any) -> tuple[str | None, Counts | None]:
    """Return the model and the usage of a line, at the top level or nested."""
    named = None
    for _ in range(4):
        if not isinstance(record, dict):
            break
        model = record.get("model")
        named = model if isinstance(model, str) and model else named
        counts = read_usage(record.get("usage")) or read_usage(record)
        if counts is not None:
            return named, counts
        record = record.get("response") or record.get("body")
    return named, None
