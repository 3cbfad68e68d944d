"""``run`` and ``emulator``: the arguments go through as they are."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import baseten_openai

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Ended

    from baseten_openai import emulator

SCRIPT = Path(sys.executable).with_name("baseten-openai")
TELL = "import json, sys; print(json.dumps([sys.argv, __name__, sys.path[0]]))"
ASK = """\
import openai
answer = openai.OpenAI().chat.completions.create(
    model="gpt-oss-120b", messages=[{"role": "user", "content": "Hello"}]
)
print(answer.model)
"""


@pytest.mark.usefixtures("configured")
def test_a_program_runs_on_baseten(
    process: Callable[..., Ended], tmp_path: Path, server: emulator.EmulatorServer
) -> None:
    (tmp_path / "app.py").write_text(ASK)
    ended = process("run", "app.py")
    assert (ended.code, ended.out) == (0, "openai/gpt-oss-120b\n")
    assert [request.json["model"] for request in server.requests] == ["openai/gpt-oss-120b"]


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["--json", "-x"], ["--", "-m"], ["-h", "--", "a b"]]
)
def test_a_programs_own_options_are_left_alone(
    process: Callable[..., Ended], tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "app.py").write_text(TELL)
    argv, name, path = json.loads(process("run", "app.py", *arguments).out)
    assert argv == ["app.py", *arguments]
    assert name == "__main__"
    assert Path(path).samefile(tmp_path)


@pytest.mark.usefixtures("configured")
def test_a_module_is_found_in_the_current_folder(
    process: Callable[..., Ended], tmp_path: Path
) -> None:
    (tmp_path / "my_own_module.py").write_text(TELL)
    argv, name, path = json.loads(process("run", "-m", "my_own_module", "-v").out)
    assert argv[1:] == ["-v"]
    assert name == "__main__"
    assert Path(path).samefile(tmp_path)


@pytest.mark.usefixtures("configured")
def test_options_of_the_runner_come_first(process: Callable[..., Ended]) -> None:
    code = "import os; print(os.environ['BASETEN_OPENAI_ALIASES'])"
    assert process("run", "--alias", "gpt-4o=glm-4.7", "-c", code).out == "gpt-4o=glm-4.7\n"


@pytest.mark.usefixtures("configured")
def test_the_exit_code_is_the_programs(process: Callable[..., Ended]) -> None:
    assert process("run", "-c", "raise SystemExit(7)").code == 7


@pytest.mark.usefixtures("configured")
def test_a_program_finds_nothing_of_the_command_line_in_its_process(
    process: Callable[..., Ended],
) -> None:
    code = "import sys; print({'typer', 'baseten_openai.cli.terminal'} & set(sys.modules))"
    assert process("run", "-c", code).out == "set()\n"


@pytest.mark.usefixtures("configured")
def test_a_programs_traceback_has_no_frame_of_ours(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def f():\n    raise KeyError('mine')\nf()\n")
    ended = subprocess.run(
        [SCRIPT, "run", "app.py"], env=environ, cwd=tmp_path, capture_output=True, check=False
    )
    text = ended.stderr.decode()
    assert ended.returncode == 1
    assert text.count("File ") == 2
    assert "KeyError: 'mine'" in text
    assert "baseten" not in text


def test_the_emulator_serves_until_interrupted(environ: dict[str, str]) -> None:
    if os.name != "posix":
        pytest.skip("SIGINT to another process is posix only")
    with subprocess.Popen(
        [SCRIPT, "emulator", "--api-key", "only-this"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as served:
        assert served.stdout is not None
        url = served.stdout.readline().split()[0]
        client = baseten_openai.OpenAI(base_url=url, api_key="only-this")
        with client:
            assert client.models.list().data
        served.send_signal(signal.SIGINT)
        _, said = served.communicate(timeout=20)
    assert (served.returncode, said) == (0, "")
