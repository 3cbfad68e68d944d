"""A program on crewai: one agent, one task."""

from __future__ import annotations

from crewai import LLM, Agent, Crew, Task
from crewai.events import LLMStreamChunkEvent, crewai_event_bus
from crewai.tools import tool
from pydantic import BaseModel


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


@tool("get_weather")
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    del city  # the emulator takes it from the words that the library puts around the question
    return "18 degrees in Paris"


def run(question: str, tools: list[object], **options: object) -> object:
    """Let a crew of one agent do one task."""
    agent = Agent(
        role="assistant",
        goal="Answer the question",
        backstory="You know much.",
        llm="openai/gpt-4o-mini",
        tools=tools,
    )
    task = Task(description=question, expected_output="An answer", agent=agent, **options)
    return Crew(agents=[agent], tasks=[task]).kickoff()


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    return run(question, []).raw


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes, from crewai's events."""
    texts: list[str] = []
    with crewai_event_bus.scoped_handlers():

        @crewai_event_bus.on(LLMStreamChunkEvent)
        def read(_source: object, event: LLMStreamChunkEvent) -> None:
            texts.append(event.chunk)

        LLM(model="openai/gpt-4o-mini", stream=True).call(question)
    return texts


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let the agent call a function, and answer with what it returned."""
    return run(question, [get_weather]).raw


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""
    answer = LLM(model="openai/gpt-4o-mini", response_format=Person).call(question)
    return (
        answer if isinstance(answer, Person) else Person.model_validate_json(answer)
    ).model_dump()
