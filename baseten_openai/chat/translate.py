"""Translate OpenAI's parameters and messages into Baseten's. Pure functions on plain dicts.

Each step takes the body as the step before left it, and returns the same object or a changed copy. The
user's dicts and lists are never changed, and only what is on the path of a change is copied.
``parameters`` says what becomes of each parameter, and on what evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..call_notes import Note, Refusal
from ..models.catalog import EFFORTS
from .parameters import BY_NAME, DROPPED, STREAM_OPTIONS
from .tools import tidy_tools

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..models.catalog import Model
    from .translation_log import TranslationLog

JSON = dict[str, Any]


class Step(NamedTuple):
    """One step, and the parameters it is for: without any of them it changes nothing and is skipped."""

    parameters: frozenset[str]
    run: Callable[[JSON, Model, TranslationLog], JSON]


def translate(body: JSON, model: Model, log: TranslationLog, *, text_only: bool = False) -> JSON:
    """Run the steps over ``body`` in order, and return the result.

    ``text_only`` skips the steps for ``messages``: see ``prepare.are_text``.
    """
    if None in body.values():
        body = _drop_nulls(body)
    for parameters, step in _TEXT_STEPS if text_only else STEPS:
        if not parameters.isdisjoint(body):
            body = step(body, model, log)
    return body


def _without(body: Mapping[str, Any], *names: str) -> JSON:
    return {name: value for name, value in body.items() if name not in names}


def _drop_nulls(body: JSON) -> JSON:
    """Leave out OpenAI's parameters whose value is null: OpenAI reads null as absent, SPEC forbids it."""
    present = [name for name, value in body.items() if value is None and name in BY_NAME]
    return _without(body, *present) if present else body


def _drop_unsupported(body: JSON, _model: Model, log: TranslationLog) -> JSON:
    present = [name for name in body if name in DROPPED]
    for name in present:
        message = f"{name} is not sent: Baseten has no such parameter"
        log.notes.append(Note("dropped", name, message))
    return _without(body, *present)


def _rename_max_tokens(body: JSON, _model: Model, log: TranslationLog) -> JSON:
    if "max_completion_tokens" not in body:
        return body
    value, old = body["max_completion_tokens"], body.get("max_tokens")
    renamed = _without(body, "max_completion_tokens")
    if old is not None and old != value:
        log.refusals.append(
            Refusal(
                "max_completion_tokens",
                "max_completion_tokens beside max_tokens",
                f"max_tokens={old} and max_completion_tokens={value} contradict each other: "
                "Baseten has one parameter for both",
                "pass one of them",
            )
        )
        return body
    log.notes.append(
        Note("renamed", "max_completion_tokens", "max_completion_tokens is sent as max_tokens")
    )
    renamed["max_tokens"] = value
    log.user_names["max_tokens"] = "max_completion_tokens"
    return renamed


def convert_effort(body: JSON, model: Model, log: TranslationLog) -> JSON:
    """Replace ``reasoning_effort`` by what ``model`` understands: a level, a switch, or nothing."""
    effort = body.get("reasoning_effort")
    if effort is None:
        return body
    if effort == "none":
        return _turn_reasoning_off(body, model, log)
    if model.reasoning in {None, "unsupported"}:
        return body  # unknown, or refused by check
    if model.reasoning_efforts is None:
        return _turn_reasoning_on(body, model, log)
    return _nearest_effort(body, model, log)


def _turn_reasoning_on(body: JSON, model: Model, log: TranslationLog) -> JSON:
    effort, body = body["reasoning_effort"], _without(body, "reasoning_effort")
    if model.reasoning == "opt_in":
        message = (
            f"reasoning_effort={effort!r} is sent as chat_template_args.enable_thinking: "
            f"{model.name} can turn reasoning on or off, and has no levels"
        )
        log.notes.append(Note("converted", "reasoning_effort", message))
        return _think(body, on=True)
    message = (
        f"reasoning_effort={effort!r} is not sent: {model.name} always reasons, and has no levels"
    )
    log.notes.append(Note("dropped", "reasoning_effort", message))
    return body


def _nearest_effort(body: JSON, model: Model, log: TranslationLog) -> JSON:
    effort, allowed = body["reasoning_effort"], model.reasoning_efforts or ()
    if effort not in allowed and effort in EFFORTS:
        wanted = EFFORTS.index(effort)
        levels = [EFFORTS.index(level) for level in allowed if level in EFFORTS[1:]]
        if not levels:
            return body  # no level that we can compare
        # of two equally near, the lower, as openclaw and opencodex do for GLM 5.2's xhigh
        # (evidence.md#nearest-effort)
        nearest = EFFORTS[min(levels, key=lambda level: (abs(level - wanted), level))]
        message = (
            f"reasoning_effort={effort!r} is sent as {nearest!r}: "
            f"{model.name} allows {', '.join(allowed)}"
        )
        log.notes.append(Note("converted", "reasoning_effort", message))
        body = {**body, "reasoning_effort": nearest}
    if model.reasoning_switch == "enable_thinking_and_effort":
        return _think(body, on=True)
    if model.reasoning_switch == "thinking_and_effort" and "thinking" not in body:
        # DeepSeek V4 Pro 0813 accepts an effort only together with this object:
        # DOC, evidence.md#thinking-envelope
        return {**body, "thinking": {"type": "enabled"}}
    return body


