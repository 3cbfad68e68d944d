"""Let the model call functions until it can answer.

Set ``BASETEN_API_KEY``. Without a key, run ``python -m baseten_openai.emulator`` and set the variables it prints.
"""

import json
from typing import TYPE_CHECKING

from baseten_openai import OpenAI

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam


def get_weather(city: str) -> str:
    """Return made-up weather."""
    return f"18 degrees and sunny in {city}"


TOOLS: "list[ChatCompletionToolParam]" = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Get the weather in a city.",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
]
MOST_TURNS = 5

messages: "list[ChatCompletionMessageParam]" = [
    {"role": "user", "content": "What is the weather in Paris, and what should I wear?"}
]
with OpenAI() as client:
    for _ in range(MOST_TURNS):
        completion = client.chat.completions.create(
            model="gpt-oss-120b", messages=messages, tools=TOOLS
        )
        message = completion.choices[0].message
        messages.append(message.to_dict())  # type: ignore[arg-type]  # keeps the reasoning
        if not message.tool_calls:
            print(message.content)
            break
        for call in message.tool_calls:
            if call.type == "function":
                result = get_weather(**json.loads(call.function.arguments))
                print(f"{call.function.name}({call.function.arguments}) -> {result}")
                messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
