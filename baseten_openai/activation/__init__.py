"""Patch a program without changing its code: the runner and the environment variable.

Door: ``patch_openai`` (the entry point that autowrapt calls) and ``runner.main`` (``python -m
baseten_openai``). Imports nothing until ``openai`` is imported, so that a program's own start-up order
holds. Not here: how patching works (``patching``), and any rule about requests.
"""

from __future__ import annotations

from .import_hook import patch_openai

__all__ = ["patch_openai"]
