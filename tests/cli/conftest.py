"""The command line as a person has it, in a process of its own, and quicker, in this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from listing_server import ListingServer, listing

from baseten_openai.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from baseten_openai import emulator

KEY = "a-key-of-thirty-two-characters-z"
SCRIPT = Path(sys.executable).with_name("baseten-openai")


class Ended(NamedTuple):
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The command's environment: no settings, no colours asked for, a cache of its own."""
    dropped = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "AUTOWRAPT_BOOTSTRAP", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "LOCALAPPDATA": str(tmp_path / "cache")}
    # A proxy of the machine's is not to stand between the command and loopback.
    return {**kept, **cache, "NO_PROXY": "127.0.0.1", "PYTHONWARNINGS": "error"}


@pytest.fixture
def process(environ: dict[str, str], tmp_path: Path) -> Callable[..., Ended]:
    """Run ``baseten-openai`` with its output in pipes: ``process("models", NAME="value")``."""

    def run(*arguments: str, stdin: str = "", **variables: str) -> Ended:
        ended = subprocess.run(
            [SCRIPT, *arguments],
            env={**environ, **variables},
            cwd=tmp_path,
            input=stdin.encode(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        return _well_behaved(Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode()))

    return run


@pytest.fixture
def cli(
    environ: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Ended]:
    """Run the same in this process, which costs no start of an interpreter."""

    def run(*arguments: str, **variables: str) -> Ended:
        with monkeypatch.context() as patch:
            patch.chdir(tmp_path)
            for name in set(os.environ) - set(environ):
                patch.delenv(name)
            for name, value in {**environ, **variables}.items():
                patch.setenv(name, value)
            capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                main(arguments)
            said = capsys.readouterr()
        code = ended.value.code
        return _well_behaved(Ended(code if isinstance(code, int) else 0, said.out, said.err))

    return run


def _well_behaved(ended: Ended) -> Ended:
    """Check what holds for every command, whatever it was asked."""
    assert "Traceback" not in ended.err, ended.err
    assert "\x1b" not in ended.out + ended.err, "escape codes in a pipe"
    assert KEY not in ended.out + ended.err
    return ended


@pytest.fixture
def configured(environ: dict[str, str], server: emulator.EmulatorServer) -> dict[str, str]:
    """Let commands talk to the emulator."""
    environ |= {"BASETEN_BASE_URL": server.base_url, "BASETEN_API_KEY": KEY}
    return environ


@pytest.fixture
def lists(environ: dict[str, str]) -> Iterator[ListingServer]:
    """Let commands talk to a server that lists what it is told to."""
    with listing() as running:
        environ |= {"BASETEN_BASE_URL": running.url, "BASETEN_API_KEY": KEY}
        yield running
