"""``python -m baseten_openai --report``: the report of a program, however that ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from baseten_openai import Report

if TYPE_CHECKING:
    from pathlib import Path

    from baseten_openai.emulator import EmulatorServer

KEY = "abcd1234.of-baseten"
PROGRAM = """\
import asyncio, os, sys, threading, time
import openai

def ask(**more):
    return openai.OpenAI(max_retries=0).chat.completions.create(
        model="gpt-4o", messages=[{"role": "developer", "content": "Hello"}], **more)

async def ask_async():
    async with openai.AsyncOpenAI() as client:
        await asyncio.gather(*(client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "Hello"}]) for _ in range(2)))

ask()
"""
ENDS = {
    "falls off its end": ("", 0, 1),
    "sys.exit": ("sys.exit(3)", 3, 1),
    "an exception": ("1 / 0", 1, 1),
    "an error of ours": ("ask(n=2)", 1, 2),
    "threads that go on": ("threading.Thread(target=lambda: (time.sleep(0.3), ask())).start()", 0, 2),
    "asyncio": ("asyncio.run(ask_async())", 0, 3),
    "asyncio that fails": ("async def f():\n    await ask_async()\n    1 / 0\nasyncio.run(f())", 1, 3),
    "KeyboardInterrupt": ("raise KeyboardInterrupt", -signal.SIGINT, 1),
    "a fork": ("if os.fork() == 0:\n    sys.exit(5)\nos.wait()", 0, 1),
}  # fmt: skip


def environment(server: EmulatorServer) -> dict[str, str]:
    dropped = ("FORCE_COLOR", "COVERAGE_PROCESS_START", "AUTOWRAPT_BOOTSTRAP")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    ours = {"BASETEN_API_KEY": KEY, "BASETEN_BASE_URL": server.base_url}
    return {**kept, **ours, "BASETEN_OPENAI_ALIASES": "gpt-4o=kimi-k2.5"}


def run(server: EmulatorServer, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "baseten_openai", *arguments],
        cwd=folder,
        env=environment(server),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("end", ENDS)
def test_it_is_told_however_the_program_ends(
    end: str, server: EmulatorServer, tmp_path: Path
) -> None:
    text, code, calls = ENDS[end]
    (tmp_path / "app.py").write_text(PROGRAM + text + "\n")
    ended = run(server, tmp_path, "--report=told.json", "app.py", "argument")
    assert ended.returncode == code
    assert ended.stdout == ""
    told = Report.model_validate_json((tmp_path / "told.json").read_text())
    assert told.calls == calls
    assert told.program == ("app.py", "argument")
    answered = told.calls - told.refused
    assert answered == len(server.requests)
    assert f"{answered} of {calls} call" in ended.stderr
    assert ended.stderr.count("on Baseten, 20") == 1  # told once
    assert "app.py:5" in ended.stderr
    assert KEY not in ended.stderr + (tmp_path / "told.json").read_text()
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".py"] == ["told.json"]


def test_the_programs_own_traceback_comes_first(server: EmulatorServer, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PROGRAM + "1 / 0\n")
    ended = run(server, tmp_path, "--report", "app.py")
    before, _, after = ended.stderr.partition("ZeroDivisionError: division by zero\n")
    assert "Traceback (most recent call last):\n" in before
    assert after.startswith("app.py on Baseten, ")
    assert "Traceback" not in after


@pytest.mark.skipif(os.name != "posix", reason="SIGINT to another process is POSIX only")
def test_ctrl_c(server: EmulatorServer, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PROGRAM + "print('ready', flush=True)\ntime.sleep(60)\n")
    command = [sys.executable, "-m", "baseten_openai", "--report", "app.py"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment(server),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert "1 of 1 call answered" in told


def test_a_program_without_calls(server: EmulatorServer, tmp_path: Path) -> None:
    ended = run(server, tmp_path, "--report", "-c", "import sys; print('openai' in sys.modules)")
    assert (ended.returncode, ended.stdout) == (0, "False\n")
    assert "No call was made to Baseten" in ended.stderr


@pytest.mark.parametrize("path", ["nowhere/told.json", "."])
def test_a_file_that_cannot_be_written_is_said_before_the_program_runs(
    path: str, server: EmulatorServer, tmp_path: Path
) -> None:
    ended = run(server, tmp_path, f"--report={path}", "-c", "print('ran')")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"baseten_openai: --report cannot write {path!r}")


def test_an_old_report_is_replaced(server: EmulatorServer, tmp_path: Path) -> None:
    (tmp_path / "told.json").write_text("old")
    run(server, tmp_path, "--report=told.json", "-c", "")
    assert json.loads((tmp_path / "told.json").read_text())["models"] == []


def test_in_a_terminal_it_is_drawn(server: EmulatorServer, tmp_path: Path) -> None:
    pexpect: Any = pytest.importorskip("pexpect")
    (tmp_path / "app.py").write_text(PROGRAM)
    child = pexpect.spawn(
        sys.executable,
        ["-m", "baseten_openai", "--report", "app.py"],
        cwd=str(tmp_path),
        env={**environment(server), "TERM": "xterm-256color"},
        dimensions=(50, 120),
        encoding="utf-8",
        timeout=30,
    )
    drawn = child.read()
    child.close()
    assert child.exitstatus == 0
    assert "╭" in drawn
    assert "\x1b[" in drawn
    for word in ("Calls by model", "gpt-4o", "moonshotai/Kimi-K2.5", "Tokens and cost"):
        assert word in drawn


def test_without_rich_a_terminal_gets_plain_text(server: EmulatorServer, tmp_path: Path) -> None:
    pexpect: Any = pytest.importorskip("pexpect")
    (tmp_path / "app.py").write_text("import sys\nsys.modules['rich'] = None\n" + PROGRAM)
    command = ["-m", "baseten_openai", "--report", "app.py"]
    child = pexpect.spawn(
        sys.executable, command, cwd=str(tmp_path), env=environment(server), encoding="utf-8"
    )
    drawn = child.read()
    child.close()
    assert child.exitstatus == 0
    assert "╭" not in drawn
    assert "moonshotai/Kimi-K2.5" in drawn
