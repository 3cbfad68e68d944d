"""Say what OpenAI's parameters say in Baseten's spelling. Pure functions on plain dicts.

Each step takes the body made so far and returns a changed copy or the same object; the user's
dicts, lists and images are never touched or copied deeper than the path that changes. What each
step does, and on what evidence, stands in ``parameters``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..call_notes import Note
from .parameters import BY_NAME, EFFORTS, HINTS, STREAM_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..models.catalog import Model

JSON = dict[str, Any]


class Refusal(NamedTuple):
    """What a model (or Baseten) cannot do; becomes an error, a warning or nothing, by policy."""

    param: str
    feature: str
    message: str
    hint: str


class Outcome(NamedTuple):
    """Where the steps write what they did."""

    notes: list[Note]
    refusals: list[Refusal]


def translate(body: JSON, model: Model, outcome: Outcome, *, plain_messages: bool = False) -> JSON:
    """Run every step over ``body``, in order; not over messages known to need nothing."""
    if None in body.values():
        body = _drop_nulls(body)
    for parameters, step in STEPS:
        if not parameters.isdisjoint(body):
            body = step(body, model, outcome)
    return body if plain_messages else _convert_messages(body, model, outcome)


def _without(body: Mapping[str, Any], *names: str) -> JSON:
    return {name: value for name, value in body.items() if name not in names}


def _drop_nulls(body: JSON) -> JSON:
    """Leave out OpenAI's parameters without a value: to OpenAI null is absent, SPEC has no null."""
    present = [name for name, value in body.items() if value is None and name in BY_NAME]
    return _without(body, *present) if present else body


def _drop_hints(body: JSON, _model: Model, outcome: Outcome) -> JSON:
    present = [name for name in body if name in HINTS]
    for name in present:
        message = f"{name} is not sent: Baseten has no such parameter"
        outcome.notes.append(Note("dropped", name, message))
    return _without(body, *present)


def _rename_max_tokens(body: JSON, _model: Model, outcome: Outcome) -> JSON:
    value, old = body["max_completion_tokens"], body.get("max_tokens")
    renamed = _without(body, "max_completion_tokens")
    if old is not None and old != value:
        outcome.refusals.append(
            Refusal(
                "max_completion_tokens",
                "max_completion_tokens beside max_tokens",
                f"max_tokens={old} and max_completion_tokens={value} contradict each other: "
                "on Baseten they are one parameter",
                "give one of them",
            )
        )
        return body
    outcome.notes.append(
        Note("renamed", "max_completion_tokens", "max_completion_tokens is sent as max_tokens")
    )
    renamed["max_tokens"] = value
    return renamed


def _convert_effort(body: JSON, model: Model, outcome: Outcome) -> JSON:
    effort = body.get("reasoning_effort")
    if effort is None:
        return body
    if effort == "none":
        return _turn_reasoning_off(body, model, outcome)
    if model.reasoning in {None, "unsupported"}:
        return body  # nothing is known, or check refuses it
    if model.reasoning_efforts is None:
        return _turn_reasoning_on(body, model, outcome)
    return _nearest_effort(body, model, outcome)


def _turn_reasoning_on(body: JSON, model: Model, outcome: Outcome) -> JSON:
    effort, body = body["reasoning_effort"], _without(body, "reasoning_effort")
    if model.reasoning == "opt_in":
        message = (
            f"reasoning_effort={effort!r} is sent as chat_template_args.enable_thinking: "
            f"{model.name} switches reasoning on or off and has no levels"
        )
        outcome.notes.append(Note("converted", "reasoning_effort", message))
        return _think(body, on=True)
    message = f"reasoning_effort={effort!r} is not sent: {model.name} reasons, and has no levels"
    outcome.notes.append(Note("dropped", "reasoning_effort", message))
    return body


