"""Convert Baseten's error responses to exceptions with a hint.

Evidence: evidence.md#error-bodies, cited by row with the tags of evidence.md#kinds-of-evidence.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import openai

from .. import errors
from ..credentials.hosts import is_dedicated
from ..credentials.keys import SHORT_KEY
from ..routing.endpoints import alternative, hint_about_models
from .http_errors import timeouts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..settings import Settings

REQUEST_ID_HEADER = (
    "x-baseten-request-id"  # the SDK reads x-request-id: evidence.md#request-id-header
)
_REQUEST_ID = REQUEST_ID_HEADER.encode()
NO_JSON = (ValueError, RecursionError)
"""What ``json.loads`` raises for invalid JSON, for too long a number and for too deep a nesting."""

_MAX_TEXT = 500  # enough to recognise a proxy's HTML page

_WHERE_A_TITLE_IS = 5_000
_TITLE = re.compile(r"<title[^>]{0,100}>([^<]*)</title>", re.IGNORECASE)


class ErrorRule(NamedTuple):
    """One row: responses with this status and text raise ``error`` with ``hint``."""

    status: int
    contains: str  # must occur in the server's text, in lower case; "" matches every text
    error: type[errors.BasetenStatusError]
    hint: str
    evidence: str


RULES: tuple[ErrorRule, ...] = (
    ErrorRule(
        400,
        "name` cannot be empty",
        errors.BadRequestError,
        'give response_format.json_schema a non-empty "name".',
        "REC both body shapes, since about 2026-06",
    ),
    ErrorRule(
        400,
        "image_url is not supported",
        errors.BadRequestError,
        "this model takes text only; baseten_openai.catalog lists the models with vision.",
        "REC, older wording",
    ),
    ErrorRule(
        400,
        "does not support multimodal",
        errors.BadRequestError,
        "this model takes text only; baseten_openai.catalog lists the models with vision.",
        "REC, newer wording",
    ),
    ErrorRule(
        400,
        "probs",
        errors.BadRequestError,
        "leave out logprobs and top_logprobs for this model.",
        "REC 'returning log probs is not supported'",
    ),
    ErrorRule(
        400,
        "",
        errors.BadRequestError,
        "Baseten rejected the request; change it before you send it again.",
        "REC",
    ),
    ErrorRule(
        401,
        "",
        errors.AuthenticationError,
        "set BASETEN_API_KEY (keys: https://app.baseten.co/settings/api_keys).",
        "KIN text/plain and JSON",
    ),
    ErrorRule(
        402,
        "",
        errors.PaymentRequiredError,
        "add credit or a payment method to the Baseten workspace of this key.",
        "DOC; body shape unknown",
    ),
    ErrorRule(
        403,
        "api-key",
        errors.InvalidAPIKeyError,
        "check BASETEN_API_KEY: Baseten does not know this key "
        "(keys: https://app.baseten.co/settings/api_keys).",
        "REC; checked before the model",
    ),
    ErrorRule(
        403,
        "",
        errors.PermissionDeniedError,
        "this key is not allowed to do this; check its workspace and scopes.",
        "DOC",
    ),
    ErrorRule(
        404,
        "",
        errors.NotFoundError,
        "check the slug, and that the model is enabled in the dashboard of this key's workspace "
        "(https://app.baseten.co/model-apis).",
        "3P, KIN; OFF: usually means not enabled",
    ),
    ErrorRule(
        405,
        "",
        errors.BasetenStatusError,
        "this URL does not take this HTTP method; check base_url, which usually ends in /v1.",
        "OWN: the standard's meaning of the status",
    ),
    ErrorRule(
        408,
        "",
        errors.BasetenStatusError,
        "the server or a proxy waited too long for the request; the SDK has retried max_retries times.",
        "SDK, evidence.md#sdk-error-classes",
    ),
    ErrorRule(
        409,
        "",
        errors.ConflictError,
        "the request conflicts with another one; the SDK has retried max_retries times.",
        "SDK, evidence.md#sdk-error-classes",
    ),
    ErrorRule(
        422,
        "",
        errors.UnprocessableEntityError,
        "the server read the request and refused its values; sending it again will not help.",
        "DOC: never retry 422, evidence.md#rate-limits-and-retries",
    ),
    ErrorRule(
        413,
        "",
        errors.BasetenStatusError,
        "the request is too large (limits: 100 MB in total, about 5 MB of base64 images); send image URLs instead.",
        "DOC",
    ),
    ErrorRule(
        429,
        "",
        errors.RateLimitError,
        "the workspace's limit of requests or tokens per minute is exceeded; wait, raise max_retries=, "
        "or ask Baseten for higher limits.",
        "DOC, evidence.md#rate-limits-and-retries; body unknown",
    ),
    ErrorRule(
        529,
        "",
        errors.CapacityError,
        "you are within your limits, but the model has no capacity right now; retry later or use "
        "another model.",
        "DOC as read 2026-10-03; body unknown",
    ),
    ErrorRule(
        500,
        "",
        errors.InternalServerError,
        "Baseten failed, also when the SDK retried. Retry later; if the error persists, give Baseten "
        "the request id.",
        "REC once; also serves 502, 503, 504",
    ),
)


OTHER = ErrorRule(
    0,
    "",
    errors.BasetenStatusError,
    "Baseten's documentation does not describe this status; a proxy may have sent it. Check base_url and "
    "the request, and quote the request id if it persists.",
    "OWN",
)
"""The row for every status that has none."""


def read_text(body: object, raw: str = "", response: Any = None) -> str:
    """Return the server's error message, from any recorded form of the body.

    ``{"error": "text"}``, ``{"error": {"message": ...}}``, ``{"message": ...}``, ``{"detail": ...}``,
    plain text, and a proxy's HTML page, of which the title is returned. ``body`` may be the value of
    ``error``, which is what the SDK passes. The request's key is masked.
    """
    words, is_message = _words(body, raw)
    words = without_key(words.strip(), response)  # first: cutting could leave half a key
    return words if is_message else words[:_MAX_TEXT]


def _words(body: object, raw: str) -> tuple[str, bool]:
    """Return the text, and whether it is a message, which is not shortened."""
    if isinstance(body, dict):
        inner = body.get("error") or body
        if isinstance(inner, dict):
            for key in ("message", "detail", "error"):
                if value := inner.get(key):
                    text, is_message = _as_text(value)
                    if text.strip():
                        return text, is_message
            return _as_text(body) if body else (raw, False)
        text, is_message = _as_text(inner)
        return (text, is_message) if text.strip() else (raw, False)
    text = body if isinstance(body, str) else raw
    title = _TITLE.search(text[:_WHERE_A_TITLE_IS])
    return (title.group(1) if title else text), False


def without_key(text: str, response: Any) -> str:
    """Mask the request's key in ``text``: a server or proxy may repeat it."""
    sent = ""
    with contextlib.suppress(Exception):  # the response has no request
        sent = response.request.headers.get("authorization", "")
    key = sent.rpartition(" ")[2]
    return text.replace(key, "<key>") if len(key) > SHORT_KEY else text


