"""A program on inspect-ai: its models, and a task with a tool."""

from __future__ import annotations

import asyncio
import json

from inspect_ai.model import (
    ChatMessageUser,
    GenerateConfig,
    Model,
    ResponseSchema,
    execute_tools,
    get_model,
)
from inspect_ai.tool import Tool, tool
from inspect_ai.util import json_schema
from pydantic import BaseModel


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


@tool
def get_weather() -> Tool:
    """Make the tool."""

    async def execute(city: str) -> str:
        """Tell the weather in a city.

        Args:
            city: The name of the city.

        """
        return f"18 degrees in {city}"

    return execute


def make_model() -> Model:
    """Name the model as the documentation does, but make a client each time, not one for ever."""
    return get_model("openai/gpt-4o-mini", memoize=False)


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""

    async def ask() -> str:
        return (await make_model().generate(question)).completion

    return asyncio.run(ask())


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let the model call a function, and answer with what it returned."""

    async def ask() -> str:
        model = make_model()
        messages = [ChatMessageUser(content=question)]
        output = await model.generate(messages, tools=[get_weather()])
        messages.append(output.message)
        messages.extend((await execute_tools(messages, [get_weather()])).messages)
        return (await model.generate(messages, tools=[get_weather()])).completion

    return asyncio.run(ask())


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""

    async def ask() -> str:
        form = ResponseSchema(name="person", json_schema=json_schema(Person))
        config = GenerateConfig(response_schema=form)
        return (await make_model().generate(question, config=config)).completion

    return json.loads(asyncio.run(ask()))
