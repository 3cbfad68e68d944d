"""A program on mirascope."""

from __future__ import annotations

from mirascope import llm
from pydantic import BaseModel


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


@llm.tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"18 degrees in {city}"


def make_model() -> llm.Model:
    """Name the model, as mirascope's documentation does; it chooses the Responses API."""
    return llm.Model("openai/gpt-4o-mini")


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    return make_model().call(question).text()


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes."""
    return [text for text in make_model().stream(question).text_stream() if text]


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let the model call a function, and answer with what it returned."""
    answer = make_model().call(question, tools=[get_weather])
    return answer.resume(answer.execute_tools()).text()


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""
    return make_model().call(question, format=Person).parse().model_dump()
