"""What is taken from a row of ``GET /v1/models``, and what is not. Rows are made up here."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest
from listed_models import ROWS, recorded_rows

from baseten_openai import Catalog, Model
from baseten_openai.models.catalog import Price
from baseten_openai.models.live_merge import SPECIFIED, ListNote, Merged, merge

BUNDLED = Catalog.bundled()
SPECIFICATION = [model.slug for model in BUNDLED.values() if model.source == "specification"]
GPT_OSS, GLM, KIMI_K3 = "openai/gpt-oss-120b", "zai-org/GLM-5.2", "moonshotai/Kimi-K3"
FAST = "deepseek-ai/DeepSeek-V4.1-Flash-Fast"  # nothing is known of its vision
NEW = "new-lab/Model-9"
DAY = "2027-01-02"


def row(slug: str, **changes: Any) -> dict[str, Any]:
    """A row in the recorded shape; ``None`` leaves a key out."""
    whole = {
        "id": slug,
        "object": "model",
        "name": "Listed Name",
        "context_length": 500_000,
        "max_completion_tokens": 50_000,
        "pricing": {
            "prompt": "0.000002",
            "completion": "0.000008",
            "input_cache_read": "0.0000005",
        },
        "supported_sampling_parameters": ["temperature", "stop"],
        "supported_features": ["tools", "json_mode", "structured_outputs", "reasoning"],
        "input_modalities": ["text"],
        "output_modalities": ["text"],
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def priced(**prices: Any) -> dict[str, Any]:
    return {"prompt": "0.000002", "completion": "0.000008", **prices}


def merged_model(slug: str, **changes: Any) -> tuple[Model, Merged]:
    merged = merge(BUNDLED.values(), [row(slug, **changes)], DAY)
    return next(model for model in merged.models if model.slug == slug), merged


def note_on(merged: Merged, slug: str, field: str) -> ListNote:
    (note,) = [n for n in merged.notes if (n.slug, n.field) == (slug, field)]
    return note


def value_of(model: Model, field: str) -> Any:
    group, _, part = field.partition(".")
    value = getattr(model, group)
    return getattr(value, part) if part else value


@pytest.mark.parametrize("slug", SPECIFICATION)
def test_the_specification_holds_whatever_is_listed(slug: str) -> None:
    everything = ["tools", "json_mode", "structured_outputs", "reasoning", "vision"]
    nothing = {"supported_features": [], "input_modalities": ["text"]}
    for other in ({"supported_features": everything, "input_modalities": ["image"]}, nothing):
        model, merged = merged_model(slug, **other)
        specified = BUNDLED.get(slug)
        assert specified is not None
        for field in SPECIFIED:
            assert value_of(model, field) == value_of(specified, field), field
            assert merged.sources[slug][field].layer == "specification"
        assert model.source == "specification"
        assert note_on(merged, slug, "context_tokens").verdict == "kept"
        assert note_on(merged, slug, "price.input").listed == Decimal(2)


def test_what_the_specification_does_not_say_is_taken_from_the_list() -> None:
    model, merged = merged_model("zai-org/GLM-4.6", supported_sampling_parameters=["min_p"])
    assert model.price == Price(Decimal("0.60"), Decimal("2.20"), Decimal("0.50"))
    assert model.sampling == ("temperature", "stop", "top_p", "top_k", "min_p")
    assert merged.sources[model.slug]["price.cached_input"] == ("live", "GET /v1/models", DAY)


def test_limits_and_prices_are_the_lists() -> None:
    model, merged = merged_model(KIMI_K3, context_length=900_000, max_completion_tokens=90_000)
    assert (model.context_tokens, model.max_output_tokens) == (900_000, 90_000)
    assert model.price == Price(Decimal("2.00"), Decimal("8.00"), Decimal("0.50"))
    assert model.as_of == DAY
    assert model.source.startswith(f"GET /v1/models read {DAY}: context_tokens, ")
    known = BUNDLED.get(KIMI_K3)
    assert known is not None
    assert model.source.endswith(known.source)
    note = note_on(merged, KIMI_K3, "context_tokens")
    assert note == (KIMI_K3, "context_tokens", "taken", 1_048_576, 900_000, "the list is newer")
    assert str(note) == (f"{KIMI_K3} context_tokens: 1048576 is now 900000 (the list is newer)")


@pytest.mark.parametrize(
    ("per_token", "per_million"),
    [
        ("0.00000132", "1.32"),
        ("0.000000145", "0.145"),
        ("1e-7", "0.10"),
        (1e-06, "1.00"),
        ("0.00001", "10.00"),
        (" 0.000003 ", "3.00"),
    ],
)
def test_prices_per_token_become_exact_prices_per_million(
    per_token: object, per_million: str
) -> None:
    model, _ = merged_model(NEW, pricing=priced(prompt=per_token))
    assert model.price is not None
    assert model.price.input == Decimal(per_million)
    assert str(model.price.input) == per_million


NONSENSE = [
    ("context_tokens", {"context_length": 0}),
    ("context_tokens", {"context_length": -1}),
    ("context_tokens", {"context_length": "131072"}),
    ("context_tokens", {"context_length": True}),
    ("context_tokens", {"context_length": 10**12}),
    ("context_tokens", {"context_length": None}),
    ("max_output_tokens", {"max_completion_tokens": 0}),
    ("max_output_tokens", {"max_completion_tokens": 500_001}),  # over the context
    ("max_output_tokens", {"max_completion_tokens": None}),
    ("price.input", {"pricing": priced(prompt="-0.000001")}),
    ("price.input", {"pricing": priced(prompt=None)}),
    ("price.input", {"pricing": priced(prompt="")}),
    ("price.input", {"pricing": priced(prompt="free")}),
    ("price.input", {"pricing": priced(prompt="NaN")}),
    ("price.input", {"pricing": priced(prompt="Infinity")}),
    ("price.input", {"pricing": priced(prompt=True)}),
    ("price.input", {"pricing": priced(prompt="3.00")}),  # of a million, as that of one
    ("price.input", {"pricing": priced(prompt="0")}),
    ("price.input", {"pricing": priced(prompt="0.0000003")}),  # the known price of cached input
    ("price.output", {"pricing": priced(completion="-1")}),
    ("price.output", {"pricing": None}),
    ("price.output", {"pricing": ["0.000001"]}),
    ("price.cached_input", {"pricing": priced(input_cache_read="-1")}),
    ("price.cached_input", {"pricing": priced(input_cache_read="0.0001")}),  # over uncached input
]


@pytest.mark.parametrize(
    ("field", "changes"), NONSENSE, ids=[f"{field}:{changes}" for field, changes in NONSENSE]
)
def test_nonsense_is_refused_with_a_note_and_the_old_value_kept(
    field: str, changes: dict[str, Any]
) -> None:
    known = BUNDLED.get(KIMI_K3)
    assert known is not None
    model, merged = merged_model(KIMI_K3, **changes)
    assert value_of(model, field) == value_of(known, field)
    note = note_on(merged, KIMI_K3, field)
    assert (note.verdict, note.known) == ("refused", value_of(known, field))
    assert note.reason
    assert "stays" in str(note)
    assert merged.sources[KIMI_K3][field].layer == "bundled"


def test_a_price_that_is_missing_takes_no_other_with_it() -> None:
    model, _ = merged_model(KIMI_K3, pricing={"completion": "0.000009"})
    assert model.price == Price(Decimal("3.00"), Decimal("9.00"), Decimal("0.30"))


def test_no_price_for_cached_input_is_no_price_of_zero() -> None:
    model, _ = merged_model(NEW, pricing=priced(input_cache_read="0"))
    assert model.price is not None
    assert model.price.cached_input is None


@pytest.mark.parametrize(
    ("slug", "listed", "enforced"),
    [
        ("deepseek-ai/DeepSeek-V4-Flash-0731", 1_048_576, 384_000),  # 400 recorded 2026-09-08
        ("thinkingmachines/inkling-small", 32_768, 262_144),  # found by third parties
    ],
)
def test_a_limit_known_to_be_listed_wrongly_is_not_taken_back(
    slug: str, listed: int, enforced: int
) -> None:
    model, merged = merged_model(slug, context_length=1_048_576, max_completion_tokens=listed)
    assert model.max_output_tokens == enforced
    assert note_on(merged, slug, "max_output_tokens").verdict == "kept"
    model, _ = merged_model(slug, context_length=1_048_576, max_completion_tokens=100_000)
    assert model.max_output_tokens == 100_000


def test_a_new_decision_model_is_told_from_a_chat_model() -> None:
    model, _ = merged_model("decision-models/baseten-new-9b-latest")
    assert model.kind == "decisions"
    assert merged_model(NEW)[0].kind == "chat"


@pytest.mark.parametrize("feature", ["json_mode", "structured_outputs", "tools"])
def test_a_missing_flag_never_turns_a_yes_into_a_no(feature: str) -> None:
    model, merged = merged_model(GLM, supported_features=[])
    assert getattr(model, feature) is True
    assert note_on(merged, GLM, feature).verdict == "kept"


def test_missing_reasoning_and_image_input_never_turn_a_yes_into_a_no() -> None:
    model, merged = merged_model(GLM, supported_features=["tools"], input_modalities=["text"])
    assert (model.reasoning, model.vision) == ("opt_in", True)
    assert {note_on(merged, GLM, field).verdict for field in ("reasoning", "vision")} == {"kept"}


def test_a_list_without_flags_says_nothing_about_features() -> None:
    _, merged = merged_model(GLM, supported_features=None, input_modalities=None)
    features = {"json_mode", "structured_outputs", "tools", "vision", "reasoning"}
    assert not [note for note in merged.notes if note.slug == GLM and note.field in features]


@pytest.mark.parametrize(("modalities", "vision"), [(["text", "image"], True), (["text"], False)])
def test_the_list_says_whether_a_model_sees_where_nobody_knew(
    modalities: list[str], vision: bool
) -> None:
    model, _ = merged_model("reflection/Beam-1.0", input_modalities=modalities)
    assert model.vision is vision


def test_reasoning_that_the_list_has_and_we_had_not_is_unknown_so_that_nothing_is_refused() -> None:
    slug = "moonshotai/Kimi-K2-Instruct-0905"  # bundled: no reasoning
    model, _ = merged_model(slug)
    assert model.reasoning is None
    assert model.supports("reasoning") is None


def test_a_new_model_has_what_is_listed_and_no_more() -> None:
    model, merged = merged_model(NEW, supported_features=["tools"])
    assert model == Model(
        NEW,
        name="Listed Name",
        context_tokens=500_000,
        max_output_tokens=50_000,
        price=Price(Decimal(2), Decimal(8), Decimal("0.5")),
        tools=True,
        vision=False,
        sampling=("temperature", "stop"),
        status="listed",
        source=f"GET /v1/models read {DAY}",
        as_of=DAY,
    )
    assert {source.layer for source in merged.sources[NEW].values()} == {"live"}
    assert [note.field for note in merged.notes if note.slug == NEW] == ["slug"]


@pytest.mark.parametrize(
    ("slug", "listed", "status"),
    [
        (GLM, True, "listed"),
        (GLM, False, "unlisted"),
        ("deepseek-ai/DeepSeek-R1", False, "retired"),
        ("deepseek-ai/DeepSeek-R1", True, "listed"),
        ("zai-org/GLM-4.7", True, "listed"),
    ],
)
def test_the_list_says_what_is_listed(slug: str, listed: bool, status: str) -> None:
    merged = merge(BUNDLED.values(), [row(slug) if listed else row(NEW)], DAY)
    assert {model.slug: model.status for model in merged.models}[slug] == status


def test_the_users_own_record_holds_and_its_gaps_are_filled() -> None:
    own = Model(GLM, context_tokens=1000, vision=False, source="mine")
    base = Catalog([*BUNDLED.values(), own])
    merged = merge(base.values(), [row(GLM, context_length=2000, max_completion_tokens=900)], DAY)
    model = next(model for model in merged.models if model.slug == GLM)
    assert (model.context_tokens, model.vision, model.max_output_tokens) == (1000, False, 900)
    sources = merged.sources[GLM]
    assert sources["context_tokens"].layer == "user"
    assert sources["max_output_tokens"].layer == "live"
    assert note_on(merged, GLM, "context_tokens").reason == "your own record holds"


def test_a_changed_copy_of_a_specified_record_is_the_users() -> None:
    known = BUNDLED.get(GPT_OSS)
    assert known is not None
    own = dataclasses.replace(known, vision=True)
    merged = merge([own], [row(GPT_OSS)], DAY)
    assert merged.models[0].vision is True
    assert merged.sources[GPT_OSS]["vision"].layer == "user"


def test_an_earlier_lists_values_are_not_taken_for_the_users() -> None:
    earlier = merge(
        BUNDLED.values(), [row(KIMI_K3, context_length=900_000), row(GPT_OSS)], "2027-01-01"
    )
    later = merge(earlier.models, [row(KIMI_K3, context_length=800_000)], DAY)
    model = next(model for model in later.models if model.slug == KIMI_K3)
    assert model.context_tokens == 800_000
    assert "2027-01-01" not in model.source
    assert later.sources[GPT_OSS]["vision"].layer == "specification"


def test_rows_that_are_none_are_refused_and_the_others_read() -> None:
    rows = [None, [], {"id": 7}, {"id": "no-slug"}, {"id": "a/b\x1b[31m"}, row(NEW), row(NEW)]
    merged = merge([], rows, DAY)
    assert [model.slug for model in merged.models] == [NEW]
    assert merged.rows == 1
    refused = [note for note in merged.notes if note.field == "id"]
    assert len(refused) == 6
    assert all(note.verdict == "refused" and note.slug.isprintable() for note in refused)


def test_nothing_from_the_list_can_write_to_the_terminal() -> None:
    model, merged = merged_model(
        NEW, name="Evil\x1b]0;title\x07 \u202eName", pricing=priced(prompt="\x1b[2J")
    )
    assert model.name == "Evil]0;title Name"
    assert all(str(note).isprintable() for note in merged.notes)


@pytest.mark.parametrize(("which", "count"), [("ours", 3), ("recorded", 13)])
def test_a_recorded_list_merges_without_a_refusal(which: str, count: int) -> None:
    rows = ROWS if which == "ours" else recorded_rows()
    if rows is None:
        pytest.skip("the recorded list of models (../shared/reference) is not here")
    merged = merge(BUNDLED.values(), rows, "2026-08-17")
    assert merged.rows == count
    assert not [note for note in merged.notes if note.verdict == "refused"]
    models = {model.slug: model for model in merged.models}
    expected = {  # see evidence.md#models
        "zai-org/GLM-5.2-Fast": ("2.10", "6.60", "0.21"),
        "moonshotai/Kimi-K3": ("3.00", "15.00", "0.30"),
        "openai/gpt-oss-120b": ("0.10", "0.50", "0.10"),
    }
    for slug, prices in expected.items():
        assert models[slug].price == Price(*map(Decimal, prices))
