"""The rows that tests use as Baseten's list are those of the recorded list."""

from __future__ import annotations

from typing import Any

import pytest
from listed_models import MADE_UP, ROWS, recorded_rows


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_row_is_the_recorded_one(row: dict[str, Any]) -> None:
    recorded = recorded_rows()
    if recorded is None:
        pytest.skip("the recorded list of models (../shared/reference) is not here")
    (real,) = [other for other in recorded if other["id"] == row["id"]]
    assert {key: type(value) for key, value in row.items()} == {
        key: type(value) for key, value in real.items()
    }
    assert {key: value for key, value in row.items() if key not in MADE_UP} == {
        key: value for key, value in real.items() if key not in MADE_UP
    }
