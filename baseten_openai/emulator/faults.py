"""Inject failures of the service, its proxy or the network.

Bodies of 402, 429, 503 and 529 were never recorded (evidence.md#unknown). They have the gateway's
documented form ``{"error": "text"}``, with our own text.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from .shapes import Reply, compact, gateway_error, model_error

HEADER = "x-emulate-fault"
PAGE_502 = (
    b"<html><head>\n<title>502 Server Error</title>\n</head>\n"
    b"<body><h1>Error: Server Error</h1></body></html>\n"
)
_DEFAULT_RETRY_AFTER = 1
_CUT_AFTER = 3
_SLOW_DELAY = 0.05


class FaultRow(NamedTuple):
    """One kind of fault that replaces the answer."""

    status: int
    body: bytes
    evidence: str
    content_type: str = "application/json"


ANSWERS: dict[str, FaultRow] = {
    "400": FaultRow(400, model_error("emulated fault", 400, enveloped=True), "REC shape"),
    "402": FaultRow(402, gateway_error("payment required (emulated)"), "DOC; body unknown"),
    "403": FaultRow(403, gateway_error("please check the api-key you provided"), "REC"),
    "404": FaultRow(404, gateway_error("please check the model you provided"), "3P, KIN"),
    "429": FaultRow(429, gateway_error("rate limit exceeded (emulated)"), "DOC; body unknown"),
    "500": FaultRow(500, b'{"error": "Internal Server Error"}', "REC Kimi K2 Thinking"),
    "502-html": FaultRow(502, PAGE_502, "KIN", "text/html; charset=UTF-8"),
    "503": FaultRow(503, gateway_error("service unavailable (emulated)"), "DOC; body unknown"),
    "529": FaultRow(529, gateway_error("no capacity (emulated)"), "DOC; body unknown"),
}
STREAM_FAULTS: dict[str, str] = {
    "slow": "waits before each event, or before an unstreamed answer; `delay=seconds`",
    "cut": "closes the stream early, without `finish_reason` and `[DONE]`; `after=events`",
    "reset": "drops the connection in the middle of an event or body; `after=events`",
    "error-event-flat": 'sends `{"message", "type", "code"}` as an event, then ends the stream; `after=events`',
    "error-event-enveloped": 'sends `{"error": {...}}` as an event, then ends the stream; `after=events`',
}
KINDS: tuple[str, ...] = (*ANSWERS, "429-retry-after", *STREAM_FAULTS)
_PARAMETERS: dict[str, tuple[str, ...]] = {
    "429": ("retry_after",),
    "429-retry-after": ("retry_after",),
    "503": ("retry_after",),
    "529": ("retry_after",),
    "slow": ("delay",),
    "cut": ("after",),
    "reset": ("after",),
    "error-event-flat": ("after",),
    "error-event-enveloped": ("after",),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault to inject. ``after`` counts events, ``delay`` and ``retry_after`` are seconds."""

    kind: str
    retry_after: float | None = None
    delay: float = _SLOW_DELAY
    after: int = _CUT_AFTER


def make(kind: str, **params: float) -> Fault:
    """Return a fault. Raises ValueError for an unknown kind, parameter or a negative number."""
    if kind not in KINDS:
        message = f"no fault {kind!r}; there are {', '.join(KINDS)}"
        raise ValueError(message)
    allowed = _PARAMETERS.get(kind, ())
    for name, value in params.items():
        if name not in allowed:
            takes = f"takes {', '.join(allowed)}" if allowed else "takes no parameters"
            message = f"fault {kind!r} {takes}, not {name!r}"
            raise ValueError(message)
        if value < 0:
            message = f"{name} must not be negative"
            raise ValueError(message)
    if kind == "429-retry-after":
        return Fault("429", retry_after=params.get("retry_after", _DEFAULT_RETRY_AFTER))
    return Fault(
        kind,
        retry_after=params.get("retry_after"),
        delay=params.get("delay", _SLOW_DELAY),
        after=int(params.get("after", _CUT_AFTER)),
    )


def from_header(value: str) -> Fault:
    """Read ``kind; name=number; ...``. Raises ValueError."""
    kind, *rest = (part.strip() for part in value.split(";"))
    params: dict[str, float] = {}
    for part in filter(None, rest):
        name, _, number = part.partition("=")
        params[name.strip().lower().replace("-", "_")] = float(number)
    return make(kind.lower(), **params)


def reply(fault: Fault) -> Reply | None:
    """Return the answer of a fault that replaces the real one, or None for a stream fault."""
    row = ANSWERS.get(fault.kind)
    if row is None:
        return None
    headers: tuple[tuple[str, str], ...] = ()
    if fault.retry_after is not None:
        headers = (("Retry-After", f"{fault.retry_after:g}"),)
    return Reply(row.status, row.body, row.content_type, headers)


def spoil(events: list[bytes], fault: Fault) -> tuple[list[bytes], bool]:
    """Return the events that are still sent, and whether the connection is then dropped."""
    if fault.kind not in STREAM_FAULTS or fault.kind == "slow":
        return events, False
    # at least one event is left out, and every event that marks the end
    ends = [at for at, event in enumerate(events) if b'"finish_reason":' in event]
    kept = events[: min(int(fault.after), *ends, len(events) - 1)]
    if fault.kind == "cut":
        return kept, False
    if fault.kind == "reset":
        following = events[len(kept)]
        return [*kept, following[: len(following) // 2]], True
    return [*kept, b"data: " + _error(fault).strip() + b"\n\n"], False


def spoil_whole(whole: Reply, fault: Fault) -> tuple[Reply, bool]:
    """Apply a stream fault to an unstreamed answer; return it, and whether to drop it halfway."""
    if fault.kind.startswith("error-event"):
        return Reply(500, _error(fault), headers=whole.headers), False
    return whole, fault.kind in ("cut", "reset")


def _error(fault: Fault) -> bytes:
    # the form of an error within a stream is unknown; these are the two forms of a 400
    # see evidence.md#unknown, evidence.md#error-bodies
    fields = {"message": "emulated failure", "type": "Internal Server Error", "code": 500}
    return compact(fields if fault.kind == "error-event-flat" else {"error": fields}).encode()


class FaultQueue:
    """The queue of injected faults. Thread-safe."""

    def __init__(self) -> None:
        """Start with no faults."""
        self._waiting: deque[Fault] = deque()
        self._lock = threading.Lock()

    def add(self, fault: Fault, times: int = 1) -> None:
        """Let the next ``times`` requests fail with this fault. Raises ValueError below 1."""
        if times < 1:
            message = "times must be at least 1"
            raise ValueError(message)
        with self._lock:
            self._waiting.extend([fault] * times)

    def take(self) -> Fault | None:
        """Remove the next fault and return it, or None."""
        with self._lock:
            return self._waiting.popleft() if self._waiting else None
