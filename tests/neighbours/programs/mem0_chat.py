"""A program on mem0: its model of OpenAI, as its memories call it.

Its embeddings are another endpoint, and need a model that Baseten's Model APIs do not serve.
"""

from __future__ import annotations

import json

from mem0.configs.llms.openai import OpenAIConfig
from mem0.llms.openai import OpenAILLM

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
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


def ask(question: str, **options: object) -> object:
    """Ask the model, named as mem0's documentation names it."""
    model = OpenAILLM(OpenAIConfig(model="gpt-4o-mini"))
    return model.generate_response([{"role": "user", "content": question}], **options)


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    return ask(question)


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let the model call a function; tell what it returned."""
    calls = ask(question, tools=[WEATHER])["tool_calls"]
    return "; ".join(f"18 degrees in {call['arguments']['city']}" for call in calls)


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a schema."""
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": SCHEMA}}
    return json.loads(ask(question, response_format=form))
