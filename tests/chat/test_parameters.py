"""The table of parameters against the installed SDK, whichever version that is."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest
from openai.resources.chat.completions import AsyncCompletions, Completions

from baseten_openai.chat.parameters import BY_NAME, DROPPED, PARAMETERS
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
"""What every method of the SDK takes beside the parameters of the API."""
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
    assert {"messages", "model", "temperature"} <= found  # it was read
    assert sorted(found - BY_NAME.keys()) == []


def test_what_the_sdk_names_in_no_version_is_not_in_the_table() -> None:
    # see evidence.md#request-parameters: in both APIs, and in OpenAI's only
    both = (
        "model messages frequency_penalty logit_bias logprobs top_logprobs max_tokens n "
        "presence_penalty response_format seed stop stream stream_options temperature top_p tools "
        "tool_choice parallel_tool_calls user"
    )
    openai_only = (
        "audio function_call functions max_completion_tokens metadata modalities moderation "
        "prediction prompt_cache_key prompt_cache_options prompt_cache_retention reasoning_effort "
        "safety_identifier service_tier store verbosity web_search_options"
    )
    assert set(BY_NAME) == {*both.split(), *openai_only.split()}


@pytest.mark.parametrize("row", PARAMETERS, ids=lambda row: row.name)
def test_each_row_has_evidence_and_says_what_happens(row: Any) -> None:
    assert EVIDENCE.search(row.evidence), row.evidence
    assert row.action == "sent" or row.rule


def test_no_parameter_is_classified_twice() -> None:
    assert len(BY_NAME) == len(PARAMETERS)


@pytest.mark.parametrize("name", sorted(row.name for row in PARAMETERS if row.action == "sent"))
def test_sent_means_as_it_is(name: str) -> None:
    value = object()
    assert prepared(**{name: value})[name] is value


@pytest.mark.parametrize("name", sorted(DROPPED))
@pytest.mark.parametrize("value", ["x", {"a": "b"}, True])
def test_a_hint_is_dropped_and_noted(name: str, value: Any) -> None:
    body = prepared(**{name: value})
    assert name not in body
    assert [(note.kind, note.param) for note in body.context.notes] == [("dropped", name)]


@pytest.mark.parametrize("name", ["a_parameter_of_tomorrow", "top_k", "chat_template", "thinking"])
def test_what_the_table_does_not_know_is_sent_as_it_is(name: str) -> None:
    value = {"any": ["thing", None]}
    body = prepared(**{name: value})
    assert body[name] is value


def test_efforts_are_openais_and_max() -> None:
    # see evidence.md#models, rising
    assert EFFORTS == ("none", "minimal", "low", "medium", "high", "xhigh", "max")
