"""Add and format amounts in USD."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def add(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum, or ``None`` if any amount is ``None``."""
    total = Decimal(0)
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


def usd(amount: Decimal) -> str:
    """Format an amount, with more decimals for smaller ones."""
    if not amount:
        return "0"
    digits = 2 if amount >= 100 else 4 if amount >= Decimal("0.01") else 7  # noqa: PLR2004  # cents, hundredths of a cent
    return f"{amount:,.{digits}f}"
