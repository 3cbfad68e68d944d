"""``python -m baseten_openai`` and ``python`` run a program the same; what python does is expected."""

from __future__ import annotations

import os
import py_compile
import signal
import sys
import time
import zipfile
from typing import TYPE_CHECKING

import pytest
from running import Ended, end, environment, start

if TYPE_CHECKING:
    from pathlib import Path

TELL = """\
import json, sys
value = lambda it: it if isinstance(it, (str, dict, type(None))) else type(it).__name__
told = {name: value(it) for name, it in sorted(globals().items())}
told["spec"] = __spec__ and [__spec__.name, __spec__.origin]
told["is main"] = sys.modules["__main__"].__dict__ is globals()
told["stdin"] = sys.stdin.read()
told["openai is imported"] = "openai" in sys.modules
print(json.dumps([told, sys.argv, sys.path[:2]], indent=1))
"""
RAISE = "def f(key):\n    raise KeyError(key)\n\nf('mine')\n"
SLEEP = "import time\nprint('ready', flush=True)\ntime.sleep(60)\n"
INTERRUPTED = {
    "a program that sleeps": SLEEP,
    "asyncio": (
        "import asyncio\nasync def main():\n    print('ready', flush=True)\n"
        "    await asyncio.sleep(60)\nasyncio.run(main())\n"
    ),
}
ENDS = {
    "falls off its end": ("print(1)", 0),
    "sys.exit(3)": ("import sys; sys.exit(3)", 3),
    "sys.exit(text)": ("import sys; sys.exit('no such city')", 1),
    "sys.exit()": ("import sys; sys.exit()", 0),
    "os._exit": ("import os; os._exit(5)", 5),
    "an exception": (RAISE, 1),
    "a chain of exceptions": (
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise OSError('b') from error",
        1,
    ),
    "a group of exceptions": ("raise ExceptionGroup('g', [ValueError(1), OSError(2)])", 1),
    "a syntax error": ("print('never')\nx x", 1),
    "a syntax error in an import": ("import broken", 1),
    "a module that is not there": ("import not_there_at_all", 1),
    "sys.exit in a thread": (
        (
            "import sys, threading\nthread = threading.Thread(target=sys.exit, args=[3])\n"
            "thread.start(); thread.join(); print('on')"
        ),
        0,
    ),
    "an exception in a thread": (
        (
            "import threading\nthread = threading.Thread(target=lambda: 1 / 0)\n"
            "thread.start(); thread.join(); print('on')"
        ),
        0,
    ),
    "KeyboardInterrupt": ("raise KeyboardInterrupt", -signal.SIGINT),
    "an excepthook of its own": (
        "import sys\nsys.excepthook = lambda kind, error, tb: print(kind, error, tb.tb_lineno)\n1/0",
        1,
    ),
    "what is left for the end": (
        (
            "import atexit, sys\natexit.register(lambda: print(sys.excepthook is sys.__excepthook__))\n"
            "class Left:\n    def __del__(self):\n        print('deleted')\nleft = Left()\n1 / 0"
        ),
        1,
    ),
}


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay TELL and RAISE out in every form in which python runs a program."""
    folder = tmp_path_factory.mktemp("programs")
    for name, text in (("tell", TELL), ("boom", RAISE)):
        (folder / f"{name}.py").write_text(text)
        py_compile.compile(str(folder / f"{name}.py"), cfile=str(folder / f"{name}.pyc"))
        package = folder / f"{name}_package"
        package.mkdir()
        (package / "__init__.py").write_text("import sys; argv = list(sys.argv)")
        (package / "__main__.py").write_text(f"from . import argv\n{text}")
        (package / "inner.py").write_text(text)
        (folder / f"{name}_folder").mkdir()
        (folder / f"{name}_folder" / "__main__.py").write_text(text)
        for archive in (f"{name}.zip", f"{name}_archive"):
            with zipfile.ZipFile(folder / archive, "w") as file:
                file.writestr("__main__.py", text)
    (folder / "empty").mkdir()
    (folder / "linked").mkdir()
    (folder / "linked" / "tell.py").symlink_to(folder / "tell.py")
    (folder / "latin.py").write_bytes(b"# coding: latin-1\nprint('\xe9' == chr(233))\n")
    (folder / "broken.py").write_text("def f(:\n")
    return folder


FORMS = {
    "script": ["{}.py"],
    "script named with ..": ["empty/../{}.py"],
    "compiled script": ["{}.pyc"],
    "module": ["-m", "{}"],
    "module, joined": ["-m{}"],
    "package": ["-m", "{}_package"],
    "module of a package": ["-m", "{}_package.inner"],
    "folder": ["{}_folder"],
    "zip file": ["{}.zip"],
    "zip file without a suffix": ["{}_archive"],
}


def both(
    arguments: list[str], folder: Path, *, stdin: str = "", flags: tuple[str, ...] = ()
) -> tuple[Ended, Ended]:
    """Run it as python does, and at the same time as we do."""
    python, us = [sys.executable, *flags], ["-m", "baseten_openai"]
    started = [
        start(command, folder, environment(PYTHONDONTWRITEBYTECODE="1"))
        for command in ([*python, *arguments], [*python, *us, *arguments])
    ]
    plain, ours = [end(process, stdin) for process in started]
    return plain, ours


@pytest.mark.parametrize("flags", [(), ("-P",)], ids=["", "-P"])
@pytest.mark.parametrize("form", FORMS)
def test_a_program_finds_what_it_finds_under_python(
    form: str, flags: tuple[str, ...], programs: Path
) -> None:
    arguments = [part.format("tell") for part in FORMS[form]]
    plain, ours = both(
        [*arguments, "--report", "-m", "a b", "--"], programs, stdin="é\n", flags=flags
    )
    assert ours == plain
    # with -P python finds no module in the current folder
    assert plain.code == (1 if "-P" in flags and arguments[0].startswith("-m") else 0)


@pytest.mark.parametrize("arguments", [["-c", TELL], [f"-c{TELL}"], ["-"]], ids=["-c", "-c..", "-"])
@pytest.mark.parametrize("flags", [(), ("-P",)], ids=["", "-P"])
def test_code_finds_what_it_finds_under_python(
    arguments: list[str], flags: tuple[str, ...], programs: Path
) -> None:
    stdin = TELL if arguments == ["-"] else "é\n"
    plain, ours = both([*arguments, "-v", "x"], programs, stdin=stdin, flags=flags)
    assert ours == plain
    assert plain.code == 0


@pytest.mark.parametrize("script", ["linked/tell.py", "latin.py"])
def test_a_script_is_read_as_python_reads_it(script: str, programs: Path) -> None:
    plain, ours = both([script], programs)
    assert ours == plain
    assert plain.code == 0


@pytest.mark.parametrize("form", FORMS)
def test_a_traceback_is_pythons(form: str, programs: Path) -> None:
    plain, ours = both([part.format("boom") for part in FORMS[form]], programs)
    assert ours == plain
    assert plain.code == 1
    assert plain.err.endswith("KeyError: 'mine'\n")


@pytest.mark.parametrize(
    ("arguments", "stdin"), [(["-c", RAISE], ""), (["-"], RAISE), (["-"], "x x")]
)
def test_a_traceback_of_code_is_pythons(arguments: list[str], stdin: str, programs: Path) -> None:
    plain, ours = both(arguments, programs, stdin=stdin)
    assert ours == plain
    assert plain.code == 1


@pytest.mark.parametrize("ending", ENDS)
def test_a_program_ends_as_under_python(ending: str, programs: Path) -> None:
    text, code = ENDS[ending]
    script = programs / "ending.py"
    script.write_text(text)
    plain, ours = both(["ending.py"], programs)
    assert ours == plain
    assert plain.code == code


@pytest.mark.parametrize("arguments", [["-m", "not_there"], ["empty"], ["-m", "empty"]])
def test_a_target_that_is_no_program_fails_as_under_python(
    arguments: list[str], programs: Path
) -> None:
    plain, ours = both(arguments, programs)
    assert ours == plain
    assert plain.code == 1


def test_the_debugger_finds_the_last_traceback(programs: Path) -> None:
    look = "import sys; print(sys.last_traceback.tb_frame.f_code.co_filename, f)\n"
    plain, ours = both(["boom.py"], programs, stdin=look, flags=("-i",))
    assert ours.out.split()[:2] == plain.out.split()[:2]
    assert plain.out.startswith(str(programs / "boom.py"))


@pytest.mark.skipif(os.name != "posix", reason="SIGINT to another process is POSIX only")
@pytest.mark.parametrize("what", INTERRUPTED)
def test_an_interrupt_ends_a_program_as_under_python(what: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(INTERRUPTED[what])
    ended = []
    for us in ([], ["-m", "baseten_openai"]):
        process = start([sys.executable, *us, "app.py"], tmp_path, environment())
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.5)  # until it sleeps: the traceback names the line
        process.send_signal(signal.SIGINT)
        ended.append(end(process))
    plain, ours = ended
    assert ours == plain
    assert plain.code == -signal.SIGINT
    assert plain.err.endswith("KeyboardInterrupt\n")
