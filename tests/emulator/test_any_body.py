"""Whatever is sent, the emulator answers as the service would: never with a failure of its own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baseten_openai.emulator import chat
from baseten_openai.emulator.fields import FIELDS
from baseten_openai.models.catalog import Catalog

MODELS = Catalog.bundled()
SLUG = "zai-org/GLM-5.2"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = [
    "role",
    "content",
    "type",
    "text",
    "name",
    "function",
    "tool_calls",
    "tool_call_id",
    "id",
    "arguments",
    "parameters",
    "image_url",
    "url",
    "json_schema",
    "schema",
    "strict",
]
VALUES = ANYTHING | st.sampled_from(
    ["user", "assistant", "tool", "function", "text", "image_url", "json_schema", "f", "required"]
)
OBJECTS = st.recursive(
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4),
    lambda inner: st.dictionaries(
        st.sampled_from(KEYS), inner | VALUES | st.lists(inner, max_size=2), max_size=4
    ),
    max_leaves=5,
)
FIELD_VALUES = VALUES | OBJECTS | st.lists(OBJECTS, max_size=3)


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(fields=st.dictionaries(st.sampled_from([*FIELDS, "store"]), FIELD_VALUES, max_size=5))
def test_every_body_is_answered(fields: dict[str, Any]) -> None:
    message = {"role": "user", "content": "Hello"}
    body = {"messages": [message], **fields, "model": SLUG}
    answer = chat.respond(body, MODELS)
    if isinstance(answer, chat.StreamReply):
        assert answer.events
    else:
        assert answer.status in (200, 400)
        assert answer.body


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(raw=st.binary(max_size=40) | ANYTHING.map(lambda value: str(value).encode()))
def test_every_body_is_read(raw: bytes) -> None:
    parsed = chat.parse(raw)
    assert parsed is None or (isinstance(parsed, dict) and parsed)


@pytest.mark.parametrize("raw", [b"[" * 100_000, b"\xff", b"{}", b"[1]", b"null", b"", b"{"])
def test_what_is_no_request(raw: bytes) -> None:
    assert chat.parse(raw) is None


def test_half_a_surrogate_pair_does_no_harm() -> None:
    body = {"model": SLUG, "messages": [{"role": "user", "content": "odd \ud800 text"}]}
    answer = chat.respond(body, MODELS)
    assert not isinstance(answer, chat.StreamReply)
    assert answer.status == 200
    assert "odd ? text" in answer.body.decode()
