"""A small program for the openai SDK: chat, stream, structured output, tools.

It knows nothing about Baseten. ``demo.py`` runs it without and with the one line.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from openai import OpenAI
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator

MODEL = "gpt-oss-120b"
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


class Event(BaseModel):
    """An event described in a text."""

    name: str
    day: str
    people: list[str]


def get_weather(city: str) -> str:
    """Return made-up weather."""
    return f"18 degrees and clear in {city}"


def chat(question: str) -> str | None:
    """Ask one question and return the answer."""
    answer = OpenAI().chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": question}], max_completion_tokens=1000
    )
    return answer.choices[0].message.content


def stream(question: str) -> Iterator[str]:
    """Ask one question and yield the answer in pieces."""
    for chunk in OpenAI().chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": question}], stream=True
    ):
        yield chunk.choices[0].delta.content or ""


def extract(text: str) -> Event | None:
    """Extract an event from a text."""
    answer = OpenAI().chat.completions.parse(
        model=MODEL, messages=[{"role": "user", "content": text}], response_format=Event
    )
    return answer.choices[0].message.parsed


def ask_with_tools(question: str) -> list[Any]:
    """Answer tool calls until the model gives an answer; return the conversation."""
    client, messages = OpenAI(), list[Any]([{"role": "user", "content": question}])
    while True:
        with client.chat.completions.stream(
            model=MODEL, messages=messages, tools=[WEATHER]
        ) as events:
            message = events.get_final_completion().choices[0].message
        messages.append(message.model_dump(exclude_none=True))
        if not message.tool_calls:
            return messages
        for call in message.tool_calls:
            result = get_weather(**json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
