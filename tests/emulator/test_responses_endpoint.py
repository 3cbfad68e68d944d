"""``POST /v1/responses`` of the emulator: OpenAI's form and order, the checks, the two deviations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openai
import pytest
from open_responses import check_event, check_response
from response_events import problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from baseten_openai import emulator

    from .conftest import Got

pytestmark = pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")  # of older SDKs

JSON = dict[str, Any]
GLM = "zai-org/GLM-5.2"
EARLY = "nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B"
OTHER = "zai-org/GLM-4.7"
QUIET = "deepseek-ai/DeepSeek-V3.1"
WEATHER: JSON = {
    "type": "function",
    "name": "get_weather",
    "description": "Tell the weather.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}
FORMAT: JSON = {
    "type": "json_schema",
    "name": "fruit",
    "schema": {
        "type": "object",
        "properties": {"is_fruit": {"type": "boolean"}},
        "required": ["is_fruit"],
        "additionalProperties": False,
    },
    "strict": True,
}
REQUESTS: dict[str, JSON] = {
    "text": {"model": QUIET, "input": "Hello Ada"},
    "items": {
        "model": QUIET,
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}],
    },
    "reasoning": {"model": GLM, "input": "Hello Ada", "reasoning": {"effort": "high"}},
    "instructions": {"model": QUIET, "input": "Hi", "instructions": "Be brief."},
    "a call": {"model": QUIET, "input": "What is the weather in Paris?", "tools": [WEATHER]},
    "calls": {"model": QUIET, "input": "The weather in Paris and London?", "tools": [WEATHER]},
    "a result": {
        "model": QUIET,
        "input": [
            {"role": "user", "content": "What is the weather in Paris?"},
            {"type": "function_call", "call_id": "c", "name": "get_weather", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": "sunny"},
        ],
        "tools": [WEATHER],
    },
    "a schema": {"model": GLM, "input": "Is a banana a fruit?", "text": {"format": FORMAT}},
    "JSON": {"model": GLM, "input": "JSON please", "text": {"format": {"type": "json_object"}}},
    "cut": {"model": QUIET, "input": "Hello Ada", "max_output_tokens": 3},
}


def events_of(got: Got) -> list[JSON]:
    found = []
    for block in got.body.decode().split("\n\n")[:-1]:
        name, data = block.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        found.append(event)
    return found


@pytest.fixture
def respond(post: Callable[..., Got]) -> Callable[..., Got]:
    """Ask the endpoint."""
    return lambda body: post(body, path="/responses")


@pytest.mark.parametrize("body", REQUESTS.values(), ids=REQUESTS)
def test_answers_and_streams_have_openais_form(body: JSON, respond: Callable[..., Got]) -> None:
    whole = respond(body).json
    check_response(whole)
    events = events_of(respond({**body, "stream": True}))
    assert problems(events) == []
    for event in events:
        check_event(event)
    last = events[-1]["response"]
    assert [item["type"] for item in last["output"]] == [item["type"] for item in whole["output"]]
    assert last["usage"] == whole["usage"]
    assert last["status"] == whole["status"]


def test_the_model_quotes_the_question(respond: Callable[..., Got]) -> None:
    item = respond(REQUESTS["text"]).json["output"][-1]
    assert "Hello Ada" in item["content"][0]["text"]


def test_a_tool_result_is_answered_with_text(respond: Callable[..., Got]) -> None:
    item = respond(REQUESTS["a result"]).json["output"][-1]
    assert "sunny" in item["content"][0]["text"]


def test_calls_hold_arguments_of_the_schema(respond: Callable[..., Got]) -> None:
    items = respond(REQUESTS["calls"]).json["output"]
    output = [item for item in items if item["type"] == "function_call"]
    assert [json.loads(item["arguments"]) for item in output] == [
        {"city": "Paris"},
        {"city": "London"},
    ]
    assert len({item["call_id"] for item in output}) == 2


def test_structured_output_fits_the_schema(respond: Callable[..., Got]) -> None:
    output = respond(REQUESTS["a schema"]).json["output"]
    assert json.loads(output[-1]["content"][0]["text"]).keys() == {"is_fruit"}


def test_a_cut_answer_says_so(respond: Callable[..., Got]) -> None:
    whole = respond(REQUESTS["cut"]).json
    assert whole["status"] == "incomplete"
    assert whole["incomplete_details"] == {"reason": "max_output_tokens"}
    assert whole["usage"]["output_tokens"] == 3
    last = events_of(respond({**REQUESTS["cut"], "stream": True}))[-1]
    assert last["type"] == "response.incomplete"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"store": True}, "store"),
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"metadata": {"a": "b"}}, "metadata"),
        ({"text": {}}, "text.format"),
        ({"text": {"verbosity": "low", "format": {"type": "text"}}}, "verbosity"),
        ({"tools": [{"type": "web_search"}]}, "tools.0.type"),
        ({"tools": [{"type": "custom", "name": "x"}]}, "tools.0.type"),
        ({"tools": [WEATHER], "tool_choice": {"type": "web_search"}}, "tool_choice.type"),
        ({"input": [{"role": "developer", "content": "x"}]}, "developer"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "item_reference"),
        ({"input": [{"type": "reasoning", "summary": [], "encrypted_content": "x"}]}, "decrypted"),
        ({"input": []}, "at least 1"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"temperature": 3}, "emperature"),
        ({"model": GLM, "reasoning": {"effort": "minimal"}}, "reasoning_effort"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "u"}]}]},
            "multimodal",
        ),
    ],
)
def test_what_is_not_documented_is_refused(
    fields: JSON, words: str, respond: Callable[..., Got]
) -> None:
    got = respond({"model": QUIET, "input": "Hi", **fields})
    assert got.status == 400
    assert words in got.body.decode()


def test_the_model_must_exist(respond: Callable[..., Got]) -> None:
    assert respond({"model": "no/model", "input": "Hi"}).status == 404


def test_nothing_is_stored(post: Callable[..., Got]) -> None:
    assert post(b"", path="/responses/resp_1", method="GET").status == 404


@pytest.mark.parametrize("model", [EARLY, OTHER])
def test_the_two_deviations(model: str, respond: Callable[..., Got]) -> None:
    body = {**REQUESTS["a call"], "model": model, "stream": True}
    events = events_of(respond(body))
    assert problems(events) != []
    arguments = [
        e["delta"] for e in events if e["type"] == "response.function_call_arguments.delta"
    ]
    assert json.loads("".join(arguments)) == {"city": "Paris"}
    assert json.loads(events[-1]["response"]["output"][-1]["arguments"]) == {"city": "Paris"}


def test_the_early_ends_come_before_the_deltas(respond: Callable[..., Got]) -> None:
    kinds = [
        e["type"]
        for e in events_of(respond({**REQUESTS["a call"], "model": EARLY, "stream": True}))
    ]
    done = kinds.index("response.function_call_arguments.done")
    assert done < kinds.index("response.function_call_arguments.delta")


@pytest.fixture(scope="module")
def client(running: emulator.EmulatorServer) -> Iterator[Any]:
    """Make the SDK's own client."""
    with openai.OpenAI(base_url=running.base_url, api_key="emulator", max_retries=0) as client:
        yield client


