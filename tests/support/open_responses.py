"""Open Responses' schema of answers and events, as the pydantic models generated from it.

The package ``openresponses-types`` is made from the specification's OpenAPI document. Its formats of ``text``
lack ``json_schema``, and its items lack custom and hosted calls: OpenAI's own recorded answers fail there too,
so those are not judged.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, get_args

import pytest

JSON = dict[str, Any]


@cache
def _types() -> Any:
    try:
        return pytest.importorskip(
            "openresponses_types.types", reason="openresponses-types is not installed"
        )
    except AssertionError:  # of pydantic's: its oldest versions cannot build these models
        pytest.skip("this pydantic cannot build the models of openresponses-types")


@cache
def _event_models() -> dict[str, Any]:
    models = {}
    for name, model in vars(_types()).items():
        if name.endswith("StreamingEvent"):
            allowed = model.model_fields["type"].annotation
            for kind in get_args(allowed) or allowed:
                models[getattr(kind, "value", kind)] = model
    return models


def check_response(response: JSON) -> None:
    """Raise unless the schema accepts a response."""
    form = (response.get("text") or {}).get("format") or {}
    if form.get("type") == "json_schema":
        response = {**response, "text": {"format": {"type": "text"}}}
    _types().ResponseResource.model_validate_json(json.dumps(response))


def check_event(event: JSON) -> None:
    """Raise unless the schema accepts an event."""
    if "response" in event:
        check_response(event["response"])
        event = {**event, "response": {**event["response"], "text": {"format": {"type": "text"}}}}
    _event_models()[event["type"]].model_validate_json(json.dumps(event))
