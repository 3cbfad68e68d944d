"""The official SDK, bare, against the emulator: its errors, its streams, its parsing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openai
import pydantic
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baseten_openai import emulator

GLM = "zai-org/GLM-4.7"
V31 = "deepseek-ai/DeepSeek-V3.1"
HELLO: Any = [{"role": "user", "content": "Hello Ada"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}


@pytest.fixture(scope="module")
def client(running: emulator.EmulatorServer) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=running.base_url, api_key="emulator", max_retries=0) as client:
        yield client


def test_chat(client: Any) -> None:
    completion = client.chat.completions.create(model=GLM, messages=HELLO)
    assert "Hello Ada" in completion.choices[0].message.content
    assert completion.usage.total_tokens > 0


def test_models(client: Any) -> None:
    assert GLM in [model.id for model in client.models.list()]


@pytest.mark.anyio
async def test_async_stream(running: emulator.EmulatorServer) -> None:
    async with openai.AsyncOpenAI(base_url=running.base_url, api_key="k") as client:
        stream: Any = await client.chat.completions.create(model=GLM, messages=HELLO, stream=True)
        text = ""
        async for chunk in stream:
            text += "".join(choice.delta.content or "" for choice in chunk.choices)
    assert "Hello Ada" in text


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_the_helper_breaks_on_roles_as_with_the_service(client: Any) -> None:
    # see evidence.md#repeated-role: what the package is there to repair.
    with client.chat.completions.stream(model=GLM, messages=HELLO) as stream:
        message = stream.get_final_completion().choices[0].message
    assert message.role.startswith("assistantassistant")
    assert "Hello Ada" in message.content


def test_the_helper_breaks_on_ids_as_with_the_service(client: Any) -> None:
    # see evidence.md#repeated-tool-call-ids: the same id on every delta, joined to one long one.
    asked = [{"role": "user", "content": "weather in Paris"}]
    with client.chat.completions.stream(
        model="zai-org/GLM-5.2", messages=asked, tools=[WEATHER]
    ) as stream:
        (call,) = stream.get_final_completion().choices[0].message.tool_calls
    assert call.id.count("chatcmpl-tool-") > 1
    assert json.loads(call.function.arguments) == {"city": "Paris"}


def test_a_conversation_with_tools(client: Any) -> None:
    messages = [{"role": "user", "content": "weather in Paris and Oslo"}]
    first = client.chat.completions.create(model=V31, messages=messages, tools=[WEATHER])
    assert first.choices[0].finish_reason == "tool_calls"
    messages.append(first.choices[0].message)
    for call in first.choices[0].message.tool_calls:
        city = json.loads(call.function.arguments)["city"]
        messages.append({"role": "tool", "tool_call_id": call.id, "content": f"rain in {city}"})
    second = client.chat.completions.create(model=V31, messages=messages, tools=[WEATHER])
    assert "rain in Paris" in second.choices[0].message.content
    assert "rain in Oslo" in second.choices[0].message.content


class Step(pydantic.BaseModel):
    explanation: str
    output: float


class Event(pydantic.BaseModel):
    name: str
    participants: list[str]
    steps: list[Step]
    parent: Event | None


def test_parse(client: Any) -> None:
    completion = client.chat.completions.parse(
        model=GLM,
        messages=[{"role": "user", "content": "Alice and Bob meet."}],
        response_format=Event,
    )
    parsed = completion.choices[0].message.parsed
    assert isinstance(parsed, Event)
    assert parsed.participants == ["Alice", "Bob"]


def test_parse_cut_short(client: Any) -> None:
    with pytest.raises(openai.LengthFinishReasonError):
        client.chat.completions.parse(
            model=GLM, messages=HELLO, response_format=Event, max_tokens=5
        )


def test_parse_tools(client: Any) -> None:
    class GetWeather(pydantic.BaseModel):
        city: str

    completion = client.chat.completions.parse(
        model=V31,
        messages=[{"role": "user", "content": "weather in Paris"}],
        tools=[openai.pydantic_function_tool(GetWeather)],
    )
    (call,) = completion.choices[0].message.tool_calls
    assert call.function.parsed_arguments == GetWeather(city="Paris")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("402", openai.APIStatusError),
        ("403", openai.PermissionDeniedError),
        ("404", openai.NotFoundError),
        ("429", openai.RateLimitError),
        ("500", openai.InternalServerError),
        ("502-html", openai.InternalServerError),
        ("529", openai.InternalServerError),
        ("reset", openai.APIConnectionError),
    ],
)
def test_faults_become_the_sdks_errors(client: Any, fault: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        client.chat.completions.create(
            model=GLM, messages=HELLO, extra_headers={"x-emulate-fault": fault}
        )


def test_the_sdk_retries(running: emulator.EmulatorServer) -> None:
    before = len(running.requests)
    running.fault("429-retry-after", retry_after=0.01)
    with openai.OpenAI(base_url=running.base_url, api_key="k", max_retries=1) as client:
        completion = client.chat.completions.create(model=GLM, messages=HELLO)
    assert completion.choices
    assert len(running.requests) == before + 2


def test_error_events_in_a_stream(client: Any) -> None:
    def read(kind: str) -> list[Any]:
        stream = client.chat.completions.create(
            model=GLM, messages=HELLO, stream=True, extra_headers={"x-emulate-fault": kind}
        )
        return list(stream)

    with pytest.raises(openai.APIError, match="emulated failure"):
        read("error-event-enveloped")
    # see evidence.md#flat-error-event: the flat one is not noticed.
    assert read("error-event-flat")[-1].choices is None
    assert not [chunk for chunk in read("cut") if chunk.choices[0].finish_reason]


def test_openai_only_fields_are_refused(client: Any) -> None:
    with pytest.raises(openai.BadRequestError, match="store: Extra inputs are not permitted"):
        client.chat.completions.create(model=GLM, messages=HELLO, store=True)
