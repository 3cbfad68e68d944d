"""A program on camel-ai."""

from __future__ import annotations

from camel.agents import ChatAgent
from camel.models import ModelFactory
from camel.toolkits import FunctionTool
from camel.types import ModelPlatformType, ModelType
from pydantic import BaseModel


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


def get_weather(city: str) -> str:
    """Tell the weather in a city.

    Args:
        city (str): The name of the city.

    """
    return f"18 degrees in {city}"


def make_agent(*, tools: list[object] | None = None, stream: bool = False) -> ChatAgent:
    """Name the model, as camel's documentation does."""
    model = ModelFactory.create(
        model_platform=ModelPlatformType.OPENAI,
        model_type=ModelType.GPT_4O_MINI,
        model_config_dict={"stream": True} if stream else {},
    )
    return ChatAgent("You are a helpful assistant.", model=model, tools=tools)


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    return make_agent().step(question).msgs[0].content


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes."""
    return [part.msgs[0].content for part in make_agent(stream=True).step(question) if part.msgs]


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let the model call a function, and answer with what it returned."""
    return make_agent(tools=[FunctionTool(get_weather)]).step(question).msgs[0].content


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""
    answer = make_agent().step(question, response_format=Person)
    return Person.model_validate_json(answer.msgs[0].content).model_dump()
