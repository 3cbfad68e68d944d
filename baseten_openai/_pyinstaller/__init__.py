"""Hooks for PyInstaller, which finds them by the entry point ``pyinstaller40``.

Only PyInstaller imports this room.
"""

from __future__ import annotations

from pathlib import Path


def get_hook_dirs() -> list[str]:
    """Return the folder with the hooks."""
    return [str(Path(__file__).parent)]
