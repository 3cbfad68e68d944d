"""The runner's own part: what it patches and when, its options, and what it says about mistakes."""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
import typing
from typing import TYPE_CHECKING

import pytest
from running import ASK, ASKING, KEY, NO_AUTOWRAPT, SLUG, environment, run

from baseten_openai import settings
from baseten_openai.activation import import_hook
from baseten_openai.activation.runner import POLICIES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from running import Ended

    from baseten_openai import emulator

HAS_AUTOWRAPT = importlib.util.find_spec("autowrapt") is not None
CHILD = f"""\
import multiprocessing, sys

def ask(model):
    import openai
    return openai.OpenAI().chat.completions.create({ASKING}).model

if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(1) as pool:
        print(pool.map(ask, [1]))
"""


@pytest.mark.parametrize("form", ["app.py", "-m app", "-"])
def test_a_program_of_any_form_asks_baseten(
    form: str, runner: Callable[..., Ended], tmp_path: Path, server: emulator.EmulatorServer
) -> None:
    (tmp_path / "app.py").write_text(ASK)
    assert runner(*form.split(), stdin=ASK) == (0, f"{SLUG}\n", "")
    (request,) = server.requests
    assert request.json["model"] == SLUG
    assert request.headers["authorization"] == f"Bearer {KEY}"


def test_a_program_may_say_first_how_openai_is_imported(runner: Callable[..., Ended]) -> None:
    """Openai reads OPENAI_LOG when it is imported."""
    code = "import os; os.environ['OPENAI_LOG'] = 'debug'; import openai, logging; "
    assert runner("-c", f"{code}print(logging.getLogger('openai').level)").out == "10\n"


@pytest.mark.parametrize(
    ("options", "before", "after"),
    [
        (["--alias", "a=b"], {}, {"ALIASES": "a=b"}),
        (["--alias=a=b=c", "--alias", "d=e"], {}, {"ALIASES": "a=b=c,d=e"}),
        (["--alias", "a=b"], {"ALIASES": "x=y"}, {"ALIASES": "x=y,a=b"}),
        (["--default-model", "m"], {"DEFAULT_MODEL": "n"}, {"DEFAULT_MODEL": "m"}),
        (["--default-model=m", "--"], {"ALIASES": "x=y"}, {"DEFAULT_MODEL": "m", "ALIASES": "x=y"}),
        (["--on-unsupported=ignore"], {}, {"ON_UNSUPPORTED": "ignore"}),
    ],
)
def test_options_are_variables_for_the_program_and_its_children(
    options: list[str],
    before: dict[str, str],
    after: dict[str, str],
    runner: Callable[..., Ended],
) -> None:
    code = (
        "import os; print({n: v for n, v in os.environ.items() if n.startswith('BASETEN_OPENAI_')})"
    )
    prefix = "BASETEN_OPENAI_"
    ended = runner(*options, "-c", code, **{prefix + name: value for name, value in before.items()})
    assert ast.literal_eval(ended.out) == {prefix + name: value for name, value in after.items()}


def test_options_decide_what_is_sent(
    runner: Callable[..., Ended], tmp_path: Path, server: emulator.EmulatorServer
) -> None:
    (tmp_path / "app.py").write_text(ASK.replace("gpt-oss-120b", "gpt-4o"))
    options = ["--alias", "gpt-4o=glm-4.7", "--default-model=kimi-k2.5", "--on-unsupported=ignore"]
    assert runner(*options, "app.py") == (0, "zai-org/GLM-4.7\n", "")
    assert server.requests[0].json["model"] == "zai-org/GLM-4.7"


