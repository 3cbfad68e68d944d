"""A program on lightrag: the function that its documentation gives as the model."""

from __future__ import annotations

import asyncio

from lightrag.llm.openai import gpt_4o_mini_complete, openai_complete_if_cache


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    return asyncio.run(gpt_4o_mini_complete(question))


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes."""

    async def read() -> list[str]:
        return [
            text
            async for text in await openai_complete_if_cache("gpt-4o-mini", question, stream=True)
            if text
        ]

    return asyncio.run(read())
