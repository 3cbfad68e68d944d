"""Patch a program without changing its code: the runner and the environment variable.

Doors: ``at_start`` and ``patch_openai``, the entry points that autowrapt calls, and ``runner.main`` (``python -m
baseten_openai``). Imports nothing before the program imports ``openai``, so its start-up order stays as it is.
How patching works belongs in ``patching``; no rule about requests belongs here.
"""

from __future__ import annotations

from .import_hook import at_start, patch_openai

__all__ = ["at_start", "patch_openai"]
