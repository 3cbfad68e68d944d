"""The cost of calls on Baseten, in Decimal: tokens times the catalog's price, with its source and date.

Cached tokens are a part of the input tokens and have their own price. If a price is unknown, so is the
cost; it never counts as zero.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import ConfigDict, Field

from . import recorder
from .money import add, usd
from .tokens import Tokens, read_usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..models.catalog import Catalog, Model

MILLION = 1_000_000
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """The cost of tokens on Baseten in USD, as decimal strings in JSON; null is unknown."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    input: Annotated[Decimal | None, Field(description="for the input that was not cached")]
    cached: Decimal | None
    output: Decimal | None
    total: Annotated[Decimal | None, Field(description="null if any part is unknown")]
    at_most: Annotated[
        Decimal | None,
        Field(
            description="the total with cached tokens at the full price, if their own is unknown"
        ),
    ]
    source: Annotated[str, Field(description="the source of the price")]
    as_of: Annotated[str, Field(description="the date of the price, ISO")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost(Money):
    """The cost of tokens on one model, in USD; ``None`` is unknown.

    ``input`` is the cost of the tokens that were not cached, ``cached`` of those that were; ``output``
    includes reasoning. ``total`` is ``None`` if any part is unknown; ``at_most`` is the total with cached
    tokens at the full price, if their own price is unknown. ``source`` and ``as_of`` (an ISO date)
    belong to the price.
    """

    model: str
    input_tokens: int
    cached_tokens: int
    output_tokens: int

    def __str__(self) -> str:
        """Return one line: model, amount, tokens, and the source of the price."""
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


def cost(
    response_or_usage: object,
    model: str | Model | None = None,
    *,
    catalog: Catalog | None = None,
) -> Cost:
    """Return the cost of a response on Baseten.

    Takes a response that has a ``usage`` (a completion, the last chunk of a stream, or a dict of either),
    or the usage itself with ``model``, which is any name that ``catalog.resolve()`` takes, or a ``Model``.
    Prices are from ``catalog``; without it, from the catalog of the client that called the model, or the
    bundled one if no call of this process did. Raises ``ValueError`` if there is no usage, or no model.
    """
    from ..models.catalog import Catalog, Model  # noqa: PLC0415  # it is loaded when a price is asked for

    def get(name: str) -> object:
        if isinstance(response_or_usage, dict):
            found: object = response_or_usage.get(name)
            return found
        return getattr(response_or_usage, name, None)

    counts = read_usage(response_or_usage) or read_usage(get("usage"))
    if counts is None:
        message = (
            "There is no usage to count. Pass a completion or its usage; for a stream, pass the last "
            'chunk and request it with stream_options={"include_usage": True}.'
        )
        raise ValueError(message)
    tokens = Tokens(*counts)
    named = model if model is not None else get("model")
    if isinstance(named, Model):
        return cost_on(named, tokens)
    if not isinstance(named, str) or not named:
        message = "A usage does not name its model: pass model=, such as 'gpt-oss-120b'."
        raise ValueError(message)
    used = recorder.model_used(named) if catalog is None else None
    return cost_on(used or find_model(named, catalog or Catalog.bundled()), tokens)


def find_model(
    name: str,
    catalog: Catalog,
    *,
    aliases: Mapping[str, str] | None = None,
    default_model: str | None = None,
) -> Model:
    """Resolve a name; return a model without a price for an unknown one."""
    from ..errors import UnknownModelError  # noqa: PLC0415  # imports openai
    from ..models.catalog import Model  # noqa: PLC0415  # as in cost()

    try:
        return catalog.resolve(name, aliases=aliases, default_model=default_model)
    except UnknownModelError:
        return Model.unknown(name)


def cost_on(model: Model, tokens: Tokens) -> Cost:
    """Return the cost of ``tokens`` on ``model``, with both in it."""
    return Cost(
        **dataclasses.asdict(cost_of(tokens, model)),
        model=model.slug,
        input_tokens=tokens.input,
        cached_tokens=tokens.cached,
        output_tokens=tokens.output,
    )


def cost_of(tokens: Tokens, model: Model) -> Money:
    """Return the cost of ``tokens`` at the price of ``model``."""
    price = model.price
    rates = (None, None, None) if price is None else (price.input, price.cached_input, price.output)
    counts = (tokens.input - tokens.cached, tokens.cached, tokens.output)
    fresh, cached, output = (_part(n, rate) for n, rate in zip(counts, rates, strict=True))
    full = _part(tokens.cached, rates[0]) if cached is None else cached
    return Money(
        input=fresh,
        cached=cached,
        output=output,
        total=add((fresh, cached, output)),
        at_most=add((fresh, full, output)),
        source=model.source if price else "unknown",
        as_of=model.as_of if price else "",
    )


def _part(count: int, rate: Decimal | None) -> Decimal | None:
    """Multiply; no tokens cost nothing, even at an unknown price."""
    if not count:
        return _NOTHING
    return None if rate is None else count * rate / MILLION
