"""Run the neighbours' suite: make their environments, run every cell, write results.json.

``run.py [NAME ...]``: all rows of neighbours.toml, or those whose name contains one of NAME; the
results of the others stay as they are. Each (program, order) is a process of its own, with an
emulator of its own; nothing leaves loopback while it runs.
"""

from __future__ import annotations

import concurrent.futures
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path
from typing import Any

import junit
import verdict
from cell import (
    BARE,
    CALLED,
    LIBRARY_FIRST,
    OK,
    OPENAI_KEY,
    PATCH_FIRST,
    SLUG,
    UNPATCH_FIRST,
    UNPATCH_LAST,
    VARIABLE,
)

from baseten_openai import emulator

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
VENVS = ROOT / ".venv-neighbours"
RESULTS = HERE / "results.json"
BASETEN_KEY = "neighbour-baseten"
KINDS = {"libraries": "library", "instrumentors": "instrumentor", "suites": "suite"}
EXTRAS = {"libraries": "[auto]", "instrumentors": "", "suites": "[auto]"}
WAYS_BACK = (UNPATCH_FIRST, UNPATCH_LAST)
ORDERS = {
    "libraries": (LIBRARY_FIRST, PATCH_FIRST, VARIABLE),
    "instrumentors": (
        BARE,
        *(f"{first}, {back}" for first in (LIBRARY_FIRST, PATCH_FIRST) for back in WAYS_BACK),
    ),
    "suites": (BARE, VARIABLE),
}
AT_ONCE = 2
_TIMEOUT = 180
_SUITE_TIMEOUT = 600
_INSTALL_TIMEOUT = 900
_QUIET = {  # what would otherwise ask or tell the network something
    "CREWAI_DISABLE_TELEMETRY": "true",
    "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
    "DD_REMOTE_CONFIGURATION_ENABLED": "false",
    "DD_TRACE_STARTUP_LOGS": "false",
    "DO_NOT_TRACK": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LOGFIRE_SEND_TO_LOGFIRE": "false",
    "OTEL_SDK_DISABLED": "false",
    "TRACELOOP_TRACE_CONTENT": "true",
}


def main(names: list[str]) -> int:
    """Run what is asked for; return the exit code, which is 0 whatever the cells say."""
    table = tomllib.loads((HERE / "neighbours.toml").read_text(encoding="utf-8"))
    rows = [
        (section, name, row)
        for section in KINDS
        for name, row in table[section].items()
        if not names or any(part in name for part in names)
    ]
    for environment, (section, row) in {
        row.get("environment", name): (section, row) for section, name, row in rows
    }.items():
        install(environment, row["install"], EXTRAS[section])
    before = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    found: dict[str, dict[str, Any]] = {section: dict(before.get(section, {})) for section in KINDS}
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = [
            (section, name, pool.submit(run_row, section, name, row)) for section, name, row in rows
        ]
        for section, name, job in jobs:
            found[section][name] = job.result()
            report(name, found[section][name])
            write(found, table)
    return 0


def write(found: dict[str, dict[str, Any]], table: dict[str, Any]) -> None:
    """Write what was found so far, in the order of neighbours.toml."""
    ordered = {
        section: {name: found[section][name] for name in table[section] if name in found[section]}
        for section in KINDS
    }
    RESULTS.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def install(environment: str, requirements: list[str], extras: str) -> None:
    """Make an environment with its requirements, then this project, unless it is there already.

    One after the other: resolved together, aider-chat's pins keep pip busy for many minutes.
    """
    path = VENVS / environment
    steps = (requirements, ["-e", f"{ROOT}{extras}"])
    stamp, wanted = path / ".installed", json.dumps([part for step in steps for part in step])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    sys.stdout.write(f"Setting up {path.relative_to(ROOT)} ...\n")
    sys.stdout.flush()
    venv.create(path, clear=True)
    python = str(path / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "-qq", "--no-compile"]
    for step in steps:
        subprocess.run([*pip, *step], check=True, timeout=_INSTALL_TIMEOUT)
    stamp.write_text(wanted)


def run_row(section: str, name: str, row: dict[str, Any]) -> dict[str, Any]:
    """Run a row's cells; return its part of results.json."""
    python = VENVS / row.get("environment", name) / "bin" / "python"
    orders = ORDERS[section]
    run = run_suite if section == "suites" else run_cell
    cells = {order: run(python, KINDS[section], row, order) for order in orders}
    if section == "instrumentors":
        bare = cells.pop(BARE)["results"]
        for cell in cells.values():
            cell["results"] = verdict.of(cell["results"], bare)
    return {
        "versions": versions(python, [row.get("first", row["install"][0]), "openai"]),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "cells": cells,
    }


