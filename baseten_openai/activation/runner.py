"""Run a program as Python would, patched: ``python -m baseten_openai script.py args``.

The program sees its own ``__main__``, ``sys.argv`` and ``sys.path[0]``; its exit code and tracebacks are the
same as without the runner. ``openai`` is patched when the program imports it and not before, so that the
program's own first steps (gevent's patching, ``sys.path``, ``OPENAI_LOG``) still come first. Modelled on
``python -m cudf.pandas``.
"""

from __future__ import annotations

import builtins
import io
import os
import pkgutil
import runpy
import sys
import types
from importlib.machinery import BuiltinImporter, SourceFileLoader, SourcelessFileLoader
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from .._version import __version__
from ..credentials import placeholder
from . import import_hook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

USAGE = """\
usage: python -m baseten_openai [options] [-m module | -c code | script.py | -] [args]

Run a program written for the openai SDK on Baseten's Model APIs, unchanged.

options:
  --alias NAME=MODEL       use MODEL where the program says NAME; may be repeated
  --default-model MODEL    the model for OpenAI names without an alias
  --on-unsupported POLICY  error (default), warn or ignore
  --report[=FILE]          at exit, print calls and changes to stderr, or write them to FILE as JSON
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
POLICIES = ("error", "warn", "ignore")


class Command(NamedTuple):
    """What to run. ``kind`` is "-m", "-c", "-" or "script"; ``report`` is None, "" or a file."""

    kind: str
    target: str
    arguments: list[str]
    environment: dict[str, str]
    report: str | None


class UsageError(Exception):
    """The command line is invalid."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line; exit as the program exits."""
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
    if command.report is not None:
        _report_at_exit(command.report)
    placeholder.put_unless_off(os.environ)
    _patch_when_imported()
    import_hook.pass_on(os.environ)  # type: ignore[arg-type]  # it has the methods of a dict
    _run(_prepare(command))


def parse(argv: Sequence[str]) -> Command:
    """Parse our options, up to the program and its arguments. Raises ``UsageError``."""
    rest, environment, report = list(argv), dict[str, str](), None
    while rest and rest[0].startswith("-") and rest[0][:2] not in {"-", "-m", "-c"}:
        if rest[0] == "--":
            rest.pop(0)
            break
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
        _check_value(name, value)
        variable = _VALUED[name]
        before = (
            environment.get(variable, os.environ.get(variable, "")) if name == "--alias" else ""
        )
        environment[variable] = f"{before},{value}" if before else value
    if not rest:
        message = "nothing to run: give a script, -m module, -c code, or - for standard input"
        raise UsageError(message)
    target = rest.pop(0)
    if target[:2] in {"-m", "-c"}:
        kind, target = target[:2], target[2:]  # `-mpkg` is `-m pkg`, as in Python
        if not target and not rest:
            message = f"{kind} needs a value"
            raise UsageError(message)
        return Command(kind, target or rest.pop(0), rest, environment, report)
    return Command("-" if target == "-" else "script", target, rest, environment, report)


def _report_at_exit(path: str) -> None:
    from ..usage import report_at_exit  # noqa: PLC0415  # not unless it is asked for

    try:
        report_at_exit.arrange(path)
    except OSError as error:
        _fail(f"--report cannot write {path!r}: {error.strerror or 'it is a directory'}")


def _check_value(name: str, value: str) -> None:
    """Say at once what Settings would say when openai is imported."""
    if name == "--on-unsupported" and value not in POLICIES:
        message = f"--on-unsupported is one of {', '.join(POLICIES)}, not {value!r}"
        raise UsageError(message)
    if name == "--alias" and not all(value.partition("=")):
        message = f"--alias takes NAME=MODEL, such as gpt-4o=glm-5.2, not {value!r}"
        raise UsageError(message)


def _patch_when_imported() -> None:
    from wrapt import register_post_import_hook  # noqa: PLC0415  # not for --help

    register_post_import_hook(_patch, "openai")


