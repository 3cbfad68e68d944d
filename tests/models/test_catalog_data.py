"""The bundled data: its shape, and the eight models of the specification, value by value."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from importlib import resources
from typing import Any, Literal, NamedTuple

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from baseten_openai import Catalog
from baseten_openai.models.catalog import EFFORTS, Model

CATALOG = Catalog.bundled()
TEXT = resources.files("baseten_openai.models").joinpath("catalog.json").read_text("utf-8")
RECORDS: list[dict[str, Any]] = json.loads(TEXT)["models"]
SPECIFICATION = "specification"


class Specified(NamedTuple):
    """A row of the specification's table, with exact token counts (evidence.md#specification)."""

    name: str
    slug: str
    context: int
    max_output: int
    price: tuple[str, str]
    json_mode: bool
    structured: bool
    reasoning: str
    vision: bool


YES, NO = True, False
ON, OPT_IN, NONE = "default_on", "opt_in", "unsupported"
SPECIFIED = [
    Specified(*row)
    for row in (
        ("DeepSeek V3 0324", "deepseek-ai/DeepSeek-V3-0324", 163840, 131072, ("0.77", "0.77"), YES, YES, ON, NO),
        ("DeepSeek V3.1", "deepseek-ai/DeepSeek-V3.1", 163840, 131072, ("0.50", "1.50"), NO, NO, ON, NO),
        ("GLM 4.6", "zai-org/GLM-4.6", 200000, 200000, ("0.60", "2.20"), YES, YES, OPT_IN, NO),
        ("GLM 4.7", "zai-org/GLM-4.7", 200000, 200000, ("0.60", "2.20"), YES, YES, OPT_IN, NO),
        ("GLM 5", "zai-org/GLM-5", 202800, 202800, ("0.95", "3.15"), YES, YES, NONE, NO),
        ("Kimi K2.5", "moonshotai/Kimi-K2.5", 262000, 262000, ("0.60", "3.00"), YES, YES, OPT_IN, YES),
        ("Minimax M2.5", "MiniMaxAI/MiniMax-M2.5", 204000, 204000, ("0.30", "1.20"), YES, YES, ON, NO),
        ("OpenAI GPT OSS 120B", "openai/gpt-oss-120b", 128072, 128072, ("0.10", "0.50"), YES, YES, ON, NO),
    )
]  # fmt: skip


class Price(BaseModel):
    model_config = ConfigDict(extra="forbid")
    input: Decimal | None = Field(ge=0)
    output: Decimal | None = Field(ge=0)
    cached_input: Decimal | None = Field(ge=0)


