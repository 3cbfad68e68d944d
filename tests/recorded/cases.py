"""Parametrize tests over recordings, or skip them with the reason why there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .exchanges import ABSENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .exchanges import Exchange

_NONE = [pytest.param(None, marks=pytest.mark.skip(reason=ABSENT), id="absent")]


def over(exchanges: Sequence[Exchange]) -> pytest.MarkDecorator:
    """Run the test once for each exchange, as its argument ``exchange``."""
    cases: list[Any] = [pytest.param(e, id=e.name) for e in exchanges]
    return pytest.mark.parametrize("exchange", cases or _NONE)
