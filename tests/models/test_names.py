"""Names of models as OpenAI programs write them, and the suggestions for OpenAI's models."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from baseten_openai import Catalog
from baseten_openai.models import names

CATALOG = Catalog.bundled()
BY_SLUG = {model.slug: model for model in CATALOG.values()}


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("gpt-4o", ("gpt-4o",)),
        ("gpt-4o-2024-08-06", ("gpt-4o-2024-08-06", "gpt-4o")),
        ("openai/gpt-4o", ("openai/gpt-4o", "gpt-4o")),
        ("openrouter/openai/gpt-4o", ("openrouter/openai/gpt-4o", "gpt-4o")),
        ("openai/gpt-4o-2024-08-06", ("openai/gpt-4o-2024-08-06", "gpt-4o-2024-08-06", "gpt-4o")),
        ("gpt-4-0613", ("gpt-4-0613", "gpt-4")),
        ("gpt-4-1106-preview", ("gpt-4-1106-preview", "gpt-4")),
        ("o3-mini-2025-01-31", ("o3-mini-2025-01-31", "o3-mini")),
        ("ft:gpt-4o-2024-08-06:org::id", ("ft:gpt-4o-2024-08-06:org::id", "gpt-4o-2024-08-06", "gpt-4o")),
        ("openai/gpt-oss-120b", ("openai/gpt-oss-120b",)),
        ("gpt-oss-12b", ("gpt-oss-12b",)),
        ("acme/model-2024-08-06", ("acme/model-2024-08-06",)),
        ("text-embedding-3-small", ("text-embedding-3-small",)),
    ],
)  # fmt: skip
def test_the_spellings_of_a_name(name: str, spelled: tuple[str, ...]) -> None:
    assert names.spellings(name) == spelled


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("gpt-4o", "a"),
        ("GPT-4o", "a"),
        ("gpt-4o-2024-08-06", "b"),  # it has an alias of its own
        ("gpt-4o-2024-11-20", "a"),
        ("openai/gpt-4o", "a"),
        ("gpt-4o-mini", None),
        ("gpt-4.1", None),  # a pattern's, not an exact alias'
    ],
)
def test_an_alias_covers_snapshots_and_prefixes(name: str, target: str | None) -> None:
    aliases = {"gpt-4o": "a", "gpt-4o-2024-08-06": "b", "gpt-4*": "c"}
    assert names.exact_alias(name, aliases) == target


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("gpt-4o-mini", "b"),
        ("gpt-4.1", "a"),
        ("openai/gpt-4.1", "a"),
        ("GPT-4.1", "a"),
        ("gpt-3.5-turbo", None),
        ("gpt-4o-mini-2024-07-18", "b"),
    ],
)
def test_the_longest_pattern_wins(name: str, target: str | None) -> None:
    assert names.pattern_alias(name, {"gpt-4*": "a", "gpt-4o*": "b"}) == target


def test_aliases_may_form_a_circle() -> None:
    assert names.follow("a", {"a": "b", "b": "a"}) in {"a", "b"}


@pytest.mark.parametrize(
    ("name", "chat", "any_"),
    [
        ("gpt-4o", True, True),
        ("openai/gpt-5-mini", True, True),
        ("o3", True, True),
        ("chatgpt-4o-latest", True, True),
        ("text-embedding-3-small", False, True),
        ("whisper-1", False, True),
        ("gpt-image-1", False, True),
        ("gpt-oss-120b", False, False),
        ("openai/gpt-oss-20b", False, False),
        ("gpt-oss-12b", False, False),
        ("zai-org/GLM-5.3", False, False),
        ("glm-4.7", False, False),
    ],
)
def test_openai_names(name: str, *, chat: bool, any_: bool) -> None:
    assert names.is_openai_chat_name(name) is chat
    assert names.is_openai_name(name) is any_


@pytest.mark.parametrize("known", names.openai_models(), ids=lambda known: known.name)
def test_a_suggestion_is_listed_today_and_has_the_features(known: names.OpenAIModel) -> None:
    model = BY_SLUG[known.suggestion]
    assert model.status == "listed"
    assert model.kind == "chat"
    assert model.tools and model.structured_outputs and model.json_mode  # noqa: PT018  # one thought
    assert model.vision or not known.vision
    assert model.price is not None


@pytest.mark.parametrize(
    "name", ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-5", "gpt-5-mini", "o1", "o3", "o4-mini", "gpt-3.5-turbo"]
)  # fmt: skip
def test_well_known_models_have_a_suggestion(name: str) -> None:
    found = names.openai_model(f"openai/{name}-2025-01-31")
    assert found is not None
    assert found.name == name


def test_openais_prices_are_those_of_genai_prices() -> None:
    data = pytest.importorskip("genai_prices.data")
    (openai,) = [provider for provider in data.providers if provider.id == "openai"]
    theirs = {model.id: model for model in openai.models}
    now = dt.datetime.fromisoformat(names.suggestions_as_of()).replace(tzinfo=dt.UTC)
    compared = 0
    for known in names.openai_models():
        if known.name in theirs:
            price = theirs[known.name].get_prices(now)
            for own, other in ((known.input, price.input_mtok), (known.output, price.output_mtok)):
                assert own == Decimal(str(getattr(other, "base", other))), known.name
            compared += 1
    assert compared >= 25


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        # see evidence.md#moving-names: the newest listed model of the line
        ("glm-latest", "zai-org/GLM-5.3"),
        ("glm-flash-latest", "zai-org/GLM-5.3-Flash"),
        ("kimi-latest", "moonshotai/Kimi-K3.1-Pro"),
        ("deepseek-pro-latest", "deepseek-ai/DeepSeek-V4-Pro-0813"),
        ("deepseek-flash-latest", "deepseek-ai/DeepSeek-V4.1-Flash-1017"),
        ("glm-4.7", None),
    ],
)
def test_moving_names(name: str, slug: str | None) -> None:
    assert names.latest(name) == slug
    assert slug is None or BY_SLUG[slug].status == "listed"
