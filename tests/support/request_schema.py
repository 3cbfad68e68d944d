"""What Baseten documents of a chat request: our own JSON Schema, and the published document.

``SCHEMA`` is in the repository. ``published()`` reads Baseten's OpenAPI document where it is
available, so that a test can compare the two (evidence.md#request-parameters).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA: dict[str, Any] = json.loads(
    Path(__file__).with_name("chat_request.schema.json").read_text(encoding="utf-8")
)
DOCUMENT = Path(__file__).parents[3] / "shared" / "reference" / "baseten-llm-openapi.json"


def validator(**more: dict[str, Any]) -> jsonschema.Draft202012Validator:
    """Return a validator of requests that allows ``more`` fields, each with its schema."""
    assert SCHEMA["properties"].keys().isdisjoint(more)
    return jsonschema.Draft202012Validator(
        {**SCHEMA, "properties": {**SCHEMA["properties"], **more}}
    )


def published() -> dict[str, Any] | None:
    """Return the request's schema in the published document with its references, or ``None``."""
    if not DOCUMENT.exists():
        return None
    components = json.loads(DOCUMENT.read_text(encoding="utf-8"))["components"]
    return {**components["schemas"]["ChatCompletionRequest"], "components": components}
