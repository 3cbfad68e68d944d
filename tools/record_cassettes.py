"""``make cassettes``: record ``cassettes/`` again, then check the files.

With ``BASETEN_API_KEY`` set, from Baseten; else, and for the tests marked ``emulated_only`` always,
from the emulator. ``tests/wire/conftest.py`` is told the service, its key and the directory by the
variables ``WIRE_...``, and writes the real host whichever service it was.
"""

from __future__ import annotations

import argparse
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
EMULATOR_KEY = "emulator"
SECRET = re.compile(
    r"^\s*(authorization|cookie|set-cookie|api-key|x-api-key):", re.IGNORECASE | re.MULTILINE
)


def main(arguments: list[str] | None = None) -> int:
    """Record and check; return the exit code."""
    options = _parser().parse_args(arguments)
    output: Path = options.output.resolve()
    key = os.environ.get("BASETEN_API_KEY", "").strip()
    if key:
        sys.stdout.write(f"BASETEN_API_KEY is set: recording from {options.base_url}.\n")
        sys.stdout.write("The calls are billed. What the service does not fail with on demand\n")
        sys.stdout.write("is recorded from the emulator.\n")
    else:
        sys.stdout.write("BASETEN_API_KEY is not set: recording from the emulator.\n")
    sys.stdout.flush()
    if key:
        failed = record(options.base_url, key, output, select="not emulated_only")
    else:
        failed = record_emulated(output, select="not emulated_only")
    failed = failed or record_emulated(output, select="emulated_only")
    written = sorted(output.glob("*.yaml"))
    problems = [text for path in written for text in inspect(path, key)]
    sys.stdout.writelines(f"{text}\n" for text in problems)
    if failed or problems:
        return failed or 1
    sys.stdout.write(f"{len(written)} cassettes in {output}: no key, no cookie, no other host.\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Record the cassettes anew.")
    parser.add_argument("--output", type=Path, default=CASSETTES, help="where to (cassettes/)")
    parser.add_argument(
        "--base-url",
        default=REAL_URL,
        help=f"where from, with BASETEN_API_KEY set ({REAL_URL}); cassettes name that one always",
    )
    return parser


def record_emulated(output: Path, *, select: str) -> int:
    """Record the selected tests from a new emulator; return pytest's exit code."""
    with emulator.serve(api_key=EMULATOR_KEY) as server:
        return record(server.base_url, EMULATOR_KEY, output, select=select)


def record(base_url: str, key: str, output: Path, *, select: str) -> int:
    """Run the selected tests against ``base_url`` with recording on; return pytest's exit code.

    The sync half of each test is enough: playback has the async half send the same.
    """
    command = [sys.executable, "-m", "pytest", TESTS, "--record-mode=rewrite", "-q", "--no-cov"]
    told = {"WIRE_BASE_URL": base_url, "WIRE_API_KEY": key, "WIRE_CASSETTES": str(output)}
    return subprocess.run(  # our own arguments
        [*command, "-p", "no:cacheprovider", "-m", select, "-k", "not async"],
        cwd=ROOT,
        env={**os.environ, **told},
        check=False,
    ).returncode


def inspect(cassette: Path, key: str) -> list[str]:
    """Return what is in a cassette and must not be: keys, cookies, other hosts, unreadable bodies."""
    text = cassette.read_text(encoding="utf-8")
    name = cassette.name
    problems = [f"{name}: holds the header {found}" for found in SECRET.findall(text)]
    if key and key in text:
        problems.append(f"{name}: holds the key")
    if "!!binary" in text:
        problems.append(f"{name}: holds a body that is no text")
    problems += [
        f"{name}: is not keyed by {REAL_URL}: {uri}"
        for uri in re.findall(r"^\s+uri: (\S+)", text, re.MULTILINE)
        if not uri.startswith(f"{REAL_URL}/")
    ]
    return problems


if __name__ == "__main__":
    sys.exit(main())
