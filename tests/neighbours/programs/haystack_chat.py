"""A program on haystack."""

from __future__ import annotations

import json
from typing import Annotated

from haystack.components.agents import Agent
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage, StreamingChunk
from haystack.tools import tool
from pydantic import BaseModel


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


@tool
def get_weather(city: Annotated[str, "The name of the city"]) -> str:
    """Tell the weather in a city."""
    return f"18 degrees in {city}"


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    generator = OpenAIChatGenerator(model="gpt-4o-mini")
    return generator.run([ChatMessage.from_user(question)])["replies"][0].text


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes."""
    texts: list[str] = []

    def read(chunk: StreamingChunk) -> None:
        if chunk.content:
            texts.append(chunk.content)

    generator = OpenAIChatGenerator(model="gpt-4o-mini", streaming_callback=read)
    generator.run([ChatMessage.from_user(question)])
    return texts


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let an agent call a function, and answer with what it returned."""
    agent = Agent(chat_generator=OpenAIChatGenerator(model="gpt-4o-mini"), tools=[get_weather])
    return agent.run(messages=[ChatMessage.from_user(question)])["messages"][-1].text


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""
    options = {"response_format": Person}
    generator = OpenAIChatGenerator(model="gpt-4o-mini", generation_kwargs=options)
    return json.loads(generator.run([ChatMessage.from_user(question)])["replies"][0].text)
