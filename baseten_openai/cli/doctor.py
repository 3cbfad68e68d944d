"""``baseten-openai doctor``: check the installation and the settings."""

import collections
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from . import terminal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .diagnosis import Check

_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "problem": ("✗", "bold red")}


def doctor(
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Send no requests.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check the installation and the settings.

    Checks versions, settings (the key is masked), the host that a default client would call, other
    libraries that wrap the SDK, and whether Baseten accepts the key. The key is checked with a request
    for a model that cannot exist, so nothing is billed.

    Exit code: 0 without problems, also if there are warnings; 1 with problems.
    """
    from . import diagnosis  # noqa: PLC0415  # imports openai: not for --help

    found = [*diagnosis.versions(), *diagnosis.patching_state()]
    settings, more = diagnosis.settings_state()
    found += [*more, *diagnosis.hosts(settings), *diagnosis.neighbours()]
    if settings and not offline:
        with terminal.working(f"asking {settings.base_url}"):
            found += diagnosis.network(settings)
    count = collections.Counter(check.state for check in found)
    if as_json:
        record = {"problems": count["problem"], "warnings": count["warning"]}
        terminal.print_json({**record, "checks": [check._asdict() for check in found]})
    else:
        _print(found)
        summary = f"{_plural(count['problem'], 'problem')}, {_plural(count['warning'], 'warning')}"
        terminal.remark(summary)
    raise typer.Exit(1 if count["problem"] else 0)


def _print(found: "list[Check]") -> None:
    if not terminal.is_terminal():
        titles = tuple(terminal.Column(t) for t in ("state", "section", "check", "found"))
        terminal.table(titles, [[c.state, _key(c.section), _key(c.name), c.text] for c in found])
        return
    names = max(len(check.name) for check in found)
    for section, checks in groupby(found, key=attrgetter("section")):
        terminal.heading(section)
        _print_section(checks, names)


def _print_section(checks: "Iterable[Check]", names: int) -> None:
    for check in checks:
        mark, style = _MARKS.get(check.state, (" ", ""))
        name = Text(f" {check.name.ljust(names)}  ", style="dim")
        terminal.console().print(
            Text.assemble(("  ", ""), (mark, style), name, check.text), soft_wrap=True
        )


def _key(title: str) -> str:
    """Replace the blanks in a title, so that columns in a pipe can be split at blanks."""
    return title.replace(" ", "-")


def _plural(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
