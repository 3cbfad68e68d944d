"""Print in one line the versions that a run of the matrix tests: ``show_versions.py NAME``."""

from __future__ import annotations

import platform
import sys
from importlib import metadata

PACKAGES = ("openai", "wrapt", "pydantic")


def main() -> None:
    """Print the line."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    name = sys.argv[1]
    sys.stdout.write(f"== {name}: {versions}, Python {platform.python_version()} ==\n")


if __name__ == "__main__":
    main()
