"""``python -m baseten_openai.cli``: the command line where no script was installed."""

from __future__ import annotations

from . import main

main()
