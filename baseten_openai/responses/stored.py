"""What OpenAI's endpoints for stored responses return, out of a record."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .memory import Record

JSON = dict[str, Any]

_DEFAULT_LIMIT = 20
_MAX_LIMIT = 100


def deleted(response_id: str) -> JSON:
    """Return what deleting a response returns."""
    return {"id": response_id, "object": "response", "deleted": True}


def item_list(record: Record, response_id: str, params: JSON) -> JSON:
    """Return a page of the items that a response was made of, the last first unless asked otherwise."""
    items = [_listed(item, response_id, n) for n, item in enumerate(record.input_items())]
    if params.get("order") != "asc":
        items.reverse()
    after = params.get("after")
    start = next((n + 1 for n, item in enumerate(items) if item["id"] == after), 0)
    limit = params.get("limit")
    size = min(max(limit, 1), _MAX_LIMIT) if isinstance(limit, int) else _DEFAULT_LIMIT
    page = items[start : start + size]
    return {
        "object": "list",
        "data": page,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
        "has_more": start + size < len(items),
    }


def _listed(item: JSON, response_id: str, number: int) -> JSON:
    """Return an item with the id and the parts that OpenAI's list gives it."""
    listed = {"type": "message", **item}
    if not isinstance(listed.get("id"), str):
        digest = hashlib.sha256(f"{response_id}/{number}".encode()).hexdigest()
        prefix = "msg" if listed["type"] == "message" else "item"
        listed["id"] = f"{prefix}_{digest[:32]}"
    if listed["type"] == "message" and isinstance(listed.get("content"), str):
        kind = "output_text" if listed.get("role") == "assistant" else "input_text"
        listed["content"] = [{"type": kind, "text": listed["content"]}]
    if listed["type"] == "message":
        listed.setdefault("status", "completed")
    return listed
