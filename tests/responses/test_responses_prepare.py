"""The policy applied to what is refused, and dedicated deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from baseten_openai.models.catalog import Catalog, Model
from baseten_openai.responses.memory import NoMemory
from baseten_openai.responses.prepare import prepare

if TYPE_CHECKING:
    from baseten_openai.chat.request_context import PreparedBody

JSON = dict[str, Any]
BLIND = Model("org/blind", vision=False)
IMAGE = [{"role": "user", "content": [{"type": "input_image", "image_url": "u"}]}]
SEARCH = [{"type": "web_search"}]


def prepared(body: JSON, **options: Any) -> PreparedBody:
    asked = {"model": "org/blind", "input": "Hi", **body}
    return prepare(asked, BLIND, catalog=Catalog.bundled(), memory=NoMemory(), **options)


@pytest.mark.parametrize(
    ("policy", "refused", "notes"),
    [
        ("error", ["tools[0]", "input[0].content[0]"], []),
        ("warn", [], [("unsupported", "tools[0]"), ("unsupported", "input[0].content[0]")]),
        ("ignore", [], [("advice", "tools[0]")]),
    ],
)
def test_the_policy(policy: Any, refused: list[str], notes: list[tuple[str, str]]) -> None:
    made = prepared({"input": IMAGE, "tools": SEARCH}, on_unsupported=policy)
    assert [refusal.param for refusal in made.refusals] == refused
    assert [(note.kind, note.param) for note in made.context.notes] == notes
    assert made["input"] == IMAGE
    assert "tools" not in made


@pytest.mark.parametrize("policy", ["error", "warn", "ignore"])
@pytest.mark.parametrize(
    ("body", "param"),
    [({"previous_response_id": "resp_0"}, "previous_response_id"), ({"input": 7}, "input")],
)
def test_what_cannot_be_sent_is_refused_under_every_policy(
    policy: Any, body: JSON, param: str
) -> None:
    (refusal,) = prepared(body, on_unsupported=policy).refusals
    assert (refusal.param, refusal.malformed) == (param, True)


def test_the_body_of_a_dedicated_deployment_is_sent_as_it_is() -> None:
    body = {"previous_response_id": "resp_0", "tools": SEARCH, "store": True}
    made = prepared(body, unchanged=True)
    assert made == {"model": "org/blind", "input": "Hi", **body}
    assert (made.refusals, made.context.notes) == ((), [])
    assert not made.context.remembers  # type: ignore[attr-defined]  # a ResponsesContext
