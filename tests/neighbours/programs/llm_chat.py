"""A chat program on simonw's llm."""

from __future__ import annotations

import llm
from pydantic import BaseModel


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"18 degrees in {city}"


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    return llm.get_model("gpt-4o-mini").prompt(question, stream=False).text()


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes."""
    return [text for text in llm.get_model("gpt-4o-mini").prompt(question) if text]


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let the model call a function, and answer with what it returned."""
    return llm.get_model("gpt-4o-mini").chain(question, tools=[get_weather]).text()


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""
    answer = llm.get_model("gpt-4o-mini").prompt(question, schema=Person, stream=False)
    return Person.model_validate_json(answer.text()).model_dump()
