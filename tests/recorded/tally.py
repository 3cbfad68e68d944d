"""Count what ran and what was found, for the summary of a test run and the README's figure."""

from __future__ import annotations

import collections
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .invariants import Violation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from .exchanges import Exchange
    from .invariants import Weight


@dataclass(slots=True)
class Tally:
    """The calls made with one kind of client."""

    calls: int = 0
    routes: set[str] = field(default_factory=set)
    found: dict[str, list[Violation]] = field(default_factory=dict)
    """By the exchange's name; one that ran without a violation has an empty list."""

    def add(self, exchange: Exchange, route: str, found: Iterable[Violation]) -> None:
        """Count one call."""
        self.calls += 1
        self.routes.add(route)
        self.found.setdefault(exchange.name, []).extend(found)

    def merge(self, other: Tally) -> None:
        """Add the calls of ``other``."""
        self.calls += other.calls
        self.routes |= other.routes
        for name, found in other.found.items():
            self.found.setdefault(name, []).extend(found)

    def to_plain(self) -> list[Any]:
        """Return the tally as lists, numbers and strings, which workers of pytest-xdist can send."""
        found = {name: [list(one) for one in found] for name, found in self.found.items()}
        return [self.calls, sorted(self.routes), found]

    @classmethod
    def from_plain(cls, plain: list[Any]) -> Tally:
        """Read what ``to_plain`` returned."""
        calls, routes, found = plain
        return cls(
            calls, set(routes), {name: [Violation(*v) for v in vs] for name, vs in found.items()}
        )

    def broken(self, weight: Weight = "breaks", *, without: Collection[str] = ()) -> int:
        """Count exchanges with a violation of this weight, leaving out the rules ``without``."""
        return sum(
            any(v.weight == weight and v.rule not in without for v in found)
            for found in self.found.values()
        )

    def by_rule(self) -> dict[str, int]:
        """Count exchanges by the rule they violate, most first."""
        counted: collections.Counter[str] = collections.Counter()
        for found in self.found.values():
            counted.update({violation.rule for violation in found})
        return dict(counted.most_common())

    def figures(self) -> dict[str, Any]:
        """Give the numbers that may be quoted."""
        return {
            "exchanges": len(self.found),
            "calls": self.calls,
            "routes": sorted(self.routes),
            "break": self.broken(),
            "break_if_usage_on_every_chunk_is_not_counted": self.broken(without={"usage_once"}),
            "lose_the_request_id": self.broken("degrades"),
            "break_if_usage_is_not_asked_for": self.broken("derived"),
            "by_rule": self.by_rule(),
        }


def sentence(bare: Tally, ours: Tally) -> str:
    """Say it in one line, for the README and the summary of a test run."""
    return (
        f"{bare.broken()} of {len(bare.found)} recorded exchanges break unmodified OpenAI code; "
        f"with one line and refusals off, {ours.broken()}"
    )