def run_cell(python: Path, kind: str, row: dict[str, Any], order: str) -> dict[str, Any]:
    """Run one process; return its results by feature, checked by what the emulator received."""
    program = row["program"]
    with emulator.serve() as server, tempfile.TemporaryDirectory() as home:
        target = Path(home) / "result.json"
        command = [str(python), str(HERE / "cell.py"), kind, program, order, str(target)]
        log = VENVS / "logs" / f"{program}-{order.replace(' ', '-').replace(',', '')}.txt"
        log.parent.mkdir(exist_ok=True)
        with log.open("w") as output:
            try:
                subprocess.run(
                    command,
                    check=False,
                    env=environment_of(server.base_url, home, order, row),
                    cwd=home,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=_TIMEOUT,
                )
            except subprocess.TimeoutExpired:
                return {"results": {"all": f"not done in {_TIMEOUT} s"}}
        if not target.exists():
            last = log.read_text().strip().splitlines()[-1:] or ["it ended without a word"]
            return {"results": {"all": last[0][:300]}}
        cell: dict[str, Any] = json.loads(target.read_text())
        wrong = foreign(server.requests, row.get("model", SLUG)) if order != BARE else []
        if wrong:
            cell["received"] = wrong
        return cell


def run_suite(python: Path, _kind: str, row: dict[str, Any], order: str) -> dict[str, Any]:
    """Run a library's own tests; return what became of each.

    On the bare SDK the program's variables hold the emulator's URL, Baseten's key and the slug.
    """
    with emulator.serve() as server, tempfile.TemporaryDirectory() as home:
        target = Path(home) / "result.xml"
        variables = environment_of(server.base_url, home, order, row)
        variables |= {"PYTHONPATH": str(HERE), "NEIGHBOUR_MODEL": CALLED}
        if order == BARE:
            variables |= {
                "NEIGHBOUR_MODEL": SLUG,
                "OPENAI_API_KEY": BASETEN_KEY,
                "OPENAI_BASE_URL": server.base_url,
            }
        options = [
            "-q",
            "--noconftest",
            "-c",
            os.devnull,
            "-p",
            "no:cacheprovider",
            "-o",
            "asyncio_mode=auto",
        ]
        program = str(HERE / "suites" / row["program"])
        log = VENVS / "logs" / f"{row['program']}-{order.replace(' ', '-')}.txt"
        log.parent.mkdir(exist_ok=True)
        with log.open("w") as output:
            subprocess.run(
                [str(python), "-m", "pytest", *options, f"--junitxml={target}", program],
                check=False,
                env=variables,
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=_SUITE_TIMEOUT,
            )
        return {"results": junit.outcomes(target.read_text(encoding="utf-8"))}


def environment_of(url: str, home: str, order: str, row: dict[str, Any]) -> dict[str, str]:
    """Return the variables of a cell: nothing of ours but what the program's user has set."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": home,
        "OPENAI_API_KEY": OPENAI_KEY,
        "BASETEN_API_KEY": BASETEN_KEY,
        "BASETEN_BASE_URL": url,
        "BASETEN_OPENAI_DEFAULT_MODEL": row.get("model", SLUG),
        **_QUIET,
        **({"AUTOWRAPT_BOOTSTRAP": "baseten_openai"} if order == VARIABLE else {}),
        **{name: value.format(base_url=url) for name, value in row.get("variables", {}).items()},
    }


def foreign(requests: list[emulator.ReceivedRequest], slug: str) -> list[str]:
    """Name what should not have reached Baseten: OpenAI's key, a name that is no slug."""
    found = set()
    for request in requests:
        if request.headers.get("authorization") != f"Bearer {BASETEN_KEY}":
            found.add("not the Baseten key")
        if any(OPENAI_KEY in value for value in request.headers.values()):
            found.add("OpenAI's key")
        if isinstance(request.json, dict) and request.json.get("model") != slug:
            found.add(f"the model {request.json.get('model')!r}")
    return sorted(found)


def versions(python: Path, names: list[str]) -> dict[str, str]:
    """Ask an environment for versions."""
    names = [name.partition("[")[0] for name in names]
    code = (
        "import json, sys; from importlib.metadata import version;"
        "print(json.dumps({name: version(name) for name in sys.argv[1:]}))"
    )
    asked = subprocess.run(
        [str(python), "-c", code, *names], check=True, capture_output=True, timeout=_TIMEOUT
    )
    answer: dict[str, str] = json.loads(asked.stdout)
    return answer


def report(name: str, row: dict[str, Any]) -> None:
    """Print a row as it is done."""
    sys.stdout.write(f"{name} {row['versions']}\n")
    for order, cell in row["cells"].items():
        for feature, result in cell["results"].items():
            if result != OK:
                sys.stdout.write(f"  {order}, {feature}: {result}\n")
        for key in ("received", "sought"):
            if cell.get(key):
                sys.stdout.write(f"  {order}, {key}: {cell[key]}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
