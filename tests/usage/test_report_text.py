"""How a report reads: the verdict, the tables, what to do next; and the same as HTML."""

from __future__ import annotations

import io
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest

import baseten_openai
from baseten_openai import Model, tables
from baseten_openai.usage import html, recorder, report_text
from baseten_openai.usage.recorder import ErrorKey
from baseten_openai.usage.report import make_report

CALLS = {"calls": 4, "streams": 1, "changed": 2, "retries": 1, "counted": 3}
TOKENS = {"input": 1_000_000, "cached": 200_000, "output": 100_000}


def made(*, named: str = "gpt-4o", slug: str | None = "zai-org/GLM-4.7", **sums: int) -> Any:
    tally = recorder.Tally()
    model = tally.model(named, slug)
    for name, value in {**CALLS, **TOKENS, **sums}.items():
        setattr(model, name, value)
    model.latency.extend([0.2, 1.5, 2.5])
    tally.changes[recorder.ChangeKey("dropped", "store", "store is not sent")] = Counter(
        {("/src/a.py", 3): 2}
    )
    tally.errors[ErrorKey("NotFoundError", 404, refused=False, message="no", hint="check it")] = (
        Counter({("/src/b.py", line): line for line in range(1, 6)})
    )
    return make_report(tally)


def test_the_verdict_comes_first() -> None:
    lines = report_text.to_text(made(failed=1)).splitlines()
    assert lines[1] == (
        "3 of 4 calls answered (1 stream), 2 changed on the way, 0 refused before sending, "
        "1 failed, 1 retry."
    )
    # 0.8 of a million in at 0.60, 0.2 cached at 0.12, 0.1 out at 2.20 (evidence.md#specification)
    assert lines[2] == "1,000,000 tokens in (200,000 cached), 100,000 out: USD 0.7240."


@pytest.mark.parametrize(
    ("slug", "amount"),
    [
        ("some-lab/New-1", "the cost is unknown"),
        # 0.50 in and 1.50 out; no price of cached tokens is specified
        ("deepseek-ai/DeepSeek-V3.1", "at most USD 0.6500"),
    ],
)
def test_what_is_unknown_is_never_nothing(slug: str, amount: str) -> None:
    report = made(slug=slug)
    assert report_text.verdict(report)[1].endswith(f": {amount}.")
    assert any("price" in line for line in report_text.next_steps(report))


def test_tables_are_aligned_and_whole() -> None:
    text = report_text.to_text(made(failed=1))
    table = text[text.index("Tokens and cost") :].split("\n\n")[0].splitlines()
    assert table[1].split() == [
        "in", "the", "code", "on", "Baseten", "tokens", "in", "cached", "out", "USD",
        "USD/1,000", "calls", "price", "of",
    ]  # fmt: skip
    assert table[2].split() == [
        "gpt-4o", "zai-org/GLM-4.7", "1,000,000", "200,000", "100,000", "0.7240", "241.33",
        "2026-11-23",
    ]  # fmt: skip
    assert "1.5 s" in text  # the median


def test_places_are_named_the_most_frequent_first_and_the_rest_counted() -> None:
    text = report_text.to_text(made(failed=1))
    assert "/src/b.py:5 x5, /src/b.py:4 x4, /src/b.py:3 x3, 2 more" in text
    assert (
        "  - /src/b.py:5 x5, /src/b.py:4 x4, /src/b.py:3 x3, 2 more: NotFoundError: check it"
        in text
    )


def test_tokens_that_nobody_counted_are_said() -> None:
    (line,) = [one for one in report_text.next_steps(made(counted=1)) if "no usage" in one]
    assert line.startswith("3 answers of zai-org/GLM-4.7 told no usage")


def test_nothing_happened() -> None:
    text = report_text.to_text(make_report(recorder.Tally()))
    assert text.splitlines()[1:] == ["No call was made to Baseten by this process."]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_the_same_words_in_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich")
    monkeypatch.setenv("COLUMNS", "200")
    target = _Terminal()
    report_text.show(made(failed=1), target)
    shown = target.getvalue()
    assert "╭" in shown
    for words in ("3 of 4 calls answered", "zai-org/GLM-4.7", "store is not sent", "check it"):
        assert words in shown


class _Structure(HTMLParser):
    """Collects the text, and refuses what is not closed in order or not ours."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert not any(name.startswith("on") or name in {"src", "href"} for name, _ in attrs)
        self.tags.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)


@pytest.mark.parametrize("name", ["gpt-4o", "<script>alert(1)</script>", '"><img src=x onerror=y>'])
def test_html_is_whole_escaped_and_has_no_script(name: str) -> None:
    report = made(named=name, slug=name, failed=1)
    model = Model(name, name=name, aliases=(name,), note=name)
    for made_html in (
        report._repr_html_(),
        model._repr_html_(),
        baseten_openai.Catalog([model])._repr_html_(),
        baseten_openai.cost({"prompt_tokens": 1, "completion_tokens": 1}, model)._repr_html_(),
    ):
        parsed = _Structure()
        parsed.feed(made_html)
        assert parsed.open == []
        assert parsed.tags <= set(
            "style div p ul li table thead tbody tr th td span".split()  # noqa: SIM905  # reads as one list
        )
        assert name in "".join(parsed.texts)


def test_the_html_holds_what_the_text_does() -> None:
    report = made(failed=1)
    parsed = _Structure()
    parsed.feed(html.of_report(report))
    shown = "".join(parsed.texts)
    for table in report_text.tables(report):
        for row in table.rows:
            assert all(cell in shown for cell in row)
    assert all(line in shown for line in report_text.next_steps(report))


def test_numbers_stand_to_the_right_words_to_the_left() -> None:
    table = tables.Table("", ("name", "USD"), [("a", "1,000.50"), ("bcd", "?"), ("e", "<= 2")])
    assert table.numeric() == [False, True]
    assert tables.to_lines(table) == [
        "  name       USD",
        "  a     1,000.50",
        "  bcd          ?",
        "  e         <= 2",
    ]


def test_text_reprs() -> None:
    assert str(baseten_openai.catalog).count("\n") == len(baseten_openai.catalog)
    model = baseten_openai.catalog.resolve("kimi-k2.5")
    lines = str(model).splitlines()
    assert lines[0] == "moonshotai/Kimi-K2.5"
    assert "  USD per million  in 0.60, cached in 0.12, out 3.00" in lines
    assert repr(made()) == "<Report: 4 calls, 1000000 tokens in, 100000 out, USD 0.7240>"
