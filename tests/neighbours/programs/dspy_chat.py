"""A program on dspy, which sends by a transport of its own, or by litellm."""

from __future__ import annotations

import asyncio

import dspy
from pydantic import BaseModel


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


class FindPerson(dspy.Signature):
    """Find the person in a text."""

    text: str = dspy.InputField()
    person: Person = dspy.OutputField()


class ChooseTool(dspy.Signature):
    """Choose a tool to answer a question."""

    question: str = dspy.InputField()
    tools: list[dspy.Tool] = dspy.InputField()
    calls: dspy.ToolCalls = dspy.OutputField()


def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"18 degrees in {city}"


def make_model() -> dspy.LM:
    """Name the model, as dspy's documentation does."""
    return dspy.LM("openai/gpt-4o-mini", cache=False)


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    answer = make_model()(question)[0]
    return answer if isinstance(answer, str) else answer["text"]  # a dict if there is reasoning


def stream(question: str = "Ada Lovelace is 36 years old.") -> list[dict[str, object]]:
    """Ask for an object of a class, and read it as it comes."""

    async def read() -> list[dict[str, object]]:
        predict = dspy.streamify(dspy.Predict(FindPerson))
        with dspy.context(lm=make_model(), adapter=dspy.JSONAdapter()):
            parts = [part async for part in predict(text=question)]
        return [{} for _ in parts[:-1]] + [parts[-1].person.model_dump()]

    return asyncio.run(read())


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let the model choose a function, and tell what it returned."""
    tool = dspy.Tool(get_weather)
    adapter = dspy.JSONAdapter(use_native_function_calling=True)
    with dspy.context(lm=make_model(), adapter=adapter):
        calls = dspy.Predict(ChooseTool)(question=question, tools=[tool]).calls
    return "; ".join(tool(**call.args) for call in calls.tool_calls)


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""
    with dspy.context(lm=make_model(), adapter=dspy.JSONAdapter()):
        return dspy.Predict(FindPerson)(text=question).person.model_dump()
