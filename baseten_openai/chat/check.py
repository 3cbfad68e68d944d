"""Find what a request asks for that its model or Baseten does not have. Pure functions on plain dicts.

Values are compared with tuples, not sets: a request may hold any value, also one that is unhashable.
A capability is yes, no or unknown, and unknown never blocks. ``parameters`` has the evidence for the
general rules, ``catalog.json`` that for each model's capabilities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..call_notes import Note, Refusal
from ..models.catalog import capabilities
from .parameters import REFUSED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..models.catalog import Catalog, Feature, Model
    from .translation_log import TranslationLog

JSON = dict[str, Any]

_MAX_NAMED = 8


class Check(NamedTuple):
    """One check, and the parameters it is for: without any of them it finds nothing and is skipped."""

    parameters: frozenset[str]
    run: Callable[[JSON, Model, Catalog, TranslationLog], None]


def check(
    body: JSON, model: Model, catalog: Catalog, log: TranslationLog, *, text_only: bool = False
) -> None:
    """Add a refusal to ``log`` for each thing that ``body`` asks for and ``model`` does not have.

    ``text_only`` skips the checks for ``messages``: see ``prepare.are_text``.
    """
    for parameters, run in _TEXT_CHECKS if text_only else CHECKS:
        if not parameters.isdisjoint(body):
            run(body, model, catalog, log)


class FeatureRule(NamedTuple):
    """One feature: its title, how a request asks for it, and what to do without it."""

    feature: Feature
    title: str
    asks: Callable[[JSON], str | None]  # returns the parameter that asks for it, or None
    instead: str
    parameters: frozenset[str] = frozenset()

    def run(self, body: JSON, model: Model, catalog: Catalog, log: TranslationLog) -> None:
        """Refuse the feature where the model is known not to have it."""
        if model.supports(self.feature) is not False or not (param := self.asks(body)):
            return
        log.refusals.append(
            Refusal(
                param,
                self.feature,
                f"{model.slug} does not support {self.title} (asked for by {param}). "
                f"It has: {capabilities(model)}",
                f"{self.instead}{or_use(catalog.supporting(self.feature))}",
            )
        )


def or_use(models: list[Model]) -> str:
    """Return the end of a hint that names chat models to use instead, or nothing if there are none.

    Only models that Baseten lists today and the user's own are named.
    """
    usable = [
        model for model in models if model.status in ("listed", None) and model.kind == "chat"
    ]
    usable.sort(key=lambda model: model.source != "specification")
    if not usable:
        return ""
    names = ", ".join(model.slug for model in usable[:_MAX_NAMED])
    more = f" and {len(usable) - _MAX_NAMED} more" if len(usable) > _MAX_NAMED else ""
    return f", or use a model that can: {names}{more}"


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
    FeatureRule(
        "json_mode",
        "JSON mode",
        _json_mode,
        "leave response_format out and ask in the prompt",
        frozenset({"response_format"}),
    ),
    FeatureRule(
        "structured_outputs",
        "structured outputs",
        _structured,
        "leave response_format out and describe the schema in the prompt",
        frozenset({"response_format"}),
    ),
    FeatureRule(
        "reasoning",
        "reasoning",
        _reasoning,
        "leave it out",
        frozenset({"reasoning_effort", "chat_template_args", "thinking", "reasoning"}),
    ),
    FeatureRule("vision", "image input", _vision, "leave the image out", frozenset({"messages"})),
    FeatureRule(
        "tools",
        "tool calling",
        lambda body: "tools" if body.get("tools") else None,
        "leave the tools out",
        frozenset({"tools"}),
    ),
)


def _check_refused(body: JSON, _model: Model, _catalog: Catalog, log: TranslationLog) -> None:
    for name in body:
        if name in REFUSED and body[name] is not None:
            message = f"Baseten Model APIs have no {name}: {REFUSED[name].rule}"
            log.refusals.append(Refusal(name, name, message, f"leave {name} out"))


def _check_limits(body: JSON, model: Model, catalog: Catalog, log: TranslationLog) -> None:
    limit = model.max_output_tokens
    for param in ("max_tokens", "max_completion_tokens"):
        asked = body.get(param)
        if limit is not None and isinstance(asked, int) and asked > limit:
            name = log.user_names.get(param, param)
            larger = [m for m in catalog.values() if (m.max_output_tokens or 0) >= asked]
            log.refusals.append(
                Refusal(
                    name,
                    "max_tokens",
                    f"{name}={asked} is over the {limit} tokens {model.slug} can generate. "
                    f"It has: {capabilities(model)}",
                    f"ask for at most {limit}{or_use(larger)}",
                )
            )
    if isinstance(body.get("n"), int) and body["n"] > 1:
        log.refusals.append(
            Refusal(
                "n",
                "n",
                f"n={body['n']} is not possible: no Baseten model returns more than one choice "
                f"({model.slug} included)",
                "send the request n times, concurrently if needed",
            )
        )


def _check_logprobs(body: JSON, model: Model, _catalog: Catalog, log: TranslationLog) -> None:
    if model.logprobs is None or not (body.get("logprobs") or body.get("top_logprobs")):
        return
    param = "logprobs" if body.get("logprobs") else "top_logprobs"
    if model.logprobs == "ignored":
        message = (
            f"{param} is sent, but {model.slug} ignores it: the response has no log probabilities"
        )
        log.notes.append(Note("unsupported", param, message))
        return
    log.refusals.append(
        Refusal(
            param,
            "logprobs",
            f"{model.slug} does not return log probabilities (asked for by {param}): it responds with 400",
            "leave logprobs and top_logprobs out",
        )
    )


def _check_tools(body: JSON, _model: Model, _catalog: Catalog, log: TranslationLog) -> None:
    tools = body.get("tools")
    for index, tool in enumerate(tools if isinstance(tools, list) else ()):
        kind = tool.get("type", "function") if isinstance(tool, dict) else "function"
        if kind != "function":
            log.refusals.append(
                Refusal(
                    f"tools[{index}]",
                    f"{kind} tools",
                    f"tools[{index}] is a {kind!r} tool: Baseten's models only call functions",
                    "describe it as a function tool with a JSON schema",
                )
            )
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and choice.get("type", "function") != "function":
        log.refusals.append(
            Refusal(
                "tool_choice",
                f"tool_choice {choice['type']}",
                f"tool_choice of type {choice['type']!r} is not possible: Baseten accepts "
                "'none', 'auto', 'required' or one named function",
                "pass only the tools that may be called, with 'auto' or 'required'",
            )
        )


def _check_parts(body: JSON, _model: Model, _catalog: Catalog, log: TranslationLog) -> None:
    for where, part in _parts(body):
        if part.get("type") in ("file", "input_file"):
            log.refusals.append(
                Refusal(
                    where,
                    "file input",
                    f"{where} is a file: Baseten accepts text and, for some models, images",
                    "send the file's text, or its pages as images to a model with vision",
                )
            )


def _advise_sampling(body: JSON, model: Model, _catalog: Catalog, log: TranslationLog) -> None:
    for name in ("top_p", "top_k"):
        documented = model.sampling is None or name in model.sampling
        if body.get(name) is not None and not documented:
            message = f"{name} is sent, but not documented for {model.name}: it may have no effect"
            log.notes.append(Note("advice", name, message))


CHECKS: tuple[Check, ...] = (
    *(Check(rule.parameters, rule.run) for rule in FEATURES),
    Check(frozenset(REFUSED), _check_refused),
    Check(frozenset({"max_tokens", "max_completion_tokens", "n"}), _check_limits),
    Check(frozenset({"logprobs", "top_logprobs"}), _check_logprobs),
    Check(frozenset({"top_p", "top_k"}), _advise_sampling),
    Check(frozenset({"tools", "tool_choice"}), _check_tools),
    Check(frozenset({"messages"}), _check_parts),
)
"""All checks, in the order in which their refusals are reported."""

_TEXT_CHECKS = tuple(one for one in CHECKS if one.parameters != {"messages"})
TEXT_PARAMETERS = frozenset[str]().union(*(one.parameters for one in _TEXT_CHECKS))
"""The parameters of all checks but those for ``messages``."""