def _as_text(value: object) -> tuple[str, bool]:
    if isinstance(value, str):
        return value, True
    return json.dumps(value, ensure_ascii=False), False


def find_rule(status: int, text: str) -> ErrorRule:
    """Return the first row that matches; other 5xx statuses use the row for 500, the rest ``OTHER``."""
    wanted = status if any(rule.status == status for rule in RULES) else 500 if status > 500 else 0  # noqa: PLR2004  # the class of statuses is the point
    lowered = text.lower()
    return next((r for r in RULES if r.status == wanted and r.contains in lowered), OTHER)


def copy_request_id(response: Any) -> None:
    """Copy Baseten's request id to the header that the SDK reads."""
    headers = response.headers
    for (
        name,
        value,
    ) in headers.raw:  # one loop; each lookup by name would loop and decode every header
        if name.lower() == _REQUEST_ID:
            if value and "x-request-id" not in headers:
                headers["x-request-id"] = value.decode("latin-1")
            return


def convert(error: openai.APIStatusError, settings: Settings) -> openai.APIStatusError:
    """Return the ``BasetenStatusError`` that is also of the class of the SDK's ``error``."""
    response = error.response
    raw = ""
    with contextlib.suppress(Exception):  # a stream that was not read has no text
        raw = response.text
    text = read_text(error.body, raw, response) or without_key(response.reason_phrase, response)
    rule = find_rule(error.status_code, text)
    made = rule.error if issubclass(rule.error, type(error)) else errors.status_class(type(error))
    hint = rule.hint
    if rule.error is errors.NotFoundError:
        hint = _not_found_hint(rule.hint, text, response, settings)
    return made(
        text,
        response=response,
        body=error.body,
        hint=hint,
        retry_after=read_retry_after(response.headers),
    )


