"""Run a program as Python would, after ``patch()``: ``python -m baseten_openai script.py args``.

The program sees its own ``__main__``, ``sys.argv`` and ``sys.path[0]``; its exit code and its
tracebacks are what they would be without us. Modelled on ``python -m cudf.pandas``.
"""

from __future__ import annotations

import io
import os
import runpy
import sys
import types
from importlib.machinery import SourceFileLoader
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from . import activation
from ._version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

USAGE = """\
usage: python -m baseten_openai [options] [-m module | -c code | script.py | -] [args]

Run a program written for the openai SDK on Baseten's Model APIs, unchanged.

options:
  --alias NAME=MODEL       what a model name in the program means; may be repeated
  --default-model MODEL    the model for OpenAI names without an alias
  --on-unsupported POLICY  error (default), warn or ignore
  --report[=FILE]          at the end, say on stderr what ran and what was changed; FILE gets JSON
  --version                print the version
  -h, --help               print this

The key comes from BASETEN_API_KEY. Options set the variables BASETEN_OPENAI_*, so that child
processes that are patched too (extra `auto`) use them as well.
"""

USAGE_ERROR = 2
_VALUED = {
    "--alias": "BASETEN_OPENAI_ALIASES",
    "--default-model": "BASETEN_OPENAI_DEFAULT_MODEL",
    "--on-unsupported": "BASETEN_OPENAI_ON_UNSUPPORTED",
}


class Command(NamedTuple):
    """What to run: ``kind`` is "-m", "-c", "-" or "script"; ``report`` is None, "" or a file."""

    kind: str
    target: str
    arguments: list[str]
    environment: dict[str, str]
    report: str | None


class UsageError(Exception):
    """The command line cannot be understood."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line; ends as the program ends."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] in (["-h"], ["--help"], []):
        (sys.stdout if given else sys.stderr).write(USAGE)
        sys.exit(0 if given else USAGE_ERROR)
    if given == ["--version"]:
        sys.stdout.write(f"baseten-openai {__version__}\n")
        sys.exit(0)
    try:
        command = parse(given)
    except UsageError as error:
        _fail(f"{error}\ntry: python -m baseten_openai --help")
    for variable, value in command.environment.items():
        os.environ[variable] = value
    program = _prepare(command)
    _patch()
    activation.pass_on(os.environ)  # type: ignore[arg-type]  # it behaves as a dict
    _run(program)


def parse(argv: Sequence[str]) -> Command:
    """Read our options up to the program, whose own are left alone. Raises ``UsageError``."""
    rest, environment, report = list(argv), dict[str, str](), None
    while rest and rest[0].startswith("-") and rest[0] not in {"-", "-m", "-c", "--"}:
        name, equals, value = rest.pop(0).partition("=")
        if name == "--report":
            report = value
            continue
        if name not in _VALUED:
            message = f"unknown option {name}"
            raise UsageError(message)
        if not equals:
            if not rest:
                message = f"{name} needs a value"
                raise UsageError(message)
            value = rest.pop(0)
        variable = _VALUED[name]
        before = (
            environment.get(variable, os.environ.get(variable, "")) if name == "--alias" else ""
        )
        environment[variable] = f"{before},{value}" if before else value
    if rest[:1] == ["--"]:
        rest.pop(0)
    if not rest:
        message = "nothing to run: name a script, -m module, -c code, or - for standard input"
        raise UsageError(message)
    kind = rest.pop(0)
    if kind in {"-m", "-c"}:
        if not rest:
            message = f"{kind} needs a value"
            raise UsageError(message)
        return Command(kind, rest[0], rest[1:], environment, report)
    return Command(kind if kind == "-" else "script", kind, rest, environment, report)


def _patch() -> None:
    from .errors import BasetenError  # noqa: PLC0415  # imports openai, from the program's sys.path
    from .patching import patch  # noqa: PLC0415  # the same

    try:
        patch()
    except BasetenError as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    sys.stderr.write(f"baseten_openai: {message}\n")
    sys.exit(USAGE_ERROR)


def _prepare(command: Command) -> Callable[[], Any]:
    """Set ``sys.argv``, ``sys.path[0]`` and ``__main__`` as Python would; return what runs it."""
    module = types.ModuleType("__main__")
    vars(module).update(__builtins__=__builtins__, __spec__=None, __loader__=None)
    sys.modules["__main__"] = module
    kind, target = command.kind, command.target
    sys.argv = [target if kind == "script" else kind, *command.arguments]
    if kind == "-m":  # sys.path[0] is right already: the directory `python -m` was called in
        return lambda: runpy._run_module_as_main(target)  # type: ignore[attr-defined]  # noqa: SLF001  # what python -m itself calls
    if kind == "-c":
        _set_path("")
        return _executing(target, "<string>", module)
    if kind == "-":
        _set_path("")
        return lambda: _executing(sys.stdin.read(), "<stdin>", module)()  # noqa: PLW0108  # stdin is read when it runs
    if os.path.isdir(target) or target.endswith((".zip", ".pyz")):  # noqa: PTH112  # as python does, on the string
        _set_path(target)
        return lambda: runpy._run_module_as_main("__main__", alter_argv=False)  # type: ignore[attr-defined]  # noqa: SLF001  # the same
    _set_path(os.path.dirname(os.path.realpath(target)))  # noqa: PTH120  # as python does, on the string
    try:
        with io.open_code(os.path.abspath(target)) as file:  # noqa: PTH100  # open_code wants a string
            source = file.read()
    except OSError as error:
        _fail(f"can't open file {target!r}: [Errno {error.errno}] {error.strerror}")
    vars(module).update(
        __file__=target, __cached__=None, __loader__=SourceFileLoader("__main__", target)
    )
    return _executing(source, target, module)


def _set_path(entry: str) -> None:
    if not sys.flags.safe_path:  # with -P, python puts no such entry there
        sys.path[0] = entry


def _executing(source: str | bytes, name: str, module: types.ModuleType) -> Callable[[], Any]:
    def run() -> None:
        code = compile(source, name, "exec", dont_inherit=True)
        exec(code, vars(module))  # noqa: S102  # running the user's program is what this is for

    return run


def _run(program: Callable[[], Any]) -> None:
    """Run it. An exception is shown as Python would show it, without our frames, and ends us as it would."""
    try:
        program()
    except SystemExit:
        raise
    except BaseException as error:
        _shorten(error)
        show, sys.excepthook = sys.excepthook, lambda *_: None
        show(type(error), error, error.__traceback__)
        raise  # the exit code, or the death by SIGINT, is the interpreter's to give


def _shorten(error: BaseException) -> None:
    """Drop the frames above the program: ours, and those of runpy and the import system."""
    traceback = error.__traceback__
    ours = {__file__, runpy.__file__, "<frozen runpy>"}
    while traceback is not None and traceback.tb_frame.f_code.co_filename in ours:
        traceback = traceback.tb_next
    error.__traceback__ = traceback
