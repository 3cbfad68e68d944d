"""A program on strands-agents."""

from __future__ import annotations

import asyncio

from pydantic import BaseModel
from strands import Agent, tool
from strands.models.openai import OpenAIModel


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


@tool
def get_weather(city: str) -> str:
    """Tell the weather in a city.

    Args:
        city: The name of the city.

    """
    return f"18 degrees in {city}"


def make_agent(**options: object) -> Agent:
    """Name the model, as the documentation of strands does."""
    return Agent(model=OpenAIModel(model_id="gpt-4o-mini"), callback_handler=None, **options)


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    return str(make_agent()(question))


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes."""

    async def read() -> list[str]:
        events = make_agent().stream_async(question)
        return [event["data"] async for event in events if "data" in event]

    return asyncio.run(read())


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let the model call a function, and answer with what it returned."""
    return str(make_agent(tools=[get_weather])(question))


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""
    return make_agent()(question, structured_output_model=Person).structured_output.model_dump()
