"""Prepare the body of a request: resolve the model's name, apply the rules of its API, raise refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai

from .. import call_notes, errors, internal_errors
from ..chat.prepare import prepare
from ..chat.request_context import PreparedBody, RequestContext
from ..responses.prepare import prepare as prepare_response
from ..routing.endpoints import CHAT, EMBEDDINGS, RESPONSES, alternative
from ..routing.model_names import resolve_model
from . import responses_memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..call_notes import Note, Refusal
    from ..models.catalog import Model
    from ..settings import Settings
    from ..usage.recorder import CallRecord


def prepare_options(
    options: Any,
    settings: Settings,
    path: str,
    *,
    record: CallRecord | None,
    dedicated: bool,
) -> None:
    """Replace the body in the SDK's request options with a prepared one, and announce its notes.

    Raises what ``prepare_body`` raises. After any other exception, which is a bug of ours, the body is
    sent as the user wrote it.
    """
    given, extra = options.json_data, options.extra_json
    if not isinstance(given, dict) and not (given is None and extra):
        return  # not a JSON object: the SDK or the server reports it
    merged = {**given, **extra} if given and extra else dict(given or extra or {})
    if openai.Omit in map(type, merged.values()):
        merged = {n: v for n, v in merged.items() if not isinstance(v, openai.Omit)}
    try:
        body = prepare_body(merged, settings, path=path, dedicated=dedicated)
    except errors.BasetenError:
        raise
    except Exception as bug:  # noqa: BLE001  # unprepared, it does what the user wrote
        internal_errors.log_once("request translation", bug)
        if record is not None:
            record.resolved(None, [])
        return
    options.json_data = body
    if extra is not None:
        options.extra_json = None
    context = body.context
    context.record = record
    if record is not None:
        record.resolved(context.model, context.notes)
    if context.notes and (record is None or record.attempts == 1):
        call_notes.announce(context.notes)


def prepare_body(
    body: dict[str, Any], settings: Settings, *, path: str, dedicated: bool
) -> PreparedBody:
    """Return the body to send to ``path``.

    ``dedicated`` deployments have their own engine and model name: their body is sent as it is.
    Raises ``UnknownModelError``, ``UnsupportedFeatureError``, ``BadRequestError``.
    """
    model: Model | None = None
    notes: tuple[Note, ...] = ()
    if not dedicated:
        try:
            body, model, notes, refusal = resolve_model(
                body,
                settings.catalog,
                aliases=settings.aliases,
                default_model=settings.default_model,
            )
        except errors.UnknownModelError as error:
            if path == EMBEDDINGS:  # suggestions are chat models
                error.hint = alternative(path)
            raise
        if refusal is not None:
            raise refusal_error([refusal], model)
    if path == RESPONSES:
        prepared = prepare_response(
            body,
            model,
            catalog=settings.catalog,
            memory=responses_memory.memory(),
            on_unsupported=settings.on_unsupported,
            unchanged=dedicated,
            notes=notes,
        )
        if prepared.refusals:
            raise refusal_error(prepared.refusals, model)
        return prepared
    if path != CHAT:
        context = RequestContext(path)
        context.model = model
        context.notes.extend(notes)
        return PreparedBody.of(body, context)
    prepared = prepare(
        body,
        model,
        catalog=settings.catalog,
        on_unsupported=settings.on_unsupported,
        unchanged=dedicated,
        notes=notes,
    )
    if prepared.refusals:
        raise refusal_error(prepared.refusals, model)
    return prepared


def refusal_error(refusals: Sequence[Refusal], model: Model | None) -> errors.BadRequestError:
    """Return the exception for the first refusal; its message names the parameters of the others."""
    first, *others = refusals
    if first.malformed:
        return errors.malformed(first.message, param=first.param, hint=first.hint)
    also = f". Also refused: {', '.join(other.param for other in others)}" if others else ""
    return errors.unsupported(
        first.message + also,
        model=model.slug if model else "",
        param=first.param,
        feature=first.feature,
        hint=first.hint,
    )
