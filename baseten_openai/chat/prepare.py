"""The way a request takes: resolve the model's name, translate the parameters, check the features.

``prepare`` is pure: a body in, a new body out. It raises the refusals of ``errors`` and nothing
else, and never changes what it was given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import errors
from ..call_notes import Note
from ..models.catalog import Model
from ..routing.endpoints import alternative
from .check import check
from .parameters import RULELESS
from .translate import Outcome, keeps_reasoning, translate

if TYPE_CHECKING:
    from ..settings import Settings
    from ..usage.recorder import CallRecord

CHAT = "/chat/completions"
EMBEDDINGS = "/embeddings"
NAMED_MODEL_PATHS = frozenset({CHAT, "/completions", "/responses", EMBEDDINGS})
"""Paths whose body names a model. Only chat has a table of features."""


_PLAIN = RULELESS | {"model", "messages"}
"""Parameters that no step changes or refuses, where the messages are plain."""

_ROLE_AND_CONTENT = 2


class Call:
    """What later steps must know of one call: what was asked for and what was changed."""

    model: Model | None = None
    record: CallRecord | None = None
    repaired: frozenset[str] = frozenset()
    chat = False
    streamed = False
    asked_usage = False
    structured = False
    legacy_functions = False

    def __init__(self) -> None:
        """Start with a call nothing is known of."""
        self.notes: list[Note] = []


class Body(dict[str, Any]):
    """A prepared body, which carries its ``Call`` along to the response."""

    call: Call


def prepare(body: dict[str, Any], settings: Settings, *, path: str, dedicated: bool) -> Body:
    """Return the body to send to ``path``.

    ``dedicated`` deployments have their own engine behind a placeholder model name: their body is
    sent as it is. Raises ``UnknownModelError``, ``UnsupportedFeatureError``, ``BadRequestError``.
    """
    call = Call()
    call.chat = path == CHAT
    _read_wishes(body, call)
    if not dedicated:
        body = _resolve(body, settings, call, path)
        if path == CHAT:
            body = _translate_and_check(body, settings, call)
    prepared = Body(body)
    prepared.call = call
    return prepared


def _read_wishes(body: dict[str, Any], call: Call) -> None:
    options, response_format = body.get("stream_options"), body.get("response_format")
    if isinstance(options, dict):
        call.asked_usage = bool(options.get("include_usage"))
    if isinstance(response_format, dict):  # no sets: the value may be unhashable
        call.structured = response_format.get("type") in ("json_object", "json_schema")
    if body.get("functions") is not None:
        call.legacy_functions = True


def _resolve(body: dict[str, Any], settings: Settings, call: Call, path: str) -> dict[str, Any]:
    if "model" not in body:
        return body
    name = body["model"]
    if not isinstance(name, str):
        message = f"model must be a string, not {type(name).__name__}"
        raise _bad_request(message, "model", "name a model, such as 'openai/gpt-oss-120b'")
    try:
        model = settings.catalog.resolve(
            name, aliases=settings.aliases, default_model=settings.default_model
        )
    except errors.UnknownModelError as error:
        if path == EMBEDDINGS:  # no chat model is close to one for embeddings
            error.hint = alternative(path)
        raise
    call.model = model
    if model.status == "retired":
        message = f"{model.slug} was retired on {model.retired_on}; use {model.replacement}"
        call.notes.append(Note("unsupported", "model", message))
    if model.slug == name:
        return body
    call.notes.append(Note("resolved", "model", f"model {name!r} is {model.slug}"))
    return {**body, "model": model.slug}


def _translate_and_check(body: dict[str, Any], settings: Settings, call: Call) -> dict[str, Any]:
    if "messages" in body and not isinstance(body["messages"], list):
        given = type(body["messages"]).__name__
        message = f"messages must be a list of messages, not {given}"
        raise _bad_request(message, "messages", 'pass [{"role": "user", "content": ...}]')
    model = call.model or Model.unknown("")
    plain = are_plain(body.get("messages")) and not keeps_reasoning(model)
    if plain and body.keys() <= _PLAIN and None not in body.values():
        return body
    outcome = Outcome(call.notes, [])
    translated = translate(body, model, outcome, plain_messages=plain)
    check(translated, model, settings.catalog, outcome, plain_messages=plain)
    if outcome.refusals and settings.on_unsupported == "error":
        first, *others = outcome.refusals
        also = f". Refused too: {', '.join(other.param for other in others)}" if others else ""
        raise errors.unsupported(
            first.message + also,
            model=model.slug,
            param=first.param,
            feature=first.feature,
            hint=first.hint,
        )
    if settings.on_unsupported == "warn":
        for refusal in outcome.refusals:
            message = f"{refusal.message}; sent all the same (on_unsupported='warn')"
            call.notes.append(Note("unsupported", refusal.param, message))
    return translated


def are_plain(messages: object) -> bool:
    """Tell messages that no step would change or refuse, as most are: text."""
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


def _bad_request(message: str, param: str, hint: str) -> errors.BadRequestError:
    return errors.BadRequestError(
        message,
        response=errors.local_response(400),
        body={"message": message, "param": param, "type": "invalid_request_error", "code": 400},
        hint=hint,
    )