def test_on_unsupported_takes_what_settings_take() -> None:
    assert typing.get_args(settings.OnUnsupported) == POLICIES


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "usage: python -m baseten_openai"),
        (["--"], "nothing to run"),
        (["--alias", "a=b"], "nothing to run"),
        (["-m"], "-m needs a value"),
        (["-c"], "-c needs a value"),
        (["--alias"], "--alias needs a value"),
        (["--alias", "gpt-4o", "app.py"], "NAME=MODEL"),
        (["--alias", "=x", "app.py"], "NAME=MODEL"),
        (["--on-unsupported", "shrug", "app.py"], "error, warn, ignore, not 'shrug'"),
        (["--unknown", "app.py"], "unknown option --unknown"),
        (["-x", "app.py"], "unknown option -x"),
        (["not_there.py"], "can't open file"),
    ],
)
def test_a_mistake_on_the_command_line_is_said_and_exits_with_2(
    arguments: list[str], says: str, runner: Callable[..., Ended]
) -> None:
    code, out, err = runner(*arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err


@pytest.mark.parametrize("option", ["-h", "--help", "--version"])
def test_help_and_version_go_to_standard_output(option: str, runner: Callable[..., Ended]) -> None:
    code, out, err = runner(option)
    assert (code, err) == (0, "")
    assert out.startswith("baseten-openai " if option == "--version" else "usage: ")


def test_an_unusable_setting_ends_it_where_openai_is_imported(
    runner: Callable[..., Ended], server: emulator.EmulatorServer
) -> None:
    ended = runner("-c", f"print('started', flush=True)\n{ASK}", BASETEN_OPENAI_ON_UNSUPPORTED="x")
    assert ended[:2] == (2, "started\n")
    assert ended.err.startswith("baseten_openai: BASETEN_OPENAI_ON_UNSUPPORTED must be one of ")
    assert "Traceback" not in ended.err
    assert server.requests == []


def test_a_missing_key_is_said_where_the_client_is_made(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(ASK)
    command = [sys.executable, "-m", "baseten_openai", "app.py"]
    code, _, err = run(command, tmp_path, environment(OPENAI_API_KEY="sk-of-openai"))
    assert code == 1
    *_, last = err.strip().splitlines()
    assert last.startswith("baseten_openai.errors.MissingAPIKeyError: ")
    assert "BASETEN_API_KEY" in last


@pytest.mark.skipif(sys.platform == "win32", reason="Windows only spawns")
def test_a_forked_child_is_patched(runner: Callable[..., Ended], tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(CHILD)
    assert runner("app.py", "fork") == (0, f"['{SLUG}']\n", "")


@pytest.mark.parametrize(
    ("way", "method"), [("runner", "spawn"), ("runner", "forkserver"), ("activated", "spawn")]
)
def test_a_child_of_multiprocessing_is_patched(
    way: str, method: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    pytest.importorskip("autowrapt", reason=NO_AUTOWRAPT)
    (tmp_path / "app.py").write_text(CHILD)
    assert request.getfixturevalue(way)("app.py", method) == (0, f"['{SLUG}']\n", "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, "baseten_openai"),
        ({"AUTOWRAPT_BOOTSTRAP": "other"}, "other,baseten_openai"),
        ({"AUTOWRAPT_BOOTSTRAP": "baseten_openai, other"}, "baseten_openai, other"),
    ],
)
def test_children_are_told_by_the_variable(before: dict[str, str], after: str) -> None:
    pytest.importorskip("autowrapt", reason=NO_AUTOWRAPT)
    environ = dict(before)
    assert import_hook.pass_on(environ)
    assert environ == {"AUTOWRAPT_BOOTSTRAP": after}


@pytest.mark.skipif(HAS_AUTOWRAPT, reason="the extra `auto` is installed here")
def test_children_are_told_nothing_that_nobody_would_read() -> None:
    environ: dict[str, str] = {}
    assert not import_hook.pass_on(environ)
    assert environ == {}


@pytest.mark.skipif(os.name != "posix", reason="a terminal of its own is POSIX only")
def test_a_dash_in_a_terminal_is_a_prompt(variables: dict[str, str], tmp_path: Path) -> None:
    import pexpect  # noqa: PLC0415  # POSIX only

    command = ["-m", "baseten_openai", "-"]
    child = pexpect.spawn(sys.executable, command, env=variables, cwd=tmp_path, timeout=30)
    try:
        child.expect(">>> ")
        child.sendline(ASK.replace("\n", ";", 1).strip())
        child.expect(f"{SLUG}\r\n>>> ")
        child.sendeof()
        child.expect(pexpect.EOF)
    finally:
        child.close()
    assert child.exitstatus == 0
