"""A streamed and a plain answer carry the same fields, whichever dialect the model speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import client_factories
import pytest
from chat_routes import create, inside, items
from client_factories import SYNC_AND_ASYNC, settled

if TYPE_CHECKING:
    from baseten_openai.emulator import EmulatorServer

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.usefixtures("clients_are_closed"),
    pytest.mark.filterwarnings("ignore::baseten_openai.BasetenWarning"),
]

MODELS = [
    "openai/gpt-oss-120b",
    "zai-org/GLM-4.7",
    "zai-org/GLM-5",
    "moonshotai/Kimi-K2.5",
    "MiniMaxAI/MiniMax-M2.5",
    "deepseek-ai/DeepSeek-V3.1",
    "deepseek-ai/DeepSeek-V4-Pro-0813",
    "moonshotai/Kimi-K3",
]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "strict": True,  # the async stream() of openai 1 and 2 wants it
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
ASKED = {
    "text": {},
    "tool call": {"tools": [TOOL], "tool_choice": "required"},
    "reasoning": {"reasoning_effort": "high"},
}


def fields(value: Any) -> Any:
    """What is said, by name, however deep; ids differ from one answer to the next."""
    if isinstance(value, dict):
        made = {name: fields(inner) for name, inner in value.items() if inner is not None}
        return {name: inner for name, inner in made.items() if name != "index"}
    if isinstance(value, list):
        return [fields(inner) for inner in value]
    return value


def comparable(message: dict[str, Any]) -> dict[str, Any]:
    if not message.get("content"):
        message.pop("content", None)  # "" in a stream's first delta, null in a plain answer
    if "reasoning" in message:  # February's plain answers say it under both names (4.1)
        assert message.pop("reasoning") == message["reasoning_content"]
    for call in message.get("tool_calls", []):
        assert call.pop("id")
        call["function"].pop("parsed_arguments", None)
    return message


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("model", MODELS)
@SYNC_AND_ASYNC
async def test_a_stream_adds_up_to_the_plain_answer(
    model: str, asked: dict[str, Any], is_async: bool, server: EmulatorServer
) -> None:
    if asked.get("reasoning_effort") and model == "zai-org/GLM-5":
        asked = {}  # it cannot reason (evidence.md#specification)
    client = client_factories.subclass(is_async=is_async, api_key="any", base_url=server.base_url)
    options = {"messages": [{"role": "user", "content": "Weather in Paris?"}], **asked}
    plain = await create(client, model=model, **options)
    async with inside(
        client.chat.completions.stream(
            model=model, **options, stream_options={"include_usage": True}
        )
    ) as stream:
        chunks = [one.chunk async for one in items(stream) if one.type == "chunk"]
        whole = await settled(stream.get_final_completion())
    (streamed,), (given,) = whole.choices, plain.choices
    assert comparable(fields(streamed.message.to_dict())) == comparable(
        fields(given.message.to_dict())
    )
    assert streamed.finish_reason == given.finish_reason
    assert fields(whole.usage.to_dict()).keys() == fields(plain.usage.to_dict()).keys()
    # null where there is nothing, in both: code asks with getattr(delta, "reasoning_content")
    first = next(choice.delta for chunk in chunks for choice in chunk.choices)
    for name in ("role", "content", "reasoning_content"):
        assert name in given.message.to_dict(exclude_unset=False), name
        assert name in first.to_dict(exclude_unset=False), name
