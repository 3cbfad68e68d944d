"""What is known of one request while it is sent and its response is repaired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..call_notes import Note, Refusal
    from ..models.catalog import Model
    from ..usage.recorder import CallRecord


class RequestContext:
    """What the request asked for, what was changed, and who counts it.

    ``path`` is the endpoint, such as ``/chat/completions``. ``notes`` and ``repaired`` grow while the
    response is read.
    """

    model: Model | None = (
        None  # None: the request names no model, or goes to a dedicated deployment
    )
    record: CallRecord | None = None
    repaired: frozenset[str] = frozenset()
    streamed = False  # the response is one of our streams
    asked_usage = False
    asked_running_usage = False  # on every chunk
    late_text = False  # the model may send text after the finish reason
    structured = False
    legacy_functions = False

    def __init__(self, path: str) -> None:
        """Start with no notes."""
        self.path = path
        self.notes: list[Note] = []


class PreparedBody(dict[str, Any]):
    """A body ready to send. It carries its context to the response."""

    context: RequestContext
    refusals: tuple[Refusal, ...] = ()
    """Why the body must not be sent; empty for a body that may be."""

    @classmethod
    def of(cls, body: dict[str, Any], context: RequestContext) -> PreparedBody:
        """Return ``body`` with its context attached."""
        prepared = cls(body)
        prepared.context = context
        return prepared
