"""Where programs find Baseten, and the two ways of running them without touching their code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from running import KEY, NO_AUTOWRAPT, environment, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from running import Ended

    from baseten_openai import emulator


@pytest.fixture
def variables(server: emulator.EmulatorServer) -> dict[str, str]:
    """Of a program that is to be patched: the emulator is Baseten, and OpenAI's key is set still."""
    return environment(
        BASETEN_BASE_URL=server.base_url, BASETEN_API_KEY=KEY, OPENAI_API_KEY="sk-of-openai"
    )


@pytest.fixture
def activation(variables: dict[str, str]) -> dict[str, str]:
    """Those variables, and the one that patches."""
    pytest.importorskip("autowrapt", reason=NO_AUTOWRAPT)
    return {**variables, "AUTOWRAPT_BOOTSTRAP": "baseten_openai"}


@pytest.fixture
def activated(activation: dict[str, str], tmp_path: Path) -> Callable[..., Ended]:
    """Run ``python`` with the variable that patches: ``activated("app.py", NAME="value")``."""

    def activated(*arguments: str, stdin: str = "", **more: str) -> Ended:
        return run([sys.executable, *arguments], tmp_path, {**activation, **more}, stdin)

    return activated


@pytest.fixture
def runner(variables: dict[str, str], tmp_path: Path) -> Callable[..., Ended]:
    """Run ``python -m baseten_openai``: ``runner("app.py", NAME="value")``."""

    def runner(*arguments: str, stdin: str = "", **more: str) -> Ended:
        command = [sys.executable, "-m", "baseten_openai", *arguments]
        return run(command, tmp_path, {**variables, **more}, stdin)

    return runner