class Record(BaseModel):
    """What a record of the file must be: every field there, none besides, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True)

    slug: str = Field(pattern=r"^[A-Za-z0-9_-]+/[A-Za-z0-9._-]+$")
    kind: Literal["chat", "decisions"]
    name: str = Field(min_length=1)
    aliases: list[str]
    context_tokens: int | None = Field(gt=0)
    max_output_tokens: int | None = Field(gt=0)
    price: Price | None
    json_mode: bool | None
    structured_outputs: bool | None
    tools: bool | None
    vision: bool | None
    reasoning: Literal["default_on", "always_on", "opt_in", "unsupported"] | None
    reasoning_switch: (
        Literal[
            "reasoning_effort",
            "enable_thinking",
            "enable_thinking_and_effort",
            "thinking_and_effort",
        ]
        | None
    )
    reasoning_efforts: list[str] | None
    default_reasoning_effort: str | None
    sampling: list[str] | None
    logprobs: Literal["refused", "ignored"] | None
    status: Literal["listed", "unlisted", "retired"]
    retired_on: str | None
    replacement: str | None
    replacement_source: Literal["recorded notice", "inferred"] | None
    source: str = Field(min_length=1)
    as_of: str
    note: str


@pytest.fixture(params=RECORDS, ids=lambda record: record["slug"])
def record(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_the_record_is_valid(record: dict[str, Any]) -> None:
    assert Record.model_validate_json(json.dumps(record)).slug == record["slug"]


@pytest.mark.parametrize(
    "change",
    [{"typo": 1}, {"context_tokens": "163840"}, {"vision": "yes"}, {"slug": "no-organisation"}],
    ids=lambda change: next(iter(change)),
)
def test_the_validation_would_notice_a_slip(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Record.model_validate_json(json.dumps(RECORDS[0] | change))


def test_prices_are_decimal_strings_so_that_no_digit_is_lost(record: dict[str, Any]) -> None:
    written = [amount for amount in (record["price"] or {}).values() if amount is not None]
    assert all(isinstance(amount, str) for amount in written)
    assert [str(Decimal(amount)) for amount in written] == written
    price = CATALOG.get(record["slug"]).price  # type: ignore[union-attr]  # it is in there
    read = [price.input, price.output, price.cached_input] if price else []
    assert [amount for amount in read if amount is not None] == [Decimal(a) for a in written]


def test_cached_input_costs_no_more_than_input(record: dict[str, Any]) -> None:
    price = record["price"] or {}
    if price.get("cached_input") is not None:
        assert Decimal(price["cached_input"]) <= Decimal(price["input"])


def test_dates_are_iso_dates(record: dict[str, Any]) -> None:
    for text in filter(None, (record["as_of"], record["retired_on"])):
        assert dt.date.fromisoformat(text).isoformat() == text
    assert record["as_of"]


def test_a_retired_model_has_a_date_and_a_replacement(record: dict[str, Any]) -> None:
    retired = record["status"] == "retired"
    assert bool(record["retired_on"]) is retired
    assert record["replacement"] or not retired
    assert retired or record["replacement_source"] != "recorded notice"
    assert bool(record["replacement"]) is bool(record["replacement_source"])


def test_the_replacement_is_a_model_in_here_that_is_not_retired(record: dict[str, Any]) -> None:
    if record["replacement"]:
        other = CATALOG.get(record["replacement"])
        assert other is not None
        assert other.slug != record["slug"]
        assert other.status != "retired"


def test_the_output_fits_the_context_unless_the_note_says_otherwise(record: dict[str, Any]) -> None:
    if "more output than context" in record["note"]:
        assert record["max_output_tokens"] > record["context_tokens"]
    elif record["context_tokens"] and record["max_output_tokens"]:
        assert record["max_output_tokens"] <= record["context_tokens"]


def test_efforts_are_known_ones_in_rising_order(record: dict[str, Any]) -> None:
    efforts = record["reasoning_efforts"]
    if efforts is None:
        assert record["default_reasoning_effort"] is None
        assert record["reasoning_switch"] in {None, "enable_thinking"}
    else:
        assert efforts == [effort for effort in EFFORTS if effort in efforts]
        assert set(efforts) - {"none"}  # at least one that reasons
        assert record["default_reasoning_effort"] in {None, *efforts}
        assert record["reasoning_switch"] not in {None, "enable_thinking"}
        assert record["reasoning"] not in {None, "unsupported"}


def test_opt_in_reasoning_has_a_switch(record: dict[str, Any]) -> None:
    if record["reasoning"] == "opt_in":
        assert "enable_thinking" in record["reasoning_switch"]


def test_every_name_is_one_models() -> None:
    names = [
        (name.lower().replace(" ", "-"), record["slug"])
        for record in RECORDS
        for name in {record["slug"], record["name"], *record["aliases"]}
    ]
    owners: dict[str, set[str]] = {}
    for name, slug in names:
        owners.setdefault(name, set()).add(slug)
    assert {name: slugs for name, slugs in owners.items() if len(slugs) > 1} == {}
    assert len({record["slug"] for record in RECORDS}) == len(RECORDS)


def test_a_record_has_the_fields_of_model() -> None:
    assert set(Record.model_fields) == set(Model.__dataclass_fields__)


def test_the_eight_models_of_the_specification_come_first_in_its_order() -> None:
    specified = [record["slug"] for record in RECORDS if record["source"] == SPECIFICATION]
    assert specified == [row.slug for row in SPECIFIED]
    assert [model.slug for model in CATALOG.values()][:8] == specified


@pytest.mark.parametrize("row", SPECIFIED, ids=lambda row: row.slug)
def test_a_model_is_as_specified(row: Specified) -> None:
    model = CATALOG.get(row.slug)
    assert model is not None
    assert model.price is not None
    assert model.name == row.name
    assert (model.context_tokens, model.max_output_tokens) == (row.context, row.max_output)
    assert (str(model.price.input), str(model.price.output)) == row.price
    assert model.json_mode is row.json_mode
    assert model.structured_outputs is row.structured
    assert model.reasoning == row.reasoning
    assert model.vision is row.vision
    assert model.tools is True  # "All support tool calling"
    assert model.source == SPECIFICATION


@pytest.mark.parametrize("slug", ["zai-org/GLM-4.6", "zai-org/GLM-4.7", "zai-org/GLM-5"])
def test_the_glm_models_have_top_p_and_top_k(slug: str) -> None:
    model = CATALOG.get(slug)
    assert model is not None
    assert {"top_p", "top_k"} <= set(model.sampling or ())


def test_the_models_of_todays_documentation_are_here() -> None:
    # see evidence.md#models, the rows that are listed
    today = {
        "deepseek-ai/DeepSeek-V4.1-Flash",
        "deepseek-ai/DeepSeek-V4.1-Flash-Fast",
        "deepseek-ai/DeepSeek-V4-Pro-0813",
        "deepseek-ai/DeepSeek-V4-Flash-0731",
        "zai-org/GLM-5.3",
        "zai-org/GLM-5.3-Fast",
        "zai-org/GLM-5.3-Flash",
        "zai-org/GLM-5.2",
        "zai-org/GLM-5.2-Fast",
        "moonshotai/Kimi-K3",
        "nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B",
        "openai/gpt-oss-120b",
        # see evidence.md#catalogue-changes-of-november-2026
        "moonshotai/Kimi-K3.1-Pro",
        "reflection/Beam-1.0",
        "meta-models/muse-spark-open",
        "nvidia/NVIDIA-Nemotron-3.5-Super-VL-120B-A12B",
        "deepseek-ai/DeepSeek-V4.1-Flash-1017",
        "deepseek-ai/DeepSeek-V4.1-Flash-1017-Fast",
        "decision-models/baseten-joey-2b-latest",
        "decision-models/baseten-elephant-9b-latest",
        "decision-models/baseten-mammoth-27b-latest",
    }
    assert {model.slug for model in CATALOG.values() if model.status == "listed"} == today


@pytest.mark.parametrize(
    ("slug", "retired_on", "replacement"),
    [
        ("deepseek-ai/DeepSeek-V3-0324", "2026-05-01", "deepseek-ai/DeepSeek-V3.1"),
        ("zai-org/GLM-4.6", "2026-05-01", "zai-org/GLM-4.7"),
        ("deepseek-ai/DeepSeek-R1", "2025-10-23", "openai/gpt-oss-120b"),
        ("deepseek-ai/DeepSeek-R1-0528", "2025-10-23", "openai/gpt-oss-120b"),
        # see evidence.md#retired-models; the replacements are inferred
        ("zai-org/GLM-5", "2026-07-24", "zai-org/GLM-5.2"),
        ("zai-org/GLM-5.1", "2026-07-24", "zai-org/GLM-5.2"),
        ("moonshotai/Kimi-K2.5", "2026-07-24", "moonshotai/Kimi-K3"),
        (
            "nvidia/Nemotron-120B-A12B",
            "2026-07-24",
            "nvidia/NVIDIA-Nemotron-3.5-Super-VL-120B-A12B",
        ),
        ("Qwen/Qwen3-Coder-480B-A35B-Instruct", "2026-02-07", "zai-org/GLM-5.3"),
    ],
)
def test_recorded_retirements(slug: str, retired_on: str, replacement: str) -> None:
    model = CATALOG.get(slug)
    assert model is not None
    assert (model.retired_on, model.replacement) == (retired_on, replacement)


ROWS_OF_NOVEMBER = {
    # see evidence.md#catalogue-changes-of-november-2026: input, output, cached input, context, most output, vision
    "moonshotai/Kimi-K3.1-Pro": ("2.00", "10.00", "0.20", 1_000_000, 1_048_576, True),
    "reflection/Beam-1.0": ("0.40", "1.20", "0.04", 1_048_576, 131_072, None),
    "meta-models/muse-spark-open": ("1.25", "4.25", "0.15", 1_048_576, 1_048_576, True),
    "nvidia/NVIDIA-Nemotron-3.5-Super-VL-120B-A12B": (
        "0.20",
        "0.50",
        "0.04",
        1_048_576,
        1_048_576,
        True,
    ),
    "deepseek-ai/DeepSeek-V4.1-Flash-1017": ("0.30", "1.20", "0.007", 1_048_576, 262_144, True),
    "deepseek-ai/DeepSeek-V4.1-Flash-1017-Fast": (
        "0.60",
        "2.40",
        "0.014",
        1_048_576,
        262_144,
        True,
    ),
    "deepseek-ai/DeepSeek-V4.1-Flash": ("0.30", "1.20", "0.007", 1_048_576, 262_144, True),
    "deepseek-ai/DeepSeek-V4.1-Flash-Fast": ("0.60", "2.40", "0.014", 1_048_576, 131_072, True),
    "zai-org/GLM-5.3-Fast": ("2.10", "6.60", "0.21", 1_048_576, 262_144, True),
    "zai-org/GLM-5.3-Flash": ("0.15", "0.50", "0.03", 1_048_576, 131_072, True),
    "deepseek-ai/DeepSeek-V4-Pro": ("1.74", "3.48", "0.145", 1_048_576, 262_144, False),
}


@pytest.mark.parametrize("slug", ROWS_OF_NOVEMBER)
def test_a_row_of_november(slug: str) -> None:
    model = CATALOG.get(slug)
    assert model is not None
    assert model.price is not None
    prices = (str(model.price.input), str(model.price.output), str(model.price.cached_input))
    found = (*prices, model.context_tokens, model.max_output_tokens, model.vision)
    assert found == ROWS_OF_NOVEMBER[slug]


def test_the_decision_models_are_a_kind_of_their_own() -> None:
    decisions = [model for model in CATALOG.values() if model.kind == "decisions"]
    assert {model.slug: str(model.price.input) for model in decisions if model.price} == {
        "decision-models/baseten-joey-2b-latest": "0.01",
        "decision-models/baseten-elephant-9b-latest": "0.035",
        "decision-models/baseten-mammoth-27b-latest": "0.10",
    }
    assert {model.context_tokens for model in decisions} == {16_384}


EFFORTS_DOCUMENTED = {
    # see evidence.md#models, column reasoning_effort
    "deepseek-ai/DeepSeek-V4.1-Flash": "none low high max",
    "deepseek-ai/DeepSeek-V4-Pro-0813": "none low high max",
    "deepseek-ai/DeepSeek-V4-Pro": "none minimal low medium high xhigh max",
    "zai-org/GLM-5.3-Fast": "low high max",
    "zai-org/GLM-5.2": "none high max",
    "moonshotai/Kimi-K3": "none low high max",
    "openai/gpt-oss-120b": "none minimal low medium high xhigh max",
}


@pytest.mark.parametrize("slug", EFFORTS_DOCUMENTED)
def test_documented_efforts(slug: str) -> None:
    model = CATALOG.get(slug)
    assert model is not None
    assert model.reasoning_efforts == tuple(EFFORTS_DOCUMENTED[slug].split())
