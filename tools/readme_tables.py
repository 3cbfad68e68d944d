"""Write the README's tables from the code they describe, so that the two cannot differ.

``readme_tables.py`` rewrites what stands between ``<!-- begin:NAME -->`` and ``<!-- end:NAME -->``
in README.md; with ``--check`` it writes nothing and exits with 1 when a table is out of date.
"""

from __future__ import annotations

import difflib
import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import neighbour_tables
import report_example

from baseten_openai import errors
from baseten_openai.chat.parameters import PARAMETERS, Action
from baseten_openai.models.catalog import Catalog, Model
from baseten_openai.sdk import error_conversion
from baseten_openai.settings import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

README = Path(__file__).parents[1] / "README.md"

_YES_NO = {True: "yes", False: "no", None: "?"}
_REASONING = {
    "default_on": "on by default",
    "always_on": "always on",
    "opt_in": "opt-in",
    "unsupported": "no",
    None: "?",
}
_ACTIONS: dict[Action, str] = {
    "sent": "Sent as it is",
    "renamed": "Sent under Baseten's name",
    "converted": "Converted",
    "hint": "Dropped, with a note",
    "refused": "Refused before sending",
}


def models() -> str:
    """Build the table of the specification's models, and those of the others folded away."""
    known = list(Catalog.bundled())
    specified = [model for model in known if model.source == "specification"]
    others = [model for model in known if model.source != "specification"]
    listed = [model for model in others if model.status == "listed"]
    gone = [model for model in others if model.status != "listed"]
    return "\n\n".join(
        [
            _model_table(specified),
            _folded(f"{len(listed)} more models that Baseten lists", _model_table(listed)),
            _folded(f"{len(gone)} models that are no longer listed", _model_table(gone)),
        ]
    )


def _model_table(rows: Iterable[Model]) -> str:
    head = (
        "Model",
        "Write, for example",
        "Context",
        "Max output",
        "USD per million in / out",
        "JSON mode",
        "Structured outputs",
        "Reasoning",
        "Vision",
        "Tools",
        "Status",
        "As of",
    )
    return _table(head, [_model_row(model) for model in rows])


def _model_row(model: Model) -> tuple[str, ...]:
    price = f"{model.price.input} / {model.price.output}" if model.price else "?"
    status = model.status
    if model.status == "retired" and model.retired_on:
        status += f" {model.retired_on}"
    if model.replacement:
        status += f"; see `{model.replacement}`"
    return (
        f"{model.name}<br>`{model.slug}`",
        ", ".join(f"`{alias}`" for alias in model.aliases[:1]) or "the slug",
        _count(model.context_tokens),
        _count(model.max_output_tokens),
        price,
        _YES_NO[model.json_mode],
        _YES_NO[model.structured_outputs],
        _REASONING[model.reasoning],
        _YES_NO[model.vision],
        _YES_NO[model.tools],
        status,
        str(model.as_of),
    )


def _count(tokens: int | None) -> str:
    return "?" if tokens is None else f"{tokens:,}"


def _folded(summary: str, body: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def server_errors() -> str:
    """Build the table of what each error answer becomes."""
    rows = [
        (
            str(rule.status),
            _code(rule.contains) if rule.contains else "",
            f"`{rule.error.__name__}`",
            ", ".join(_sdk_classes(rule.error)),
            rule.hint,
        )
        for rule in error_conversion.RULES
    ]
    return _table(("Status", "Text contains", "Raises", "Caught as", "Hint"), rows)


def local_errors() -> str:
    """Build the table of errors that no answer of the server's stands behind."""
    from_the_wire = {rule.error for rule in error_conversion.RULES}
    classes = [cls for cls in _subclasses(errors.BasetenError) if cls not in from_the_wire]
    rows = [
        (f"`{cls.__name__}`", ", ".join(_sdk_classes(cls)), _first_line(cls)) for cls in classes
    ]
    return _table(("Raises", "Caught as", "When"), rows)


def _subclasses(cls: type[Exception]) -> Iterator[type[Exception]]:
    child: type[Exception]
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from _subclasses(child)


def _sdk_classes(cls: type) -> list[str]:
    """Name the SDK's (or builtin) classes that ``except`` clauses in the wild would name."""
    sdk = [base for base in cls.__mro__ if base.__module__.partition(".")[0] == "openai"]
    closest = [base for base in sdk if not any(_is_under(other, base) for other in sdk)]
    builtin = [base for base in (ValueError, RuntimeError) if issubclass(cls, base)]
    return [f"`openai.{base.__name__}`" for base in closest] + [
        f"`{base.__name__}`" for base in builtin
    ]


def _is_under(one: type, other: type) -> bool:
    return one is not other and issubclass(one, other)


def _first_line(cls: type) -> str:
    return (cls.__doc__ or "").strip().splitlines()[0].replace("``", "`")


def parameters() -> str:
    """Build the table of what becomes of every parameter of ``create()``."""
    plain = [f"`{row.name}`" for row in PARAMETERS if row.action == "sent" and not row.rule]
    rows = [
        (
            f"`{row.name}`",
            _ACTIONS[row.action],
            row.rule.removeprefix("dropped, noted").lstrip("; "),
        )
        for action in _ACTIONS
        for row in PARAMETERS
        if row.action == action and (row.rule or action != "sent")
    ]
    return (
        _table(("Parameter", "What happens", "Rule"), rows)
        + f"\n\nSent as they are, without any rule: {', '.join(plain)}."
    )


def environment() -> str:
    """Build the table of environment variables."""
    return _table(
        ("Variable", "Holds"), [(f"`{name}`", text) for name, text in ENVIRONMENT.items()]
    )


def report() -> str:
    """Show what a migration report looks like."""
    return f"```text\n{report_example.build()}\n```"


def neighbours(section: str) -> str:
    """Build the table of one kind of neighbours, and what its crosses stand for."""
    head, rows, reasons = neighbour_tables.build(section)
    return "\n\n".join([_table(head, rows), *([_list(reasons)] if reasons else [])])


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _code(text: str) -> str:
    """Quote text that may hold backticks itself."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(_line(row) for row in (head, ("---",) * len(head), *rows))


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


TABLES: dict[str, Callable[[], str]] = {
    "models": models,
    "server-errors": server_errors,
    "local-errors": local_errors,
    "parameters": parameters,
    "environment": environment,
    "report": report,
    "libraries": partial(neighbours, "libraries"),
    "instrumentors": partial(neighbours, "instrumentors"),
}


def fill(text: str) -> str:
    """Return the README with every table made anew. Raises ValueError on a missing marker."""
    for name, build in TABLES.items():
        begin, end = f"<!-- begin:{name} -->\n", f"<!-- end:{name} -->"
        pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
        made = f"{begin}{build()}\n{end}"
        text, found = pattern.subn(made.replace("\\", r"\\"), text)
        if found != 1:
            message = f"README.md has {found} tables between begin:{name} and end:{name}, not 1"
            raise ValueError(message)
    return text


def main(arguments: list[str]) -> int:
    """Write the tables, or with ``--check`` compare them; return the exit code."""
    before = README.read_text(encoding="utf-8")
    after = fill(before)
    if arguments == ["--check"]:
        diff = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
        for line in diff:
            sys.stdout.write(line + "\n")
        if before != after:
            sys.stdout.write("README.md is out of date: run make readme\n")
        return int(before != after)
    README.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
