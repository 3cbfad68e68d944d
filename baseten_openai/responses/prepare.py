"""Prepare a request to ``/v1/responses``: translate it, check it, and apply the policy to what is refused.

``prepare`` is pure, as that of chat is: reasons not to send the request are returned as
``PreparedBody.refusals``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..call_notes import Note
from ..call_notes import Refusal as FinalRefusal
from ..chat.request_context import PreparedBody
from ..models.catalog import Model
from .context import SENT, ResponsesContext
from .request import translate_request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..models.catalog import Catalog
    from ..settings import OnUnsupported
    from .context import Refusal, Remembered

JSON = dict[str, Any]


def prepare(
    body: JSON,
    model: Model | None,
    *,
    catalog: Catalog,
    memory: Remembered,
    on_unsupported: OnUnsupported = "error",
    unchanged: bool = False,
    notes: Iterable[Note] = (),
) -> PreparedBody:
    """Return the body to send, whose model name is already resolved.

    ``memory`` is asked for the conversation of ``previous_response_id``. ``unchanged`` sends the body as
    it is, for dedicated deployments, whose engine is unknown, and remembers nothing.
    """
    context = ResponsesContext(notes)
    context.model = model
    if unchanged:
        context.asked = body
        return PreparedBody.of(body, context)
    if not isinstance(body.get("input", ""), str | list):
        given = type(body["input"]).__name__
        prepared = PreparedBody.of(body, context)
        message = f"input must be a text or a list of items, not {given}"
        hint = 'pass a string, or [{"role": "user", "content": ...}]'
        prepared.refusals = (FinalRefusal("input", "", message, hint, malformed=True),)
        return prepared
    sent = translate_request(body, model or Model.unknown(""), catalog, memory, context)
    prepared = PreparedBody.of(sent, context)
    always = [refusal for refusal in context.refusals if refusal.otherwise is None]
    if always:
        prepared.refusals = tuple(_final(refusal) for refusal in always)
    elif on_unsupported == "error":
        prepared.refusals = tuple(_final(refusal) for refusal in context.refusals)
    else:
        for refusal in context.refusals:
            message = f"{refusal.message}; {refusal.otherwise} (on_unsupported={on_unsupported!r})"
            if on_unsupported == "warn":
                context.notes.append(Note("unsupported", refusal.param, message))
            elif refusal.otherwise != SENT:  # a change is noted under every policy
                context.notes.append(Note("advice", refusal.param, message))
    return prepared


def _final(refusal: Refusal) -> FinalRefusal:
    return FinalRefusal(
        refusal.param,
        refusal.feature,
        refusal.message,
        refusal.hint,
        malformed=refusal.otherwise is None,
    )
