"""A program on semantic-kernel."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

from pydantic import BaseModel
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai import FunctionChoiceBehavior
from semantic_kernel.connectors.ai.open_ai import (
    OpenAIChatCompletion,
    OpenAIChatPromptExecutionSettings,
)
from semantic_kernel.contents import ChatHistory
from semantic_kernel.functions import kernel_function


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


class Weather:
    """A plugin."""

    @kernel_function(description="Tell the weather in a city.")
    def get_weather(self, city: Annotated[str, "The name of the city"]) -> str:
        """Tell the weather in a city."""
        return f"18 degrees in {city}"


def make_history(question: str) -> ChatHistory:
    """Make a conversation of one question."""
    history = ChatHistory()
    history.add_user_message(question)
    return history


async def ask(question: str, settings: OpenAIChatPromptExecutionSettings) -> str:
    """Ask, with the plugin at hand."""
    kernel = Kernel()
    kernel.add_plugin(Weather(), "weather")
    service = OpenAIChatCompletion(ai_model_id="gpt-4o-mini")
    answer = await service.get_chat_message_content(make_history(question), settings, kernel=kernel)
    return str(answer)


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    return asyncio.run(ask(question, OpenAIChatPromptExecutionSettings()))


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes."""

    async def read() -> list[str]:
        service = OpenAIChatCompletion(ai_model_id="gpt-4o-mini")
        settings = OpenAIChatPromptExecutionSettings()
        parts = service.get_streaming_chat_message_content(make_history(question), settings)
        return [str(part) async for part in parts if str(part)]

    return asyncio.run(read())


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let the model call a function, and answer with what it returned."""
    chosen = FunctionChoiceBehavior.Auto()
    settings = OpenAIChatPromptExecutionSettings(function_choice_behavior=chosen)
    return asyncio.run(ask(question, settings))


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""
    settings = OpenAIChatPromptExecutionSettings(response_format=Person)
    return json.loads(asyncio.run(ask(question, settings)))
