"""Recorded requests, sent to the emulator: what comes back has the shape of what was recorded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[..., Any]

V3, V31, V4 = (
    "deepseek-ai/DeepSeek-V3-0324",
    "deepseek-ai/DeepSeek-V3.1",
    "deepseek-ai/DeepSeek-V4-Pro",
)
GLM46, GLM52 = "zai-org/GLM-4.6", "zai-org/GLM-5.2"
MINIMAX, GPT = "MiniMaxAI/MiniMax-M2.5", "openai/gpt-oss-120b"
RECORDED = [V3, V31, GLM46, MINIMAX, GPT, V4, GLM52]
THINK = {"chat_template_args": {"enable_thinking": True}}
CASES = ["Text", "JSON", "MaxTokens", "Stop", "Tools-SquareRoot-1", "Tools-SquareRoot-2"]
NOT_IMITATED = {
    "GenSync-Tools-SquareRoot-1": {GLM46: "no call although required"},
    "GenStream-Tools-SquareRoot-1": {GLM46: "no call although required"},
    "GenStream-Tools-SquareRoot-2": {
        GLM52: "reasoned until the default limit",
        GLM46: "finish_reason is sometimes on the last delta, sometimes alone",
    },
    "GenStream-Text": {
        V3: "finish_reason is sometimes on the last delta, sometimes alone",
        V4: "a one-token answer comes after finish_reason; ours is longer",
    },
    "GenSync-MultiModal-Image-jpg-Inline": {GLM52: "takes images by now (documentation)"},
}


@pytest.fixture
def newest(recorded: Ask) -> Ask:
    """Return a model's newest recording of a case; skips what is not imitated, with the reason."""

    def find(slug: str, case: str) -> dict[str, Any]:
        if slug in NOT_IMITATED.get(case, {}):
            pytest.skip(NOT_IMITATED[case][slug])
        lines = recorded(slug.replace("/", "__"))
        name = "/" + case.replace("-MultiModal", "MultiModal")
        found = [line for line in lines if line["case"].endswith(name)]
        best: dict[str, Any] = max(found, key=lambda line: str(line["committed"]))
        return best

    return find


def asked(slug: str, line: dict[str, Any]) -> dict[str, Any]:
    # GLM 4.6 reasoned unasked in February 2026; the specification has it opt-in.
    return {**line["request"], **(THINK if slug == GLM46 else {})}


@pytest.mark.parametrize("slug", RECORDED)
@pytest.mark.parametrize("case", ["TopLogprobs", "MultiModal-Image-jpg-Inline"])
def test_recorded_refusals(post: Ask, newest: Ask, slug: str, case: str) -> None:
    line = newest(slug, f"GenSync-{case}")
    got = post(line["request"])
    assert got.status == line["status"]
    if line["status"] == 400:
        assert got.json == json.loads(line["body"])
    else:
        assert "logprobs" not in got.json["choices"][0]


@pytest.mark.parametrize("slug", RECORDED)
@pytest.mark.parametrize("case", CASES)
def test_recorded_unstreamed_shapes(post: Ask, newest: Ask, slug: str, case: str) -> None:
    line = newest(slug, f"GenSync-{case}")
    got = post(asked(slug, line))
    real, ours = json.loads(line["body"]), got.json
    assert list(ours) == list(real)
    (choice,), (expected,) = ours["choices"], real["choices"]
    assert list(choice) == list(expected)
    assert choice["finish_reason"] == expected["finish_reason"]
    assert set(choice["message"]) == set(expected["message"])
    assert shape(ours["usage"]) == shape(real["usage"])
    names = [name for name in got.headers if name.startswith("x-baseten")]
    assert ("x-baseten-request-id" in names) == ("x-baseten-request-id" in line["headers"])


def shape(value: Any) -> Any:
    return {key: shape(part) for key, part in value.items()} if isinstance(value, dict) else None


@pytest.mark.parametrize("slug", RECORDED)
@pytest.mark.parametrize("case", CASES)
def test_recorded_streamed_shapes(post: Ask, newest: Ask, slug: str, case: str) -> None:
    line = newest(slug, f"GenStream-{case}")
    got = post(asked(slug, line))
    kind = type(got)
    real = traits(kind(200, {}, line["body"].encode()))
    assert traits(got) == real
    assert got.headers["content-type"] == line["headers"]["content-type"]


def traits(got: Any) -> dict[str, Any]:
    """Return what a stream looks like, apart from its words and their number."""
    events = got.events
    choices = [choice for event in events for choice in event["choices"]]
    finish: dict[str, Any] = next((one for one in choices if "finish_reason" in one), {})
    deltas = [choice["delta"] for choice in choices]
    calls = [call for delta in deltas for call in delta.get("tool_calls") or ()]
    return {
        "chunk keys": {tuple(event) for event in events},
        "delta keys": {frozenset(choice["delta"]) for choice in choices},
        "roles": {choice["delta"].get("role") for choice in choices[1:]},
        "first role": choices[0]["delta"].get("role"),
        "empty": {
            key: repr(value)
            for choice in choices
            for key, value in choice["delta"].items()
            if not value and key != "role"
        },
        "finish": finish.get("finish_reason"),
        "stop_reason": finish.get("stop_reason"),
        "finish rides on": sorted(
            key for key, value in finish.get("delta", {}).items() if value and key != "role"
        ),
        "usage chunk": events[-1]["choices"] == [],
        "done": got.done,
        "call ids": len({call["id"] for call in calls}) > 1,
        "split calls": len(calls) > 1,
        "later names": {call["function"].get("name", "absent") for call in calls[1:]},
        "first arguments empty": bool(calls) and calls[0]["function"]["arguments"] == "",
    }
