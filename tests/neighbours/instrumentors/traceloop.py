"""opentelemetry-instrumentation-openai (traceloop)."""

from __future__ import annotations

from typing import Any

import telemetry
from opentelemetry.instrumentation.openai import OpenAIInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

EXPORTER = InMemorySpanExporter()


def start() -> None:
    """Instrument the SDK."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(EXPORTER))
    OpenAIInstrumentor().instrument(tracer_provider=provider)


def spans() -> list[dict[str, Any]]:
    """Return what was recorded."""
    return telemetry.from_otel(EXPORTER)


def stop() -> None:
    """Uninstrument the SDK."""
    OpenAIInstrumentor().uninstrument()
