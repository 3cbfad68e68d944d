"""What the calls of a program did on Baseten: the data behind ``report()`` and ``--report``.

``Report`` is a pydantic model, and so documents its JSON form: ``Report.model_json_schema()``.
``report_text`` draws it.
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
from decimal import Decimal  # noqa: TC003  # pydantic reads it
from importlib import metadata
from typing import TYPE_CHECKING, Annotated, Any, Literal  # noqa: F401  # pydantic 2.0 reads Annotated here

from pydantic import BaseModel, ConfigDict, Field

from .._version import __version__
from ..models.catalog import Catalog, Model
from . import left_alone, recorder
from .costs import Money, cost_of
from .money import add, usd
from .tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import matplotlib.figure
    import pandas as pd


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(_Part):
    """A line of the user's code, and a count."""

    file: str
    line: int = Field(ge=0, description="0 where it is unknown")
    count: int = Field(ge=1)


class Seconds(_Part):
    """Times of the latest 1,000 calls."""

    median: float
    p95: float = Field(description="the 95th percentile")
    sample: tuple[float, ...] = Field(description="in the order of the calls")


class ModelUse(_Part):
    """The calls that used one name for one model."""

    named: str = Field(description="as the code names it")
    resolved: str | None = Field(description="the slug it was sent as; null where it was refused")
    calls: int = Field(description="all, refused and failed ones included")
    streams: int
    changed: int = Field(description="calls of which more than the model's name was changed")
    refused: int = Field(description="calls that were not sent")
    failed: int = Field(description="calls that were sent and raised")
    retries: int = Field(description="attempts beyond the first")
    without_usage: int = Field(description="answers whose tokens nobody counted, or not read yet")
    tokens: Tokens
    cost: Money
    latency: Seconds | None = Field(description="to the end of the answer; null before the first")
    first_chunk: Seconds | None = Field(description="to the first chunk of a stream")


class Change(_Part):
    """One kind of change to requests or responses, as in ``notes()``."""

    kind: str = Field(description="renamed, converted, dropped, unsupported, repaired, advice")
    param: str = Field(description="the parameter, or the field of the answer")
    message: str
    count: int
    places: tuple[Place, ...]


class Failure(_Part):
    """An exception that ended calls."""

    name: str = Field(description="the class of the exception")
    status: int | None = Field(description="the status of an error answer")
    refused: bool = Field(description="raised before anything was sent")
    message: str
    hint: str
    count: int
    places: tuple[Place, ...]


class LeftAlone(_Part):
    """A client that ``patch()`` left alone: its requests go to another host."""

    host: str
    reason: str
    done: Literal["made", "used"] = Field(description="what the program did at these places")
    count: int
    places: tuple[Place, ...]


