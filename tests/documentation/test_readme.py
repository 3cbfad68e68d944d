"""The README says what is so: its tables are the code's, and its programs run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import readme_tables

if TYPE_CHECKING:
    from baseten_openai import emulator

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
TIMEOUT = 60.0


def users_environment(base_url: str) -> dict[str, str]:
    """What a user of the emulator would have set; a proxy that is not there stops everything else."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENAI_", "BASETEN_", "COV_", "COVERAGE_"))
        and not name.lower().endswith("_proxy")
    }
    return {
        **kept,
        "BASETEN_BASE_URL": base_url,
        "BASETEN_API_KEY": "emulator",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def title(block: str) -> str:
    """Name a block by its first telling line."""
    lines = [line for line in block.splitlines() if line.strip() and "import" not in line]
    return re.sub(r"\W+", "-", lines[0] if lines else block)[:40].strip("-")


def test_tables_are_those_of_the_code() -> None:
    assert readme_tables.fill(README) == README, "run make readme"


def test_a_missing_marker_is_reported() -> None:
    with pytest.raises(ValueError, match="begin:models"):
        readme_tables.fill(README.replace("<!-- begin:models -->", ""))


@pytest.mark.parametrize(
    ("slug", "cells"),
    # Three rows of the specification (model-apis.md); the catalogue's own tests hold all of them.
    [
        ("deepseek-ai/DeepSeek-V3.1", ["163,840", "131,072", "0.50 / 1.50", "no", "no"]),
        ("moonshotai/Kimi-K2.5", ["262,000", "262,000", "0.60 / 3.00", "yes", "yes", "opt-in"]),
        ("openai/gpt-oss-120b", ["128,072", "128,072", "0.10 / 0.50", "yes", "yes"]),
    ],
)
def test_models_table_has_the_specifications_values(slug: str, cells: list[str]) -> None:
    (row,) = [line for line in README.splitlines() if f"<br>`{slug}`" in line]
    after_the_names = row.strip("| ").split(" | ")[2:]
    assert after_the_names[: len(cells)] == cells


def test_the_one_line_comes_first() -> None:
    assert "baseten_openai.patch()" in BLOCKS[0]
    assert README.index(BLOCKS[0]) < README.index("\n## ")


@pytest.mark.parametrize(
    "block", BLOCKS, ids=[f"{number}-{title(block)}" for number, block in enumerate(BLOCKS, 1)]
)
def test_program_runs(block: str, server: emulator.EmulatorServer, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(block, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, str(program)],
        env=users_environment(server.base_url),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = re.findall(r"# prints: (.*)", block)
    assert all(line in ran.stdout for line in told), ran.stdout
    asks = ".create(" in block or ".parse(" in block
    if asks and not ("UnsupportedFeatureError" in block or "emulator.serve()" in block):
        assert server.requests, "no call reached the server"
    elif asks:
        assert told, "a program that reaches no server of ours must say what it prints"
