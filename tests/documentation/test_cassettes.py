"""Cassettes are readable, hold no secrets and say where they were recorded; one command records them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import record_cassettes
import yaml

from baseten_openai import emulator

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
COMMITTED = {path.stem: path for path in (ROOT / "cassettes").glob("*.yaml")}
TIMEOUT = 120.0
REQUEST_HEADERS = {"content-type", "x-emulate-fault"}
GOOD = """\
interactions:
  - request:
      method: POST
      uri: https://inference.baseten.co/v1/chat/completions
      headers:
        content-type:
          - application/json
"""


def interactions(path: Path) -> list[Any]:
    found: list[Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["interactions"]
    return found


def run(command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENAI_", "BASETEN_", "WIRE_"))
    }
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def test_every_wire_test_has_its_cassette_and_no_other_exists() -> None:
    source = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests/wire").glob("test_*.py"))
    named = set(re.findall(r"^async def test_(\w+)", source, re.MULTILINE)) - {"error"}
    named |= set(re.findall(r'^    "(error_\d+)": Case', source, re.MULTILINE))
    assert COMMITTED.keys() == named


@pytest.mark.parametrize("name", sorted(COMMITTED))
def test_cassette_is_clean_and_readable(name: str) -> None:
    path = COMMITTED[name]
    assert record_cassettes.inspect(path, "") == []
    text = path.read_text(encoding="utf-8")
    assert '\\"' not in re.sub(r"^\s*(data: )?\{.*$", "", text, flags=re.MULTILINE)
    for interaction in interactions(path):
        assert interaction["request"]["headers"].keys() <= REQUEST_HEADERS
        response = interaction["response"]
        assert "content-encoding" not in response["headers"]
        if response["headers"]["content-type"] == ["text/event-stream"]:
            assert re.search(r"^          data: \{", text, re.MULTILINE)
        elif response["headers"]["content-type"] == ["application/json"]:
            assert isinstance(json.loads(response["body"]["string"]), dict)


@pytest.mark.parametrize("name", sorted(COMMITTED))
def test_cassette_says_who_answered(name: str) -> None:
    emulated = {
        "x-emulated-by" in interaction["response"]["headers"]
        for interaction in interactions(COMMITTED[name])
    }
    first = COMMITTED[name].read_text(encoding="utf-8").partition("\n")[0]
    if emulated == {True}:
        assert first.startswith("# Recorded from the emulator of baseten-openai, not from Baseten")
        readme = (ROOT / "cassettes" / "README.md").read_text(encoding="utf-8")
        assert "recorded from the emulator of this project, not from Baseten" in readme
    else:
        assert emulated == {False}
        assert first == "# Recorded from https://inference.baseten.co/v1."


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (GOOD, None),
        (GOOD + "        authorization:\n          - Bearer x\n", "holds the header authorization"),
        (GOOD + "        Set-Cookie:\n          - a=b\n", "holds the header Set-Cookie"),
        (GOOD + "      body: tHe-kEy\n", "holds the key"),
        (GOOD + "      body: !!binary AAAA\n", "holds a body that is no text"),
        (GOOD.replace(".co/", ".co.evil.test/"), "is not keyed by"),
        (GOOD.replace("https://inference.baseten.co", "http://127.0.0.1:80"), "is not keyed by"),
    ],
)
def test_secrets_and_other_hosts_in_a_cassette_are_found(
    changed: str, problem: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(changed, encoding="utf-8")
    found = record_cassettes.inspect(path, "tHe-kEy")
    assert [problem in text for text in found] == ([True] if problem else [])


def outline(interaction: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what two recordings of one exchange with the emulator must have in common."""
    request, response = interaction["request"], interaction["response"]
    body = json.loads(request["body"]) if request["body"] else None
    return (
        request["method"],
        request["uri"],
        body,
        request["headers"],
        response["status"],
        response["headers"].keys(),
        response["body"],
    )


def test_the_command_records_from_the_emulator(tmp_path: Path) -> None:
    before = {name: path.read_bytes() for name, path in COMMITTED.items()}
    ran = run(["tools/record_cassettes.py", "--output", str(tmp_path)])
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "recording from the emulator" in ran.stdout
    recorded = {path.stem: path for path in tmp_path.glob("*.yaml")}
    assert recorded.keys() == COMMITTED.keys()
    for name, path in recorded.items():
        mine, theirs = interactions(path), interactions(COMMITTED[name])
        if all("x-emulated-by" in one["response"]["headers"] for one in theirs):
            assert list(map(outline, mine)) == list(map(outline, theirs)), "run make cassettes"
        assert len(mine) == len(theirs)
    replay = ["-m", "pytest", "tests/wire", "-q", "--no-cov", "-p", "no:cacheprovider"]
    replayed = run(replay, WIRE_CASSETTES=str(tmp_path))
    assert replayed.returncode == 0, replayed.stdout
    assert {name: path.read_bytes() for name, path in COMMITTED.items()} == before


def test_the_command_records_with_a_key(tmp_path: Path) -> None:
    key = "a-key-of-the-real-service"
    with emulator.serve(api_key=key) as stand_in:
        command = ["tools/record_cassettes.py", "--output", str(tmp_path)]
        ran = run([*command, "--base-url", stand_in.base_url], BASETEN_API_KEY=key)
        asked = stand_in.requests
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"recording from {stand_in.base_url}" in ran.stdout
    recorded = {path.stem: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.yaml")}
    assert recorded.keys() == COMMITTED.keys()
    assert not [name for name, text in recorded.items() if key in text or "127.0.0.1" in text]
    # The service was not asked for failures that it does not give on demand.
    assert asked
    assert not [request for request in asked if "x-emulate-fault" in request.headers]


def test_a_request_that_is_not_recorded_finds_no_answer(tmp_path: Path) -> None:
    for name, path in COMMITTED.items():
        text = path.read_text(encoding="utf-8")
        changed = (
            text.replace('"max_tokens":2000', '"max_tokens":1999') if name == "plain" else text
        )
        (tmp_path / path.name).write_text(changed, encoding="utf-8")
    replay = ["-m", "pytest", "tests/wire/test_chat.py", "-q", "--no-cov", "-p", "no:cacheprovider"]
    ran = run([*replay, "-k", "test_plain or test_vision"], WIRE_CASSETTES=str(tmp_path))
    assert ran.returncode == 1, ran.stdout
    assert "2 failed, 2 passed" in ran.stdout
    assert "CannotOverwriteExistingCassetteException" in ran.stdout
