"""Every recorded request and response comes through the fast paths as through the SDK's own code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai._utils import _transform
from openai.types.chat import ChatCompletion, ChatCompletionChunk, completion_create_params
from openai.types.responses import Response, ResponseStreamEvent, response_create_params
from same_objects import assert_same

from baseten_openai.sdk import fast_paths
from baseten_openai.sdk.fast_requests import FastTransform

from . import test_openai_responses
from .exchanges import ABSENT, load

KINDS: dict[str, tuple[Any, Any, Any]] = {
    "chat": (
        completion_create_params.CompletionCreateParams,
        ChatCompletion,
        ChatCompletionChunk,
    ),
    "responses": (
        response_create_params.ResponseCreateParams,
        Response,
        ResponseStreamEvent,
    ),
}


def recorded(api: str) -> list[tuple[Any, str]]:
    """Return the requests and the bodies that were answered with status 200."""
    if api == "responses":
        rows = test_openai_responses.exchanges()
        return [(row["request"], row["body"]) for row in rows if row["status"] == 200]
    return [(one.request, one.body.decode()) for one in load() if one.kind in {"plain", "stream"}]


def data_of(body: str) -> list[Any]:
    """Return the JSON of a body: one object, or those of its events."""
    if body.lstrip().startswith("{"):
        return [json.loads(body)]
    lines = [line[5:].strip() for line in body.splitlines() if line.startswith("data:")]
    return [json.loads(line) for line in lines if line.startswith("{")]


@pytest.mark.parametrize("api", KINDS)
def test_objects_are_the_sdks(api: str) -> None:
    exchanges = recorded(api)
    if not exchanges:
        pytest.skip(ABSENT)
    _, whole, piece = KINDS[api]
    seen = set()
    for request, body in exchanges:
        for data in data_of(body):
            shape = json.dumps(_shape(data))
            if shape not in seen:  # most chunks differ from the last in a word
                seen.add(shape)
                assert_same(piece if request.get("stream") else whole, data)
    assert len(seen) > 20


def _shape(data: Any) -> Any:
    """Return the data with its texts and numbers replaced by their kind, short texts excepted."""
    if isinstance(data, dict):
        return {key: _shape(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_shape(value) for value in data]
    if isinstance(data, str) and 0 < len(data) < 25 and data.replace("_", "a").isidentifier():
        return data
    return type(data).__name__ if data else data


@pytest.mark.parametrize("api", KINDS)
def test_requests_are_the_sdks(api: str) -> None:
    exchanges = recorded(api)
    if not exchanges:
        pytest.skip(ABSENT)
    fast_paths.take_out()
    sdks, fast = _transform.transform, FastTransform(_transform)
    fast.install()
    try:
        for request, _ in exchanges:
            made = _transform.transform(request, KINDS[api][0])
            assert made is not request
            assert json.dumps(made) == json.dumps(sdks(request, KINDS[api][0]))
    finally:
        fast.uninstall()
