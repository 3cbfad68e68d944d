"""A program frozen by PyInstaller, and one that runs from a zip file."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import baseten_openai

if TYPE_CHECKING:
    from baseten_openai.emulator import EmulatorServer

PROGRAM = """\
import baseten_openai

baseten_openai.patch(aliases={"gpt-4o": "gpt-oss-120b"})
from openai import OpenAI

answer = OpenAI().chat.completions.create(
    model="gpt-4o", messages=[{"role": "user", "content": "Hello"}], max_tokens=1000
)
print(answer.model, baseten_openai.notes(answer)[0].kind)
print(baseten_openai.report().calls)
"""
UNUSED = ("IPython", "PIL", "matplotlib", "numpy", "pandas", "tkinter")
"""What openai imports if it is there, and this environment has for other tests: it takes minutes."""

EXPECTED = ["openai/gpt-oss-120b resolved", "1"]


def run(command: list[str], server: EmulatorServer, folder: Path) -> list[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "BASETEN_API_KEY": "key",
        "BASETEN_BASE_URL": server.base_url,
        "HOME": str(folder),
    }
    ended = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def test_a_frozen_program_runs(server: EmulatorServer, tmp_path: Path) -> None:
    pytest.importorskip("PyInstaller")
    (tmp_path / "program.py").write_text(PROGRAM)
    left_out = [f"--exclude-module={name}" for name in UNUSED]
    build = [sys.executable, "-m", "PyInstaller", "--log-level=ERROR", *left_out, "program.py"]
    subprocess.run(build, cwd=tmp_path, check=True, timeout=300, capture_output=True)
    assert run([str(tmp_path / "dist/program/program")], server, tmp_path) == EXPECTED


def test_a_zipped_program_runs(server: EmulatorServer, tmp_path: Path) -> None:
    package = Path(baseten_openai.__file__).parent
    with zipfile.ZipFile(tmp_path / "program.pyz", "w") as archive:
        for path in package.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(package.parent))
        archive.writestr("__main__.py", PROGRAM)
    code = (
        "import sys, runpy; sys.path.insert(0, 'program.pyz'); runpy.run_path('program.pyz', run_name='__main__');"
        "import baseten_openai; assert 'program.pyz' in baseten_openai.__file__"
    )
    assert run([sys.executable, "-c", code], server, tmp_path) == EXPECTED
