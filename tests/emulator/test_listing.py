"""``GET /v1/models``: the recorded shape, the specification's values."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from listed_models import ROWS

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[..., Any]

# The specification's table (evidence.md#specification): slug, USD per million in and out, tokens.
SPECIFIED = [
    ("deepseek-ai/DeepSeek-V3-0324", "0.77", "0.77", 163840, 131072),
    ("deepseek-ai/DeepSeek-V3.1", "0.50", "1.50", 163840, 131072),
    ("zai-org/GLM-4.6", "0.60", "2.20", 200000, 200000),
    ("zai-org/GLM-4.7", "0.60", "2.20", 200000, 200000),
    ("zai-org/GLM-5", "0.95", "3.15", 202800, 202800),
    ("moonshotai/Kimi-K2.5", "0.60", "3.00", 262000, 262000),
    ("MiniMaxAI/MiniMax-M2.5", "0.30", "1.20", 204000, 204000),
    ("openai/gpt-oss-120b", "0.10", "0.50", 128072, 128072),
]


@pytest.fixture(scope="module")
def listing(post: Ask) -> dict[str, Any]:
    got = post(b"", path="/models", method="GET")
    assert got.status == 200
    found: dict[str, Any] = got.json
    return found


@pytest.fixture(scope="module")
def rows(listing: dict[str, Any]) -> dict[str, Any]:
    return {row["id"]: row for row in listing["data"]}


def test_there_is_no_object_key(listing: dict[str, Any]) -> None:
    assert list(listing) == ["data"]


def test_a_row_has_the_recorded_fields(rows: dict[str, Any]) -> None:
    real = next(row for row in ROWS if row["id"] == "openai/gpt-oss-120b")
    ours = rows["openai/gpt-oss-120b"]
    assert set(ours) == set(real)
    assert {key: type(value) for key, value in ours.items()} == {
        key: type(value) for key, value in real.items()
    }
    assert set(ours["pricing"]) == set(real["pricing"])
    for key in ("id", "object", "owned_by", "context_length", "max_completion_tokens", "pricing"):
        assert ours[key] == real[key]
    for key in ("input_modalities", "output_modalities", "supported_sampling_parameters"):
        assert ours[key] == real[key]
    assert set(ours["supported_features"]) == set(real["supported_features"])


@pytest.mark.parametrize(("slug", "paid", "got", "context", "most"), SPECIFIED)
def test_specified_models(
    rows: dict[str, Any], slug: str, paid: str, got: str, context: int, most: int
) -> None:
    row = rows[slug]
    assert Decimal(row["pricing"]["prompt"]) * 1_000_000 == Decimal(paid)
    assert Decimal(row["pricing"]["completion"]) * 1_000_000 == Decimal(got)
    assert (row["context_length"], row["max_completion_tokens"]) == (context, most)


def test_prices_are_plain_decimals(rows: dict[str, Any]) -> None:
    texts = [text for row in rows.values() for text in row["pricing"].values()]
    assert len(texts) > 20
    assert not [text for text in texts if not text.replace(".", "", 1).isdigit()]


def test_vision_and_lacking_features(rows: dict[str, Any]) -> None:
    assert rows["moonshotai/Kimi-K2.5"]["input_modalities"] == ["text", "image"]
    assert "json_mode" not in rows["deepseek-ai/DeepSeek-V3.1"]["supported_features"]
    assert "reasoning" not in rows["zai-org/GLM-5"]["supported_features"]
