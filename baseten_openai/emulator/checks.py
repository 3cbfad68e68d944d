"""What is wrong with a request, in the words of the recordings where there are any.

Each rule is a row: what it is about, its evidence, and a pure function of the body, the model's
record and its dialect that yields messages; the first message becomes the 400. The tags are
those of evidence.md#kinds-of-evidence. OWN here: the refusal follows SPEC or DOC, but its wording is
ours, and perhaps the refusal itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from . import history
from .dialects import TEXT_LOGPROBS
from .fields import (
    FIELDS,
    FUNCTION_KEYS,
    JSON_SCHEMA_KEYS,
    MAX_STOP_LENGTH,
    MAX_STOPS,
    RESPONSE_FORMATS,
    STREAM_OPTIONS,
)
from .instances import schema_problem

if TYPE_CHECKING:
    from baseten_openai.models.catalog import Model

    from .dialects import Dialect

JSON = dict[str, Any]
Problems = Iterator[str]
Rule = Callable[[JSON, "Model", "Dialect"], Problems]

STRICT_EFFORT = frozenset({"zai-org/GLM-5.2", "zai-org/GLM-5.2-Fast", "zai-org/GLM-5.3-Fast"})
"""Models that answer 400 to an effort outside their set; all others ignore it (DOC, evidence.md#models)."""
HEARING = frozenset({"thinkingmachines/inkling", "thinkingmachines/inkling-small"})
"""Models with an audio page (DOC, evidence.md#messages)."""
_HOTTEST = 2
_TYPE_NAMES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "list"}


class Check(NamedTuple):
    """One rule: the fields it checks, the evidence, and the function."""

    about: str
    evidence: str
    rule: Rule


def problem(body: JSON, model: Model, dialect: Dialect) -> str | None:
    """Return the first error in a request, or None. ``null`` counts as absent."""
    given = {name: value for name, value in body.items() if value is not None}
    for check in CHECKS:
        for message in check.rule(given, model, dialect):
            return message
    return None


def invalid(*details: str) -> str:
    """Return the message for one or more invalid fields (KIN, 3P: a list as Python prints it)."""
    return f"Invalid request: {list(details)}"


def _extra(body: JSON, _model: Model, _dialect: Dialect) -> Problems:
    extra = [name for name in body if name not in FIELDS]
    if extra:
        yield invalid(*(f"{name}: Extra inputs are not permitted" for name in extra))


def _both_limits(body: JSON, _model: Model, _dialect: Dialect) -> Problems:
    if "max_tokens" in body and "max_completion_tokens" in body:
        given = body["max_completion_tokens"]
        yield invalid(f"max_completion_tokens ({given}): Extra inputs are not permitted")


def _types(body: JSON, _model: Model, _dialect: Dialect) -> Problems:
    for name, value in body.items():
        field = FIELDS[name]
        if not isinstance(value, field.types) or (
            isinstance(value, bool) and bool not in field.types
        ):
            wanted = " or ".join(_TYPE_NAMES.get(kind, "object") for kind in field.types)
            yield invalid(f"{name} ({value!r}): Input should be a valid {wanted}")


def _ranges(body: JSON, _model: Model, _dialect: Dialect) -> Problems:
    for name, value in body.items():
        field = FIELDS[name]
        if field.low is not None and value < field.low:
            low = int(field.low)
            yield invalid(f"{name} ({value}): Input should be greater than or equal to {low}")
        if field.high is not None and value > field.high:
            high = int(field.high)
            yield invalid(f"{name} ({value}): Input should be less than or equal to {high}")
    if body.get("top_p") == 0:
        yield invalid("top_p (0): Input should be greater than 0")


def _temperature(body: JSON, _model: Model, _dialect: Dialect) -> Problems:
    value = body.get("temperature")
    if value is not None and not 0 <= value <= _HOTTEST:
        yield f"Validation: Temperature must be between 0 and 2, got {value}"


def _max_tokens(body: JSON, model: Model, _dialect: Dialect) -> Problems:
    for name in ("max_tokens", "max_completion_tokens"):
        value, most = body.get(name), model.max_output_tokens
        if value is not None and most is not None and value > most:
            yield invalid(f"{name} ({value}): Input should be less than or equal to {most}")


def _stop(body: JSON, _model: Model, _dialect: Dialect) -> Problems:
    given = body.get("stop", [])
    stops = [given] if isinstance(given, str) else given
    if len(stops) > MAX_STOPS:
        yield invalid(f"stop: List should have at most {MAX_STOPS} items, not {len(stops)}")
    for stop in stops:
        if not isinstance(stop, str):
            yield invalid(f"stop ({stop!r}): Input should be a valid string")
        elif not 1 <= len(stop) <= MAX_STOP_LENGTH:
            yield invalid(
                f"stop: String should have 1 to {MAX_STOP_LENGTH} characters, not {len(stop)}"
            )


def _stream_options(body: JSON, _model: Model, _dialect: Dialect) -> Problems:
    for name, value in body.get("stream_options", {}).items():
        if name not in STREAM_OPTIONS:
            yield invalid(f"stream_options.{name}: Extra inputs are not permitted")
        elif not isinstance(value, bool):
            yield invalid(f"stream_options.{name} ({value!r}): Input should be a valid boolean")


def _messages(body: JSON, _model: Model, _dialect: Dialect) -> Problems:
    if not body.get("messages"):
        yield invalid("messages: Field required")
        return
    for detail in history.problems(body["messages"]):
        yield invalid(detail)


def _media(body: JSON, model: Model, dialect: Dialect) -> Problems:
    kinds = {part["type"] for part in history.parts(body["messages"])}
    if "image_url" in kinds and model.vision is False:
        yield dialect.image_text
    if "input_audio" in kinds and model.slug not in HEARING and model.vision is not None:
        yield dialect.image_text


