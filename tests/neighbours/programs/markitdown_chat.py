"""A program on markitdown: a picture described by a model."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

from markitdown import MarkItDown
from openai import OpenAI

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def plain(question: str = "What is the capital of France?") -> str:
    """Convert a picture."""
    converter = MarkItDown(llm_client=OpenAI(), llm_model="gpt-4o-mini", llm_prompt=question)
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "picture.png"
        picture.write_bytes(base64.b64decode(PIXEL))
        return converter.convert(str(picture)).text_content
