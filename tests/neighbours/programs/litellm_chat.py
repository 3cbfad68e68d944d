"""A chat program on litellm."""

from __future__ import annotations

import json

import litellm
from pydantic import BaseModel


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tell the weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


def ask(messages: list[object], **options: object) -> litellm.ModelResponse:
    """Call the model, named as litellm's documentation names OpenAI's."""
    return litellm.completion(model="openai/gpt-4o-mini", messages=messages, **options)


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    return ask([{"role": "user", "content": question}]).choices[0].message.content


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes."""
    chunks = ask([{"role": "user", "content": question}], stream=True)
    return [text for chunk in chunks if (text := chunk.choices[0].delta.content)]


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let the model call a function, and answer with what it returned."""
    messages: list[object] = [{"role": "user", "content": question}]
    message = ask(messages, tools=[WEATHER]).choices[0].message
    messages.append(message)
    for call in message.tool_calls:
        city = json.loads(call.function.arguments)["city"]
        messages.append(
            {"role": "tool", "tool_call_id": call.id, "content": f"18 degrees in {city}"}
        )
    return ask(messages, tools=[WEATHER]).choices[0].message.content


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""
    answer = ask([{"role": "user", "content": question}], response_format=Person)
    return Person.model_validate_json(answer.choices[0].message.content).model_dump()
