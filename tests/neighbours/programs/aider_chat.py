"""A program on aider, by its Python interface."""

from __future__ import annotations

from aider.coders import Coder
from aider.io import InputOutput
from aider.models import Model


def plain(question: str = "What is the capital of France?") -> str:
    """Ask, which aider does by streaming."""
    coder = Coder.create(
        main_model=Model("gpt-4o-mini"),
        io=InputOutput(yes=False, pretty=False, fancy_input=False),
        edit_format="ask",
        use_git=False,
        fnames=[],
    )
    coder.run(question)
    return coder.partial_response_content
