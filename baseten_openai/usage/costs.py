"""What calls cost on Baseten, in Decimal: tokens times the catalogue's price, its source and date.

Cached tokens are a part of the input tokens and have a price of their own. What has no known price
costs an unknown amount, never nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .money import usd
from .recorder import Tokens, read_usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..models.catalog import Catalog, Model

MILLION = 1_000_000
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Cost:
    """What tokens cost on one model, in USD; ``None`` is unknown.

    ``input`` is for the tokens that were not cached, ``cached`` for those that were, ``output``
    includes the reasoning. ``source`` and ``as_of`` (an ISO date) are those of the price.
    """

    model: str
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    input: Decimal | None
    cached: Decimal | None
    output: Decimal | None
    source: str
    as_of: str
    at_most: Decimal | None
    """The total if cached tokens cost as much as others, where their own price is unknown."""

    @property
    def total(self) -> Decimal | None:
        """The sum; ``None`` as soon as one of its parts is unknown."""
        if self.input is None or self.cached is None or self.output is None:
            return None
        return self.input + self.cached + self.output

    def __str__(self) -> str:
        """Read as one line."""
        tokens = (
            f"{self.input_tokens:,} in ({self.cached_tokens:,} cached), {self.output_tokens:,} out"
        )
        if self.total is not None:
            amount = f"USD {usd(self.total)}"
        elif self.at_most is not None:
            amount = f"at most USD {usd(self.at_most)} (the price of cached tokens is unknown)"
        else:
            amount = "unknown: no price is known"
        about = f", price of {self.as_of} from {self.source}" if self.as_of else ""
        return f"{self.model}: {amount} for {tokens}{about}"

    def _repr_html_(self) -> str:
        from .html import of_cost  # noqa: PLC0415  # needed only in a notebook

        return of_cost(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001  # IPython's signature
        del cycle
        printer.text(str(self))


def cost(response_or_usage: object, model: str | Model | None = None) -> Cost:
    """Return what an answer cost on Baseten, by the bundled catalogue or by ``model``'s own price.

    Takes what carries a ``usage`` (a completion, a stream's last chunk, a dict of either), or the
    usage itself with ``model`` (any name that ``catalog.resolve()`` takes). Raises ``ValueError``
    where there is no usage to count, or no model named.
    """
    from ..models.catalog import Catalog, Model  # noqa: PLC0415  # it is loaded when a price is asked for

    def get(name: str) -> object:
        if isinstance(response_or_usage, dict):
            found: object = response_or_usage.get(name)
            return found
        return getattr(response_or_usage, name, None)

    tokens = read_usage(response_or_usage) or read_usage(get("usage"))
    if tokens is None:
        message = (
            "There is no usage to count. Pass a completion, or a usage; for a stream the last chunk, "
            'asked for by stream_options={"include_usage": True}.'
        )
        raise ValueError(message)
    named = model if model is not None else get("model")
    if isinstance(named, Model):
        return cost_of(tokens, named)
    if not isinstance(named, str) or not named:
        message = "A usage alone names no model: pass model=, such as 'gpt-oss-120b'."
        raise ValueError(message)
    return cost_of(tokens, find_model(named, Catalog.bundled()))


def find_model(
    name: str,
    catalog: Catalog,
    *,
    aliases: Mapping[str, str] | None = None,
    default_model: str | None = None,
) -> Model:
    """Resolve a name; one that is no model's is a model without a price."""
    from ..errors import UnknownModelError  # noqa: PLC0415  # imports openai
    from ..models.catalog import Model  # noqa: PLC0415  # see cost

    try:
        return catalog.resolve(name, aliases=aliases, default_model=default_model)
    except UnknownModelError:
        return Model.unknown(name)


def cost_of(tokens: Tokens, model: Model) -> Cost:
    """Return what ``tokens`` cost on ``model``."""
    price = model.price
    rates = (None, None, None) if price is None else (price.input, price.cached_input, price.output)
    counts = (tokens.input - tokens.cached, tokens.cached, tokens.output)
    fresh, cached, output = (_part(n, rate) for n, rate in zip(counts, rates, strict=True))
    at_most = None
    full = _part(tokens.cached, rates[0]) if cached is None else cached
    if fresh is not None and full is not None and output is not None:
        at_most = fresh + full + output
    return Cost(
        model.slug,
        tokens.input,
        tokens.cached,
        tokens.output,
        input=fresh,
        cached=cached,
        output=output,
        source=model.source if price else "unknown",
        as_of=model.as_of if price else "",
        at_most=at_most,
    )


def _part(count: int, rate: Decimal | None) -> Decimal | None:
    """Multiply; no tokens cost nothing, whatever their price."""
    if not count:
        return _NOTHING
    return None if rate is None else count * rate / MILLION