def _turn_reasoning_off(body: JSON, model: Model, log: TranslationLog) -> JSON:
    if model.reasoning is None:
        return body
    if model.reasoning != "always_on" and "none" in (model.reasoning_efforts or ()):
        return body
    if model.reasoning == "opt_in":
        message = (
            "reasoning_effort='none' is sent as chat_template_args.enable_thinking=false: "
            f"{model.name} can turn reasoning on or off"
        )
        log.notes.append(Note("converted", "reasoning_effort", message))
        return _think(_without(body, "reasoning_effort"), on=False)
    if model.reasoning == "unsupported":
        message = f"reasoning_effort='none' is not sent: {model.name} does not reason"
        log.notes.append(Note("dropped", "reasoning_effort", message))
        return _without(body, "reasoning_effort")
    log.refusals.append(
        Refusal(
            "reasoning_effort",
            "reasoning off",
            f"{model.slug} always reasons: there is no documented way to turn reasoning off, so "
            "reasoning_effort='none' is not possible",
            "leave reasoning_effort out, or use a model whose reasoning can be switched off, "
            "such as zai-org/GLM-4.7 or openai/gpt-oss-120b",
        )
    )
    return body


def _think(body: JSON, *, on: bool) -> JSON:
    args = body.get("chat_template_args") or {}
    if not isinstance(args, dict):
        return body  # the server refuses it
    return {**body, "chat_template_args": {"enable_thinking": on, **args}}  # the user's value wins


def _convert_functions(body: JSON, _model: Model, log: TranslationLog) -> JSON:
    functions, choice = body.get("functions"), body.get("function_call")
    if functions is not None and not isinstance(functions, list):
        return body  # the server refuses it
    for old, new in (("functions", "tools"), ("function_call", "tool_choice")):
        if body.get(old) is not None and body.get(new) is not None:
            message = f"{old} is the old name of {new}, and both were given"
            refusal = Refusal(old, f"{old} beside {new}", message, f"leave {old} out")
            log.refusals.append(refusal)
    converted = _without(body, "functions", "function_call")
    if functions is not None:
        tools = body["tools"] if isinstance(body.get("tools"), list) else []
        converted["tools"] = [*tools, *({"type": "function", "function": f} for f in functions)]
        converted["parallel_tool_calls"] = False  # a legacy response holds one call
        message = "functions are sent as tools, one call at a time; the response is converted back"
        log.notes.append(Note("converted", "functions", message))
    if choice is not None and body.get("tool_choice") is None:
        named = isinstance(choice, dict)
        converted["tool_choice"] = {"type": "function", "function": choice} if named else choice
        message = "function_call is sent as tool_choice"
        log.notes.append(Note("converted", "function_call", message))
    return converted


def _loosen_schema(body: JSON, _model: Model, log: TranslationLog) -> JSON:
    response_format = body.get("response_format")
    if not isinstance(response_format, dict):
        return body
    schema = response_format.get("json_schema")
    if not isinstance(schema, dict):
        return body
    if not schema.get("name"):
        log.refusals.append(
            Refusal(
                "response_format.json_schema.name",
                "a schema without a name",
                "response_format.json_schema.name is empty: Baseten answers 400",
                'give the schema a name, such as "answer"',
            )
        )
    if "strict" in schema and schema["strict"] is not True:
        if schema["strict"] is not None:
            message = (
                f"response_format.json_schema.strict={schema['strict']!r} is left out: "
                "Baseten always enforces the schema"
            )
            log.notes.append(Note("converted", "response_format.json_schema.strict", message))
        schema = _without(schema, "strict")
        return {**body, "response_format": {**response_format, "json_schema": schema}}
    return body


def _trim_stream_options(body: JSON, _model: Model, log: TranslationLog) -> JSON:
    options = body.get("stream_options")
    if not isinstance(options, dict):
        return body
    unknown = [name for name in options if name not in STREAM_OPTIONS]
    for name in unknown:
        message = f"stream_options.{name} is not sent: Baseten has no such option"
        log.notes.append(Note("dropped", f"stream_options.{name}", message))
    return {**body, "stream_options": _without(options, *unknown)} if unknown else body


def _drop_text_modality(body: JSON, _model: Model, _log: TranslationLog) -> JSON:
    if body.get("modalities") == ["text"]:
        return _without(body, "modalities")  # the default, written out
    return body


