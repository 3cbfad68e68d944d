"""Find what a request asks for that its model cannot do. Pure functions on plain dicts.

Values are looked up in tuples, not sets: a request may hold anything, also what cannot be hashed.
A capability is yes, no or unknown, and unknown never blocks. Evidence for the general rules stands
in ``parameters``, for the models' capabilities in ``catalog.json``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..call_notes import Note
from ..models.catalog import capabilities
from .parameters import REFUSED
from .translate import Outcome, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..models.catalog import Catalog, Feature, Model

JSON = dict[str, Any]

_MAX_NAMED = 8
_LIMITED = frozenset({"max_tokens", "max_completion_tokens", "n"})
_SAMPLING = frozenset({"logprobs", "top_logprobs", "top_p", "top_k"})


class FeatureRule(NamedTuple):
    """One feature: what it is called, how a request asks for it, what to do without it."""

    feature: Feature
    title: str
    asks: Callable[[JSON], str | None]  # returns the parameter that asks, or None
    instead: str


def check(
    body: JSON, model: Model, catalog: Catalog, outcome: Outcome, *, plain_messages: bool = False
) -> None:
    """Add a refusal for each thing asked that cannot be had from ``model``.

    ``plain_messages`` says that the messages are known to be text, with no parts to look for.
    """
    for rule in FEATURES:
        if plain_messages and rule.asks is _vision:
            continue
        if model.supports(rule.feature) is False and (param := rule.asks(body)):
            outcome.refusals.append(_lacking(rule, param, model, catalog))
    for name in body:
        if name in REFUSED and body[name] is not None:
            outcome.refusals.append(
                Refusal(
                    name,
                    name,
                    f"Baseten Model APIs have no {name}: {REFUSED[name].rule}",
                    f"leave {name} out",
                )
            )
    if not _LIMITED.isdisjoint(body):
        _check_limits(body, model, catalog, outcome)
    if not _SAMPLING.isdisjoint(body):
        _check_logprobs(body, model, outcome)
        _advise_sampling(body, model, outcome)
    _check_tools(body, outcome)
    if not plain_messages:
        _check_parts(body, outcome)


def _lacking(rule: FeatureRule, param: str, model: Model, catalog: Catalog) -> Refusal:
    return Refusal(
        param,
        rule.feature,
        f"{model.slug} does not support {rule.title} (asked for by {param}). "
        f"It has: {capabilities(model)}",
        f"{rule.instead}, or use a model that can: {_slugs(catalog.supporting(rule.feature))}",
    )


def _slugs(models: list[Model]) -> str:
    """Name the models to turn to: those of the specification, then those listed today."""
    usable = [model for model in models if model.status != "retired"]
    usable.sort(key=lambda model: (model.source != "specification", model.status != "listed"))
    names = [model.slug for model in usable[:_MAX_NAMED]]
    return ", ".join(names) + (
        f" and {len(usable) - _MAX_NAMED} more" if len(usable) > _MAX_NAMED else ""
    )


def _json_mode(body: JSON) -> str | None:
    return "response_format" if _format_type(body) == "json_object" else None


def _structured(body: JSON) -> str | None:
    kinds = ("json_schema", "grammar", "structural_tag")  # SPEC's constrained formats
    return "response_format" if _format_type(body) in kinds else None


def _format_type(body: JSON) -> object:
    response_format = body.get("response_format")
    return response_format.get("type") if isinstance(response_format, dict) else None


def _reasoning(body: JSON) -> str | None:
    if body.get("reasoning_effort") not in (None, "none"):
        return "reasoning_effort"
    args = body.get("chat_template_args")
    if isinstance(args, dict) and args.get("enable_thinking"):
        return "chat_template_args.enable_thinking"
    thinking = body.get("thinking")
    if isinstance(thinking, dict) and thinking.get("type") == "enabled":
        return "thinking"
    return "reasoning" if body.get("reasoning") else None


def _vision(body: JSON) -> str | None:
    for where, part in _parts(body):
        if part.get("type") in ("image_url", "input_image", "image", "video_url"):
            return where
    return None


def _parts(body: JSON) -> Iterator[tuple[str, JSON]]:
    messages = body.get("messages")
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, list):
            for number, part in enumerate(content):
                if isinstance(part, dict):
                    yield f"messages[{index}].content[{number}]", part


FEATURES: tuple[FeatureRule, ...] = (
    FeatureRule("json_mode", "JSON mode", _json_mode, "leave response_format out and ask in words"),
    FeatureRule(
        "structured_outputs",
        "structured outputs",
        _structured,
        "leave response_format out and ask for the schema in words",
    ),
    FeatureRule("reasoning", "reasoning", _reasoning, "leave it out"),
    FeatureRule("vision", "image input", _vision, "leave the image out"),
    FeatureRule(
        "tools",
        "tool calling",
        lambda body: "tools" if body.get("tools") else None,
        "leave the tools out",
    ),
)


def _check_limits(body: JSON, model: Model, catalog: Catalog, outcome: Outcome) -> None:
    limit = model.max_output_tokens
    for param in ("max_tokens", "max_completion_tokens"):
        asked = body.get(param)
        if limit is not None and isinstance(asked, int) and asked > limit:
            renamed = any(note.kind == "renamed" for note in outcome.notes)
            name = "max_completion_tokens" if renamed else param  # as the user wrote it
            larger = [m for m in catalog if (m.max_output_tokens or 0) >= asked]
            other = f", or use a model that can: {_slugs(larger)}" if larger else ""
            outcome.refusals.append(
                Refusal(
                    name,
                    "max_tokens",
                    f"{name}={asked} is over the {limit} tokens {model.slug} can put out. "
                    f"It has: {capabilities(model)}",
                    f"ask for at most {limit}{other}",
                )
            )
    if isinstance(body.get("n"), int) and body["n"] > 1:
        outcome.refusals.append(
            Refusal(
                "n",
                "n",
                f"n={body['n']} is not possible: no Baseten model gives more than one choice "
                f"({model.slug} included)",
                "send the request n times, concurrently if need be",
            )
        )


def _check_logprobs(body: JSON, model: Model, outcome: Outcome) -> None:
    if model.logprobs is None or not (body.get("logprobs") or body.get("top_logprobs")):
        return
    param = "logprobs" if body.get("logprobs") else "top_logprobs"
    reacts = "answers 400 to it" if model.logprobs == "refused" else "ignores it in silence"
    outcome.refusals.append(
        Refusal(
            param,
            "logprobs",
            f"{model.slug} gives no log probabilities (asked for by {param}): it {reacts}",
            "leave logprobs and top_logprobs out",
        )
    )


def _check_tools(body: JSON, outcome: Outcome) -> None:
    tools = body.get("tools")
    for index, tool in enumerate(tools if isinstance(tools, list) else ()):
        kind = tool.get("type", "function") if isinstance(tool, dict) else "function"
        if kind != "function":
            outcome.refusals.append(
                Refusal(
                    f"tools[{index}]",
                    f"{kind} tools",
                    f"tools[{index}] is a {kind!r} tool: Baseten's models call functions only",
                    "describe it as a function tool with a JSON schema",
                )
            )
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and choice.get("type", "function") != "function":
        outcome.refusals.append(
            Refusal(
                "tool_choice",
                f"tool_choice {choice['type']}",
                f"tool_choice of type {choice['type']!r} is not possible: Baseten takes "
                "'none', 'auto', 'required' or one named function",
                "send only the tools that may be called, with 'auto' or 'required'",
            )
        )


def _check_parts(body: JSON, outcome: Outcome) -> None:
    for where, part in _parts(body):
        if part.get("type") in ("file", "input_file"):
            outcome.refusals.append(
                Refusal(
                    where,
                    "file input",
                    f"{where} is a file: Baseten's messages hold text and, on some models, images",
                    "send the file's text, or its pages as images to a model with vision",
                )
            )


def _advise_sampling(body: JSON, model: Model, outcome: Outcome) -> None:
    for name in ("top_p", "top_k"):
        documented = model.sampling is None or name in model.sampling
        if body.get(name) is not None and not documented:
            message = f"{name} is sent, but not documented for {model.name}: it may have no effect"
            outcome.notes.append(Note("advice", name, message))
