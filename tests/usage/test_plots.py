"""The figure: each panel shows the report's numbers, and nothing is shown on its own."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from baseten_openai.usage import recorder
from baseten_openai.usage.report import Report, make_report

pytest.importorskip("matplotlib")
from matplotlib.backends.backend_agg import FigureCanvasAgg  # where it is installed

PANELS = ["Cost", "Tokens", "Time", "Calls"]


def made(*rows: tuple[str, str | None, dict[str, int]], times: tuple[float, ...] = ()) -> Report:
    tally = recorder.Tally()
    for named, slug, sums in rows:
        model = tally.model(named, slug)
        for name, value in sums.items():
            setattr(model, name, value)
        model.latency.extend(times)
        model.first_chunk.extend(time / 2 for time in times)
    return make_report(tally)


SUMS = {
    "calls": 10, "changed": 4, "refused": 1, "failed": 2, "counted": 7,
    "input": 1_000_000, "cached": 400_000, "output": 500_000, "reasoning": 100_000,
}  # fmt: skip


def lengths(axes: Any) -> dict[str, list[float]]:
    return {c.get_label(): [bar.get_width() for bar in c] for c in axes.containers}


def test_each_panel_has_the_reports_numbers() -> None:
    report = made(("gpt-4o", "zai-org/GLM-4.7", SUMS), times=(1.0, 2.0, 9.0))
    figure = report.plot()
    assert [axes.get_title(loc="left") for axes in figure.axes] == PANELS
    cost, tokens, times, calls = figure.axes
    # 0.60 in, 0.12 cached, 2.20 out a million (evidence.md#specification)
    assert lengths(cost) == {
        "input": [pytest.approx(0.36)],
        "cached": [pytest.approx(0.048)],
        "output": [pytest.approx(1.1)],
    }
    assert lengths(tokens) == {
        "input": [600_000], "cached": [400_000], "reasoning": [100_000], "output": [400_000],
    }  # fmt: skip
    points = {line.get_label(): line.get_xdata()[0] for line in times.lines}
    assert points == {"whole answer": 2.0, "first chunk of a stream": 1.0}
    shares = lengths(calls)
    assert {name: round(share, 9) for name, (share,) in shares.items()} == {
        "as written": 0.3, "changed": 0.4, "refused": 0.1, "failed": 0.2,
    }  # fmt: skip
    assert [text.get_text() for text in cost.get_yticklabels()] == ["gpt-4o\n→ GLM-4.7"]
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert texts == ["1.5080", "1,500,000", "10"]


def test_unknown_prices_are_said_not_drawn() -> None:
    only_calls = {**SUMS, "refused": 0, "failed": 0}
    report = made(
        ("some-lab/New-1", "some-lab/New-1", only_calls),
        ("deepseek-v3.1", "deepseek-ai/DeepSeek-V3.1", only_calls),
    )
    cost = report.plot().axes[0]
    assert [text.get_text() for text in cost.texts] == ["price unknown", "≤ 1.2500"]
    assert lengths(cost)["cached, at most"] == [0, pytest.approx(0.2)]
    assert lengths(cost)["input"] == [0, pytest.approx(0.3)]


def test_no_texts_overlap() -> None:
    names = [("gpt-4o", "zai-org/GLM-4.7"), ("a-name-of-ones-own", "moonshotai/Kimi-K2.5")]
    figure = made(*((named, slug, SUMS) for named, slug in names), times=(0.2, 0.4)).plot()
    FigureCanvasAgg(figure).draw()
    boxes = []
    for axes in figure.axes:
        legend = axes.get_legend()
        assert legend is not None
        title = next(t for t in (axes._left_title, axes.title) if t.get_text())  # type: ignore[attr-defined]  # noqa: SLF001  # there is no getter
        shown = [title, legend, axes.xaxis.label, *axes.texts]
        boxes += [(artist, artist.get_window_extent()) for artist in shown]
    for at, (one, box) in enumerate(boxes):
        for other, beside in boxes[at + 1 :]:
            assert not box.overlaps(beside), (one, other)
        assert figure.bbox.contains(box.x0, box.y0), one
        assert figure.bbox.contains(box.x1, box.y1), one


def test_none_and_many() -> None:
    assert made().plot().axes == []
    many = made(*((f"model-{n}", f"lab/Model-{n}", {**SUMS, "calls": 40 - n}) for n in range(15)))
    figure = many.plot()
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == [f"Model-{n}" for n in range(12)]
    assert "3 more models" in figure.get_suptitle()


def test_a_notebook_can_show_it_and_nothing_else_does() -> None:
    figure: Any = made(("gpt-4o", "zai-org/GLM-4.7", SUMS)).plot()
    assert figure._repr_png_().startswith(b"\x89PNG")  # the name notebooks look for
    code = (
        "import sys, baseten_openai\n"
        "baseten_openai.report().plot()\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_without_matplotlib_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"baseten-openai\[plot\]"):
        made(("gpt-4o", "zai-org/GLM-4.7", SUMS)).plot()