def _nearest_effort(body: JSON, model: Model, outcome: Outcome) -> JSON:
    effort, allowed = body["reasoning_effort"], model.reasoning_efforts or ()
    if effort not in allowed and effort in EFFORTS:
        wanted = EFFORTS.index(effort)
        levels = [EFFORTS.index(level) for level in allowed if level != "none"]
        # of two as near the lower, as openclaw and opencodex do for GLM 5.2's xhigh
        # (evidence.md#nearest-effort)
        nearest = EFFORTS[min(levels, key=lambda level: (abs(level - wanted), level))]
        message = (
            f"reasoning_effort={effort!r} is sent as {nearest!r}: "
            f"{model.name} allows {', '.join(allowed)}"
        )
        outcome.notes.append(Note("converted", "reasoning_effort", message))
        body = {**body, "reasoning_effort": nearest}
    if model.reasoning_switch == "enable_thinking_and_effort":
        return _think(body, on=True)
    if model.reasoning_switch == "thinking_and_effort" and "thinking" not in body:
        # DeepSeek V4 Pro 0813 takes an effort only beside this envelope:
        # DOC, evidence.md#thinking-envelope
        return {**body, "thinking": {"type": "enabled"}}
    return body


def _turn_reasoning_off(body: JSON, model: Model, outcome: Outcome) -> JSON:
    if model.reasoning is None:
        return body
    if model.reasoning != "always_on" and "none" in (model.reasoning_efforts or ()):
        return body
    if model.reasoning == "opt_in":
        message = (
            "reasoning_effort='none' is sent as chat_template_args.enable_thinking=false: "
            f"{model.name} switches reasoning on or off"
        )
        outcome.notes.append(Note("converted", "reasoning_effort", message))
        return _think(_without(body, "reasoning_effort"), on=False)
    if model.reasoning == "unsupported":
        message = f"reasoning_effort='none' is not sent: {model.name} does not reason"
        outcome.notes.append(Note("dropped", "reasoning_effort", message))
        return _without(body, "reasoning_effort")
    outcome.refusals.append(
        Refusal(
            "reasoning_effort",
            "reasoning off",
            f"{model.slug} reasons, and has no documented way to turn it off: "
            "reasoning_effort='none' is not possible",
            "leave reasoning_effort out, or use a model whose reasoning can be switched off, "
            "such as zai-org/GLM-4.7 or openai/gpt-oss-120b",
        )
    )
    return body


def _think(body: JSON, *, on: bool) -> JSON:
    args = body.get("chat_template_args") or {}
    if not isinstance(args, dict):
        return body  # the server's to refuse
    return {**body, "chat_template_args": {"enable_thinking": on, **args}}  # the user's own wins


def _convert_functions(body: JSON, _model: Model, outcome: Outcome) -> JSON:
    functions, choice = body.get("functions"), body.get("function_call")
    if functions is not None and not isinstance(functions, list):
        return body  # the server's to refuse
    for old, new in (("functions", "tools"), ("function_call", "tool_choice")):
        if body.get(old) is not None and body.get(new) is not None:
            message = f"{old} and {new} are one parameter, by its old name and its new one"
            refusal = Refusal(old, f"{old} beside {new}", message, f"leave {old} out")
            outcome.refusals.append(refusal)
    converted = _without(body, "functions", "function_call")
    if functions is not None:
        tools = body["tools"] if isinstance(body.get("tools"), list) else []
        converted["tools"] = [*tools, *({"type": "function", "function": f} for f in functions)]
        converted["parallel_tool_calls"] = False  # the legacy answer has room for one call
        message = "functions are sent as tools, one call at a time; the answer is converted back"
        outcome.notes.append(Note("converted", "functions", message))
    if choice is not None and body.get("tool_choice") is None:
        named = isinstance(choice, dict)
        converted["tool_choice"] = {"type": "function", "function": choice} if named else choice
        message = "function_call is sent as tool_choice"
        outcome.notes.append(Note("converted", "function_call", message))
    return converted


def _loosen_schema(body: JSON, _model: Model, outcome: Outcome) -> JSON:
    response_format = body.get("response_format")
    if not isinstance(response_format, dict):
        return body
    schema = response_format.get("json_schema")
    if not isinstance(schema, dict):
        return body
    if not schema.get("name"):
        outcome.refusals.append(
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
                "Baseten always holds the answer to the schema"
            )
            outcome.notes.append(Note("converted", "response_format.json_schema.strict", message))
        schema = _without(schema, "strict")
        return {**body, "response_format": {**response_format, "json_schema": schema}}
    return body


