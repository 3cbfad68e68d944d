"""What starting costs: ``python benchmarks/startup.py``. Each is a process of its own, in turn.

Wall time of whole interpreters, so best on a quiet machine: importing, loading the catalogue, and the
variable of activation off and on.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

from long_inputs import say

ROUNDS = 15
CODE: dict[str, tuple[str, str]] = {
    "import baseten_openai, alone": ("pass", "import baseten_openai"),
    "import baseten_openai and patch(), after import openai": (
        "import openai",
        "import openai, baseten_openai; baseten_openai.patch()",
    ),
    "from baseten_openai import OpenAI, after import openai": (
        "import openai",
        "import openai; from baseten_openai import OpenAI",
    ),
}
INSIDE: dict[str, str] = {
    "import baseten_openai, nothing imported before": "import baseten_openai",
    "import baseten_openai, after import openai": "import baseten_openai",
    "its classes, after import openai": "from baseten_openai import OpenAI, AsyncOpenAI",
    "patch(), after import openai": "import baseten_openai; baseten_openai.patch()",
    "the catalogue": "Catalog.bundled()",
}
BEFORE = {
    "import baseten_openai, after import openai": "import openai",
    "its classes, after import openai": "import openai",
    "patch(), after import openai": "import openai",
    "the catalogue": "import json; from baseten_openai.models.catalog import Catalog",
}


def main() -> None:
    """Measure and print."""
    inside("", INSIDE["patch(), after import openai"])  # compiles what was edited since
    say("| what | without, ms | with, ms | added, ms (quartiles) |")
    say("|---|---|---|---|")
    for title, (without, with_it) in CODE.items():
        row(title, ["-c", without], ["-c", with_it], {}, {})
    variable = {"AUTOWRAPT_BOOTSTRAP": "baseten_openai"}
    for title, code in (
        ("AUTOWRAPT_BOOTSTRAP, a program without openai", "pass"),
        ("AUTOWRAPT_BOOTSTRAP, a program with openai", "import openai"),
    ):
        row(title, ["-c", code], ["-c", code], {}, variable)
    site = ["-S", "-c", "pass"]
    row("site with autowrapt's .pth, the variable unset", site, ["-c", "pass"], {}, {})
    say("")
    say("| inside one process | ms (quartiles) |")
    say("|---|---|")
    for title, code in INSIDE.items():
        times = [inside(BEFORE.get(title, "pass"), code) for _ in range(ROUNDS)]
        low, middle, high = statistics.quantiles(times, n=4)
        say(f"| {title} | {middle:.2f} ({low:.2f} to {high:.2f}) |")


def row(
    title: str,
    without: list[str],
    with_it: list[str],
    before: dict[str, str],
    after: dict[str, str],
) -> None:
    """Run both in turn, and print a row."""
    pairs = [(run(without, before), run(with_it, after)) for _ in range(ROUNDS)]
    low, middle, high = statistics.quantiles([b - a for a, b in pairs], n=4)
    bare, ours = (statistics.median(times) for times in zip(*pairs, strict=True))
    say(f"| {title} | {bare:.1f} | {ours:.1f} | {middle:+.1f} ({low:+.1f} to {high:+.1f}) |")


def run(arguments: list[str], variables: dict[str, str]) -> float:
    """Return how long an interpreter ran, in ms."""
    environment = {**_environment(), "BASETEN_API_KEY": "abcd1234.benchmark", **variables}
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, env=environment)  # noqa: S603  # our own code
    return (time.perf_counter() - start) * 1000


def inside(before: str, code: str) -> float:
    """Return how long ``code`` takes in a fresh interpreter after ``before``, in ms."""
    program = (
        f"import time\n{before}\nstart = time.perf_counter()\n{code}\n"
        "print((time.perf_counter() - start) * 1000)"
    )
    ran = subprocess.run(  # noqa: S603  # our own code
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env=_environment(),
    )
    return float(ran.stdout)


def _environment() -> dict[str, str]:
    # compiled files are written, as they are where a package is installed
    unwanted = ("AUTOWRAPT_BOOTSTRAP", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if name not in unwanted}


if __name__ == "__main__":
    main()
