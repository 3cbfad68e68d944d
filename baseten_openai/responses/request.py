"""A request to ``/v1/responses`` said in Baseten's way. Pure: a body in, a new body out.

The user's dicts and lists are never touched or copied deeper than the path that changes. What each step
does, and on what evidence, stands in ``parameters``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..chat.translate import convert_effort
from ..chat.translation_log import TranslationLog
from .check import check
from .context import Refusal, without
from .items import continue_conversation, translate_input
from .parameters import BY_NAME, DEFAULTS, DROPPED, INCLUDES
from .tools import translate_tools

if TYPE_CHECKING:
    from ..models.catalog import Catalog, Model
    from .context import Remembered, ResponsesContext

JSON = dict[str, Any]

_PLAIN = frozenset(
    {"model", "input", "instructions", "stream", "temperature", "parallel_tool_calls", "user"}
)
"""Parameters that no step changes or refuses, where ``input`` is a text."""

_SWITCHES = ("chat_template_args", "thinking")


def translate_request(
    body: JSON, model: Model, catalog: Catalog, memory: Remembered, context: ResponsesContext
) -> JSON:
    """Return the body to send; notes, refusals and what the answer needs go into ``context``."""
    context.remembers = True
    plain = body.keys() <= _PLAIN and isinstance(body.get("input"), str)
    if not plain or None in body.values():
        body = _translate(body, model, catalog, memory, context)
    context.asked = body
    return body


def _translate(
    body: JSON, model: Model, catalog: Catalog, memory: Remembered, context: ResponsesContext
) -> JSON:
    body = _without_nulls(body)
    body = continue_conversation(body, memory, context)
    body = translate_input(body, memory, context)
    body = _drop_hints(body, context)
    body = _trim_include(body, context)
    body = _complete_text(body, context)
    body = translate_tools(body, context)
    body = _convert_reasoning(body, model, context)
    check(body, model, catalog, context)
    return body


def _without_nulls(body: JSON) -> JSON:
    """Leave out OpenAI's parameters without a value: to OpenAI null is absent."""
    if None not in body.values():
        return body
    return without(
        body, *(name for name, value in body.items() if value is None and name in BY_NAME)
    )


def _drop_hints(body: JSON, context: ResponsesContext) -> JSON:
    context.remembers = body.get("store") is not False
    if isinstance(body.get("metadata"), dict):
        context.echo["metadata"] = body["metadata"]
    dropped = []
    for name, value in body.items():
        if name in DEFAULTS and value == DEFAULTS[name]:
            dropped.append(name)
        elif name in DROPPED:
            dropped.append(name)
            context.note("dropped", name, _why_dropped(name))
    return without(body, *dropped) if dropped else body


def _why_dropped(name: str) -> str:
    if name == "metadata":
        return "metadata is not sent: Baseten has no such parameter; the response gives it back"
    if name == "store":
        return "store is not sent: Baseten stores no responses; this process remembers them"
    return f"{name} is not sent: Baseten has no such parameter"


def _trim_include(body: JSON, context: ResponsesContext) -> JSON:
    include = body.get("include")
    if not isinstance(include, list):
        return body
    kept = [value for value in include if value in tuple(INCLUDES)]
    for value in include:
        if value not in kept:
            context.note(
                "dropped", "include", f"include {value!r} is not sent: it means nothing here"
            )
    if len(kept) == len(include):
        return body
    return {**body, "include": kept} if kept else without(body, "include")


def _complete_text(body: JSON, context: ResponsesContext) -> JSON:
    text = body.get("text")
    if not isinstance(text, dict):
        return body
    made = text
    if "verbosity" in made:
        if made["verbosity"] is not None:
            message = "text.verbosity is not sent: Baseten has no such parameter"
            context.note("dropped", "text.verbosity", message)
        made = without(made, "verbosity")
    if made.get("format") is None:
        made = {**made, "format": {"type": "text"}}
        if text:
            context.note("advice", "text", "text is sent with format {'type': 'text'}, the default")
    return body if made is text else {**body, "text": made}


def _convert_reasoning(body: JSON, model: Model, context: ResponsesContext) -> JSON:
    """Convert ``reasoning.effort`` as ``reasoning_effort`` of chat, by the model's own table."""
    reasoning = body.get("reasoning")
    if not isinstance(reasoning, dict) or reasoning.get("effort") is None:
        return body
    log = TranslationLog()
    asked = {name: body[name] for name in _SWITCHES if name in body}
    asked["reasoning_effort"] = reasoning["effort"]
    made = convert_effort(asked, model, log)
    for note in log.notes:
        context.note(note.kind, "reasoning.effort", _renamed(note.message))
    for refusal in log.refusals:
        message, hint = _renamed(refusal.message), _renamed(refusal.hint)
        context.refusals.append(Refusal("reasoning.effort", refusal.feature, message, hint))
    effort = made.pop("reasoning_effort", None)
    body = {**body, **made}
    if effort == reasoning["effort"]:
        return body
    kept = without(reasoning, "effort") | ({"effort": effort} if effort is not None else {})
    return {**body, "reasoning": kept} if kept else without(body, "reasoning")


def _renamed(text: str) -> str:
    return text.replace("reasoning_effort", "reasoning.effort")
