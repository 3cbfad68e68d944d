"""A program for the openai SDK that is written down nowhere else runs on Baseten after one line."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from baseten_openai import emulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

THE_ONE_LINE = "import baseten_openai; baseten_openai.patch()"
PROGRAM = """\
import asyncio
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel
class Ticket(BaseModel):
    title: str
    urgent: bool
client, model = OpenAI(timeout=20), "gpt-oss-120b"
told = [{"role": "user", "content": 'The printer of "Room 7" smokes since Monday.'}]
parsed = client.chat.completions.parse(model=model, messages=told, response_format=Ticket)
print(type(parsed.choices[0].message.parsed).__name__)
for chunk in client.chat.completions.create(model=model, messages=told, stream=True):
    print(chunk.choices[0].delta.content or "", end="")
async def again():
    return await AsyncOpenAI().chat.completions.create(model=model, messages=told)
print(chr(10) + asyncio.run(again()).choices[0].message.role)
"""
SLUG = "openai/gpt-oss-120b"
TOLD = [{"role": "user", "content": 'The printer of "Room 7" smokes since Monday.'}]
KEY = "a-baseten-key"


@pytest.fixture
def server() -> Iterator[emulator.EmulatorServer]:
    with emulator.serve(api_key=KEY) as running:
        yield running


def run(
    program: str, server: emulator.EmulatorServer, directory: Path
) -> subprocess.CompletedProcess[str]:
    """Run it as its user would, who still has OpenAI's variables set."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("OPENAI_", "BASETEN_"))}
    path = directory / "program.py"
    path.write_text(program, encoding="utf-8")
    variables = {
        "BASETEN_BASE_URL": server.base_url,
        "BASETEN_API_KEY": KEY,
        "OPENAI_API_KEY": "sk-of-openai",
        "OPENAI_ORG_ID": "org-of-openai",
        # The program must not reach OpenAI; a proxy that is not there stops it.
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1",
    }
    return subprocess.run(
        [sys.executable, str(path)],
        env={**kept, **variables},
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_program_is_as_long_as_promised() -> None:
    assert PROGRAM.count("\n") == 15
    assert "baseten" not in PROGRAM.lower()


def test_without_the_line_it_does_not_reach_baseten(
    server: emulator.EmulatorServer, tmp_path: Path
) -> None:
    short = PROGRAM.replace("timeout=20", "timeout=20, max_retries=0")
    ran = run(short, server, tmp_path)
    assert ran.returncode == 1
    assert "APIConnectionError" in ran.stderr
    assert server.requests == []


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(0, id="before openai is imported"),
        pytest.param(2, id="after openai is imported"),
        pytest.param(6, id="just before the first client"),
    ],
)
def test_with_the_line_it_runs(at: int, server: emulator.EmulatorServer, tmp_path: Path) -> None:
    lines = PROGRAM.splitlines()
    lines.insert(at, THE_ONE_LINE)
    ran = run("\n".join(lines) + "\n", server, tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    first, *streamed, last = ran.stdout.splitlines()
    assert (first, last) == ("Ticket", "assistant")
    assert TOLD[0]["content"] in "\n".join(streamed)

    parsed, stream, plain = (request.json for request in server.requests)
    assert parsed.pop("response_format")["json_schema"]["name"] == "Ticket"
    assert parsed == {"model": SLUG, "messages": TOLD, "stream": False}
    assert plain == {"model": SLUG, "messages": TOLD}
    # `stream_options` was not asked for, and is not added.
    assert stream == {"model": SLUG, "messages": TOLD, "stream": True}
    for request in server.requests:
        assert request.path == "/v1/chat/completions"
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert "of-openai" not in str(request.headers)