def connection_error(error: Exception) -> Exception:
    """Convert an error of an HTTP library to the SDK's; return others unchanged.

    The SDK does not convert what is raised while it reads an error response to a streaming request.
    """
    if not isinstance(error, tuple(library.RequestError for library in errors.http_libraries())):
        return error
    try:
        request = getattr(error, "request")  # noqa: B009  # only the library's class has it
    except RuntimeError:  # a user's transport raised it without a request
        return error
    if isinstance(error, timeouts()):
        return openai.APITimeoutError(request=request)
    return openai.APIConnectionError(message=f"Connection error: {error}", request=request)


def is_json(response: Any) -> bool:
    """Return whether the body is JSON. If it is, the error that was raised has another cause."""
    try:
        response.json()
    except NO_JSON:
        return False
    return True


def invalid_response(response: Any) -> errors.InvalidResponseError:
    """Return the error for a response whose body should have been JSON."""
    raw = response.text
    kind = without_key(response.headers.get("content-type", "no content type"), response)
    said = f"it begins {read_text(None, raw, response)!r}" if raw.strip() else "it is empty"
    message = f"The response ({kind}) is not JSON: {said}"
    hint = "the response may come from a proxy: check base_url and the proxy, or try again."
    return errors.InvalidResponseError(message, response=response, body=raw or None, hint=hint)


def is_stream_error(event: Mapping[str, Any]) -> bool:
    """Return whether a stream's event is an error, flat or enveloped, and not a chunk."""
    if event.get("error"):
        return True
    return "choices" not in event and "message" in event and ("code" in event or "type" in event)


_STATUS_OF_CODE = {"rate_limit_exceeded": 429, "server_error": 500, "invalid_prompt": 400}
"""Statuses for the codes of OpenAI's error events (SDK: ``ResponseError.code``)."""


def from_stream_event(event: Mapping[str, Any], response: Any) -> openai.APIError:
    """Return the exception for an error event in a stream.

    The event is flat (``{"message", "type", "code"}``) or enveloped (``{"error": ...}``); ``code``
    is used as the status if it is one; otherwise the status is 500.
    """
    detail = event.get("error") or event
    code = detail.get("code") if isinstance(detail, dict) else None
    if isinstance(code, str):
        code = _STATUS_OF_CODE.get(code, code)
    with contextlib.suppress(TypeError, ValueError, OverflowError):  # JSON's Infinity, too
        code = int(code)  # type: ignore[arg-type]  # any value
    status = code if isinstance(code, int) and 400 <= code < 600 else 500  # noqa: PLR2004  # HTTP's error range
    text = read_text(dict(event), response=response) or "the server reported an error in the stream"
    rule = find_rule(status, text)
    made = rule.error(text, response=response, body=detail, hint=rule.hint)
    made.status_code = status  # the response's own status is 200
    return made


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return ``Retry-After`` in seconds, from either of HTTP's two forms; ``None`` when absent."""
    value = headers.get("retry-after")
    if not value:
        return None
    with contextlib.suppress(ValueError):
        return max(0.0, float(value))
    with contextlib.suppress(TypeError, ValueError):
        when = email.utils.parsedate_to_datetime(value)
        return max(0.0, (when - dt.datetime.now(dt.UTC)).total_seconds())
    return None


def _not_found_hint(hint: str, text: str, response: Any, settings: Settings) -> str:
    with contextlib.suppress(Exception):  # the response has no request
        url = response.request.url
        if not is_dedicated(url.host) and (instead := alternative(str(url))):
            return f"{instead} Or {hint}" if "model" in text.lower() else instead
        if about := hint_about_models(str(url)):
            hint = f"{hint} {about}"
    model = ""
    with contextlib.suppress(Exception):  # the body may be of any form
        model = json.loads(response.request.content)["model"]
    suggest: Callable[[str], list[str]] = settings.catalog.suggest
    known = settings.catalog.get(model) if model else None
    if known is not None and known.replacement:
        return f"{hint} {known.slug} is {known.status}; its replacement is {known.replacement}."
    close = [slug for slug in suggest(model) if slug != model] if model else []
    return f"{hint} Closest to {model!r}: {', '.join(close)}." if close else hint
