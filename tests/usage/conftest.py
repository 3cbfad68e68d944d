"""A process that has made no calls yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from baseten_openai.usage import recorder

if TYPE_CHECKING:
    from baseten_openai.emulator import EmulatorServer

KEY = "abcd1234.of-baseten"


@pytest.fixture(autouse=True)
def _nothing_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "process", recorder.Tally())


@pytest.fixture
def emulated(monkeypatch: pytest.MonkeyPatch, server: EmulatorServer) -> EmulatorServer:
    """The emulator, which clients made in the test talk to."""
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)
    return server
