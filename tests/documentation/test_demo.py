"""``make demo`` works with the emulator and with a key."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from baseten_openai import emulator

ROOT = Path(__file__).parents[2]


def run(**variables: str) -> subprocess.CompletedProcess[str]:
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("OPENAI_", "BASETEN_"))}
    return subprocess.run(
        [sys.executable, str(ROOT / "examples" / "demo.py")],
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def parts() -> tuple[str, str]:
    """Return what the demo prints before and after the one line."""
    ran = run()
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "using the embedded emulator" in ran.stdout
    before, after = ran.stdout.split("\n2. After the one line: baseten_openai.patch()\n")
    return before, after


def outcomes(part: str) -> list[list[str]]:
    """Return label and outcome of each line that has both."""
    shown = ("works", "fails", "raises")
    lines = [line for line in part.splitlines() if line[:3] == "   " and line[3:4].strip()]
    return [
        [line[:14].strip(), line[15:22].strip()] for line in lines if line[15:22].strip() in shown
    ]


def test_the_plain_sdk_fails_where_it_does_with_the_service(parts: tuple[str, str]) -> None:
    # see evidence.md#differences-from-openai; a short name is no slug.
    assert outcomes(parts[0]) == [
        ["chat", "fails"],
        ["chat", "works"],
        ["stream", "fails"],
        ["structured", "works"],
        ["tools", "fails"],
        ["image", "raises"],
        ["wrong key", "raises"],
    ]
    assert "IndexError" in parts[0]
    assert "run together" in parts[0]


def test_all_works_after_the_line(parts: tuple[str, str]) -> None:
    assert outcomes(parts[1]) == [
        ["chat", "works"],
        ["stream", "works"],
        ["structured", "works"],
        ["tools", "works"],
        ["image", "raises"],
        ["wrong key", "raises"],
    ]
    assert "UnsupportedFeatureError, before anything is sent" in parts[1]
    assert "InvalidAPIKeyError: Error code: 403 - please check the api-key you provided" in parts[1]
    assert parts[1].endswith("\ndemo: all steps passed\n")


def test_with_a_key_it_says_so_and_uses_the_service() -> None:
    with emulator.serve(api_key="a-key") as service:
        ran = run(
            BASETEN_API_KEY="a-key", BASETEN_BASE_URL=service.base_url, OPENAI_ORG_ID="org-theirs"
        )
        asked = service.requests
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith(
        f"BASETEN_API_KEY is set: using the service at {service.base_url}."
    )
    assert asked
    assert not [request for request in asked if "openai-organization" in request.headers]


def test_a_step_that_fails_fails_the_demo() -> None:
    with emulator.serve(api_key="another-key") as service:
        ran = run(BASETEN_API_KEY="a-key", BASETEN_BASE_URL=service.base_url)
    assert ran.returncode == 1
    assert "demo: FAILED: InvalidAPIKeyError" in ran.stdout
