"""A chat program on pydantic-ai."""

from __future__ import annotations

import asyncio

from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


MODEL = "openai-chat:gpt-4o-mini"


def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"18 degrees in {city}"


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    return Agent(MODEL).run_sync(question).output


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes."""

    async def read() -> list[str]:
        async with Agent(MODEL).run_stream(question) as answer:
            return [text async for text in answer.stream_text(delta=True, debounce_by=None)]

    return asyncio.run(read())


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let the model call a function, and answer with what it returned."""
    return Agent(MODEL, tools=[get_weather]).run_sync(question).output


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""
    return Agent(MODEL, output_type=NativeOutput(Person)).run_sync(question).output.model_dump()
