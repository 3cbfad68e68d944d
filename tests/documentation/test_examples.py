"""The programs in ``examples/`` work on the emulator."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from baseten_openai.emulator import EmulatorServer

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def run(server: EmulatorServer) -> Callable[..., str]:
    def run(name: str) -> str:
        ended = subprocess.run(
            [sys.executable, str(EXAMPLES / name)],
            env={**os.environ, "BASETEN_BASE_URL": server.base_url, "BASETEN_API_KEY": "emulator"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        return ended.stdout

    return run


def test_chat(run: Callable[..., str], server: EmulatorServer) -> None:
    assert "Why is the sky blue?" in run("chat.py")
    (asked,) = server.requests
    assert asked.json["model"] == "openai/gpt-oss-120b"


def test_stream_with_separate_reasoning(run: Callable[..., str], server: EmulatorServer) -> None:
    printed = run("stream_reasoning.py")
    assert re.fullmatch(r"\nReasoning: .+\nAnswer: .+9\.11.+\n\n<Ledger: 1 calls.+>\n", printed)
    (asked,) = server.requests
    assert asked.json["chat_template_args"] == {"enable_thinking": True}


def test_tools_loop(run: Callable[..., str], server: EmulatorServer) -> None:
    called, answered = run("tools_loop.py").splitlines()
    assert called == 'get_weather({"city": "Paris"}) -> 18 degrees and sunny in Paris'
    assert "18 degrees" in answered
    first, second = (asked.json["messages"] for asked in server.requests)
    assert [message["role"] for message in first] == ["user"]
    assert [message["role"] for message in second] == ["user", "assistant", "tool"]
    assert second[1]["tool_calls"][0]["id"] == second[2]["tool_call_id"]
    assert second[1]["reasoning_content"]  # sent back under the name it was received


def test_extraction_from_an_image(run: Callable[..., str], server: EmulatorServer) -> None:
    receipt = json.loads(run("image_extraction.py"))
    assert set(receipt) == {"shop", "items", "total"}
    (asked,) = server.requests
    assert asked.json["model"] == "moonshotai/Kimi-K3"
    assert asked.json["messages"][0]["content"][1]["image_url"]["url"].startswith("data:image/png")
    assert asked.json["response_format"]["type"] == "json_schema"
