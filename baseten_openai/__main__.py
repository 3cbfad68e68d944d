"""``python -m baseten_openai``: run a program patched. See ``runner``."""

from __future__ import annotations

from .activation.runner import main

main()
