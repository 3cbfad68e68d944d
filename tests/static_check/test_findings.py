"""What is said of a program's calls: the same as a real request would meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import baseten_openai
from baseten_openai import BasetenError, Catalog, Settings, UnsupportedFeatureError
from baseten_openai.routing.endpoints import CHAT
from baseten_openai.sdk.request_preparation import prepare_body
from baseten_openai.static_check.findings import Finding, check_source

if TYPE_CHECKING:
    from pathlib import Path

CATALOG = Catalog.bundled()
DEEPSEEK, GLM, KIMI = "deepseek-ai/DeepSeek-V3.1", "zai-org/GLM-4.7", "moonshotai/Kimi-K2.5"


def findings(source: str | bytes, **options: Any) -> list[Finding]:
    return check_source(source, "app.py", catalog=CATALOG, **options).findings


def asked(model: str = GLM, **arguments: str) -> str:
    """A call with ``arguments`` given as source text."""
    given = "".join(f", {name}={text}" for name, text in arguments.items())
    return f"client.chat.completions.create(model={model!r}{given})"


def kinds(source: str, **options: Any) -> list[tuple[str, str]]:
    return [(finding.kind, finding.param) for finding in findings(source, **options)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (asked(messages="[]", temperature="0.5"), []),
        (asked("glm-4.7"), [("resolved", "model")]),
        (asked("gpt-4o"), [("unknown model", "model")]),
        (asked("glm-4.77"), [("unknown model", "model")]),
        (asked("some-lab/New-1"), []),
        (asked("zai-org/GLM-4.6"), [("retired", "model")]),
        (asked(max_completion_tokens="5"), [("renamed", "max_completion_tokens")]),
        (asked(store="True"), [("dropped", "store")]),
        (asked(metadata="data"), [("dropped", "metadata")]),
        (asked(n="2"), [("refused", "n")]),
        (asked(n="1"), []),
        (asked(store="None", n="None"), []),
        (asked(reasoning_effort="'low'"), [("converted", "reasoning_effort")]),
        (asked(functions="[{'name': 'f'}]"), [("converted", "functions")]),
        (
            asked(messages="[{'role': 'developer', 'content': text}]"),
            [("converted", "messages.role")],
        ),
        (asked(DEEPSEEK, top_p="0.5"), [("advice", "top_p")]),
        (asked(DEEPSEEK, response_format="{'type': 'json_object'}"), [("refused", "response_format")]),
        (asked(tools="[{'type': 'web_search'}]"), [("refused", "tools[0]")]),
        (asked(max_tokens="200001"), [("refused", "max_tokens")]),
        (asked(extra_body="{'verbosity': 'low'}"), [("dropped", "verbosity")]),
        (asked(extra_body="more"), [("unread", "")]),
        (asked(extra_headers="{}", timeout="5", extra_query="{}"), []),
        ("client.chat.completions.create(model=config.model)", [("unread", "model")]),
        ("client.chat.completions.create(model=config.model, n=3)", [("unread", "model"), ("refused", "n")]),
        ("client.chat.completions.create(**options)", [("unread", "")]),
        ("client.embeddings.create(model='x')", [("not chat", "")]),
        ("e = client.embeddings\ne.with_raw_response.create(model='x')", [("not chat", "")]),
        ("client.audio.speech.create()", [("not chat", "")]),
        ("cohere.embed.create()", []),
        ("def broken(:", [("unreadable", "")]),
        ("\0", [("unreadable", "")]),
    ],
)  # fmt: skip
def test_a_call_meets(source: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(source) == expected


BODIES: list[dict[str, Any]] = [
    {"model": "glm-4.7", "max_completion_tokens": 7, "store": True, "user": "ada"},
    {"model": GLM, "reasoning_effort": "none"},
    {"model": "zai-org/GLM-5.2", "reasoning_effort": "minimal"},
    {"model": "openai/gpt-oss-120b", "reasoning_effort": "xhigh", "verbosity": "low"},
    {"model": DEEPSEEK, "response_format": {"type": "json_object"}, "n": 2},
    {"model": DEEPSEEK, "reasoning_effort": "none"},
    {"model": GLM, "response_format": {"type": "json_schema", "json_schema": {"name": ""}}},
    {
        "model": GLM,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "a", "strict": False, "schema": {}},
        },
    },
    {"model": GLM, "stream": True, "stream_options": {"include_obfuscation": False}},
    {"model": GLM, "logprobs": True, "audio": {"voice": "ash"}, "modalities": ["text", "audio"]},
    {"model": GLM, "functions": [{"name": "f"}], "function_call": {"name": "f"}},
    {"model": GLM, "max_tokens": 5, "max_completion_tokens": 6},
    {
        "model": GLM,
        "messages": [
            {"role": "developer", "content": "x"},
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u"}}]},
            {"role": "user", "content": [{"type": "file", "file": {}}]},
        ],
    },
]


@pytest.mark.parametrize("body", BODIES)
def test_what_is_said_is_what_a_real_request_meets(body: dict[str, Any]) -> None:
    sent = prepare_body(body, Settings.load(on_unsupported="ignore"), path=CHAT, dedicated=False)
    notes = [(note.kind, note.param, note.message) for note in sent.context.notes]
    source = f"client.chat.completions.create(**{body!r})"
    found = findings(source)
    said = [(f.kind, f.param, f.message) for f in found if f.kind != "refused"]
    assert sorted(said) == sorted(notes)
    refused = [f for f in found if f.kind == "refused"]
    first = refusal_of(body)
    assert (first is None) == (refused == [])
    if first is not None:
        assert first.param in {finding.param for finding in refused}
        assert any(first.message.startswith(finding.message) for finding in refused)


def refusal_of(body: dict[str, Any]) -> UnsupportedFeatureError | None:
    try:
        prepare_body(body, Settings.load(), path=CHAT, dedicated=False)
    except UnsupportedFeatureError as error:
        return error
    return None


def test_an_openai_name_is_what_the_users_aliases_say() -> None:
    source = asked("gpt-4o", logprobs="True")
    found = findings(source, aliases={"gpt-4o": "glm-4.7"})
    assert [(f.kind, f.model, f.slug) for f in found] == [
        ("resolved", "gpt-4o", GLM),
        ("refused", "gpt-4o", GLM),
    ]
    assert findings(source, default_model="glm-4.7")[0].slug == GLM


def test_an_unknown_model_is_said_to_be_as_at_run_time() -> None:
    with pytest.raises(BasetenError) as caught:
        CATALOG.resolve("gpt-4o")
    (finding,) = findings(asked("gpt-4o"))
    assert finding.message == caught.value.message  # type: ignore[attr-defined]  # an UnknownModelError
    assert finding.hint == caught.value.hint


def test_the_calls_of_an_unknown_model_are_checked_for_what_holds_for_all() -> None:
    assert ("refused", "n") in kinds(asked("gpt-4o", n="2"))
    assert ("dropped", "store") in kinds(asked("gpt-4o", store="True"))


@pytest.mark.parametrize("method", ["parse", "stream"])
def test_a_class_as_response_format_asks_for_structured_outputs(method: str) -> None:
    source = f"c.chat.completions.{method}(model={DEEPSEEK!r}, response_format=Answer)"
    (finding,) = findings(source)
    assert (finding.kind, finding.param) == ("refused", "response_format")
    assert finding.fails


def test_a_response_format_that_is_not_read_is_not_judged() -> None:
    assert findings(asked(DEEPSEEK, response_format="wanted")) == []


@pytest.mark.parametrize(
    ("source", "depends_on"),
    [
        (asked("zai-org/GLM-5", reasoning_effort="effort"), "effort"),
        (asked(max_tokens="limit", max_completion_tokens="5"), "limit"),
        (asked(logprobs="wanted()"), "wanted()"),
    ],
)
def test_a_refusal_that_depends_on_a_value_not_read_fails_nothing(
    source: str, depends_on: str
) -> None:
    refusals = [finding for finding in findings(source) if finding.kind == "refused"]
    assert [finding.depends_on for finding in refusals] == [depends_on]
    assert not any(finding.fails for finding in refusals)


def test_a_finding_is_at_the_line_of_its_parameter() -> None:
    source = "OPTIONS = {\n    'n': 2,\n}\nc.chat.completions.create(\n    model='glm-4.7',\n    **OPTIONS,\n)\n"
    found = {f.param: (f.file, f.line, f.column, f.call_line) for f in findings(source)}
    assert found == {"n": ("app.py", 2, 10, 4), "model": ("app.py", 5, 11, 4)}


def test_findings_are_in_the_order_of_the_file() -> None:
    source = f"{asked(store='True')}\n{asked('glm-4.7')}\n{asked(n='2')}\n"
    assert [finding.line for finding in findings(source)] == [1, 2, 3]


def test_what_holds_only_for_a_default_says_so() -> None:
    source = "def f(model='deepseek-v3.1'):\n    c.chat.completions.create(model=model, logprobs=True, store=True)"
    said = {f.param: f.message for f in findings(source)}
    assert said["model"].endswith("(where model is left at its default)")
    assert said["logprobs"].endswith("(where model is left at its default)")
    assert "default" not in said["store"]


def test_a_syntax_error_is_a_finding_with_its_line() -> None:
    (finding,) = findings("x = 1\ndef broken(:\n    pass\n")
    assert (finding.line, finding.kind, finding.fails) == (2, "unreadable", True)
    assert "no valid Python" in finding.message


def test_source_that_nests_too_deeply_is_a_finding() -> None:
    (finding,) = findings("x = " + "(" * 5000 + ")" * 5000)
    assert finding.kind == "unreadable"


def test_the_number_of_calls_is_told() -> None:
    source = f"{asked()}\n{asked()}\nprint(1)"
    assert check_source(source, "app.py", catalog=CATALOG).calls == 2


def test_another_api_fails_nothing_and_says_what_to_do() -> None:
    (finding,) = findings("x = 1\nclient.images.generate(model='gpt-4o')")
    assert (finding.line, finding.call, finding.fails) == (2, "images.generate", False)
    assert "base_url" in finding.hint


def test_nothing_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    source = f"open({str(mark)!r}, 'w')\nraise SystemExit(7)\n{asked()}"
    assert findings(source) == []
    assert not mark.exists()
    assert not baseten_openai.is_patched()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("input='Hi'", []),
        ("input=prompt, max_output_tokens=limit", []),
        ("input='Hi', tools=[{'type': 'web_search'}]", [("refused", "tools[0]")]),
        ("input='Hi', tools=[tool, {'type': 'mcp'}]", [("refused", "tools[1]")]),
        ("input='Hi', background=True", [("refused", "background")]),
        ("input='Hi', conversation=name", [("refused", "conversation")]),
        ("input='Hi', store=True", [("dropped", "store")]),
        ("input='Hi', store=False", []),
        ("input='Hi', previous_response_id=before", []),
        ("input='Hi', previous_response_id='resp_1'", [("advice", "previous_response_id")]),
        ("input=[{'role': 'developer', 'content': text}]", [("converted", "input.role")]),
        ("input=[{'type': 'custom_tool_call', 'input': text}]", [("converted", "input")]),
        ("input='Hi', max_output_tokens=10**9", []),
        ("input='Hi', max_output_tokens=1000000000", [("refused", "max_output_tokens")]),
    ],
)
@pytest.mark.parametrize("method", ["create", "with_raw_response.create", "stream"])
def test_calls_of_responses_are_checked(
    method: str, arguments: str, expected: list[tuple[str, str]]
) -> None:
    assert kinds(f"client.responses.{method}(model={GLM!r}, {arguments})") == expected


def test_a_class_for_responses_is_a_schema() -> None:
    without = next(m for m in CATALOG.values() if m.structured_outputs is False)
    source = f"client.responses.parse(model={without.slug!r}, input='Hi', text_format=Answer)"
    (finding,) = [f for f in findings(source) if f.kind == "refused"]
    assert (finding.param, finding.call) == ("text.format", "responses.parse")