def _patch(openai: ModuleType) -> None:
    try:
        import_hook.patch_openai(openai)
    except Exception as error:
        from ..errors import BasetenError  # noqa: PLC0415  # imports openai

        if not isinstance(error, BasetenError):
            raise
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    sys.stderr.write(f"baseten_openai: {message}\n")
    sys.exit(USAGE_ERROR)


def _prepare(command: Command) -> Callable[[], Any]:
    """Set ``sys.argv``, ``sys.path[0]`` and ``__main__`` as Python would; return what runs it."""
    module = types.ModuleType("__main__")
    vars(module).update(__builtins__=builtins, __loader__=BuiltinImporter)
    if "__annotations__" in vars(
        sys.modules["__main__"]
    ):  # whether it is there depends on the version
        module.__annotations__ = {}
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
        return lambda: _run_stdin(module)
    return _prepare_script(_absolute(target), module)


def _prepare_script(path: str, module: types.ModuleType) -> Callable[[], Any]:
    if pkgutil.get_importer(path) is not None:  # a directory or a zip file, whatever its name
        _set_path(path, always=True)
        return lambda: runpy._run_module_as_main("__main__", alter_argv=False)  # type: ignore[attr-defined]  # noqa: SLF001  # as above
    _set_path(os.path.dirname(os.path.realpath(path)))  # noqa: PTH120  # as python does, on the string
    try:
        with io.open_code(path) as file:
            source = file.read()
    except OSError as error:
        _fail(f"can't open file {path!r}: [Errno {error.errno}] {error.strerror}")
    compiled = pkgutil.read_code(io.BytesIO(source))  # None unless it is a .pyc
    loader = SourceFileLoader if compiled is None else SourcelessFileLoader
    vars(module).update(__file__=path, __cached__=None, __loader__=loader("__main__", path))
    return _executing(compiled or source, path, module)


def _absolute(path: str) -> str:
    if os.name == "nt":
        return os.path.abspath(path)  # noqa: PTH100  # as python does, on the string
    return os.path.join(os.getcwd(), path)  # noqa: PTH109, PTH118  # it keeps ".." where it stands


def _set_path(entry: str, *, always: bool = False) -> None:
    if not sys.flags.safe_path:
        sys.path[0] = entry
    elif always:  # -P keeps away what python adds by itself, not the program
        sys.path.insert(0, entry)


def _run_stdin(module: types.ModuleType) -> None:
    if sys.stdin.isatty():
        import code  # noqa: PLC0415  # rarely needed

        code.interact(local=vars(module), exitmsg="")
        return
    vars(module).update(__file__="<stdin>", __cached__=None)
    _executing(sys.stdin.buffer.read(), "<stdin>", module)()


def _executing(
    source: str | bytes | types.CodeType, name: str, module: types.ModuleType
) -> Callable[[], Any]:
    def run() -> None:
        code = (
            compile(source, name, "exec", dont_inherit=True)
            if not isinstance(source, types.CodeType)
            else source
        )
        exec(code, vars(module))  # noqa: S102  # running the user's program is what this is for

    return run


def _run(program: Callable[[], Any]) -> None:
    """Run it. An exception ends us as it would end Python, and shows no frame of ours."""
    try:
        program()
    except SystemExit:
        raise
    except BaseException as error:
        show, shown = sys.excepthook, _below_us(error.__traceback__)

        def show_shortened(kind: type[BaseException], value: BaseException, _: object) -> None:
            sys.excepthook, sys.last_traceback = show, shown
            show(kind, value.with_traceback(shown), shown)

        sys.excepthook = show_shortened
        raise  # the exit code, or the death by SIGINT, is the interpreter's to give


def _below_us(traceback: types.TracebackType | None) -> types.TracebackType | None:
    while traceback is not None and traceback.tb_frame.f_code.co_filename == __file__:
        traceback = traceback.tb_next
    return traceback
