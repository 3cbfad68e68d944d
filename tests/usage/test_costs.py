"""``cost()``: every expected amount is worked out by hand from the specification's prices."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openai.types
import pytest

import baseten_openai
from baseten_openai import Model, cost
from baseten_openai.models.catalog import Price
from baseten_openai.usage.money import usd

if TYPE_CHECKING:
    from collections.abc import Mapping

MODELS = {  # see evidence.md#specification: USD per million tokens, in and out
    "deepseek-ai/DeepSeek-V3-0324": ("0.77", "0.77"),
    "deepseek-ai/DeepSeek-V3.1": ("0.50", "1.50"),
    "zai-org/GLM-4.6": ("0.60", "2.20"),
    "zai-org/GLM-4.7": ("0.60", "2.20"),
    "zai-org/GLM-5": ("0.95", "3.15"),
    "moonshotai/Kimi-K2.5": ("0.60", "3.00"),
    "MiniMaxAI/MiniMax-M2.5": ("0.30", "1.20"),
    "openai/gpt-oss-120b": ("0.10", "0.50"),
}
MILLION = {"prompt_tokens": 1_000_000, "completion_tokens": 1_000_000}


def usage(given: int, output: int, cached: int | None = None) -> dict[str, Any]:
    details = {} if cached is None else {"prompt_tokens_details": {"cached_tokens": cached}}
    return {"prompt_tokens": given, "completion_tokens": output, **details}


@pytest.mark.parametrize("slug", MODELS)
def test_a_million_tokens_cost_the_price(slug: str) -> None:
    found = cost(MILLION, slug)
    given, output = map(Decimal, MODELS[slug])
    assert (found.input, found.cached, found.output) == (given, 0, output)
    assert found.total == found.at_most == given + output
    assert found.model == slug
    assert found.source == "specification"
    assert found.as_of == "2026-11-23"


def test_cached_tokens_are_a_part_of_the_prompt_with_their_own_price() -> None:
    # Kimi K2.5: 0.60 in, 0.12 cached, 3.00 out (evidence.md#specification)
    found = cost(usage(1000, 100, cached=400), "kimi-k2.5")
    assert (found.input_tokens, found.cached_tokens, found.output_tokens) == (1000, 400, 100)
    assert found.input == Decimal("0.00036")
    assert found.cached == Decimal("0.000048")
    assert found.output == Decimal("0.0003")
    assert found.total == Decimal("0.000708")


def test_where_the_price_of_cached_tokens_is_unknown_so_is_the_cost() -> None:
    found = cost(usage(1000, 0, cached=400), "deepseek-v3.1")
    assert (found.input, found.cached, found.total) == (Decimal("0.0003"), None, None)
    assert found.at_most == Decimal("0.0005")
    assert "at most USD 0.0005" in str(found)


def test_an_unknown_price_is_unknown_and_not_nothing() -> None:
    for name in ("some-org/some-model", "no model of anybody's"):
        found = cost(usage(10, 10), name)
        assert (found.input, found.output, found.total, found.at_most) == (None, None, None, None)
        assert found.model == name
        assert "unknown" in str(found)
    half = Model("o/m", price=Price(Decimal(1), None))
    assert cost(usage(10, 10), half).total is None
    assert cost(usage(10, 0), half).total == Decimal("0.00001")


@pytest.mark.parametrize(
    "given",
    [
        {"usage": usage(10, 20), "model": "gpt-oss-120b"},
        {"usage": usage(10, 20), "model": "openai/gpt-oss-120b", "choices": []},
        openai.types.chat.ChatCompletion.construct(
            model="openai/gpt-oss-120b",
            usage=openai.types.CompletionUsage(
                prompt_tokens=10, completion_tokens=20, total_tokens=30
            ),
        ),
        openai.types.chat.ChatCompletionChunk.construct(
            model="openai/gpt-oss-120b",
            choices=[],
            usage=openai.types.CompletionUsage(
                prompt_tokens=10, completion_tokens=20, total_tokens=30
            ),
        ),
        {"usage": {"input_tokens": 10, "output_tokens": 20}, "model": "openai/gpt-oss-120b"},
    ],
)
def test_it_takes_whatever_carries_a_usage(given: object) -> None:
    assert cost(given).total == Decimal("0.000011")
    assert cost(given, "kimi-k2.5").total == Decimal("0.000066")
    assert cost(given, baseten_openai.catalog.resolve("kimi-k2.5")).model == "moonshotai/Kimi-K2.5"


@pytest.mark.parametrize("given", [{}, {"usage": None, "model": "gpt-oss-120b"}, None, "text"])
def test_without_a_usage_it_says_what_to_pass(given: Mapping[str, Any] | None) -> None:
    with pytest.raises(ValueError, match="no usage to count"):
        cost(given, "gpt-oss-120b")


def test_without_a_model_it_says_so() -> None:
    with pytest.raises(ValueError, match=re.escape("pass model=")):
        cost(usage(1, 1))


def test_nonsense_counts_are_not_paid_for() -> None:
    found = cost(usage(10, 5, cached=50), "kimi-k2.5")
    assert (found.cached_tokens, found.input) == (10, 0)  # no more cached than there are
    assert cost({**usage(10, 5), "prompt_tokens_details": None}, "kimi-k2.5").cached_tokens == 0


@pytest.mark.parametrize(
    ("amount", "written"),
    [("0", "0"), ("0.0000066", "0.0000066"), ("0.1234567", "0.1235"), ("1234.567", "1,234.57")],
)
def test_amounts_are_readable(amount: str, written: str) -> None:
    assert usd(Decimal(amount)) == written
