"""logfire."""

from __future__ import annotations

import contextlib
from typing import Any

import logfire
import telemetry
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

EXPORTER = InMemorySpanExporter()
_instrumented = contextlib.ExitStack()


def start() -> None:
    """Instrument the SDK."""
    logfire.configure(
        send_to_logfire=False,
        console=False,
        inspect_arguments=False,
        additional_span_processors=[SimpleSpanProcessor(EXPORTER)],
    )
    _instrumented.enter_context(logfire.instrument_openai())


def spans() -> list[dict[str, Any]]:
    """Return what was recorded."""
    logfire.force_flush()
    return telemetry.from_otel(EXPORTER)


def stop() -> None:
    """Uninstrument the SDK."""
    _instrumented.close()
