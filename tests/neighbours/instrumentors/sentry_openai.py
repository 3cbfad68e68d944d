"""sentry-sdk: its OpenAI integration wraps the SDK, for good."""

from __future__ import annotations

from typing import Any

import sentry_sdk
import telemetry
from sentry_sdk.transport import Transport

SENT: list[Any] = []


class Keep(Transport):
    """Keeps what would be sent."""

    def capture_envelope(self, envelope: Any) -> None:
        """Keep it."""
        SENT.append(envelope)


def start() -> None:
    """Instrument the SDK."""
    sentry_sdk.init(
        dsn="http://neighbour@127.0.0.1:9/1",
        traces_sample_rate=1.0,
        send_default_pii=True,
        transport=Keep,
    )
    global _transaction  # noqa: PLW0603
    _transaction = None


def spans() -> list[dict[str, Any]]:
    """Return what was recorded."""
    sentry_sdk.flush()
    found = []
    for envelope in SENT:
        for item in envelope.items:
            event = item.payload.json or {}
            found.extend(span.get("data") or {} for span in event.get("spans", ()))
            trace = (event.get("contexts") or {}).get("trace") or {}
            found.append(trace.get("data") or {})
    SENT.clear()
    return [telemetry.from_attributes(data) for data in found if any("gen_ai" in k for k in data)]
