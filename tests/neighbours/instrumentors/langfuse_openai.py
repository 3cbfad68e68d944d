"""langfuse: importing its openai module wraps the SDK, for good."""

from __future__ import annotations

import json
from typing import Any

from langfuse import Langfuse
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

EXPORTER = InMemorySpanExporter()


def start() -> None:
    """Instrument the SDK."""
    Langfuse(
        public_key="pk-lf-neighbour",
        secret_key="sk-lf-neighbour",  # noqa: S106  # no key of anybody's
        base_url="http://127.0.0.1:9",
        span_exporter=EXPORTER,
        flush_at=1,
    )
    import langfuse.openai  # noqa: F401, PLC0415  # it instruments by being imported


def spans() -> list[dict[str, Any]]:
    """Return what was recorded."""
    from langfuse import get_client  # noqa: PLC0415  # once it is made

    get_client().flush()
    found = [dict(span.attributes or {}) for span in EXPORTER.get_finished_spans()]
    EXPORTER.clear()
    return [_read(attributes) for attributes in found]


def _read(attributes: dict[str, Any]) -> dict[str, Any]:
    usage = json.loads(attributes.get("langfuse.observation.usage_details") or "{}")
    return {
        "model": attributes.get("langfuse.observation.model.name"),
        "input": usage.get("input", usage.get("prompt_tokens")),
        "output": usage.get("output", usage.get("completion_tokens")),
        "raw": usage,
    }
