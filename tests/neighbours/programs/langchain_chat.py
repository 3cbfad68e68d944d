"""A chat program on langchain-openai."""

from __future__ import annotations

from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


@tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"18 degrees in {city}"


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    return ChatOpenAI(model="gpt-4o-mini").invoke(question).text


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes."""
    return [chunk.text for chunk in ChatOpenAI(model="gpt-4o-mini").stream(question) if chunk.text]


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let the model call a function, and answer with what it returned."""
    model = ChatOpenAI(model="gpt-4o-mini").bind_tools([get_weather])
    asked = HumanMessage(question)
    answer = model.invoke([asked])
    results = [
        ToolMessage(get_weather.invoke(call["args"]), tool_call_id=call["id"])
        for call in answer.tool_calls
    ]
    return model.invoke([asked, answer, *results]).text


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""
    return (
        ChatOpenAI(model="gpt-4o-mini").with_structured_output(Person).invoke(question).model_dump()
    )
