"""``client.models.list()``: the live listing, in the recorded shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .conftest import settle

if TYPE_CHECKING:
    from .conftest import Wire

pytestmark = [pytest.mark.vcr, pytest.mark.anyio]


async def test_models_list(client: Any, wire: Wire) -> None:
    page = await settle(client.models.list())
    listed = wire.received()["data"]
    assert [model.id for model in page.data] == [row["id"] for row in listed]
    assert "openai/gpt-oss-120b" in [model.id for model in page.data]
    # see evidence.md#model-list: more than OpenAI lists, kept beside the SDK's own fields.
    assert [model.context_length for model in page.data if "context_length" in model.to_dict()] == [
        row["context_length"] for row in listed if "context_length" in row
    ]
    assert {model.owned_by for model in page.data} == {"baseten"}