@pytest.mark.parametrize("body", REQUESTS.values(), ids=REQUESTS)
def test_the_sdks_accumulator_accepts_the_streams(body: JSON, client: Any) -> None:
    with client.responses.stream(**body) as stream:
        kinds = [event.type for event in stream]
    assert kinds[0] == "response.created"
    assert kinds[-1] in {"response.completed", "response.incomplete"}


@pytest.mark.parametrize("kind", ["429", "500"])
def test_faults_answer_in_its_place(kind: str, post: Callable[..., Got]) -> None:
    got = post({"model": QUIET, "input": "Hi"}, path="/responses", x_emulate_fault=kind)
    assert got.status == int(kind)


@pytest.mark.parametrize("kind", ["cut", "error-event-flat", "error-event-enveloped"])
def test_faults_break_the_stream(kind: str, post: Callable[..., Got]) -> None:
    body = {"model": QUIET, "input": "Hi", "stream": True}
    got = post(body, path="/responses", x_emulate_fault=f"{kind}; after=100")
    assert b"response.completed" not in got.body
    assert (b"emulated failure" in got.body) is kind.startswith("error")


def test_the_schema_refuses_what_is_wrong(respond: Callable[..., Got]) -> None:
    whole = respond(REQUESTS["text"]).json
    with pytest.raises(ValueError, match="usage"):
        check_response({name: value for name, value in whole.items() if name != "usage"})
    with pytest.raises(ValueError, match="sequence_number"):
        check_event({"type": "response.created", "response": whole})
