"""Print the line that says what a benchmark ran on."""

from __future__ import annotations

import datetime as dt
import os
import platform
from importlib import metadata
from pathlib import Path

from long_inputs import say


def main() -> None:
    """Print it."""
    names = ("openai", "wrapt", "pydantic")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    say(
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {cpu()}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, {versions}"
    )


def cpu() -> str:
    """Name the processor."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
