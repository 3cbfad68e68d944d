"""A ``Model`` or ``Price`` that cannot be right is refused when it is made."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from any_model import models
from hypothesis import given, settings
from hypothesis import strategies as st

from baseten_openai import Catalog, Model, Price
from baseten_openai.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

catalogs = st.lists(models, max_size=3).map(Catalog)

WRONG: list[tuple[str, Any, str]] = [
    ("name", None, "a string"),
    ("aliases", "house", "a tuple of names"),
    ("aliases", ["house"], "a tuple of names"),
    ("aliases", ("house", ""), "a tuple of names"),
    ("context_tokens", 0, "a whole number above 0"),
    ("context_tokens", True, "a whole number above 0"),
    ("context_tokens", "131072", "a whole number above 0"),
    ("max_output_tokens", -1, "a whole number above 0"),
    ("max_output_tokens", 1.5, "a whole number above 0"),
    ("price", (Decimal(1), Decimal(2)), "a Price or None"),
    ("vision", "yes", "True, False or None"),
    ("tools", 1, "True, False or None"),
    ("reasoning", True, "'default_on', 'always_on', 'opt_in', 'unsupported' or None"),
    ("reasoning_switch", "thinking", "'reasoning_effort', 'enable_thinking'"),
    ("reasoning_efforts", (), "at least one besides 'none'"),
    ("reasoning_efforts", ("none",), "at least one besides 'none'"),
    ("reasoning_efforts", ("low", "ultra"), "'low', 'medium', 'high'"),
    ("reasoning_efforts", ("high", "low"), "in rising order"),
    ("reasoning_efforts", ("low", "low"), "in rising order"),
    ("reasoning_efforts", ["low"], "a tuple of levels"),
    ("reasoning_efforts", "low", "a tuple of levels"),
    ("default_reasoning_effort", "ultra", "'low', 'medium', 'high'"),
    ("sampling", ["top_p"], "a tuple of names"),
    ("logprobs", "yes", "'refused', 'ignored' or None"),
    ("status", "gone", "'listed', 'unlisted', 'retired' or None"),
    ("retired_on", "last May", "an ISO date"),
    ("replacement", "", "a slug"),
    ("replacement_source", "guess", "'recorded notice', 'inferred' or None"),
    ("as_of", "2026", "an ISO date"),
]


@pytest.mark.parametrize(("field", "value", "allowed"), WRONG)
def test_the_error_names_model_field_value_and_what_is_allowed(
    field: str, value: object, allowed: str
) -> None:
    given: Mapping[str, Any] = {field: value}
    with pytest.raises(ValueError, match="must be") as caught:
        Model("acme/house-1", **given)
    message = str(caught.value)
    assert message.startswith(f"Model 'acme/house-1': {field} is {value!r}; it must be ")
    assert allowed in message


@pytest.mark.parametrize("slug", ["", " ", " acme/house-1", None, 1])
def test_a_slug_is_a_name(slug: Any) -> None:
    with pytest.raises(ValueError, match=r"^Model: slug is .*; it must be a name"):
        Model(slug)


def test_the_default_effort_is_one_of_the_models() -> None:
    with pytest.raises(ValueError, match="default_reasoning_effort is 'max'; it must be None or"):
        Model("a/b", reasoning_efforts=("low", "high"), default_reasoning_effort="max")


@pytest.mark.parametrize(
    "amount", [0.6, "0.60", 1, Decimal(-1), Decimal("NaN"), Decimal("Infinity")]
)
@pytest.mark.parametrize("part", ["input", "output", "cached_input"])
def test_an_amount_is_a_decimal_of_0_or_more(part: str, amount: Any) -> None:
    amounts: dict[str, Any] = {"input": Decimal(1), "output": Decimal(1), part: amount}
    with pytest.raises(ValueError, match=f"Price: {part} is .* as a Decimal of 0 or more, or None"):
        Price(**amounts)


def test_a_model_without_a_name_is_called_by_its_slug() -> None:
    assert Model("acme/house-1").name == "acme/house-1"


@given(slug=st.text())
def test_an_unknown_model_takes_any_name(slug: str) -> None:
    found = Model.unknown(slug)
    assert (found.slug, found.name) == (slug, slug)
    assert found.price is None
    assert found.supports("vision") is None


def test_an_unknown_model_is_one_of_which_nothing_is_known() -> None:
    assert Model.unknown("acme/house-1") == Model("acme/house-1")


def test_a_name_with_blanks_around_it_is_sent_and_not_refused() -> None:
    assert Catalog.bundled().resolve(" new-lab/Model-9 ").vision is None


@settings(deadline=None, max_examples=200)
@given(model=models, others=catalogs)
def test_any_model_can_be_shown_and_found(model: Model, others: Catalog) -> None:
    catalog = Catalog([model, *others.values()])
    assert catalog.resolve(model.slug) == catalog[model.slug]
    assert str(model).startswith(model.slug)
    assert len(str(catalog).splitlines()) == len(catalog) + 1
    assert Settings.load(catalog=catalog, environ={}).catalog == catalog


@settings(deadline=None, max_examples=200)
@given(others=catalogs, name=st.text(max_size=20))
def test_suggestions_are_slugs_of_the_catalog(others: Catalog, name: str) -> None:
    assert set(others.suggest(name)) <= set(others)
