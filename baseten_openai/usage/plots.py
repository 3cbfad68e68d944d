"""The figure of ``report().plot()`` and ``ledger.plot()``. Needs matplotlib, of the extra ``plot``.

Made without pyplot, which would show it on its own, and keep it: a notebook shows it as a cell's value.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple

from .money import usd
from .report_text import count

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .report import ModelUse, Report

MANY = 12
"""The maximum number of models. Those with the most calls are drawn."""

# The palette of Okabe and Ito, which colour-blind readers can distinguish, reordered.
_BLUE, _SKY, _ORANGE, _GREEN, _RED, _GREY = (
    "#0072B2", "#56B4E9", "#E69F00", "#009E73", "#D55E00", "#999999",
)  # fmt: skip
_WIDTH, _ROW, _FRAME = 10.0, 0.42, 1.05  # inches


class Bar(NamedTuple):
    """A part of each bar: its name in the legend, its colour, and a value for each model."""

    name: str
    color: str
    values: list[float]


def plot(report: Report) -> Figure:
    """Draw cost, tokens, times and outcomes of the calls for each model.

    Raises ``ImportError`` without matplotlib.
    """
    try:
        from matplotlib.figure import Figure as Drawn  # noqa: PLC0415  # the extra `plot`
    except ImportError as error:
        message = "plot() needs matplotlib: pip install 'baseten-openai[plot]'"
        raise ImportError(message) from error

    class Shown(Drawn):
        """A figure that a notebook shows without pyplot."""

        def _repr_png_(self) -> bytes:
            file = io.BytesIO()
            self.savefig(file, format="png", dpi=110, facecolor="white")
            return file.getvalue()

    most = sorted(report.models, key=lambda use: -use.calls)
    uses = most[:MANY]
    figure = Shown(
        figsize=(_WIDTH, 2 * (_FRAME + _ROW * max(len(uses), 1) * 1.15) + 0.3),
        layout="constrained",
        facecolor="white",
    )
    hidden = len(most) - len(uses)
    rest = f"; {hidden} more models are not drawn" if hidden else ""
    if not uses:
        figure.suptitle("No call was made to Baseten")
        return figure
    figure.suptitle(
        f"{count(report.calls, 'call')} on Baseten{rest}", fontsize=12, fontweight="bold"
    )
    panels: tuple[tuple[Axes, Axes], tuple[Axes, Axes]] = figure.subplots(2, 2, sharey=True)
    draw: tuple[tuple[Axes, Callable[[Axes, Sequence[ModelUse]], None]], ...] = (
        (panels[0][0], _cost),
        (panels[0][1], _tokens),
        (panels[1][0], _times),
        (panels[1][1], _fates),
    )
    for axes, panel in draw:
        panel(axes, uses)
        axes.set_axisbelow(True)
        axes.grid(axis="x", color="#dddddd", linewidth=0.7)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.locator_params(axis="x", nbins=5)
    for left, _ in panels:
        left.set_yticks(range(len(uses)), [_label(use) for use in uses], fontsize=9)
        left.set_ylim(len(uses) - 0.4, -0.6)  # the most used on top
    return figure


def _label(use: ModelUse) -> str:
    """Return the model's name in the code, and the slug if it differs."""
    if use.resolved is None:
        return f"{use.named}\n(refused)"
    short = use.resolved.rpartition("/")[2]
    same = use.named.rpartition("/")[2].lower() == short.lower()
    return short if same else f"{use.named}\n→ {short}"


def _stack(axes: Axes, bars: Sequence[Bar]) -> None:
    """Draw stacked bars, with a legend of the parts that occur."""
    left = [0.0] * len(bars[0].values)
    for name, color, values in bars:
        if any(values):
            axes.barh(range(len(values)), values, 0.6, left=left, color=color, label=name)
            left = [a + b for a, b in zip(left, values, strict=True)]
    axes.set_xlim(0, max(*left, 0) * 1.18 or 1)
    if any(left):
        _legend(axes)


def _legend(axes: Axes) -> None:
    """Draw the legend above the panel, to the right of its title."""
    axes.legend(
        fontsize=8, frameon=False, loc="lower right", bbox_to_anchor=(1, 1), ncols=4,
        borderaxespad=0, handlelength=1, columnspacing=1, handletextpad=0.4,
    )  # fmt: skip


