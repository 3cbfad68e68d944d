"""The catalogue's prices against those of genai-prices, a published library, for what both know."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

import baseten_openai

genai_prices = pytest.importorskip("genai_prices")
from genai_prices import data as genai_data  # noqa: E402  # only where it is installed
from genai_prices import types as genai_types  # noqa: E402  # as above

# Read off genai-prices 0.2.3 on 2026-11-27: nothing that both state differs. What only one states is
# here, and the release note has it too: (slug, part) -> who knows it.
ONLY_ONE = {
    ("openai/gpt-oss-120b", "cached_input"): "ours: the specification's 0.10",
}
PARTS = {"input": "input_mtok", "output": "output_mtok", "cached_input": "cache_read_mtok"}
NOW = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)


def theirs() -> dict[str, Any]:
    (provider,) = [p for p in genai_data.providers if p.id == "baseten"]
    return {model.id: model.get_prices(NOW) for model in provider.models}


BOTH = [model for model in baseten_openai.catalog.values() if model.slug in theirs()]


def test_there_is_something_to_compare() -> None:
    assert len(BOTH) >= 15


@pytest.mark.parametrize("model", BOTH, ids=lambda model: model.slug)
def test_each_part_of_a_price_is_theirs(model: baseten_openai.Model) -> None:
    for part, name in PARTS.items():
        own = getattr(model.price, part) if model.price else None
        other = getattr(theirs()[model.slug], name)
        if (model.slug, part) in ONLY_ONE:
            assert (own is None) != (other is None), "both know it by now, or neither"
        else:
            assert own == other, part


@pytest.mark.parametrize(
    "model",
    [m for m in BOTH if not any((m.slug, part) in ONLY_ONE for part in PARTS)],
    ids=lambda model: model.slug,
)
def test_a_call_costs_what_they_make_of_it(model: baseten_openai.Model) -> None:
    usage = {
        "prompt_tokens": 12_345,
        "completion_tokens": 678,
        "prompt_tokens_details": {"cached_tokens": 2_345},
    }
    own = baseten_openai.cost(usage, model)
    counted = genai_types.Usage(input_tokens=12_345, cache_read_tokens=2_345, output_tokens=678)
    made = genai_prices.calc_price(
        counted, model.slug, provider_id="baseten", genai_request_timestamp=NOW
    )
    assert own.total == Decimal(made.total_price)
