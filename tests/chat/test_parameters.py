"""The table of parameters against the installed SDK, whichever version that is."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest
from openai.resources.chat.completions import AsyncCompletions, Completions
from request_schema import SCHEMA

from baseten_openai.chat.parameters import BY_NAME, PARAMETERS
from baseten_openai.models.catalog import EFFORTS
from baseten_openai.routing.endpoints import CHAT
from baseten_openai.sdk.request_preparation import prepare_body
from baseten_openai.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from baseten_openai.chat.request_context import PreparedBody

SETTINGS = Settings.load(environ={}, on_unsupported="ignore")
METHODS: list[Callable[..., Any]] = [
    method
    for resource in (Completions, AsyncCompletions)
    for method in (resource.create, resource.parse, resource.stream)
]
TRANSPORT = {"self", "extra_headers", "extra_query", "extra_body", "timeout"}
"""Arguments of the SDK's methods that are not parameters of the API."""
DOCUMENTED = frozenset(SCHEMA["properties"])
"""The parameters of Baseten's published request format (evidence.md#request-parameters)."""
BOTH = frozenset(
    [
        "messages",
        "model",
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "top_logprobs",
        "max_tokens",
        "n",
        "presence_penalty",
        "response_format",
        "seed",
        "stop",
        "stream",
        "stream_options",
        "temperature",
        "top_p",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "user",
    ]
)
"""The documented parameters that the SDK has too, in every supported version."""
CONVERTED = {"messages", "model", "response_format", "stream_options", "tool_choice", "tools"}
"""Those whose content OpenAI and Baseten write differently."""
SENT = sorted(BOTH - CONVERTED)
DROPPED = {
    "metadata": "labels of a stored completion",
    "moderation": "moderation beside the answer",
    "prompt_cache_key": "evidence.md#prompt-caching: caching is automatic",
    "prompt_cache_options": "as prompt_cache_key",
    "prompt_cache_retention": "as prompt_cache_key",
    "safety_identifier": "names the end user to OpenAI",
    "service_tier": "evidence.md#service-tier: fast models have their own slugs",
    "store": "keeps the completion at OpenAI",
    "verbosity": "a preference",
}
"""OpenAI's parameters that Baseten doesn't document; a request is complete without them, and why."""
OPENAI_ONLY = DROPPED.keys() | {
    "audio",
    "function_call",
    "functions",
    "max_completion_tokens",
    "modalities",
    "prediction",
    "reasoning_effort",
    "web_search_options",
}
"""Every parameter of any supported SDK that Baseten doesn't document."""
EVIDENCE = re.compile(r"SPEC|REC|DOC|KIN|3P|OFF")
"""The tags of evidence.md#kinds-of-evidence. A parameter is also classified by its absence from the document."""


def parameters(method: Callable[..., Any]) -> set[str]:
    return set(inspect.signature(method).parameters) - TRANSPORT


def prepared(**fields: Any) -> PreparedBody:
    body = {"model": "zai-org/GLM-4.7", "messages": [{"role": "user", "content": "Hi"}], **fields}
    return prepare_body(body, SETTINGS, path=CHAT, dedicated=False)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__qualname__)
def test_every_parameter_of_the_installed_sdk_is_classified(method: Callable[..., Any]) -> None:
    found = parameters(method)
    assert {"messages", "model", "temperature"} <= found
    assert sorted(found - BY_NAME.keys()) == []


def test_the_parameters_here_are_those_of_the_sdk_and_of_the_document() -> None:
    installed = set().union(*map(parameters, METHODS))
    assert DOCUMENTED & installed == BOTH
    assert not OPENAI_ONLY & DOCUMENTED
    assert installed <= BOTH | OPENAI_ONLY


def test_the_table_has_a_row_for_each_parameter_of_the_sdk_and_no_other() -> None:
    assert set(BY_NAME) == BOTH | OPENAI_ONLY


@pytest.mark.parametrize("row", PARAMETERS, ids=lambda row: row.name)
def test_each_row_has_evidence_and_says_what_happens(row: Any) -> None:
    assert EVIDENCE.search(row.evidence), row.evidence
    assert row.action == "sent" or row.rule


def test_no_parameter_is_classified_twice() -> None:
    assert len(BY_NAME) == len(PARAMETERS)


@pytest.mark.parametrize("name", SENT)
def test_a_documented_parameter_is_sent_unchanged(name: str) -> None:
    value = object()
    assert prepared(**{name: value})[name] is value


@pytest.mark.parametrize("name", sorted(DROPPED))
@pytest.mark.parametrize("value", ["x", {"a": "b"}, True])
def test_a_parameter_without_effect_on_the_answer_is_dropped_and_noted(
    name: str, value: Any
) -> None:
    body = prepared(**{name: value})
    assert name not in body
    assert [(note.kind, note.param) for note in body.context.notes] == [("dropped", name)]


@pytest.mark.parametrize("name", ["a_parameter_of_tomorrow", "top_k", "chat_template", "thinking"])
def test_an_unknown_parameter_is_sent_unchanged(name: str) -> None:
    value = {"any": ["thing", None]}
    body = prepared(**{name: value})
    assert body[name] is value


def test_efforts_are_openais_and_max() -> None:
    # see evidence.md#models; lowest first
    assert EFFORTS == ("none", "minimal", "low", "medium", "high", "xhigh", "max")
