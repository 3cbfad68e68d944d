"""Find what a request asks for that its model cannot do. Pure functions on plain dicts.

A capability is yes, no or unknown, and unknown never blocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..chat.check import FeatureRule, or_use
from ..models.catalog import capabilities
from .context import Refusal
from .items import parts
from .parameters import INSTEAD, REFUSED

if TYPE_CHECKING:
    from ..models.catalog import Catalog, Model
    from .context import ResponsesContext

JSON = dict[str, Any]


def check(body: JSON, model: Model, catalog: Catalog, context: ResponsesContext) -> None:
    """Add a refusal for each thing asked that cannot be had from ``model``."""
    for rule in FEATURES:
        if model.supports(rule.feature) is False and (param := rule.asks(body)):
            context.refusals.append(_lacking(rule, param, model, catalog))
    for name in body:
        if name in REFUSED and body[name] is not None:
            message = f"Baseten Model APIs have no {name}: {REFUSED[name].rule}"
            context.refusals.append(Refusal(name, name, message, INSTEAD[name]))
    _check_limit(body, model, catalog, context)
    _check_logprobs(body, model, context)
    _check_files(body, context)
    documented = model.sampling is None or "top_p" in model.sampling
    if body.get("top_p") is not None and not documented:
        message = f"top_p is sent, but not documented for {model.name}: it may have no effect"
        context.note("advice", "top_p", message)


def _lacking(rule: FeatureRule, param: str, model: Model, catalog: Catalog) -> Refusal:
    return Refusal(
        param,
        rule.feature,
        f"{model.slug} does not support {rule.title} (asked for by {param}). "
        f"It has: {capabilities(model)}",
        f"{rule.instead}{or_use(catalog.supporting(rule.feature))}",
    )


def _format(body: JSON) -> object:
    text = body.get("text")
    form = text.get("format") if isinstance(text, dict) else None
    return form.get("type") if isinstance(form, dict) else None


def _reasoning(body: JSON) -> str | None:
    reasoning = body.get("reasoning")
    if isinstance(reasoning, dict) and reasoning.get("effort") not in (None, "none"):
        return "reasoning.effort"
    return None


def _image(body: JSON) -> str | None:
    return next((where for where, part in parts(body) if part.get("type") == "input_image"), None)


FEATURES: tuple[FeatureRule, ...] = (
    FeatureRule(
        "json_mode",
        "JSON mode",
        lambda body: "text.format" if _format(body) == "json_object" else None,
        "leave text.format out and ask in words",
    ),
    FeatureRule(
        "structured_outputs",
        "structured outputs",
        lambda body: "text.format" if _format(body) == "json_schema" else None,
        "leave text.format out and ask for the schema in words",
    ),
    FeatureRule("reasoning", "reasoning", _reasoning, "leave it out"),
    FeatureRule("vision", "image input", _image, "leave the image out"),
    FeatureRule(
        "tools",
        "tool calling",
        lambda body: "tools" if body.get("tools") else None,
        "leave the tools out",
    ),
)


def _check_limit(body: JSON, model: Model, catalog: Catalog, context: ResponsesContext) -> None:
    limit, asked = model.max_output_tokens, body.get("max_output_tokens")
    if limit is None or not isinstance(asked, int) or asked <= limit:
        return
    larger = [m for m in catalog.values() if (m.max_output_tokens or 0) >= asked]
    context.refusals.append(
        Refusal(
            "max_output_tokens",
            "max_tokens",
            f"max_output_tokens={asked} is over the {limit} tokens {model.slug} can put out. "
            f"It has: {capabilities(model)}",
            f"ask for at most {limit}{or_use(larger)}",
        )
    )


def _check_logprobs(body: JSON, model: Model, context: ResponsesContext) -> None:
    param = next((name for name in ("top_logprobs", "include") if body.get(name)), None)
    if model.logprobs is None or param is None:
        return
    reacts = "answers 400 to it" if model.logprobs == "refused" else "ignores it in silence"
    context.refusals.append(
        Refusal(
            param,
            "logprobs",
            f"{model.slug} gives no log probabilities (asked for by {param}): in chat it {reacts}",
            "leave top_logprobs and message.output_text.logprobs out",
        )
    )


def _check_files(body: JSON, context: ResponsesContext) -> None:
    for where, part in parts(body):
        if part.get("type") == "input_file":
            context.refusals.append(
                Refusal(
                    where,
                    "file input",
                    f"{where} is a file: Baseten's models read text and, some of them, images",
                    "send the file's text, or its pages as images to a model with vision",
                )
            )
        elif part.get("type") == "input_image" and part.get("file_id") is not None:
            context.refusals.append(
                Refusal(
                    where,
                    "file ids",
                    f"{where} is an image by its file_id: Baseten stores no files",
                    "send the image's URL, or its bytes as a data: URL, in image_url",
                )
            )