class Report(_Part):
    """The calls of this process to Baseten so far."""

    version: Literal[1] = Field(default=1, description="of this form")
    program: tuple[str, ...] = Field(description="sys.argv")
    started: dt.datetime
    ended: dt.datetime
    baseten_openai: str
    openai: str
    models: tuple[ModelUse, ...]
    changes: tuple[Change, ...]
    errors: tuple[Failure, ...]
    left_alone: tuple[LeftAlone, ...] = Field(
        default=(), description="clients that keep another host"
    )

    @property
    def calls(self) -> int:
        """The number of calls."""
        return sum(model.calls for model in self.models)

    @property
    def streams(self) -> int:
        """The number of streaming calls."""
        return sum(model.streams for model in self.models)

    @property
    def refused(self) -> int:
        """The number of calls that were refused before sending."""
        return sum(model.refused for model in self.models)

    @property
    def failed(self) -> int:
        """The number of calls that were sent and raised an exception."""
        return sum(model.failed for model in self.models)

    @property
    def retries(self) -> int:
        """The number of retries."""
        return sum(model.retries for model in self.models)

    @property
    def changed(self) -> int:
        """The number of calls in which more than the model's name was changed."""
        return sum(model.changed for model in self.models)

    @property
    def tokens(self) -> Tokens:
        """The tokens of all calls."""
        used = [model.tokens for model in self.models]
        return Tokens(
            sum(tokens.input for tokens in used),
            sum(tokens.cached for tokens in used),
            sum(tokens.output for tokens in used),
            sum(tokens.reasoning for tokens in used),
        )

    @property
    def cost(self) -> Decimal | None:
        """The total cost in USD, or ``None`` if the price of any model is unknown."""
        return add(model.cost.total for model in self.models)

    @property
    def cost_at_most(self) -> Decimal | None:
        """The total cost in USD, with the input price for cached tokens whose price is unknown."""
        return add(model.cost.at_most for model in self.models)

    def to_pandas(self) -> pd.DataFrame:
        """Return a row per model. Costs are floats; ``models`` has the exact values. Needs pandas."""
        try:
            import pandas as pd  # noqa: PLC0415  # an optional package
        except ImportError as error:
            message = "to_pandas() needs pandas: pip install pandas"
            raise ImportError(message) from error
        return pd.DataFrame([_row(use) for use in self.models], columns=list(_COLUMNS))

    def plot(self) -> matplotlib.figure.Figure:
        """Return a figure of cost, tokens, times and changes by model. Needs the extra ``plot``."""
        from .plots import plot  # noqa: PLC0415  # needed only to draw

        return plot(self)

    def __str__(self) -> str:
        """Return the tables that ``--report`` prints."""
        from .report_text import to_text  # noqa: PLC0415  # as plots

        return to_text(self)

    def __repr__(self) -> str:
        """Return the totals."""
        cost = "unknown" if self.cost is None else f"USD {usd(self.cost)}"
        tokens = self.tokens
        return (
            f"<Report: {self.calls} calls, {tokens.input} tokens in, {tokens.output} out, {cost}>"
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001  # IPython's signature
        del cycle
        printer.text(str(self))

    def _repr_html_(self) -> str:
        from .html import of_report  # noqa: PLC0415  # as plots

        return of_report(self)


_COLUMNS: dict[str, Callable[[ModelUse], object]] = {
    "named": lambda use: use.named,
    "resolved": lambda use: use.resolved,
    "calls": lambda use: use.calls,
    "streams": lambda use: use.streams,
    "changed": lambda use: use.changed,
    "refused": lambda use: use.refused,
    "failed": lambda use: use.failed,
    "retries": lambda use: use.retries,
    "without_usage": lambda use: use.without_usage,
    "input_tokens": lambda use: use.tokens.input,
    "cached_tokens": lambda use: use.tokens.cached,
    "output_tokens": lambda use: use.tokens.output,
    "reasoning_tokens": lambda use: use.tokens.reasoning,
    "cost_usd": lambda use: _float(use.cost.total),
    "cost_at_most_usd": lambda use: _float(use.cost.at_most),
    "price_as_of": lambda use: use.cost.as_of,
    "latency_s": lambda use: use.latency and use.latency.median,
    "first_chunk_s": lambda use: use.first_chunk and use.first_chunk.median,
}
"""The columns of ``to_pandas()``. Times are medians; unknown values are missing."""


def _row(use: ModelUse) -> dict[str, object]:
    return {name: read(use) for name, read in _COLUMNS.items()}


def _float(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def report(*, catalog: Catalog | None = None) -> Report:
    """Return a report of this process's calls to Baseten so far: ``print(report())``.

    Prices are from ``catalog``; without it, from the catalog of the client that made a call.
    """
    return make_report(recorder.process, sys.argv, catalog)


def make_report(
    tally: recorder.Tally, program: Sequence[str] = (), catalog: Catalog | None = None
) -> Report:
    """Return the report of a tally; ``catalog`` as in ``report()``."""
    with recorder.flushed():
        return Report(
            program=tuple(program),
            started=tally.started,
            ended=dt.datetime.now(dt.UTC),
            baseten_openai=__version__,
            openai=metadata.version("openai"),
            models=tuple(
                _use(named, slug, model, catalog)
                for (named, slug, _), model in tally.models.items()
            ),
            changes=tuple(
                Change(**key._asdict(), count=places.total(), places=_places(places))
                for key, places in tally.changes.items()
            ),
            errors=tuple(
                Failure(**key._asdict(), count=places.total(), places=_places(places))
                for key, places in tally.errors.items()
            ),
            left_alone=_left_alone() if tally is recorder.process else (),
        )


def _left_alone() -> tuple[LeftAlone, ...]:
    return tuple(
        LeftAlone(
            host=client.host,
            reason=client.reason,
            done=client.done,
            count=count,
            places=(Place(file=client.file, line=client.line, count=count),),
        )
        for client, count in left_alone.clients().items()
    )


def _use(
    named: str, slug: str | None, tally: recorder.ModelTally, catalog: Catalog | None
) -> ModelUse:
    model = _priced(slug, tally, catalog) or Model.unknown(slug or named)
    return ModelUse(
        named=named,
        resolved=slug,
        calls=tally.calls,
        streams=tally.streams,
        changed=tally.changed,
        refused=tally.refused,
        failed=tally.failed,
        retries=tally.retries,
        without_usage=max(tally.calls - tally.refused - tally.failed - tally.counted, 0),
        tokens=tally.tokens,
        cost=cost_of(tally.tokens, model),
        latency=_seconds(tally.latency),
        first_chunk=_seconds(tally.first_chunk),
    )


def _priced(slug: str | None, tally: recorder.ModelTally, catalog: Catalog | None) -> Model | None:
    """Return the model whose price applies."""
    if catalog is None and tally.model is not None:
        return tally.model
    prices = Catalog.bundled() if catalog is None else catalog
    return prices.get(slug) if slug else None


def _seconds(times: Iterable[float]) -> Seconds | None:
    sample = tuple(round(time, 4) for time in times)
    if not sample:
        return None
    rising = sorted(sample)
    return Seconds(
        median=round(statistics.median(rising), 4),
        p95=rising[min(int(len(rising) * 0.95), len(rising) - 1)],
        sample=sample,
    )


def _places(places: dict[recorder.Line, int]) -> tuple[Place, ...]:
    return tuple(
        Place(file=file, line=line, count=count)
        for (file, line), count in sorted(places.items(), key=lambda item: -item[1])
    )
