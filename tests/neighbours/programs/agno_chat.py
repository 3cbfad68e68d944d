"""A program on agno."""

from __future__ import annotations

from agno.agent import Agent
from agno.models.openai import OpenAIChat
from pydantic import BaseModel


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"18 degrees in {city}"


def make_agent(**options: object) -> Agent:
    """Name the model, as agno's documentation does."""
    return Agent(model=OpenAIChat(id="gpt-4o-mini"), telemetry=False, **options)


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    return make_agent().run(question).content


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes."""
    return [
        event.content
        for event in make_agent().run(question, stream=True)
        if event.event == "RunContent" and event.content
    ]


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let the model call a function, and answer with what it returned."""
    return make_agent(tools=[get_weather]).run(question).content


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""
    return make_agent(output_schema=Person).run(question).content.model_dump()