def _trim_stream_options(body: JSON, _model: Model, outcome: Outcome) -> JSON:
    options = body.get("stream_options")
    if not isinstance(options, dict):
        return body
    unknown = [name for name in options if name not in STREAM_OPTIONS]
    for name in unknown:
        message = f"stream_options.{name} is not sent: Baseten has no such option"
        outcome.notes.append(Note("dropped", f"stream_options.{name}", message))
    return {**body, "stream_options": _without(options, *unknown)} if unknown else body


def _drop_text_modality(body: JSON, _model: Model, _outcome: Outcome) -> JSON:
    if body.get("modalities") == ["text"]:
        return _without(body, "modalities")  # the default, spelled out
    return body


def _convert_messages(body: JSON, model: Model, outcome: Outcome) -> JSON:
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
        new = _convert_message(message, call_id, outcome)
        if thinks and message.get("role") == "assistant" and "reasoning_content" not in new:
            new = {**new, "reasoning_content": ""}
        if new is not message:
            changed = changed or list(messages)
            changed[index] = new
    return body if changed is None else {**body, "messages": changed}


def keeps_reasoning(model: Model) -> bool:
    """Tell a model that wants ``reasoning_content`` on every assistant message."""
    # DeepSeek V4 wants it on every replayed assistant message: 3P, evidence.md#replayed-reasoning
    return model.slug.startswith("deepseek-ai/DeepSeek-V4")


def _convert_message(message: JSON, call_id: str, outcome: Outcome) -> JSON:
    role = message.get("role")
    if role == "developer":
        note = Note("converted", "messages.role", "role 'developer' is sent as 'system'")
        _add_once(outcome, note)
        message = {**message, "role": "system"}
    elif role == "function":
        note = Note("converted", "messages.role", "role 'function' is sent as 'tool'")
        _add_once(outcome, note)
        message = {**_without(message, "name"), "role": "tool", "tool_call_id": call_id}
    elif role == "assistant":
        if message.get("function_call"):
            call = {"id": call_id, "type": "function", "function": message["function_call"]}
            note = Note(
                "converted", "messages.function_call", "function_call is sent as tool_calls"
            )
            _add_once(outcome, note)
            others = message["tool_calls"] if isinstance(message.get("tool_calls"), list) else []
            message = {**_without(message, "function_call"), "tool_calls": [*others, call]}
        if message.get("reasoning") is not None:
            kept = message.get("reasoning_content")
            kept = message["reasoning"] if kept is None else kept
            if message["reasoning"] != message.get("reasoning_content"):  # older answers hold both
                note = Note(
                    "converted", "messages.reasoning", "reasoning is sent as reasoning_content"
                )
                _add_once(outcome, note)
            message = {**_without(message, "reasoning"), "reasoning_content": kept}
        message = _without_nulls(_without_parsed(message))
    if isinstance(parts := message.get("content"), list) and any(map(_is_refusal, parts)):
        note = Note("converted", "messages.content", "refusal parts are sent as text parts")
        _add_once(outcome, note)
        text = [{"type": "text", "text": p["refusal"]} if _is_refusal(p) else p for p in parts]
        message = {**message, "content": text}
    return message


def _without_nulls(message: JSON) -> JSON:
    """Leave out null fields, as an answer given back has: recorded messages lack them, so does SPEC."""
    if None not in message.values():
        return message
    return {name: value for name, value in message.items() if value is not None}


def _without_parsed(message: JSON) -> JSON:
    """Leave out what the SDK's ``parse()`` and ``stream()`` added to an answer for the user alone."""
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


def _add_once(outcome: Outcome, note: Note) -> None:
    if note not in outcome.notes:
        outcome.notes.append(note)


STEPS: tuple[tuple[frozenset[str], Callable[[JSON, Model, Outcome], JSON]], ...] = (
    (HINTS, _drop_hints),
    (frozenset({"modalities"}), _drop_text_modality),
    (frozenset({"functions", "function_call"}), _convert_functions),
    (frozenset({"reasoning_effort"}), _convert_effort),
    (frozenset({"max_completion_tokens"}), _rename_max_tokens),
    (frozenset({"response_format"}), _loosen_schema),
    (frozenset({"stream_options"}), _trim_stream_options),
)
"""Each step, and the parameters it is for: it is taken when one of them is there."""
