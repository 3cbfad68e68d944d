"""Prepare a chat request: translate its parameters and messages, then check them against the model.

``prepare`` is pure. It never changes its arguments and never raises for what a request holds: reasons
not to send the request are returned as ``PreparedBody.refusals``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..call_notes import Note, Refusal
from ..models.catalog import Model
from ..routing.endpoints import CHAT
from . import check, translate
from .request_context import PreparedBody, RequestContext
from .translation_log import TranslationLog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..models.catalog import Catalog
    from ..settings import OnUnsupported

JSON = dict[str, Any]

_ROLE_AND_CONTENT = 2

LATE_TEXT = ("deepseek-ai/DeepSeek-V4-Pro", "zai-org/GLM-5.2")
"""Models, variants included, that were recorded to send text after the finish reason: evidence.md#late-text."""

_CONCERNED = translate.TEXT_PARAMETERS | check.TEXT_PARAMETERS
"""Parameters that some step or check is for, ``messages`` aside."""


def prepare(
    body: JSON,
    model: Model | None,
    *,
    catalog: Catalog,
    on_unsupported: OnUnsupported = "error",
    unchanged: bool = False,
    notes: Iterable[Note] = (),
) -> PreparedBody:
    """Return the body to send for a chat request whose model name is already resolved.

    ``model`` is ``None`` where the request names none. ``catalog`` supplies the models that hints
    suggest. ``unchanged`` sends the body as it is, for dedicated deployments, whose engine is unknown.
    ``notes`` are earlier changes, and come first in the notes of the result.
    """
    context = RequestContext(CHAT)
    context.notes.extend(notes)
    context.model = model
    context.late_text = model is not None and model.slug.startswith(LATE_TEXT)
    _read_wishes(body, context)
    if unchanged:
        return PreparedBody.of(body, context)
    if "messages" in body and not isinstance(body["messages"], list):
        prepared = PreparedBody.of(body, context)
        prepared.refusals = (_messages_must_be_a_list(body["messages"]),)
        return prepared
    model = model or Model.unknown("")
    is_text = are_text(body.get("messages")) and not translate.keeps_reasoning(model)
    if is_text and _CONCERNED.isdisjoint(body) and None not in body.values():
        return PreparedBody.of(body, context)
    given = len(context.notes)
    log = TranslationLog(context.notes, [])
    translated = translate.translate(body, model, log, text_only=is_text)
    check.check(translated, model, catalog, log, text_only=is_text)
    prepared = PreparedBody.of(translated, context)
    if on_unsupported == "error":
        prepared.refusals = tuple(log.refusals)
    elif on_unsupported == "warn":
        for refusal in log.refusals:
            message = f"{refusal.message}; sent anyway (on_unsupported='warn')"
            context.notes.append(Note("unsupported", refusal.param, message))
    else:
        context.notes[given:] = [n for n in context.notes[given:] if n.kind != "unsupported"]
    return prepared


def _read_wishes(body: JSON, context: RequestContext) -> None:
    options, response_format = body.get("stream_options"), body.get("response_format")
    if isinstance(options, dict):
        context.asked_usage = bool(options.get("include_usage"))
        context.asked_running_usage = bool(options.get("continuous_usage_stats"))
    if isinstance(response_format, dict):  # compared with a tuple: the value may be unhashable
        context.structured = response_format.get("type") in ("json_object", "json_schema")
    if body.get("functions") is not None:
        context.legacy_functions = True


def _messages_must_be_a_list(given: object) -> Refusal:
    message = f"messages must be a list of messages, not {type(given).__name__}"
    hint = 'pass [{"role": "user", "content": ...}]'
    return Refusal("messages", "", message, hint, malformed=True)


def are_text(messages: object) -> bool:
    """Tell whether no step or check is for ``messages``: text only, in roles that are sent as they are."""
    if not isinstance(messages, list):
        return False
    for message in messages:
        if not isinstance(message, dict) or not isinstance(message.get("content"), str):
            return False
        role = message.get("role")
        if role == "assistant":
            if len(message) > _ROLE_AND_CONTENT:
                return False
        elif role not in ("user", "system", "tool"):
            return False
    return True
