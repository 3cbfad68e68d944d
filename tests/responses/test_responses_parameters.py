"""The table of parameters against the installed SDK, whichever version that is."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest
from openai.resources.responses import AsyncResponses, Responses

from baseten_openai.models.catalog import Catalog, Model
from baseten_openai.responses.context import ResponsesContext
from baseten_openai.responses.memory import NoMemory
from baseten_openai.responses.parameters import BY_NAME, DROPPED, INSTEAD, PARAMETERS, REFUSED
from baseten_openai.responses.request import translate_request

if TYPE_CHECKING:
    from collections.abc import Callable

METHODS: list[Callable[..., Any]] = [
    method
    for resource in (Responses, AsyncResponses)
    for method in (resource.create, resource.parse, resource.stream)
]
TRANSPORT = {"self", "extra_headers", "extra_query", "extra_body", "timeout"}
"""What every method of the SDK takes beside the parameters of the API."""
HELPERS = {"text_format", "response_id", "starting_after", "parse_as", "verbosity"}
"""What ``parse()`` and ``stream()`` take on their own; it becomes ``text`` or another endpoint's path."""
EVIDENCE = re.compile(r"DOC|OFF|3P|OAI|SDK")


def translated(**fields: Any) -> tuple[dict[str, Any], ResponsesContext]:
    context = ResponsesContext([])
    body = {"model": "x/y", "input": "Hi", **fields}
    made = translate_request(body, Model.unknown("x/y"), Catalog.bundled(), NoMemory(), context)
    return made, context


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__qualname__)
def test_every_parameter_of_the_installed_sdk_is_classified(method: Callable[..., Any]) -> None:
    found = set(inspect.signature(method).parameters) - TRANSPORT - HELPERS
    assert {"input", "model", "temperature"} <= found  # it was read
    assert sorted(found - BY_NAME.keys()) == []


@pytest.mark.parametrize("row", PARAMETERS, ids=lambda row: row.name)
def test_each_row_has_evidence_and_says_what_happens(row: Any) -> None:
    assert EVIDENCE.search(row.evidence), row.evidence
    assert row.action == "sent" or row.rule


def test_no_parameter_is_classified_twice() -> None:
    assert len(BY_NAME) == len(PARAMETERS)


def test_every_refused_parameter_has_a_way_out() -> None:
    assert INSTEAD.keys() == REFUSED.keys()


@pytest.mark.parametrize("name", sorted(DROPPED))
@pytest.mark.parametrize("value", ["x", {"a": "b"}, True])
def test_a_hint_is_dropped_and_noted(name: str, value: Any) -> None:
    body, context = translated(**{name: value})
    assert name not in body
    assert [(note.kind, note.param) for note in context.notes] == [("dropped", name)]


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_refused_is_named_with_what_to_do(name: str) -> None:
    _, context = translated(**{name: {"id": "x"}})
    assert [(refusal.param, refusal.hint) for refusal in context.refusals] == [
        (name, INSTEAD[name])
    ]


@pytest.mark.parametrize("name", sorted(row.name for row in PARAMETERS if row.action == "sent"))
def test_sent_means_as_it_is(name: str) -> None:
    value = object()
    assert translated(**{name: value})[0][name] is value


@pytest.mark.parametrize("name", sorted(BY_NAME.keys() - {"model", "input"}))
def test_null_is_absent(name: str) -> None:
    body, context = translated(**{name: None})
    assert body == {"model": "x/y", "input": "Hi"}
    assert (context.notes, context.refusals) == ([], [])


@pytest.mark.parametrize(
    ("name", "value"), [("store", False), ("background", False), ("truncation", "disabled")]
)
def test_what_baseten_does_anyway_is_left_out_without_a_note(name: str, value: Any) -> None:
    body, context = translated(**{name: value})
    assert name not in body
    assert (context.notes, context.refusals) == ([], [])


@pytest.mark.parametrize("name", ["a_parameter_of_tomorrow", "top_k", "chat_template_args"])
def test_what_the_table_does_not_know_is_sent_as_it_is(name: str) -> None:
    value = {"any": ["thing", None]}
    assert translated(**{name: value})[0][name] is value
