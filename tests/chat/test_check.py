"""What is refused before sending, in which words, and what the policy makes of it."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any, NamedTuple

import openai
import pytest

from baseten_openai import Catalog, Model, UnsupportedFeatureError
from baseten_openai.chat.prepare import prepare
from baseten_openai.routing.endpoints import CHAT
from baseten_openai.sdk.request_preparation import prepare_body
from baseten_openai.settings import Settings

if TYPE_CHECKING:
    from baseten_openai import Note
    from baseten_openai.chat.request_context import PreparedBody

SETTINGS = Settings.load(environ={})
V31, GLM, GLM_5 = "deepseek-ai/DeepSeek-V3.1", "zai-org/GLM-4.7", "zai-org/GLM-5"
KIMI, GPT_OSS, NEW = "moonshotai/Kimi-K2.5", "openai/gpt-oss-120b", "new-lab/Model-9"
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
FILE = {"type": "file", "file": {"file_data": "AAAA", "filename": "a.pdf"}}
TEXT = {"type": "text", "text": "What is this?"}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}}
CUSTOM = {"type": "custom", "custom": {"name": "shell"}}


def prepared(model: str = GLM, *, settings: Settings = SETTINGS, **fields: Any) -> PreparedBody:
    body = {"model": model, "messages": [{"role": "user", "content": "Hi"}], **fields}
    before = copy.deepcopy(body)
    try:
        return prepare_body(body, settings, path=CHAT, dedicated=False)
    finally:
        assert body == before


def refusal(model: str = GLM, **fields: Any) -> UnsupportedFeatureError:
    with pytest.raises(UnsupportedFeatureError) as caught:
        prepared(model, **fields)
    return caught.value


def asking(*parts: Any, role: str = "user") -> list[dict[str, Any]]:
    return [{"role": role, "content": list(parts)}]


class Asked(NamedTuple):
    """What is asked of a model, and the attributes of the refusal."""

    model: str
    fields: dict[str, Any]
    param: str
    feature: str


ASKED = [
    Asked(*row)
    for row in (
        (V31, {"response_format": {"type": "json_object"}}, "response_format", "json_mode"),
        (V31, {"response_format": SCHEMA}, "response_format", "structured_outputs"),
        (
            V31,
            {"response_format": {"type": "grammar", "grammar": "x"}},
            "response_format",
            "structured_outputs",
        ),
        (GLM_5, {"reasoning_effort": "low"}, "reasoning_effort", "reasoning"),
        (
            GLM_5,
            {"chat_template_args": {"enable_thinking": True}},
            "chat_template_args.enable_thinking",
            "reasoning",
        ),
        (GLM_5, {"thinking": {"type": "enabled"}}, "thinking", "reasoning"),
        (GLM_5, {"reasoning": {"max_tokens": 9}}, "reasoning", "reasoning"),
        (GLM, {"messages": asking(TEXT, IMAGE)}, "messages[0].content[1]", "vision"),
        (V31, {"max_tokens": 131073}, "max_tokens", "max_tokens"),
        (V31, {"max_completion_tokens": 131073}, "max_completion_tokens", "max_tokens"),
        (GLM, {"n": 2}, "n", "n"),
        (NEW, {"n": 2}, "n", "n"),
        (GLM, {"logprobs": True}, "logprobs", "logprobs"),
        (GLM, {"top_logprobs": 2}, "top_logprobs", "logprobs"),
        (GLM, {"tools": [CUSTOM]}, "tools[0]", "custom tools"),
        (NEW, {"tools": [{"type": "web_search"}]}, "tools[0]", "web_search tools"),
        (
            GLM,
            {"tool_choice": {"type": "allowed_tools", "allowed_tools": {}}},
            "tool_choice",
            "tool_choice allowed_tools",
        ),
        (
            GLM,
            {"tool_choice": {"type": "custom", "custom": {"name": "x"}}},
            "tool_choice",
            "tool_choice custom",
        ),
        (KIMI, {"messages": asking(TEXT, FILE)}, "messages[0].content[1]", "file input"),
        (GLM, {"audio": {"voice": "alloy", "format": "wav"}}, "audio", "audio"),
        (GLM, {"modalities": ["text", "audio"]}, "modalities", "modalities"),
        (GLM, {"prediction": {"type": "content", "content": "x"}}, "prediction", "prediction"),
        (GLM, {"web_search_options": {}}, "web_search_options", "web_search_options"),
    )
]


def over(rows: list[Asked]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=lambda row: f"{row.model} {row.fields}"[:80])


@over(ASKED)
def test_a_refusal_says_model_parameter_and_feature(row: Asked) -> None:
    error = refusal(row.model, **row.fields)
    assert (error.model, error.param, error.feature) == (row.model, row.param, row.feature)
    assert row.param in error.message
    assert error.hint
    assert error.hint in str(error)
    assert isinstance(error, openai.BadRequestError)
    assert error.status_code == 400
    assert error.response.headers["x-baseten-openai"] == "refused-before-sending"


MODELS_DIFFER = {"json_mode", "structured_outputs", "reasoning", "vision", "max_tokens"}


@over([row for row in ASKED if row.feature in MODELS_DIFFER])
def test_a_models_lack_is_told_with_what_it_has_and_who_has_it(row: Asked) -> None:
    error = refusal(row.model, **row.fields)
    assert row.model in error.message
    assert "It has: " in error.message
    assert "tool calling" in error.message
    assert "or use a model that can: " in str(error)


LISTED_WITH_VISION = {
    # see evidence.md#catalogue-changes-of-november-2026, and the documentation's list of 2026-10-03
    "deepseek-ai/DeepSeek-V4.1-Flash",
    "deepseek-ai/DeepSeek-V4.1-Flash-Fast",
    "zai-org/GLM-5.3",
    "zai-org/GLM-5.3-Fast",
    "zai-org/GLM-5.3-Flash",
    "zai-org/GLM-5.2",
    "zai-org/GLM-5.2-Fast",
    "moonshotai/Kimi-K3",
    "moonshotai/Kimi-K3.1-Pro",
    "meta-models/muse-spark-open",
    "nvidia/NVIDIA-Nemotron-3.5-Super-VL-120B-A12B",
    "deepseek-ai/DeepSeek-V4.1-Flash-1017",
    "deepseek-ai/DeepSeek-V4.1-Flash-1017-Fast",
}


def named_in(hint: str | None) -> list[str]:
    _, _, named = (hint or "").partition("a model that can: ")
    return named.partition(" and ")[0].split(", ")


def test_only_models_listed_today_are_named_instead() -> None:
    named = named_in(refusal(GLM, messages=asking(IMAGE)).hint)
    assert len(named) == 8
    assert set(named) <= LISTED_WITH_VISION


@pytest.mark.parametrize(
    ("model", "fields"),
    [(V31, {"response_format": SCHEMA}), (GLM_5, {"reasoning_effort": "low"})],
    ids=["structured outputs", "reasoning"],
)
def test_the_listed_model_of_the_specification_is_named_first(
    model: str, fields: dict[str, Any]
) -> None:
    named = named_in(refusal(model, **fields).hint)
    assert named[0] == GPT_OSS
    assert not {GLM, GLM_5, KIMI, V31} & set(named)  # unlisted or retired


def test_a_larger_limit_is_that_of_a_listed_model() -> None:
    named = named_in(refusal(V31, max_tokens=200_000).hint)
    assert named[0] == "deepseek-ai/DeepSeek-V4.1-Flash"  # 262,144
    assert GPT_OSS not in named  # 128,072


def about_parameters(body: PreparedBody) -> list[Note]:
    """Return the notes, less that of a retired model."""
    return [note for note in body.context.notes if note.param != "model"]


def test_the_message_says_what_the_model_has() -> None:
    assert refusal(V31, response_format={"type": "json_object"}).message == (
        "deepseek-ai/DeepSeek-V3.1 does not support JSON mode (asked for by response_format). "
        "It has: tool calling, reasoning (on by default), up to 131072 output tokens"
    )


def test_a_limit_nobody_reaches_names_nobody() -> None:
    error = refusal(V31, max_tokens=10_000_000)
    assert error.hint == "ask for at most 131072"


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_the_maximum_itself_is_allowed(name: str) -> None:
    assert prepared(V31, **{name: 131072})["max_tokens"] == 131072


def test_an_image_deep_in_a_conversation_is_found() -> None:
    messages = [
        {"role": "user", "content": "Take a screenshot."},
        {
            "role": "assistant",
            "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": "1", "content": [TEXT, TEXT, IMAGE]},
    ]
    error = refusal(GLM, messages=messages)
    assert error.param == "messages[2].content[2]"
    assert prepared(KIMI, messages=messages)["messages"] == messages


@pytest.mark.parametrize("kind", ["image_url", "input_image", "image"])
def test_an_image_by_any_name_is_an_image(kind: str) -> None:
    assert refusal(GLM, messages=asking({"type": kind})).feature == "vision"


EVERYTHING: dict[str, Any] = {
    "response_format": SCHEMA,
    "reasoning_effort": "high",
    "max_tokens": 10_000_000,
    "logprobs": True,
    "top_p": 0.5,
    "top_k": 5,
    "tools": [{"type": "function", "function": {"name": "f"}}],
    "messages": asking(TEXT, IMAGE),
}


def test_what_is_unknown_never_blocks() -> None:
    body = prepared(NEW, **EVERYTHING)
    assert dict(body) == {"model": NEW, **EVERYTHING}
    assert body.context.notes == []


@pytest.mark.parametrize("feature", ["json_mode", "structured_outputs", "vision", "tools"])
def test_only_a_known_no_blocks(feature: str) -> None:
    catalog = Catalog([Model("lab/a"), Model("lab/b", **{feature: False})])  # type: ignore[arg-type]  # a field's name
    settings = SETTINGS.replace(catalog=catalog)
    fields = EVERYTHING | {"response_format": {"type": "json_object"}}
    if feature == "structured_outputs":
        fields = EVERYTHING
    assert prepared("lab/a", settings=settings, **fields).context.notes == []
    with pytest.raises(UnsupportedFeatureError) as caught:
        prepared("lab/b", settings=settings, **fields)
    assert caught.value.feature == feature


NOT_ASKING: list[tuple[str, dict[str, Any]]] = [
    (V31, {"response_format": {"type": "text"}}),
    (V31, {"response_format": None}),
    (GLM_5, {"chat_template_args": {"enable_thinking": False}}),
    (GLM_5, {"thinking": {"type": "disabled"}}),
    (GLM, {"n": 1}),
    (GLM, {"n": None}),
    (GLM, {"logprobs": False, "top_logprobs": 0}),
    (GLM, {"max_tokens": None}),
    (GLM, {"tools": []}),
    (GLM, {"tool_choice": "required"}),
    (GLM, {"tool_choice": {"type": "function", "function": {"name": "f"}}}),
    (GLM, {"messages": asking(TEXT)}),
]


@pytest.mark.parametrize(("model", "fields"), NOT_ASKING, ids=str)
def test_what_asks_for_nothing_special_passes(model: str, fields: dict[str, Any]) -> None:
    body = prepared(model, **fields)
    assert {name: body.get(name) for name in fields} == fields
    assert about_parameters(body) == []


def test_several_refusals_are_told_at_once_in_the_order_given() -> None:
    error = refusal(GLM, n=2, prediction={}, audio={}, messages=asking(IMAGE))
    assert error.param == "messages[0].content[0]"
    assert error.message.endswith(". Also refused: prediction, audio, n")


RENAMED = {"max_completion_tokens": "max_tokens"}


@over(ASKED)
def test_the_policy_warn_sends_all_the_same_and_says_so(row: Asked) -> None:
    body = prepared(row.model, settings=SETTINGS.replace(on_unsupported="warn"), **row.fields)
    sent = {RENAMED.get(name, name): value for name, value in row.fields.items()}
    assert {name: body[name] for name in sent} == sent
    notes = [note for note in about_parameters(body) if note.kind == "unsupported"]
    assert [note.param for note in notes] == [row.param]
    assert "sent anyway" in notes[0].message


@over(ASKED)
def test_the_policy_ignore_sends_without_a_word(row: Asked) -> None:
    body = prepared(row.model, settings=SETTINGS.replace(on_unsupported="ignore"), **row.fields)
    sent = {RENAMED.get(name, name): value for name, value in row.fields.items()}
    assert {name: body[name] for name in sent} == sent
    assert [note for note in about_parameters(body) if note.kind == "unsupported"] == []


@pytest.mark.parametrize(("name", "model"), [("top_p", KIMI), ("top_k", GPT_OSS)])
def test_undocumented_sampling_is_sent_with_advice(name: str, model: str) -> None:
    body = prepared(model, **{name: 1})
    assert body[name] == 1
    assert [(note.kind, note.param) for note in about_parameters(body)] == [("advice", name)]
    assert prepared(GLM, **{name: 1}).context.notes == []  # GLM models have both


def test_a_refusal_can_be_pickled() -> None:
    error = refusal(V31, response_format=SCHEMA)
    same = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert str(same) == str(error)
    assert (same.model, same.param, same.feature) == (error.model, error.param, error.feature)


@pytest.mark.parametrize("fields", [{"logprobs": True}, {"logprobs": True, "top_logprobs": 2}])
def test_logprobs_that_a_model_ignores_are_sent_with_a_warning(fields: dict[str, Any]) -> None:
    model = Catalog.bundled().get(GPT_OSS)
    assert model is not None
    body = {"model": model.slug, "messages": asking(TEXT), **fields}
    for policy in ("error", "warn", "ignore"):
        prepared = prepare(body, model, catalog=Catalog.bundled(), on_unsupported=policy)
        assert prepared == body
        assert prepared.refusals == ()
        noted = [(note.kind, note.param) for note in prepared.context.notes]
        assert noted == ([] if policy == "ignore" else [("unsupported", "logprobs")])


def test_no_model_that_ignores_a_parameter_refuses_it() -> None:
    for model in Catalog.bundled().values():
        body = {"model": model.slug, "messages": asking(TEXT), "logprobs": True}
        prepared = prepare(body, model, catalog=Catalog.bundled())
        assert bool(prepared.refusals) is (model.logprobs == "refused"), model.slug
