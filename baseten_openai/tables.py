"""Tables of texts, and the two ways they are drawn outside a terminal: plain text, and HTML."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NUMBER = re.compile(r"(<= )?-?[\d,.]+( m?s|%)?|[-?]|")

# What is drawn takes its colours from what is around it, so that it reads on a light page and on a dark
# one. A badge has both its own; each is at least 4.5 to 1 (WCAG 2 AA) whatever the page is.
STYLE = """\
<style>
.baseten { overflow-x: auto; line-height: 1.45; color: inherit; }
.baseten p { margin: .2em 0; }
.baseten ul { margin: .2em 0; padding-left: 1.5em; }
.baseten .title { font-weight: 600; margin: .8em 0 .2em; }
.baseten table.baseten-table { border-collapse: collapse; margin: 0 0 .6em; font-size: .95em; \
color: inherit; background: transparent; }
.baseten table.baseten-table th, .baseten table.baseten-table td { padding: .2em .8em .2em 0; \
text-align: left; vertical-align: top; color: inherit; background: transparent; border: 0; \
border-bottom: 1px solid rgba(128, 128, 128, .35); max-width: 34em; white-space: normal; }
.baseten table.baseten-table th { font-weight: 600; }
.baseten table.baseten-table .number { text-align: right; white-space: nowrap; \
font-variant-numeric: tabular-nums; }
.baseten .badge { padding: 0 .45em; border-radius: .6em; color: #ffffff; white-space: nowrap; }
.baseten .good { background: #1a7f37; }
.baseten .fair { background: #8a5a00; }
.baseten .bad { background: #c02029; }
</style>
"""

BADGES = {
    "yes": "good",
    "listed": "good",
    "repaired": "good",
    "always": "good",
    "on": "good",
    "opt-in": "fair",
    "retired": "fair",
    "unlisted": "fair",
    "renamed": "fair",
    "converted": "fair",
    "dropped": "fair",
    "unsupported": "bad",
    "no": "bad",
}
"""Words that stand out, by how good they are."""


class Table(NamedTuple):
    """A heading with rows of texts under columns."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def numeric(self) -> list[bool]:
        """Tell for each column whether it holds numbers, which are aligned to the right."""
        return [
            bool(self.rows) and all(_NUMBER.fullmatch(cell) for cell in column)
            for column in zip(*self.rows, strict=True)
        ] or [False] * len(self.columns)


def to_lines(table: Table) -> list[str]:
    """Return the title and aligned lines under it; nothing is cut."""
    grid = [table.columns, *table.rows]
    widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
    lines = [table.title] if table.title else []
    for row in grid:
        cells = [
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, table.numeric(), strict=True)
        ]
        lines.append(("  " + "  ".join(cells)).rstrip())
    return lines


def page(*parts: str) -> str:
    """Put parts of HTML together with their style: no script, and nothing from elsewhere."""
    return f'{STYLE}<div class="baseten">\n{"".join(parts)}</div>\n'


def title(text: str) -> str:
    """Return a heading."""
    return f'<p class="title">{html.escape(text)}</p>\n'


def paragraph(text: str) -> str:
    """Return a paragraph."""
    return f"<p>{html.escape(text)}</p>\n"


def bullets(texts: Iterable[str]) -> str:
    """Return a list."""
    return f"<ul>{''.join(f'<li>{html.escape(text)}</li>' for text in texts)}</ul>\n"


def to_html(table: Table) -> str:
    """Return a table with its title."""
    classes = [' class="number"' if number else "" for number in table.numeric()]
    head = "".join(
        f'<th scope="col"{kind}>{html.escape(column)}</th>'
        for column, kind in zip(table.columns, classes, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{kind}>{_cell(cell)}</td>" for cell, kind in zip(row, classes, strict=True))
        + "</tr>\n"
        for row in table.rows
    )
    heading = title(table.title) if table.title else ""
    return (
        f'{heading}<table class="baseten-table">\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}</tbody>\n</table>\n"
    )


def _cell(text: str) -> str:
    kind = BADGES.get(text)
    escaped = html.escape(text)
    return f'<span class="badge {kind}">{escaped}</span>' if kind else escaped
