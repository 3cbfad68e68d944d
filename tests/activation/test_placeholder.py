"""The placeholder for programs that read OPENAI_API_KEY before they create a client, and the variable's names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from running import ASK, KEY, NO_AUTOWRAPT, SLUG

import baseten_openai
from baseten_openai.activation.import_hook import GROUPS
from baseten_openai.credentials.placeholder import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from running import Ended

    from baseten_openai import emulator

READS_FIRST = "import os\nkey = os.environ['OPENAI_API_KEY']\n" + ASK.replace(
    "OpenAI()", "OpenAI(api_key=key)"
)
PASSES_ON = (
    "import os, subprocess, sys\n"
    "child = 'import os; print(os.environ[\"OPENAI_API_KEY\"])'\n"
    "print(subprocess.run([sys.executable, '-c', child], capture_output=True, text=True).stdout.strip())\n"
)
WAYS = ("runner", "activated")


@pytest.fixture(params=WAYS)
def program(request: pytest.FixtureRequest) -> Callable[..., Ended]:
    """Run ``python`` by the runner, or by the variable."""
    if request.param == "activated":
        pytest.importorskip("autowrapt", reason=NO_AUTOWRAPT)
    ran: Callable[..., Ended] = request.getfixturevalue(request.param)
    return ran


def test_a_program_that_reads_openais_key_first(
    program: Callable[..., Ended], tmp_path: Path, server: emulator.EmulatorServer
) -> None:
    (tmp_path / "app.py").write_text(READS_FIRST)
    assert program("app.py", OPENAI_API_KEY="") == (0, f"{SLUG}\n", "")
    (request,) = server.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"


def test_child_processes_have_it(program: Callable[..., Ended], tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PASSES_ON)
    assert program("app.py", OPENAI_API_KEY="") == (0, f"{PLACEHOLDER}\n", "")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"OPENAI_API_KEY": "sk-real"}, "sk-real"),
        ({"OPENAI_API_KEY": "", "BASETEN_API_KEY": ""}, ""),
        ({"OPENAI_API_KEY": "", "BASETEN_OPENAI_PLACEHOLDER_KEY": "off"}, ""),
    ],
)
def test_where_there_is_none(
    program: Callable[..., Ended], tmp_path: Path, variables: dict[str, str], expected: str
) -> None:
    (tmp_path / "app.py").write_text("import os\nprint(os.environ.get('OPENAI_API_KEY'))\n")
    assert program("app.py", **variables) == (0, f"{expected}\n", "")


@pytest.mark.parametrize("name", GROUPS)
def test_the_names_that_the_variable_takes(
    name: str, activated: Callable[..., Ended], tmp_path: Path, server: emulator.EmulatorServer
) -> None:
    (tmp_path / "app.py").write_text(ASK)
    assert activated("app.py", AUTOWRAPT_BOOTSTRAP=name) == (0, f"{SLUG}\n", "")
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_patch_puts_it_there_when_told_and_unpatch_removes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", "")
    baseten_openai.patch()
    assert os.environ["OPENAI_API_KEY"] == ""
    baseten_openai.patch(placeholder_key=True)
    assert os.environ["OPENAI_API_KEY"] == PLACEHOLDER
    baseten_openai.unpatch()
    assert "OPENAI_API_KEY" not in os.environ


def test_a_real_key_that_replaced_it_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", "")
    baseten_openai.patch(placeholder_key=True)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    baseten_openai.unpatch()
    assert os.environ["OPENAI_API_KEY"] == "sk-real"
