"""The command line ``baseten-openai``. Only this package imports typer and rich (extra ``cli``).

Output is a table in a terminal and plain columns in a pipe. Progress and remarks go to stderr.
Exit codes: 0 success; 1 a problem was found (a refused call, an unknown model, a bad key); 2 invalid
arguments or settings.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

INSTALL = "pip install 'baseten-openai[cli]'"
USAGE_ERROR = 2
_FAILED = 1
_BROKEN_PIPE = 141  # the exit code that shells give a program ended by SIGPIPE


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit. ``run`` and ``emulator`` parse their own arguments."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["run"]:
        from .run import run  # noqa: PLC0415  # the program must not run with typer imported

        run(arguments[1:])
    elif arguments[:1] == ["emulator"]:
        from .emulator import emulate  # noqa: PLC0415  # needs another extra

        emulate(arguments[1:])
    else:
        _end(lambda: _app()(args=arguments, prog_name="baseten-openai"))


def _app() -> Callable[..., None]:
    try:
        from .app import app  # noqa: PLC0415  # reports a missing extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"typer", "rich"}:
            raise
        fail(f"the command line needs its extra: {INSTALL} ({error})", USAGE_ERROR)
    return app


def _end(command: Callable[[], None]) -> None:
    """Run ``command``. User errors, network errors and a closed pipe exit without a traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(
            errors="backslashreplace"
        )  # output may have characters that the pipe's encoding lacks
    try:
        try:
            command()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
        sys.exit(_BROKEN_PIPE)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        # By name: the import of openai may have failed, if the environment patches it.
        kinds = {cls.__name__ for cls in type(error).__mro__}
        if "OpenAIError" not in kinds:
            raise
        fail(str(error), USAGE_ERROR if "ConfigurationError" in kinds else _FAILED)


def fail(message: str, code: int) -> NoReturn:
    """Print an error to stderr and exit."""
    sys.stderr.write(f"baseten-openai: {message}\n")
    sys.exit(code)
