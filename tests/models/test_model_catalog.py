"""Names and what they mean: slugs, display names, short forms, aliases, OpenAI's, nobody's."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import openai
import pytest

import baseten_openai
from baseten_openai import Catalog, Model, UnknownModelError
from baseten_openai.models.catalog import Price, capabilities

CATALOG = Catalog.bundled()
GLM, KIMI, GPT_OSS = "zai-org/GLM-4.7", "moonshotai/Kimi-K2.5", "openai/gpt-oss-120b"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("zai-org/GLM-4.7", GLM),
        ("ZAI-ORG/glm-4.7", GLM),
        ("GLM 4.7", GLM),
        ("glm 4.7", GLM),
        ("glm-4.7", GLM),
        ("GLM_4.7", GLM),
        ("  glm-4.7\n", GLM),
        ("baseten/zai-org/GLM-4.7", GLM),
        ("Baseten/glm-4.7", GLM),
        ("baseten/GLM 4.7", GLM),
        ("kimi-k2.5", KIMI),
        ("Kimi-K2.5", KIMI),
        ("deepseek-v3.1", "deepseek-ai/DeepSeek-V3.1"),
        ("glm-4.6", "zai-org/GLM-4.6"),
        ("gpt-oss-120b", GPT_OSS),
        ("OpenAI GPT OSS 120B", GPT_OSS),
        ("OpenAI GPT 120B", GPT_OSS),  # as today's listing calls it
        ("minimax m2.5", "MiniMaxAI/MiniMax-M2.5"),
    ],
)
def test_a_model_goes_by(name: str, slug: str) -> None:
    assert CATALOG.resolve(name).slug == slug


def test_every_model_goes_by_its_slug_its_name_and_its_aliases_in_any_case() -> None:
    for model in CATALOG.values():
        for name in (model.slug, model.name, *model.aliases, model.slug.split("/")[1]):
            for spelling in (name, name.upper(), name.lower(), f"baseten/{name}"):
                assert CATALOG.resolve(spelling) is model, spelling


def test_a_whole_slug_nobody_knows_passes_with_nothing_known_of_it() -> None:
    model = CATALOG.resolve("new-lab/Model-9")
    assert model.slug == "new-lab/Model-9"
    assert {
        CATALOG.resolve("new-lab/Model-9").supports(feature)
        for feature in ("json_mode", "structured_outputs", "reasoning", "vision", "tools")
    } == {None}
    assert model.max_output_tokens is None


def test_the_prefix_is_taken_off_a_slug_nobody_knows() -> None:
    assert CATALOG.resolve("baseten/new-lab/Model-9").slug == "new-lab/Model-9"


def test_the_prefix_makes_no_slug_of_a_bare_name() -> None:
    with pytest.raises(UnknownModelError) as caught:
        CATALOG.resolve("baseten/glm-4.77")
    assert GLM in caught.value.suggestions
    assert CATALOG.resolve("baseten/gpt-4o", default_model="glm-4.7").slug == GLM


def test_a_fine_tunes_slug_is_not_taken_for_an_openai_name() -> None:
    model = CATALOG.resolve("my-lab/gpt-4o-mini", default_model="glm-4.7")
    assert model.slug == "my-lab/gpt-4o-mini"


@pytest.mark.parametrize(
    ("typo", "closest"),
    [
        ("glm-4.77", "zai-org/GLM-4.7"),
        ("kimi-k25", "moonshotai/Kimi-K2.5"),
        ("deepseek-v31", "deepseek-ai/DeepSeek-V3.1"),
        ("minimax", "MiniMaxAI/MiniMax-M2.5"),
    ],
)
def test_a_bare_name_nobody_knows_is_refused_with_the_closest(typo: str, closest: str) -> None:
    with pytest.raises(UnknownModelError) as caught:
        CATALOG.resolve(typo)
    error = caught.value
    assert error.model == typo
    assert closest in error.suggestions
    assert repr(typo) in error.message
    assert closest in str(error)
    assert isinstance(error, openai.NotFoundError)
    assert error.status_code == 404


def test_a_name_like_no_other_is_refused_without_suggestions() -> None:
    with pytest.raises(UnknownModelError) as caught:
        CATALOG.resolve("zzzzqqqq")
    assert caught.value.suggestions == ()
    assert "closest" not in str(caught.value)


@pytest.mark.parametrize("name", ["", " ", "baseten/"])
def test_no_name_is_no_model(name: str) -> None:
    with pytest.raises(UnknownModelError):
        CATALOG.resolve(name)


SUGGESTED = {
    # written names, the plain one, and a model listed today with at least its features (vision)
    "gpt-4o": ("gpt-4o", "zai-org/GLM-5.2"),
    "openai/gpt-4o-2024-08-06": ("gpt-4o", "zai-org/GLM-5.2"),
    "gpt-4o-mini": ("gpt-4o-mini", "deepseek-ai/DeepSeek-V4.1-Flash"),
    "gpt-5": ("gpt-5", "zai-org/GLM-5.3"),
    "o3": ("o3", "zai-org/GLM-5.3"),
    "o4-mini": ("o4-mini", "deepseek-ai/DeepSeek-V4.1-Flash"),
    "chatgpt-4o-latest": ("chatgpt-4o-latest", "zai-org/GLM-5.2"),
    "GPT-4": ("gpt-4", "openai/gpt-oss-120b"),
    "gpt-9-nova": ("gpt-9-nova", "openai/gpt-oss-120b"),  # unknown: an example
}


@pytest.mark.parametrize("written", SUGGESTED)
def test_an_openai_name_is_refused_with_the_lines_that_map_it(written: str) -> None:
    name, slug = SUGGESTED[written]
    with pytest.raises(UnknownModelError) as caught:
        CATALOG.resolve(written)
    hint = caught.value.hint or ""
    assert f'aliases={{"{name}": "{slug}"}}' in hint
    assert f"BASETEN_OPENAI_ALIASES={name}={slug}" in hint
    assert f'default_model="{slug}"' in hint


def test_the_suggestion_shows_its_date_and_both_prices() -> None:
    with pytest.raises(UnknownModelError) as caught:
        CATALOG.resolve("gpt-4o")
    # catalogue: GLM 5.2 1.40 / 4.40; OpenAI: 2.50 / 10.00
    assert "suggested on 2026-11-27" in (caught.value.hint or "")
    assert "1.40 / 4.40, gpt-4o 2.5 / 10" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("name", "aliases", "slug"),
    [
        ("gpt-4o-2024-08-06", {"gpt-4o": "glm-5.2"}, "zai-org/GLM-5.2"),
        ("openai/gpt-4o", {"gpt-4o": "glm-5.2"}, "zai-org/GLM-5.2"),
        ("gpt-4.1", {"gpt-4*": "glm-5.2", "gpt-4o*": "glm-5.3"}, "zai-org/GLM-5.2"),
        ("gpt-4o-mini", {"gpt-4*": "glm-5.2", "gpt-4o*": "glm-5.3"}, "zai-org/GLM-5.3"),
        ("gpt-4o", {"gpt-*": "mine", "mine": "glm-5.3"}, "zai-org/GLM-5.3"),
        ("kimi-k3", {"*": "glm-5.3"}, "moonshotai/Kimi-K3"),  # a Baseten name needs no pattern
        ("glm-latest", None, "zai-org/GLM-5.3"),
        ("baseten/kimi-latest", None, "moonshotai/Kimi-K3.1-Pro"),
    ],
)
def test_names_as_programs_write_them(name: str, aliases: Any, slug: str) -> None:
    assert CATALOG.resolve(name, aliases=aliases).slug == slug


@pytest.mark.parametrize("name", ["gpt-oss-12b", "gpt-oss-121b", "GPT_OSS_12B"])
def test_a_near_miss_of_a_name_is_never_replaced_by_the_default_model(name: str) -> None:
    with pytest.raises(UnknownModelError) as caught:
        CATALOG.resolve(name, default_model="glm-5.3")
    assert "openai/gpt-oss-120b" in caught.value.suggestions


def test_a_whole_slug_that_is_not_known_is_never_replaced_by_the_default_model() -> None:
    assert (
        CATALOG.resolve("openai/gpt-oss-12b", default_model="glm-5.3").slug == "openai/gpt-oss-12b"
    )


@pytest.mark.parametrize("name", ["gpt-4o", "gpt-5-mini", "o3", "ft:gpt-4o:acme::1"])
def test_the_default_model_stands_in_for_openai_names(name: str) -> None:
    assert CATALOG.resolve(name, default_model="kimi-k2.5").slug == KIMI


@pytest.mark.parametrize("name", ["glm-4.77", "my-model", "text-embedding-3-small", "claude-3"])
def test_the_default_model_stands_in_for_no_other_names(name: str) -> None:
    with pytest.raises(UnknownModelError):
        CATALOG.resolve(name, default_model="kimi-k2.5")


def test_the_default_model_does_not_replace_a_known_model() -> None:
    assert CATALOG.resolve("gpt-oss-120b", default_model="kimi-k2.5").slug == GPT_OSS


def test_a_default_model_nobody_knows_is_named_in_the_refusal() -> None:
    with pytest.raises(UnknownModelError, match="no-such-model"):
        CATALOG.resolve("gpt-4o", default_model="no-such-model")


@pytest.mark.parametrize("name", ["text-embedding-3-small", "dall-e-3", "whisper-1", "tts-1"])
def test_openais_other_models_are_said_to_be_no_chat_models(name: str) -> None:
    with pytest.raises(UnknownModelError, match="which Baseten does not serve"):
        CATALOG.resolve(name)


@pytest.mark.parametrize(
    ("name", "aliases", "slug"),
    [
        ("mine", {"mine": "glm-4.7"}, GLM),
        ("Mine", {"mine": "glm-4.7"}, GLM),
        ("mine", {"MINE": "GLM 4.7"}, GLM),
        ("a", {"a": "b", "b": "c", "c": "kimi-k2.5"}, KIMI),
        ("gpt-4o", {"gpt-4o": "gpt-4o-mini", "gpt-4o-mini": "gpt-oss-120b"}, GPT_OSS),
        ("glm-4.7", {"glm-4.7": "kimi-k2.5"}, KIMI),
        (GLM, {GLM: KIMI}, KIMI),
        ("mine", {"mine": "new-lab/Model-9"}, "new-lab/Model-9"),
        ("mine", {"mine": "baseten/glm-4.7"}, GLM),
        ("kimi-k2.5", {"mine": "glm-4.7"}, KIMI),
        ("glm-4.7", {"glm-4.7": "glm-4.7"}, GLM),
    ],
)
def test_the_users_aliases_come_first(name: str, aliases: dict[str, str], slug: str) -> None:
    assert CATALOG.resolve(name, aliases=aliases).slug == slug


def test_aliases_in_a_circle_end() -> None:
    with pytest.raises(UnknownModelError):
        CATALOG.resolve("a", aliases={"a": "b", "b": "a"})


def test_the_default_model_may_be_an_alias() -> None:
    model = CATALOG.resolve("gpt-4o", aliases={"house": "glm-4.7"}, default_model="house")
    assert model.slug == GLM


def test_an_alias_to_nobody_names_both() -> None:
    with pytest.raises(UnknownModelError) as caught:
        CATALOG.resolve("mine", aliases={"mine": "glm-4.77"})
    assert "'mine' (an alias for 'glm-4.77')" in caught.value.message
    assert GLM in caught.value.suggestions


def test_suggest_gives_slugs_best_first_and_no_more_than_asked() -> None:
    assert CATALOG.suggest("glm-4.7", n=1) == [GLM]
    assert len(CATALOG.suggest("glm", n=2)) <= 2
    assert CATALOG.suggest("zzzzqqqq") == []


def test_get_takes_exact_slugs_only() -> None:
    assert CATALOG.get(GLM) is CATALOG.resolve("glm-4.7")
    assert CATALOG.get("glm-4.7") is None
    assert GLM in CATALOG
    assert "glm-4.7" not in CATALOG


def test_a_users_record_replaces_the_bundled_one_and_adds_others() -> None:
    new = Model("acme/House-1", name="House", aliases=("house",), vision=True)
    changed = Model(GLM, name="GLM 4.7", max_output_tokens=10)
    catalog = Catalog([*CATALOG.values(), new, changed])
    assert len(catalog) == len(CATALOG) + 1
    assert catalog.resolve("house") is new
    assert catalog.resolve("House-1") is new
    assert catalog.resolve("glm 4.7").max_output_tokens == 10
    assert CATALOG.resolve("glm 4.7").max_output_tokens == 200000
    assert new in catalog.supporting("vision")


def test_a_catalog_is_a_mapping_from_slugs_to_models() -> None:
    one, other = Model("a/one"), Model("b/other", aliases=("second",))
    catalog = Catalog([one, other])
    assert isinstance(catalog, Mapping)
    assert dict(catalog) == {"a/one": one, "b/other": other}
    assert list(catalog) == list(catalog.keys()) == ["a/one", "b/other"]
    assert list(catalog.values()) == [one, other]
    assert catalog["b/other"] is other
    assert catalog.get("second") is None
    with pytest.raises(KeyError):
        catalog["second"]
    with pytest.raises(TypeError):
        catalog["a/one"] = other  # type: ignore[index]  # that it cannot is tested


def test_catalogs_are_equal_if_their_models_and_the_order_are() -> None:
    one, other = Model("a/x"), Model("b/x")  # "x" is the short name of both: the first one has it
    assert Catalog([one, other]) == Catalog([Model("a/x"), Model("b/x")])
    assert hash(Catalog([one, other])) == hash(Catalog([Model("a/x"), Model("b/x")]))
    assert Catalog([one, other]) != Catalog([other, one])
    assert Catalog([one]) != Catalog([Model("a/x", vision=True)])
    assert Catalog([one]) != {"a/x": one}
    again = pickle.loads(pickle.dumps(CATALOG))  # noqa: S301  # made here
    assert again == CATALOG
    assert again.resolve("glm 4.7") == CATALOG[GLM]


def test_a_catalog_is_made_of_models() -> None:
    with pytest.raises(
        TypeError, match=re.escape("takes models, not str; the models of a catalog")
    ):
        Catalog(CATALOG)  # type: ignore[arg-type]  # iterating a catalog gives slugs


def test_supporting_names_only_models_known_to() -> None:
    catalog = Catalog(
        [Model("a/yes", vision=True), Model("a/no", vision=False), Model("a/unknown")]
    )
    assert [model.slug for model in catalog.supporting("vision")] == ["a/yes"]


@pytest.mark.parametrize(
    ("reasoning", "supported"),
    [("default_on", True), ("always_on", True), ("opt_in", True), ("unsupported", False)],
)
def test_supports_reasoning(reasoning: str, *, supported: bool) -> None:
    assert Model("a/b", reasoning=reasoning).supports("reasoning") is supported  # type: ignore[arg-type]  # one of the literals


def test_capabilities_in_a_line() -> None:
    assert capabilities(CATALOG.resolve("deepseek-v3.1")) == (
        "tool calling, reasoning (on by default), up to 131072 output tokens"
    )
    assert capabilities(Model.unknown("a/b")) == "nothing known"


def test_models_and_prices_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        CATALOG.resolve("glm-4.7").vision = True  # type: ignore[misc]  # that it cannot is tested
    with pytest.raises(AttributeError):
        Price(Decimal(1), Decimal(1)).input = Decimal(2)  # type: ignore[misc]  # the same


def test_the_bundled_catalog_is_one_object() -> None:
    assert baseten_openai.catalog is Catalog.bundled()
    assert repr(CATALOG) == f"<Catalog of {len(CATALOG)} models>"


def test_a_lookup_needs_neither_openai_nor_pydantic() -> None:
    program = (
        "import sys\n"
        "from baseten_openai.models.catalog import Catalog\n"
        "print(Catalog.bundled().resolve('glm 4.7').slug)\n"
        "sys.exit(bool({'openai', 'pydantic'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env=os.environ
    )
    assert (done.returncode, done.stdout) == (0, f"{GLM}\n")
