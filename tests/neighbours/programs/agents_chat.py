"""A chat program on openai-agents, by chat completions."""

from __future__ import annotations

import asyncio

import agents
from agents import Agent, Runner, function_tool
from pydantic import BaseModel

agents.set_default_openai_api("chat_completions")
LOOP = asyncio.new_event_loop()  # one, since the library keeps its connections
agents.set_tracing_disabled(True)  # traces would go to OpenAI


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


@function_tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"18 degrees in {city}"


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    agent = Agent(name="assistant", model="gpt-4o-mini")
    return LOOP.run_until_complete(Runner.run(agent, question)).final_output


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes."""

    async def read() -> list[str]:
        answer = Runner.run_streamed(Agent(name="assistant", model="gpt-4o-mini"), question)
        return [
            event.data.delta
            async for event in answer.stream_events()
            if event.type == "raw_response_event"
            and event.data.type == "response.output_text.delta"
        ]

    return LOOP.run_until_complete(read())


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let the model call a function, and answer with what it returned."""
    agent = Agent(name="assistant", model="gpt-4o-mini", tools=[get_weather])
    return LOOP.run_until_complete(Runner.run(agent, question)).final_output


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""
    agent = Agent(name="assistant", model="gpt-4o-mini", output_type=Person)
    return LOOP.run_until_complete(Runner.run(agent, question)).final_output.model_dump()
