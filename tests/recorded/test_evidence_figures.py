"""The figures of docs/recorded-evidence.md are those of the recordings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import openai
import pytest

from .exchanges import ABSENT, load
from .figures import refused_by_default

if TYPE_CHECKING:
    from .tally import Tally

# test_what_breaks_the_bare_sdk_is_told counts what test_bare_sdk.py found in the same process.
pytestmark = pytest.mark.xdist_group("bare_sdk")

ROOT = Path(__file__).parents[2]
PAGE, README = (
    " ".join((ROOT / name).read_text(encoding="utf-8").split())
    for name in ("docs/recorded-evidence.md", "README.md")
)


def test_refusals_are_told() -> None:
    exchanges = load()
    if not exchanges:
        pytest.skip(ABSENT)
    refused = refused_by_default(exchanges)
    both = sum(exchange.status >= 400 for exchange in refused)
    told = re.search(
        r"refuses (\d+) of the (\d+) requests before sending\. Baseten answered (\d+) of these",
        PAGE,
    )
    assert told is not None
    assert [int(number) for number in told.groups()] == [len(refused), len(exchanges), both]


def test_what_breaks_the_bare_sdk_is_told(bare: Tally) -> None:
    if bare.found.keys() != {exchange.name for exchange in load()} or not bare.found:
        pytest.skip("not every recording ran before this test")
    named = re.search(r"openai (\d+\.\d+)", PAGE)
    assert named is not None
    if not openai.VERSION.startswith(named[1]):
        pytest.skip(f"the page's figures are those of openai {named[1]}")
    assert f"Of {len(bare.found)} exchanges, {bare.broken()} break unmodified" in PAGE
    assert f"Of {len(bare.found)} recorded exchanges with Baseten, {bare.broken()} break" in README
    others = bare.broken(without={"usage_once"})
    assert f"Not counting usage on every chunk, {others} exchanges break" in PAGE
