"""``make cassettes``: record ``cassettes/`` anew, then look through what was written.

With ``BASETEN_API_KEY`` set, from Baseten; else, and for the tests marked ``emulated_only`` always,
from the emulator. ``tests/wire/conftest.py`` is told the source by ``BASETEN_BASE_URL`` and
``BASETEN_API_KEY``, and writes the real host whichever it was.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from baseten_openai import emulator

ROOT = Path(__file__).parents[1]
CASSETTES = ROOT / "cassettes"
TESTS = "tests/wire"
REAL_URL = "https://inference.baseten.co/v1"
REAL_HOST = "https://inference.baseten.co/"
EMULATOR_KEY = "emulator"
NO_TESTS = 5  # pytest's exit code for "no test was selected"
SECRET = re.compile(
    r"^\s*(authorization|cookie|set-cookie|api-key|x-api-key):", re.IGNORECASE | re.MULTILINE
)


def main() -> int:
    """Record and check; return the exit code."""
    key = os.environ.get("BASETEN_API_KEY", "").strip()
    if key:
        sys.stdout.write(f"BASETEN_API_KEY is set: recording from {REAL_URL}; calls are billed.\n")
        failed = record(REAL_URL, key, select="not emulated_only")
    else:
        sys.stdout.write("BASETEN_API_KEY is not set: recording from the emulator.\n")
        failed = record_emulated("not emulated_only")
    failed = failed or record_emulated("emulated_only")
    problems = [text for path in sorted(CASSETTES.rglob("*.yaml")) for text in inspect(path, key)]
    sys.stdout.writelines(f"{text}\n" for text in problems)
    return failed or int(bool(problems))


def record_emulated(select: str) -> int:
    """Record the selected tests from an emulator of their own; return pytest's exit code."""
    with emulator.serve(api_key=EMULATOR_KEY) as server:
        return record(server.base_url, EMULATOR_KEY, select=select)


def record(base_url: str, key: str, *, select: str) -> int:
    """Run the selected tests against ``base_url`` with recording on; return pytest's exit code."""
    command = [sys.executable, "-m", "pytest", TESTS, "--record-mode=rewrite", "-m", select]
    code = subprocess.run(  # our own arguments
        [*command, "-q"],
        cwd=ROOT,
        env={**os.environ, "BASETEN_BASE_URL": base_url, "BASETEN_API_KEY": key},
        check=False,
    ).returncode
    return 0 if code == NO_TESTS else code


def inspect(cassette: Path, key: str) -> list[str]:
    """Say what must not be in a cassette: keys, cookies, other hosts."""
    text = cassette.read_text(encoding="utf-8")
    name = cassette.relative_to(ROOT)
    problems = [f"{name}: holds the header {found}" for found in SECRET.findall(text)]
    if key and key in text:
        problems.append(f"{name}: holds the key")
    problems += [
        f"{name}: is not keyed by {REAL_HOST}: {uri}"
        for uri in re.findall(r"^\s+uri: (\S+)", text, re.MULTILINE)
        if not uri.startswith(REAL_HOST)
    ]
    return problems


if __name__ == "__main__":
    sys.exit(main())
