"""Programs run as a person would run them: in a process of their own, told by variables alone."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

KEY = "a-key-of-thirty-two-characters-z"
MODEL = "gpt-oss-120b"
SLUG = "openai/gpt-oss-120b"
NO_AUTOWRAPT = "the extra `auto` is not installed here: autowrapt needs wrapt 2"
ASKING = f'model="{MODEL}", messages=[{{"role": "user", "content": "Hello"}}]'
ASK = f"""\
import openai
print(openai.OpenAI().chat.completions.create({ASKING}).model)
"""

# Of this machine, or of whoever runs the tests; a program is to have none of it.
_DROPPED = ("AUTOWRAPT_BOOTSTRAP", "COVERAGE_PROCESS_START", "FORCE_COLOR", "NO_COLOR")


class Ended(NamedTuple):
    """A process that has ended."""

    code: int
    out: str
    err: str


def environment(**variables: str) -> dict[str, str]:
    """Return a program's variables; OpenAI is behind a proxy that is not there."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _DROPPED and not name.startswith(("PYTHON", "BASETEN_", "OPENAI_"))
    }
    away = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
    return {**kept, **away, **variables}


def start(
    command: Sequence[str | Path], directory: Path, variables: dict[str, str]
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(part) for part in command],
        cwd=directory,
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def end(process: subprocess.Popen[str], stdin: str = "") -> Ended:
    with process:
        try:
            out, err = process.communicate(stdin, timeout=60)
        except BaseException:
            process.kill()
            raise
    return Ended(process.returncode, out, err)


def run(
    command: Sequence[str | Path], directory: Path, variables: dict[str, str], stdin: str = ""
) -> Ended:
    return end(start(command, directory, variables), stdin)
