"""The tables of other libraries together with the patch, from ``tests/neighbours/results.json``."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

NEIGHBOURS = Path(__file__).parents[1] / "tests" / "neighbours"
YES, NO = "✓", "✗"
NOT_TRIED = "not tried"
NOTHING_TO_TELL = "none with the bare SDK either"
_LONGEST = 220
_HEADS = {
    "libraries": ("Library", "openai", "Plain", "Stream", "Tools", "Structured", "After `unpatch()`"),
    "instrumentors": (
        "Instrumentor", "openai", "Plain", "Async", "Stream", "Tools", "Structured",
        "Names the model", "Counts the tokens", "One taken out", "Both taken out",
    ),
}  # fmt: skip
_CELLS = {
    "libraries": ("plain", "stream", "tools", "structured", "after unpatch"),
    "instrumentors": (
        "plain", "async", "stream", "tools", "structured", "model", "tokens", "after one", "after both",
    ),
}  # fmt: skip


def build(section: str) -> tuple[tuple[str, ...], list[tuple[str, ...]], list[str]]:
    """Return a table's head and rows, and a line that explains each cross."""
    results = json.loads((NEIGHBOURS / "results.json").read_text(encoding="utf-8"))[section]
    table = tomllib.loads((NEIGHBOURS / "neighbours.toml").read_text(encoding="utf-8"))[section]
    rows, reasons = [], []
    for name, result in results.items():
        first, *_ = result["versions"]
        cells = [_cell(result["cells"], feature) for feature in _CELLS[section]]
        rows.append((f"{name} {result['versions'][first]}", result["versions"]["openai"], *cells))
        reasons.extend(f"{name}, {reason}" for reason in _reasons(result["cells"]))
        if remark := table[name].get("remark"):
            reasons.append(f"{name}: {remark}")
    return _HEADS[section], rows, reasons


def _cell(cells: dict[str, Any], feature: str) -> str:
    """Return one mark for all orders: a tick only if every order passes."""
    found = {_result(cell, feature) for cell in cells.values()}
    if found == {NOT_TRIED}:
        return "-"
    if found == {"ok"}:
        return YES
    return "-" if found == {NOTHING_TO_TELL} else NO


def _result(cell: dict[str, Any], feature: str) -> str:
    results: dict[str, str] = cell["results"]
    return results.get("all") or results.get(feature, NOT_TRIED)


def _reasons(cells: dict[str, Any]) -> list[str]:
    """Return each failure once, with its orders and features."""
    said: dict[str, dict[str, list[str]]] = {}
    for order, cell in cells.items():
        for feature, result in cell["results"].items():
            if result not in ("ok", NOTHING_TO_TELL):
                said.setdefault(result, {}).setdefault(order, []).append(feature)
        for received in cell.get("received", ()):
            said.setdefault(f"Baseten received {received}", {}).setdefault(order, [])
    lines = []
    for complaint, orders in said.items():
        features = {tuple(found) for found in orders.values()}
        what = ", ".join(dict.fromkeys(f for found in features for f in found)) or "always"
        where = "" if len(orders) == len(cells) else f" ({'; '.join(orders)})"
        short = complaint if len(complaint) <= _LONGEST else complaint[: _LONGEST - 1] + "…"
        lines.append(f"{what}{where}: {short}")
    return lines
