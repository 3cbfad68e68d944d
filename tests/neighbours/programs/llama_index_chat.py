"""A chat program on llama-index-llms-openai."""

from __future__ import annotations

from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai import OpenAI
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
    return str(OpenAI(model="gpt-4o-mini").complete(question))


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes."""
    answer = OpenAI(model="gpt-4o-mini").stream_complete(question)
    return [part.delta for part in answer if part.delta]


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let the model call a function, and tell what it returned."""
    tool = FunctionTool.from_defaults(get_weather)
    answer = OpenAI(model="gpt-4o-mini").predict_and_call([tool], question)
    return str(answer)


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""
    model = OpenAI(model="gpt-4o-mini").as_structured_llm(Person)
    return model.chat([ChatMessage(role="user", content=question)]).raw.model_dump()
