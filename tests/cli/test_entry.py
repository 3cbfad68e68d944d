"""``baseten-openai`` itself: help, mistakes, what is missing, readers who leave."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import baseten_openai

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Ended

COMMANDS = ("models", "model", "check", "doctor", "run", "emulator")
SCRIPT = Path(sys.executable).with_name("baseten-openai")


@pytest.mark.parametrize("asked", ["--help", "-h"])
def test_help_names_every_command_with_a_whole_line(
    process: Callable[..., Ended], asked: str
) -> None:
    ended = process(asked)
    assert (ended.code, ended.err) == (0, "")
    for command in COMMANDS:
        (line,) = [line for line in ended.lines if line.startswith(f"  {command} ")]
        assert line.endswith(".")
        assert "..." not in line


@pytest.mark.parametrize("command", COMMANDS[:4])
def test_each_commands_help_has_examples_that_name_it(
    cli: Callable[..., Ended], command: str
) -> None:
    ended = cli(command, "--help")
    assert ended.code == 0
    assert f"    baseten-openai {command}" in ended.out


def test_the_help_of_run_and_emulator_is_their_own(process: Callable[..., Ended]) -> None:
    assert "--on-unsupported POLICY" in process("run", "--help").out
    assert "--port PORT" in process("emulator", "--help").out


def test_version(process: Callable[..., Ended]) -> None:
    assert process("--version").out == f"baseten-openai {baseten_openai.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "nonsense"),
        (["--nonsense"], "--nonsense"),
        (["models", "--nonsense"], "--nonsense"),
        (["models", "--status", "gone"], "'listed', 'unlisted', 'retired'"),
        (["model"], "NAME"),
        (["check"], "PATH"),
        (["check", "no-such-file.py"], "no-such-file.py"),
        (["model", "glm-4.7", "--alias", "no-equals"], "no-equals"),
        (["run"], "usage"),
        (["run", "--nonsense"], "--nonsense"),
        (["emulator", "--host", "0.0.0.0"], "loopback"),
    ],
    ids=" ".join,
)
def test_a_mistake_ends_with_2_and_says_what_it_is(
    cli: Callable[..., Ended], arguments: list[str], said: str
) -> None:
    ended = cli(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_nothing_given_shows_what_there_is(process: Callable[..., Ended]) -> None:
    ended = process()
    assert (ended.code, ended.out) == (2, "")
    assert "Commands:" in ended.err


@pytest.mark.parametrize("command", [["model", "glm-4.7"], ["check", "."], ["models", "--refresh"]])
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BASETEN_API_KEY", "sk-openai"),
        ("BASETEN_BASE_URL", "http://example.com/v1"),
        ("BASETEN_OPENAI_ALIASES", "nonsense"),
        ("BASETEN_OPENAI_ON_UNSUPPORTED", "panic"),
    ],
)
def test_an_unusable_setting_ends_with_2_and_is_named(
    cli: Callable[..., Ended], command: list[str], variable: str, value: str
) -> None:
    ended = cli(*command, **{variable: value})
    assert (ended.code, ended.out) == (2, "")
    assert variable in ended.err


@pytest.mark.parametrize("package", ["typer", "rich"])
def test_without_the_extra_it_says_how_to_install_it(
    process: Callable[..., Ended], tmp_path: Path, package: str
) -> None:
    missing = f"raise ModuleNotFoundError(\"No module named '{package}'\", name={package!r})"
    (tmp_path / f"{package}.py").write_text(missing)
    ended = process("models", PYTHONPATH=str(tmp_path))
    assert (ended.code, ended.out) == (2, "")
    assert "pip install 'baseten-openai[cli]'" in ended.err


def test_without_the_emulators_extra_it_says_how_to_install_it(
    process: Callable[..., Ended], tmp_path: Path
) -> None:
    missing = "raise ModuleNotFoundError(\"No module named 'starlette'\", name='starlette')"
    (tmp_path / "starlette.py").write_text(missing)
    ended = process("emulator", PYTHONPATH=str(tmp_path))
    assert (ended.code, ended.out) == (2, "")
    assert 'pip install "baseten-openai[emulator]"' in ended.err


def test_another_missing_module_is_not_hidden(environ: dict[str, str], tmp_path: Path) -> None:
    missing = "raise ModuleNotFoundError('No module named rats', name='rats')"
    (tmp_path / "typer.py").write_text(missing)
    ended = subprocess.run(
        [SCRIPT, "models"],
        env={**environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    assert b"rats" in ended.stderr
    assert b"[cli]" not in ended.stderr


@pytest.mark.parametrize("arguments", [["models"], ["models", "--json"], ["--help"]], ids=" ".join)
def test_a_reader_who_leaves_early_is_no_error(
    environ: dict[str, str], arguments: list[str]
) -> None:
    with subprocess.Popen(
        [SCRIPT, *arguments], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.close()
        assert command.stderr.read() == b""


def test_python_m_does_the_same(environ: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "baseten_openai.cli", "--version"]
    ended = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, check=True)
    assert ended.stdout.decode().startswith("baseten-openai ")


def test_the_package_itself_does_not_load_the_command_line() -> None:
    code = (
        "import sys, baseten_openai; baseten_openai.patch(api_key='k'); baseten_openai.catalog\n"
        "assert not {'typer', 'baseten_openai.cli'} & set(sys.modules)"  # httpx brings rich
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