def _beside(axes: Axes, at: int, value: float, text: str) -> None:
    axes.annotate(
        text, (value, at), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8
    )


def _cost(axes: Axes, uses: Sequence[ModelUse]) -> None:
    _title(axes, "Cost", "USD")
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:.7f}".rstrip("0").rstrip("."))
    parts = ("input", "cached", "output")
    amounts = [[float(getattr(use.cost, part) or 0) for use in uses] for part in parts]
    unknown = [
        float(use.cost.at_most - (use.cost.input or 0) - (use.cost.output or 0))
        if use.cost.total is None and use.cost.at_most is not None
        else 0.0
        for use in uses
    ]
    colors = (_BLUE, _SKY, _ORANGE)
    bars = [Bar(*part) for part in zip(parts, colors, amounts, strict=True)]
    _stack(axes, [*bars, Bar("cached, at most", _GREY, unknown)])
    for at, use in enumerate(uses):
        if use.calls == use.refused + use.failed:
            continue
        if use.cost.total is not None:
            text = usd(use.cost.total)
        elif use.cost.at_most is not None:
            text = f"≤ {usd(use.cost.at_most)}"
        else:
            text = "price unknown"
        _beside(axes, at, float(use.cost.at_most or 0), text)


def _tokens(axes: Axes, uses: Sequence[ModelUse]) -> None:
    _title(axes, "Tokens", "tokens")
    counts = [use.tokens for use in uses]
    _stack(
        axes,
        [
            Bar("input", _BLUE, [float(t.input - t.cached) for t in counts]),
            Bar("cached", _SKY, [float(t.cached) for t in counts]),
            Bar("reasoning", _GREEN, [float(min(t.reasoning, t.output)) for t in counts]),
            Bar("output", _ORANGE, [float(max(t.output - t.reasoning, 0)) for t in counts]),
        ],
    )
    axes.xaxis.set_major_formatter("{x:,.0f}")
    for at, tokens in enumerate(counts):
        if total := tokens.input + tokens.output:
            _beside(axes, at, total, f"{total:,}")


def _times(axes: Axes, uses: Sequence[ModelUse]) -> None:
    """Draw each model's median time as a point, and a line to the 95th percentile."""
    _title(axes, "Time", "seconds (point: median, line: up to the 95th percentile)")
    kinds = (
        ("whole answer", _ORANGE, "o", 0.14, [use.latency for use in uses]),
        ("first chunk of a stream", _BLUE, "D", -0.14, [use.first_chunk for use in uses]),
    )
    longest = 0.0
    for name, color, marker, offset, times in kinds:
        known = [(at + offset, time) for at, time in enumerate(times) if time is not None]
        if not known:
            continue
        rows = [at for at, _ in known]
        medians = [time.median for _, time in known]
        upper = [time.p95 for _, time in known]
        longest = max(longest, *upper, *medians)
        axes.hlines(rows, medians, upper, color=color, linewidth=2)
        axes.plot(medians, rows, marker, color=color, markersize=6, label=name)
    axes.set_xlim(0, longest * 1.1 or 1)
    if longest:
        _legend(axes)


def _fates(axes: Axes, uses: Sequence[ModelUse]) -> None:
    _title(axes, "Calls", "share, and number of calls")
    shares: dict[str, list[float]] = {"as written": [], "changed": [], "refused": [], "failed": []}
    for use in uses:
        changed = min(use.changed, use.calls - use.refused - use.failed)
        rest = use.calls - changed - use.refused - use.failed
        for name, number in zip(shares, (rest, changed, use.refused, use.failed), strict=True):
            shares[name].append(number / use.calls)
    colors = (_GREEN, _ORANGE, _RED, _GREY)
    _stack(axes, [Bar(name, c, v) for (name, v), c in zip(shares.items(), colors, strict=True)])
    axes.set_xlim(0, 1.18)
    axes.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}" if share <= 1 else "")
    for at, use in enumerate(uses):
        _beside(axes, at, 1, f"{use.calls:,}")


def _title(axes: Axes, title: str, unit: str) -> None:
    axes.set_title(title, loc="left", fontsize=10, fontweight="bold")
    axes.set_xlabel(unit, fontsize=9)
    axes.tick_params(axis="x", labelsize=8)