def _logprobs(body: JSON, model: Model, dialect: Dialect) -> Problems:
    if dialect.top_logprobs_text:
        if body.get("logprobs") and body.get("top_logprobs", 0) > 1:
            yield dialect.top_logprobs_text
    elif body.get("logprobs") and model.logprobs == "refused":
        yield TEXT_LOGPROBS


def _effort(body: JSON, model: Model, _dialect: Dialect) -> Problems:
    effort, allowed = body.get("reasoning_effort"), model.reasoning_efforts
    if effort and allowed and model.slug in STRICT_EFFORT and effort not in allowed:
        options = ", ".join(repr(one) for one in allowed)
        yield invalid(f"reasoning_effort ({effort}): Input should be one of {options}")


def _response_format(body: JSON, _model: Model, _dialect: Dialect) -> Problems:
    given = body.get("response_format")
    if given is None:
        return
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in RESPONSE_FORMATS:
        yield invalid(f"response_format.type ({kind!r}): unknown type")
        return
    needed = RESPONSE_FORMATS[kind]
    for name in sorted(given.keys() - {"type", needed}):
        yield invalid(f"response_format.{name}: Extra inputs are not permitted")
    if needed and needed not in given:
        yield invalid(f"response_format.{needed}: Field required")
    elif kind == "json_schema":
        yield from _json_schema(given["json_schema"])


def _json_schema(given: Any) -> Problems:
    where = "response_format.json_schema"
    if not isinstance(given, dict):
        yield invalid(f"{where}: Input should be a valid object")
        return
    for name in sorted(given.keys() - JSON_SCHEMA_KEYS):
        yield invalid(f"{where}.{name}: Extra inputs are not permitted")
    if not isinstance(given.get("name"), str):
        yield invalid(f"{where}.name: Field required")
    elif not given["name"]:
        yield f"Validation: `{where}.name` cannot be empty"
    if given.get("strict") not in (True, None):
        yield invalid(f"{where}.strict ({given['strict']!r}): Input should be True")
    if not isinstance(given.get("schema"), dict):
        yield invalid(f"{where}.schema: Field required")
    elif wrong := schema_problem(given["schema"]):
        yield f"Validation: `{where}.schema` is invalid: {wrong}"


def _tools(body: JSON, _model: Model, _dialect: Dialect) -> Problems:
    for index, tool in enumerate(body.get("tools", ())):
        where = f"tools.{index}"
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(tool, dict) or tool.get("type", "function") != "function":
            kind = tool.get("type") if isinstance(tool, dict) else tool
            yield invalid(f"{where}.type ({kind!r}): Input should be 'function'")
        elif not isinstance(function, dict) or not isinstance(function.get("name"), str):
            yield invalid(f"{where}.function.name: Field required")
        else:
            for name in sorted(tool.keys() - {"type", "function"}):
                yield invalid(f"{where}.{name}: Extra inputs are not permitted")
            for name in sorted(function.keys() - FUNCTION_KEYS):
                yield invalid(f"{where}.function.{name}: Extra inputs are not permitted")
            parameters = function.get("parameters")
            if parameters is not None and not isinstance(parameters, dict):
                yield invalid(f"{where}.function.parameters: Input should be a valid object")
            elif parameters and (wrong := schema_problem(parameters)):
                yield f"Validation: `{where}.function.parameters` is invalid: {wrong}"


def _tool_choice(body: JSON, _model: Model, _dialect: Dialect) -> Problems:
    choice, tools = body.get("tool_choice"), body.get("tools") or []
    if isinstance(choice, str):
        if choice not in ("none", "auto", "required"):
            yield invalid(f"tool_choice ({choice!r}): Input should be 'none', 'auto' or 'required'")
        elif choice == "required" and not tools:
            yield invalid("tool_choice ('required'): there are no tools")
    elif isinstance(choice, dict):
        function = choice.get("function")
        name = function.get("name") if isinstance(function, dict) else None
        if choice.get("type", "function") != "function" or name is None:
            yield invalid(f"tool_choice.type ({choice.get('type')!r}): Input should be 'function'")
        elif name not in [tool["function"]["name"] for tool in tools]:
            yield invalid(f"tool_choice.function.name ({name!r}): there is no such tool")


CHECKS: tuple[Check, ...] = (
    Check("fields Baseten's document lacks", "OWN strictness; wording KIN", _extra),
    Check("max_tokens with max_completion_tokens", "KIN", _both_limits),
    Check("types", "SPEC; wording OWN", _types),
    Check("messages", "SPEC roles and parts; wording OWN", _messages),
    Check("temperature", "KIN", _temperature),
    Check("ranges, n above 1", "SPEC; wording as recorded for max_tokens (3P)", _ranges),
    Check("max_tokens above the model's maximum", "3P, KIN", _max_tokens),
    Check("stop", "SPEC 32 strings of 1 to 1000 characters; wording OWN", _stop),
    Check("stream_options", "SPEC; wording OWN", _stream_options),
    Check("images and audio", "REC GenSyncMultiModal-Image-jpg-Inline", _media),
    Check("logprobs", "REC GenSync-TopLogprobs", _logprobs),
    Check("reasoning_effort", "DOC 400 on GLM 5.2; wording OWN", _effort),
    Check(
        "response_format",
        "REC GenSync-JSONSchema (empty name, since June 2026); SPEC strict const true; rest OWN",
        _response_format,
    ),
    Check("tools", "SPEC; KIN custom tools 400; wording OWN", _tools),
    Check("tool_choice", "SPEC; wording OWN", _tool_choice),
)
