"""Check the fields of a ``Model`` and a ``Price`` when one is made.

A wrong record would fail later, inside a call, where nobody looks for it. Standard library only.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    from collections.abc import Callable

    from .catalog import Model, Price

Feature = Literal["json_mode", "structured_outputs", "reasoning", "vision", "tools"]
Kind = Literal["chat", "decisions"]
Reasoning = Literal["default_on", "always_on", "opt_in", "unsupported"]
Switch = Literal[
    "reasoning_effort", "enable_thinking", "enable_thinking_and_effort", "thinking_and_effort"
]
Logprobs = Literal["refused", "ignored"]
Status = Literal["listed", "unlisted", "retired"]
ReplacementSource = Literal["recorded notice", "inferred"]

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""Every reasoning effort that a model documents, in rising order (evidence.md#models)."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Rule(NamedTuple):
    """Fields, the test that their values must pass, and what is allowed, in words."""

    fields: tuple[str, ...]
    allows: Callable[[Any], bool]
    allowed: str


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value) and value == value.strip()


def _is_names(value: object) -> bool:
    return isinstance(value, tuple) and all(map(_is_name, value))


def _is_count(value: object) -> bool:
    return value is None or (type(value) is int and value > 0)


def _is_date(value: object) -> bool:
    return isinstance(value, str) and (not value or bool(_DATE.fullmatch(value)))


def _is_amount(value: object) -> bool:
    return value is None or (isinstance(value, Decimal) and value.is_finite() and value >= 0)


def _is_efforts(value: object) -> bool:
    if value is None:
        return True
    if not isinstance(value, tuple) or any(level not in EFFORTS for level in value):
        return False
    rising = tuple(level for level in EFFORTS if level in value)
    return value == rising and value not in {(), ("none",)}


def _one_of(field: str, literal: Any) -> Rule:
    values = get_args(literal)
    shown = ", ".join(map(repr, values))
    return Rule((field,), lambda value: value is None or value in values, f"{shown} or None")


_MODEL = (
    Rule(("slug",), _is_name, "a name without blanks around it, such as 'organisation/model'"),
    Rule(("name", "source", "note"), lambda value: isinstance(value, str), "a string"),
    Rule(("kind",), lambda value: value in get_args(Kind), "'chat' or 'decisions'"),
    Rule(("aliases",), _is_names, "a tuple of names"),
    Rule(("context_tokens", "max_output_tokens"), _is_count, "a whole number above 0, or None"),
    Rule(
        ("json_mode", "structured_outputs", "tools", "vision"),
        lambda value: value is None or isinstance(value, bool),
        "True, False or None (unknown)",
    ),
    _one_of("reasoning", Reasoning),
    _one_of("reasoning_switch", Switch),
    Rule(
        ("reasoning_efforts",),
        _is_efforts,
        f"None, or a tuple of levels in rising order, with at least one besides 'none': "
        f"{', '.join(map(repr, EFFORTS))}",
    ),
    Rule(
        ("sampling",), lambda value: value is None or _is_names(value), "None or a tuple of names"
    ),
    _one_of("logprobs", Logprobs),
    _one_of("status", Status),
    Rule(
        ("retired_on",),
        lambda value: value is None or (bool(value) and _is_date(value)),
        "None or an ISO date such as '2026-11-23'",
    ),
    Rule(("replacement",), lambda value: value is None or _is_name(value), "None or a slug"),
    _one_of("replacement_source", ReplacementSource),
    Rule(("as_of",), _is_date, "an ISO date such as '2026-11-23', or an empty string"),
)

_PRICE = (
    Rule(
        ("input", "output", "cached_input"),
        _is_amount,
        "USD per million tokens as a Decimal of 0 or more, or None (unknown)",
    ),
)


def check_model(model: Model, price_class: type[Price]) -> None:
    """Raise ``ValueError`` for the first field whose value cannot be right."""
    _check(model, _MODEL)
    if model.price is not None and not isinstance(model.price, price_class):
        raise _wrong(model, "price", "a Price or None")
    levels = EFFORTS if model.reasoning_efforts is None else model.reasoning_efforts
    if model.default_reasoning_effort not in {None, *levels}:
        raise _wrong(
            model, "default_reasoning_effort", f"None or one of {', '.join(map(repr, levels))}"
        )


def check_price(price: Price) -> None:
    """Raise ``ValueError`` for the first amount that is not one."""
    _check(price, _PRICE)


def _check(record: Any, rules: tuple[Rule, ...]) -> None:
    for rule in rules:
        for field in rule.fields:
            if not rule.allows(getattr(record, field)):
                raise _wrong(record, field, rule.allowed)


def _wrong(record: Any, field: str, allowed: str) -> ValueError:
    slug = getattr(record, "slug", None)
    name = type(record).__name__ + (
        f" {slug!r}" if isinstance(slug, str) and field != "slug" else ""
    )
    return ValueError(f"{name}: {field} is {getattr(record, field)!r}; it must be {allowed}.")
