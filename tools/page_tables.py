"""Generate the tables in README.md and docs/ from the code and data they describe.

Each table replaces the text between ``<!-- begin:NAME -->`` and ``<!-- end:NAME -->`` in its page (see
``PAGES``). With ``--check`` nothing is written, and the exit code is 1 if a table is out of date.
"""

from __future__ import annotations

import ast
import difflib
import re
import sys
import tomllib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import model_tables
import neighbour_tables
import report_example
from markdown_table import table

from baseten_openai import errors
from baseten_openai.chat.parameters import PARAMETERS, Action, Parameter
from baseten_openai.emulator import faults
from baseten_openai.responses import parameters as responses_parameters
from baseten_openai.sdk import error_conversion
from baseten_openai.settings import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT = Path(__file__).parents[1]

_ACTIONS: dict[Action, str] = {
    "sent": "Sent unchanged",
    "renamed": "Sent under Baseten's name",
    "converted": "Converted",
    "dropped": "Dropped, with a note",
    "refused": "Refused before sending",
}


def server_errors() -> str:
    """Build the table of the exception for each error response."""
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
    return table(("Status", "Text contains", "Raises", "Caught as", "Hint"), rows)


def local_errors() -> str:
    """Build the table of errors that are raised without a response from the server."""
    from_the_wire = {rule.error for rule in error_conversion.RULES}
    classes = [cls for cls in _subclasses(errors.BasetenError) if cls not in from_the_wire]
    rows = [
        (f"`{cls.__name__}`", ", ".join(_sdk_classes(cls)), _first_line(cls)) for cls in classes
    ]
    return table(("Raises", "Caught as", "When"), rows)


def _subclasses(cls: type[Exception]) -> Iterator[type[Exception]]:
    child: type[Exception]
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from _subclasses(child)


def _sdk_classes(cls: type) -> list[str]:
    """Return the SDK's and builtin base classes that ``except`` clauses of user code name."""
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


def parameters(of: Iterable[Parameter] = PARAMETERS) -> str:
    """Build the table of how each parameter of ``create()`` is handled."""
    all_rows = tuple(of)
    plain = [f"`{row.name}`" for row in all_rows if row.action == "sent" and not row.rule]
    rows = [
        (
            f"`{row.name}`",
            _ACTIONS[row.action],
            row.rule.removeprefix("not sent, noted").lstrip("; "),
        )
        for action in _ACTIONS
        for row in all_rows
        if row.action == action and (row.rule or action != "sent")
    ]
    return (
        table(("Parameter", "What happens", "Rule"), rows)
        + f"\n\nSent unchanged, without any rule: {', '.join(plain)}."
    )


def environment() -> str:
    """Build the table of environment variables."""
    return table(("Variable", "Holds"), [(f"`{name}`", text) for name, text in ENVIRONMENT.items()])


def report() -> str:
    """Return an example of a report."""
    return f"```text\n{report_example.build()}\n```"


def magics() -> str:
    """Show the help text of ``%baseten``, read from its source: the module itself needs IPython."""
    source = (ROOT / "baseten_openai" / "notebook" / "magics.py").read_text(encoding="utf-8")
    (text,) = [
        ast.literal_eval(node.value)
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "HELP"
    ]
    return f"```text\n{text}\n```"


def rooms() -> str:
    """Build the list of rooms, from the contract of layers and each room's docstring."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    return table(
        ("Room", "What it is for"),
        [
            (
                "<br>".join(f"`{name}`" for name in names),
                "<br>".join(_purpose(name) for name in names),
            )
            for names in (layer.split(" | ") for layer in layers)
        ],
    )


def _purpose(room: str) -> str:
    """Return the first line of a room's docstring."""
    path = ROOT / "baseten_openai" / room
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0].replace("``", "`")


def emulator_faults() -> str:
    """Build the table of failures that the emulator can inject."""
    answers = [(f"`{kind}`", _answer(kind, row)) for kind, row in faults.ANSWERS.items()]
    streams = [(f"`{kind}`", text) for kind, text in faults.STREAM_FAULTS.items()]
    return table(("Fault", "What happens"), [*answers, *streams])


def _answer(kind: str, row: faults.FaultRow) -> str:
    html = " with an HTML page" if row.content_type.startswith("text/html") else ""
    waits = "; `retry_after=seconds` sets the header" if kind in {"429", "503", "529"} else ""
    return f"HTTP {row.status}{html}{waits}"


def benchmark(heading: str) -> str:
    """Copy the first table below a heading of benchmarks/README.md."""
    text = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    below = text.split(f"\n## {heading}\n", 1)[1]
    return "|" + below.split("\n|", 1)[1].partition("\n\n")[0].rstrip()


def neighbours(section: str) -> str:
    """Build the table of one kind of neighbours, and the explanations of its crosses."""
    head, rows, reasons = neighbour_tables.build(section)
    return "\n\n".join([table(head, rows), *([_list(reasons)] if reasons else [])])


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _code(text: str) -> str:
    """Quote text that may contain backticks."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


PAGES: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {
        "suggestions": model_tables.suggestions,
        "specification": model_tables.specification,
    },
    "docs/models.md": {
        "models-specified": partial(model_tables.models, specified=True),
        "models-listed": partial(model_tables.models, specified=False, listed=True),
        "models-former": partial(model_tables.models, specified=False, listed=False),
    },
    "docs/parameters.md": {"parameters": parameters},
    "docs/responses.md": {
        "responses-parameters": partial(parameters, responses_parameters.PARAMETERS)
    },
    "docs/errors.md": {"server-errors": server_errors, "local-errors": local_errors},
    "docs/settings.md": {"environment": environment},
    "docs/report.md": {"report": report},
    "docs/notebook.md": {"magics": magics},
    "docs/testing.md": {"faults": emulator_faults},
    "docs/architecture.md": {"rooms": rooms},
    "docs/libraries.md": {
        "libraries": partial(neighbours, "libraries"),
        "instrumentors": partial(neighbours, "instrumentors"),
    },
    "docs/performance.md": {
        "calls": partial(benchmark, "A call and a chunk"),
        "rivals": partial(benchmark, "Compared with alternatives"),
    },
}
"""The tables of each page, by name."""


def fill(page: str, text: str) -> str:
    """Return ``text`` of ``page`` with every table generated. Raises ValueError on a missing marker."""
    for name, build in PAGES[page].items():
        begin, end = f"<!-- begin:{name} -->\n", f"<!-- end:{name} -->"
        pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
        made = f"{begin}{build()}\n{end}"
        text, found = pattern.subn(made.replace("\\", r"\\"), text)
        if found != 1:
            message = f"{page} has {found} tables between begin:{name} and end:{name}, not 1"
            raise ValueError(message)
    return text


def main(arguments: list[str]) -> int:
    """Write the tables, or with ``--check`` compare them; return the exit code."""
    outdated = []
    for page in PAGES:
        path = ROOT / page
        before = path.read_text(encoding="utf-8")
        after = fill(page, before)
        if before == after:
            continue
        outdated.append(page)
        if arguments == ["--check"]:
            diff = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
            sys.stdout.writelines(line + "\n" for line in diff)
        else:
            path.write_text(after, encoding="utf-8")
    if outdated and arguments == ["--check"]:
        sys.stdout.write(f"{', '.join(outdated)}: out of date; run make readme\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
