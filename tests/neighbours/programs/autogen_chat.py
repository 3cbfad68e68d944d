"""A program on autogen-agentchat."""

from __future__ import annotations

import asyncio

from autogen_agentchat.agents import AssistantAgent
from autogen_core.models import UserMessage
from autogen_ext.models.openai import OpenAIChatCompletionClient
from pydantic import BaseModel


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


async def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"18 degrees in {city}"


def make_model() -> OpenAIChatCompletionClient:
    """Name the model, as autogen's documentation does."""
    return OpenAIChatCompletionClient(model="gpt-4o-mini")


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""

    async def ask() -> str:
        agent = AssistantAgent("assistant", model_client=make_model())
        return (await agent.run(task=question)).messages[-1].content

    return asyncio.run(ask())


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes."""

    async def read() -> list[str]:
        parts = make_model().create_stream([UserMessage(content=question, source="user")])
        return [part async for part in parts if isinstance(part, str)]

    return asyncio.run(read())


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let an agent call a function, and answer with what it returned."""

    async def ask() -> str:
        agent = AssistantAgent("assistant", model_client=make_model(), tools=[get_weather])
        return (await agent.run(task=question)).messages[-1].content

    return asyncio.run(ask())


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""

    async def ask() -> Person:
        agent = AssistantAgent("assistant", model_client=make_model(), output_content_type=Person)
        return (await agent.run(task=question)).messages[-1].content

    return asyncio.run(ask()).model_dump()
