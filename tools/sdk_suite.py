"""Run the openai SDK's own tests bare, with the fast paths, and patched; compare what fails.

Usage: ``python tools/sdk_suite.py CHECKOUT [pytest arguments]``. ``CHECKOUT`` is a git checkout (a bare one
will do) of openai/openai-python at the tag of the installed ``openai``, which the script checks. It needs
the packages of the SDK's own test group: pytest, pytest-asyncio, pytest-xdist, inline-snapshot, and respx,
dirty-equals and rich for the older versions. Tests under ``tests/api_resources`` need a mock server and are
left out.

* ``bare``: the SDK as it is
* ``fast``: the fast paths for every client, with nothing else of this package: nothing may fail that
  passes bare
* ``patch``: after ``baseten_openai.patch()``: tests may fail that assert OpenAI's default URL, or that
  use a key with blanks, as keys of the environment and the arguments are checked
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

MODES = ("bare", "fast", "patch")
_MODE, _RESULTS = "SDK_SUITE_MODE", "SDK_SUITE_RESULTS"
LEFT_OUT = (
    "tests/api_resources",  # a mock server of the whole API
    "tests/test_dependency_constraints.py",  # the repository, not the package
    "tests/test_uv_workflows.py",
    "tests/test_readme_metadata.py",
    "tests/test_upload_examples.py",
)


def main() -> int:
    """Run all modes and report; return 1 if a test fails only with the fast paths."""
    checkout, more = Path(sys.argv[1]).resolve(), sys.argv[2:]
    tag = f"v{metadata.version('openai')}"
    with tempfile.TemporaryDirectory() as folder:
        for part in ("tests", "pyproject.toml"):
            archive = subprocess.run(
                ["git", "-C", checkout, "archive", tag, part],  # noqa: S607  # git is on the path
                check=True,
                capture_output=True,
            ).stdout
            subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)  # noqa: S607  # so is tar
        seen = {mode: _run(mode, Path(folder), more) for mode in MODES}
    passed = {name for name, outcome in seen["bare"].items() if outcome == "passed"}
    _say(f"openai {tag}: {len(seen['bare'])} tests, {len(passed)} pass bare")
    worse = {}
    for mode in MODES[1:]:
        worse[mode] = sorted(name for name in passed if seen[mode].get(name) != "passed")
        _say(f"{mode}: {len(worse[mode])} of these do not pass")
        for name in worse[mode]:
            _say(f"  {name}")
    return 1 if worse["fast"] else 0


def _run(mode: str, folder: Path, more: list[str]) -> dict[str, str]:
    """Return the outcome of each test."""
    results = folder / f"{mode}.json"
    path = os.pathsep.join([str(Path(__file__).parent), str(folder)])
    environ = {**os.environ, _MODE: mode, _RESULTS: str(results), "PYTHONPATH": path}
    ignored = [f"--ignore={name}" for name in LEFT_OUT]
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "sdk_suite", "-n", "0"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "--tb=line", *ignored, *more, "tests"],
        cwd=folder,
        env=environ,
        check=False,
        capture_output=True,
        text=True,
    )
    if not results.exists():
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    if log := os.environ.get("SDK_SUITE_LOG"):
        Path(f"{log}.{mode}").write_text(done.stdout + done.stderr)
    outcomes: dict[str, str] = json.loads(results.read_text())
    return outcomes


_outcomes: dict[str, str] = {}


def pytest_configure() -> None:
    """Set the mode up, before a test module is imported."""
    mode = os.environ.get(_MODE)
    if mode == "patch":
        import baseten_openai  # noqa: PLC0415  # in this mode only

        baseten_openai.patch(api_key="abcd1234.sdk-suite")
    elif mode == "fast":
        _use_fast_paths()


def _use_fast_paths() -> None:
    """Turn on the fast paths for all clients, without the package's other hooks."""
    from openai import OpenAI, _base_client  # noqa: PLC0415  # in this mode only

    from baseten_openai.sdk import fast_paths  # noqa: PLC0415  # in this mode only

    requests = fast_paths.requests()
    if requests is None:
        sys.exit(f"no fast path: {fast_paths.describe(fast=True)}")
    requests.install()
    theirs = _base_client.BaseClient._process_response_data  # noqa: SLF001  # what it is about

    def process(client: Any, **kw: Any) -> Any:
        return fast_paths.process_data(theirs.__get__(client), client, kw)

    process.__wrapped__ = theirs  # type: ignore[attr-defined]
    _base_client.BaseClient._process_response_data = process  # type: ignore[method-assign]  # noqa: SLF001
    assert OpenAI._process_response_data is process  # noqa: S101, SLF001  # or nothing is tested


def pytest_runtest_logreport(report: Any) -> None:
    """Record a test's outcome: that of the first step that did not pass."""
    before = _outcomes.get(report.nodeid, "passed")
    if before == "passed" and (report.when == "call" or not report.passed):
        _outcomes[report.nodeid] = report.outcome


def pytest_sessionfinish() -> None:
    """Write the outcomes."""
    if name := os.environ.get(_RESULTS):
        Path(name).write_text(json.dumps(_outcomes))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