def _convert_messages(body: JSON, model: Model, log: TranslationLog) -> JSON:
    messages = body.get("messages")
    if not isinstance(messages, list):
        return body
    thinks = keeps_reasoning(model) and body.get("reasoning_effort") != "none"
    changed: list[Any] | None = None
    call_id = ""
    for index, message in enumerate(messages):
        if not isinstance(message, dict):
            continue
        if message.get("function_call"):
            call_id = f"call_{index}"
        new = _convert_message(message, call_id, log)
        if thinks and message.get("role") == "assistant" and "reasoning_content" not in new:
            new = {**new, "reasoning_content": ""}
        if new is not message:
            changed = changed or list(messages)
            changed[index] = new
    return body if changed is None else {**body, "messages": changed}


def keeps_reasoning(model: Model) -> bool:
    """Tell whether ``model`` requires ``reasoning_content`` on every assistant message."""
    # DeepSeek V4 requires it on every replayed assistant message: 3P, evidence.md#replayed-reasoning
    return model.slug.startswith("deepseek-ai/DeepSeek-V4")


def _convert_message(message: JSON, call_id: str, log: TranslationLog) -> JSON:
    role = message.get("role")
    if role == "developer":
        note = Note("converted", "messages.role", "role 'developer' is sent as 'system'")
        _add_once(log, note)
        message = {**message, "role": "system"}
    elif role == "function":
        note = Note("converted", "messages.role", "role 'function' is sent as 'tool'")
        _add_once(log, note)
        message = {**_without(message, "name"), "role": "tool", "tool_call_id": call_id}
    elif role == "assistant":
        if message.get("function_call"):
            call = {"id": call_id, "type": "function", "function": message["function_call"]}
            note = Note(
                "converted", "messages.function_call", "function_call is sent as tool_calls"
            )
            _add_once(log, note)
            others = message["tool_calls"] if isinstance(message.get("tool_calls"), list) else []
            message = {**_without(message, "function_call"), "tool_calls": [*others, call]}
        if message.get("reasoning") is not None:
            kept = message.get("reasoning_content")
            kept = message["reasoning"] if kept is None else kept
            if message["reasoning"] != message.get(
                "reasoning_content"
            ):  # older responses hold both
                note = Note(
                    "converted", "messages.reasoning", "reasoning is sent as reasoning_content"
                )
                _add_once(log, note)
            message = {**_without(message, "reasoning"), "reasoning_content": kept}
        message = _without_nulls(_without_parsed(message))
    if isinstance(parts := message.get("content"), list) and any(map(_is_refusal, parts)):
        note = Note("converted", "messages.content", "refusal parts are sent as text parts")
        _add_once(log, note)
        text = [{"type": "text", "text": p["refusal"]} if _is_refusal(p) else p for p in parts]
        message = {**message, "content": text}
    return message


def _without_nulls(message: JSON) -> JSON:
    """Leave out null fields: the SDK's messages have them when sent back, and SPEC has no null."""
    if None not in message.values():
        return message
    return {name: value for name, value in message.items() if value is not None}


def _without_parsed(message: JSON) -> JSON:
    """Leave out the fields that the SDK's ``parse()`` and ``stream()`` add for the user."""
    calls = message.get("tool_calls")
    if isinstance(calls, list) and any(map(_is_parsed, calls)):
        kept = [
            {**c, "function": _without(c["function"], "parsed_arguments")} if _is_parsed(c) else c
            for c in calls
        ]
        message = {**message, "tool_calls": kept}
    return _without(message, "parsed") if "parsed" in message else message


def _is_parsed(call: object) -> bool:
    function = call.get("function") if isinstance(call, dict) else None
    return isinstance(function, dict) and "parsed_arguments" in function


def _is_refusal(part: object) -> bool:
    return isinstance(part, dict) and part.get("type") == "refusal" and "refusal" in part


def _add_once(log: TranslationLog, note: Note) -> None:
    if note not in log.notes:
        log.notes.append(note)


STEPS = (
    Step(DROPPED, _drop_unsupported),
    Step(frozenset({"modalities"}), _drop_text_modality),
    Step(frozenset({"functions", "function_call"}), _convert_functions),
    Step(frozenset({"tools"}), tidy_tools),
    Step(frozenset({"reasoning_effort"}), convert_effort),
    Step(frozenset({"max_completion_tokens"}), _rename_max_tokens),
    Step(frozenset({"response_format"}), _loosen_schema),
    Step(frozenset({"stream_options"}), _trim_stream_options),
    Step(frozenset({"messages"}), _convert_messages),
)
"""All steps, in the order in which they run."""

_TEXT_STEPS = tuple(step for step in STEPS if step.parameters != {"messages"})
TEXT_PARAMETERS = frozenset[str]().union(*(step.parameters for step in _TEXT_STEPS))
"""The parameters of all steps but those for ``messages``."""
