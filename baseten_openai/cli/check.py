"""``baseten-openai check``: what Baseten would do with a program's calls, without running it."""

import collections
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from . import USAGE_ERROR, fail, terminal
from .options import ALIAS, DEFAULT_MODEL, load_settings

if TYPE_CHECKING:
    from ..static_check.findings import Finding

_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})
_SHOWN = (
    "refused",
    "unknown model",
    "unreadable",
    "not chat",
    "retired",
    "renamed",
    "converted",
    "dropped",
)


def check(
    *,
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files and folders; - is stdin.")
    ],
    alias: ALIAS = None,
    default_model: DEFAULT_MODEL = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Report how Baseten would handle the chat calls in source code.

    Reads names and parameters that are literals, simple constants or **dicts of them; runs and
    imports nothing. Hidden folders, virtual environments and node_modules are skipped.

    Exit code: 0 if all calls can be sent, 1 if one would be refused or names an unknown model, or if
    a file cannot be read; 2 for wrong usage.
    """
    settings = load_settings(alias, default_model)
    with terminal.working("looking for Python files"):
        files = list(dict.fromkeys(file for path in paths for file in _files(path)))
    if not files:
        fail(f"no Python files in {', '.join(paths)}", USAGE_ERROR)
    from ..static_check.findings import Finding, check_source  # noqa: PLC0415  # not for --help

    findings: list[Finding] = []
    calls = 0
    with terminal.working(f"reading {_count(len(files), 'file')}"):
        for file in files:
            try:
                source = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
            except OSError as error:
                findings.append(Finding(file, 1, 1, "unreadable", error.strerror or str(error)))
                continue
            checked = check_source(
                source,
                "<stdin>" if file == "-" else file,
                catalog=settings.catalog,
                aliases=settings.aliases,
                default_model=settings.default_model,
            )
            calls += checked.calls
            findings += checked.findings
    summary = collections.Counter(map(_kind, findings))
    if as_json:
        terminal.print_json(
            {
                "files": len(files),
                "calls": calls,
                "summary": dict(summary),
                "findings": [_record(finding) for finding in findings],
            }
        )
    else:
        for finding in findings:
            _print(finding)
        terminal.remark(_summarise(len(files), calls, summary))
    raise typer.Exit(any(finding.fails for finding in findings))


def _files(path: str) -> Iterator[str]:
    """Yield the Python files of a path, in order. Exits if the path does not exist."""
    if path == "-" or Path(path).is_file():
        yield path
        return
    if not Path(path).is_dir():
        fail(f"no such file or folder: {path}", USAGE_ERROR)
    for folder, inner, names in os.walk(path):
        inner[:] = sorted(
            name
            for name in inner
            if name not in _SKIPPED
            and not name.startswith(".")
            and not Path(folder, name, "pyvenv.cfg").exists()
        )
        yield from (str(Path(folder, name)) for name in sorted(names) if name.endswith(".py"))


def _record(finding: "Finding") -> dict[str, Any]:
    return {**finding._asdict(), "fails": finding.fails}


def _kind(finding: "Finding") -> str:
    return "perhaps refused" if finding.depends_on and finding.kind == "refused" else finding.kind


def _print(finding: "Finding") -> None:
    """Print one finding in the form of compilers, and its hint on the next line."""
    where = f"{finding.file}:{finding.line}:{finding.column}"
    message = finding.message
    if finding.depends_on:
        message = f"{message} (depends on what {finding.depends_on} is)"
    if not terminal.is_terminal():
        sys.stdout.write(f"{where}: {_kind(finding)}: {message}\n")
        if finding.hint:
            sys.stdout.write(f"    hint: {finding.hint}\n")
        return
    console = terminal.console()
    kind = terminal.styled(_kind(finding))
    console.print(Text.assemble((where, "bold"), ": ", kind, f": {message}"), soft_wrap=True)
    if finding.hint:
        console.print(Text(f"    hint: {finding.hint}", style="dim"), soft_wrap=True)


def _summarise(files: int, calls: int, summary: "collections.Counter[str]") -> str:
    parts = [f"{summary[kind]} {kind}" for kind in (*_SHOWN, "perhaps refused") if summary[kind]]
    return (
        f"{_count(files, 'file')}, {_count(calls, 'chat call')}: "
        f"{', '.join(parts) or 'nothing to change'}"
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
