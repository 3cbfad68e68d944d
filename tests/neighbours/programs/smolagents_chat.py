"""A program on smolagents."""

from __future__ import annotations

import json

from smolagents import ChatMessage, OpenAIModel, ToolCallingAgent, tool


@tool
def get_weather(city: str) -> str:
    """Tell the weather in a city.

    Args:
        city: The name of the city.

    """
    del city  # the emulator takes it from the words that the library puts around the question
    return "18 degrees in Paris"


def make_model() -> OpenAIModel:
    """Name the model, as smolagents' documentation does."""
    return OpenAIModel(model_id="gpt-4o-mini")


def ask(question: str) -> list[ChatMessage]:
    """Make a conversation of one question."""
    return [ChatMessage(role="user", content=[{"type": "text", "text": question}])]


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    return make_model().generate(ask(question)).content


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes."""
    return [part.content for part in make_model().generate_stream(ask(question)) if part.content]


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let an agent call a function; tell what it observed in its first step."""
    agent = ToolCallingAgent(tools=[get_weather], model=make_model(), max_steps=1)
    agent.run(question)
    return str(agent.memory.get_full_steps())


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a schema."""
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name", "age"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": schema}}
    return json.loads(make_model().generate(ask(question), response_format=form).content)
