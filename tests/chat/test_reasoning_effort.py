"""What each model is sent for ``reasoning_effort``: evidence.md#models, evidence.md#reasoning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from baseten_openai import UnsupportedFeatureError
from baseten_openai.routing.endpoints import CHAT
from baseten_openai.sdk.request_preparation import prepare_body
from baseten_openai.settings import Settings

if TYPE_CHECKING:
    from baseten_openai.chat.request_context import PreparedBody

SETTINGS = Settings.load(environ={})
GLM, GLM_5, GLM_52 = "zai-org/GLM-4.7", "zai-org/GLM-5", "zai-org/GLM-5.2"
GLM_53, GLM_53_FAST = "zai-org/GLM-5.3", "zai-org/GLM-5.3-Fast"
KIMI, KIMI_3 = "moonshotai/Kimi-K2.5", "moonshotai/Kimi-K3"
V31, V4_PRO = "deepseek-ai/DeepSeek-V3.1", "deepseek-ai/DeepSeek-V4-Pro"
V4_0813 = "deepseek-ai/DeepSeek-V4-Pro-0813"
MINIMAX, GPT_OSS, NEW = "MiniMaxAI/MiniMax-M2.5", "openai/gpt-oss-120b", "new-lab/Model-9"


def prepared(model: str, **fields: Any) -> PreparedBody:
    body = {"model": model, "messages": [{"role": "user", "content": "Hi"}], **fields}
    return prepare_body(body, SETTINGS, path=CHAT, dedicated=False)


def sent(model: str, **fields: Any) -> dict[str, Any]:
    """Return what is sent beside model and messages."""
    body = prepared(model, **fields)
    return {name: value for name, value in body.items() if name not in {"model", "messages"}}


def thinking(*, on: bool) -> dict[str, Any]:
    return {"chat_template_args": {"enable_thinking": on}}


def effort(level: str) -> dict[str, Any]:
    return {"reasoning_effort": level}


class Effort(NamedTuple):
    """What a model is sent for an effort; ``None``: refused."""

    model: str
    asked: str
    sent: dict[str, Any] | None
    noted: str | None  # the kind of the note, if there is one


ON, OFF = thinking(on=True), thinking(on=False)
ENVELOPE = {"thinking": {"type": "enabled"}}
EFFORTS = [
    # levels allowed as they are
    *(
        Effort(model, level, effort(level), None)
        for model in (GPT_OSS, V4_PRO)
        for level in ("none", "minimal", "low", "medium", "high", "xhigh", "max")
    ),
    *(Effort(KIMI_3, level, effort(level), None) for level in ("none", "low", "high", "max")),
    # the nearest level: low or high for minimal and medium, and openclaw's for GLM 5.2
    Effort(KIMI_3, "minimal", effort("low"), "converted"),
    Effort(KIMI_3, "xhigh", effort("high"), "converted"),
    *(
        Effort(GLM_52, level, {**effort("high"), **ON}, "converted")
        for level in ("minimal", "low", "medium", "xhigh")
    ),
    Effort(GLM_52, "high", {**effort("high"), **ON}, None),
    Effort(GLM_52, "max", {**effort("max"), **ON}, None),
    Effort(GLM_52, "none", effort("none"), None),
    # the envelope that goes with an effort
    Effort(V4_0813, "high", {**effort("high"), **ENVELOPE}, None),
    Effort(V4_0813, "minimal", {**effort("low"), **ENVELOPE}, "converted"),
    Effort(V4_0813, "none", effort("none"), None),
    # opt-in without levels: a switch
    *(
        Effort(model, level, ON, "converted")
        for model in (GLM, "zai-org/GLM-5.1", KIMI, "nvidia/Nemotron-120B-A12B")
        for level in ("minimal", "medium", "max")
    ),
    *(Effort(model, "none", OFF, "converted") for model in (GLM, KIMI)),
    # reasons by default, without levels: nothing to send, and no way to turn it off
    *(Effort(model, "high", {}, "dropped") for model in (V31, MINIMAX)),
    *(Effort(model, "none", None, None) for model in (V31, MINIMAX)),
    # always on
    Effort(GLM_53, "high", effort("high"), None),
    Effort(GLM_53, "none", None, None),
    Effort(GLM_53_FAST, "none", None, None),
    # cannot
    *(Effort(GLM_5, level, None, None) for level in ("minimal", "medium", "max")),
    Effort(GLM_5, "none", {}, "dropped"),
    # unknown: as it is
    *(Effort(NEW, level, effort(level), None) for level in ("none", "medium", "a new level")),
    Effort(GPT_OSS, "a new level", effort("a new level"), None),
]


@pytest.mark.parametrize("row", EFFORTS, ids=lambda row: f"{row.model}-{row.asked}")
def test_reasoning_effort(row: Effort) -> None:
    if row.sent is None:
        with pytest.raises(UnsupportedFeatureError) as caught:
            prepared(row.model, reasoning_effort=row.asked)
        assert caught.value.param == "reasoning_effort"
        assert row.model in caught.value.message
    else:
        assert sent(row.model, reasoning_effort=row.asked) == row.sent
        notes = prepared(row.model, reasoning_effort=row.asked).context.notes
        kinds = [
            note.kind for note in notes if note.param != "model"
        ]  # less that of a retired model
        assert kinds == ([row.noted] if row.noted else [])


@pytest.mark.parametrize("model", [GLM, GPT_OSS, V31, GLM_5, NEW])
def test_no_effort_is_no_effort(model: str) -> None:
    assert sent(model, reasoning_effort=None) == {}


def test_a_note_says_which_levels_there_are() -> None:
    (note,) = prepared(GLM_52, reasoning_effort="medium").context.notes
    assert note.message == (
        "reasoning_effort='medium' is sent as 'high': GLM 5.2 allows none, high, max"
    )


def test_the_users_own_switch_wins_and_its_neighbours_stay() -> None:
    own = {"enable_thinking": False, "clear_thinking": True}
    assert sent(GLM, reasoning_effort="high", chat_template_args=own)["chat_template_args"] == own
    other = {"clear_thinking": True}
    expected = {"enable_thinking": True, "clear_thinking": True}
    assert sent(GLM, reasoning_effort="high", chat_template_args=other) == {
        "chat_template_args": expected
    }


def test_a_switch_that_is_no_object_is_the_servers_to_refuse() -> None:
    assert sent(GLM, reasoning_effort="high", chat_template_args="on") == {
        "chat_template_args": "on"
    }


def test_the_users_own_envelope_wins() -> None:
    own = {"type": "disabled"}
    assert sent(V4_0813, reasoning_effort="high", thinking=own)["thinking"] is own
