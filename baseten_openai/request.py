"""The way a request takes: resolve the model's name, translate the parameters, check the features.

``prepare`` is pure: a body in, a new body out. It raises the refusals of ``errors`` and nothing
else, and never changes what it was given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import errors
from .call_notes import Note
from .check import check
from .model_catalog import Model
from .other_endpoints import alternative
from .parameters import RULELESS
from .translate import Outcome, keeps_reasoning, translate

if TYPE_CHECKING:
    from .recorder import CallRecord
    from .settings import Settings

CHAT = "/chat/completions"
EMBEDDINGS = "/embeddings"
NAMED_MODEL_PATHS = frozenset({CHAT, "/completions", "/responses", EMBEDDINGS})
"""Paths whose body names a model. Only chat has a table of features."""


_PLAIN = RULELESS | {"model", "messages"}
_ROLE_AND_CONTENT = 2


class Call:
    """What later steps must know of one call: what was asked for and what was changed."""

    __slots__ = (
        "asked_usage",
        "chat",
        "legacy_functions",
        "model",
        "notes",
        "record",
        "repaired",
        "streamed",
        "structured",
    )

    def __init__(self) -> None:
        """Start with a call nothing is known of."""
        self.model: Model | None = None
        self.notes: list[Note] = []
        self.record: CallRecord | None = None
        self.repaired: set[str] = set()
        self.chat = False
        self.streamed = False
        self.asked_usage = False
        self.structured = False
        self.legacy_functions = False


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
    call.asked_usage = isinstance(options, dict) and bool(options.get("include_usage"))
    kind = response_format.get("type") if isinstance(response_format, dict) else None
    call.structured = kind in ("json_object", "json_schema")  # no sets: the value may be unhashable
    call.legacy_functions = body.get("functions") is not None


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
    if is_plain(body) and not keeps_reasoning(model):
        return body
    outcome = Outcome(call.notes, [])
    translated = translate(body, model, outcome)
    check(translated, model, settings.catalog, outcome)
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


def is_plain(body: dict[str, Any]) -> bool:
    """Tell a body that no step would change or refuse, as most are: text, and nothing with a rule."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not body.keys() <= _PLAIN or None in body.values():
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
