"""Return the reply to a request: pure functions, no HTTP.

Order of validation (KIN, evidence.md#order-of-validation): body, key, model, then the rest.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import answers, checks, shapes, stream
from .dialects import dialect_of
from .faults import PAGE_502
from .instances import NoInstanceError
from .shapes import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baseten_openai.models.catalog import Model

JSON = dict[str, Any]

_SCHEME = re.compile(r"\s*(Bearer|Api-Key)(?:\s+(.*))?\s*", re.IGNORECASE | re.DOTALL)
WRONG_KEY = "wrong-key"
"""This key is refused, and so is every key that starts with ``sk-`` (OpenAI's). If the emulator was started
with a key, every other key is refused."""


@dataclass(frozen=True, slots=True)
class StreamReply:
    """A streamed answer: its events, in order."""

    events: list[bytes]
    headers: tuple[tuple[str, str], ...]


def parse(raw: bytes) -> JSON | None:
    """Return the body if it is a JSON object that is not empty, else None."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) and body else None


def refuse_body() -> Reply:
    """Return the answer to an unparsable or empty body (KIN)."""
    return Reply(400, shapes.gateway_error("Invalid request body"))


def refuse_key(authorization: str | None, api_key: str | None) -> Reply | None:
    """Return the answer to a missing or wrong key, or None if the key is valid."""
    if authorization is None:
        return Reply(401, b"No Authorization header provided", "text/plain; charset=utf-8")
    match = _SCHEME.fullmatch(authorization)
    key = (match[2] or "").strip() if match else ""
    if match and not key:
        return Reply(502, PAGE_502, "text/html; charset=UTF-8")
    wrong = key != api_key if api_key is not None else key.startswith("sk-") or key == WRONG_KEY
    if not match or wrong:
        return Reply(403, shapes.gateway_error("please check the api-key you provided"))
    return None


def respond(body: JSON, models: Mapping[str, Model]) -> Reply | StreamReply:
    """Answer a chat completion whose body and key are valid."""
    slug = body.get("model")
    model = models.get(slug) if isinstance(slug, str) else None
    if model is None:
        return Reply(404, shapes.gateway_error("please check the model you provided"))
    dialect = dialect_of(model.slug)
    headers = shapes.route_headers(body, dialect)
    wrong = checks.problem(body, model, dialect)
    if wrong is None:
        try:
            made = answers.answer(body, model, dialect)
        except NoInstanceError as error:
            wrong = f"Validation: the emulator cannot make an instance of the schema: {error}"
        else:
            counted = shapes.prompt_tokens(body)
            if body.get("stream"):
                return StreamReply(stream.events(body, made, dialect, counted), headers)
            whole = shapes.completion(body, made, dialect, counted)
            return Reply(200, shapes.encode(shapes.compact(whole)), headers=headers)
    content = shapes.model_error(wrong, 400, enveloped=dialect.enveloped)
    return Reply(400, content, headers=headers)
