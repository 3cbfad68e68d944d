"""What each answered call was, for ``previous_response_id``: Baseten keeps no responses.

Bounded by count and by bytes: the response that was used longest ago is forgotten first. Each record holds
its whole conversation, so that forgetting one never breaks another. Records are kept as JSON texts: nothing
that the program holds can change them, and no key is in them, as none is in a request's body.
"""

from __future__ import annotations

import collections
import json
from typing import Any, NamedTuple, Protocol

from ..fork_locks import ForkLock
from .items import as_items

JSON = dict[str, Any]

MAX_RESPONSES = 1_000
MAX_BYTES = 64 * 1024 * 1024


class Record(NamedTuple):
    """One answered call, as JSON: the request that was sent, and the response that was given."""

    request: bytes
    response: bytes

    @property
    def size(self) -> int:
        """Count the bytes."""
        return len(self.request) + len(self.response)

    def input_items(self) -> list[JSON]:
        """Return the items that were sent, those of earlier calls included."""
        read = json.loads(self.request)
        return as_items(read.get("input")) if isinstance(read, dict) else []

    def answer(self) -> JSON:
        """Return the response."""
        read: JSON = json.loads(self.response)
        return read


class Store(Protocol):
    """Where records are kept: in this process, or in a file."""

    def put(self, response_id: str, record: Record) -> None:
        """Keep a record."""

    def get(self, response_id: str) -> Record | None:
        """Return a record, which counts as used."""

    def delete(self, response_id: str) -> bool:
        """Forget a record; tell whether there was one."""
        raise NotImplementedError

    def recent(self) -> list[Record]:
        """Return all records, the last used first."""
        raise NotImplementedError


class ProcessStore:
    """Records in this process. Safe to use from several threads, and after a fork."""

    def __init__(self, max_responses: int = MAX_RESPONSES, max_bytes: int = MAX_BYTES) -> None:
        """Keep at most so many responses, and so many bytes of JSON."""
        self.max_responses, self.max_bytes = max_responses, max_bytes
        self._records: collections.OrderedDict[str, Record] = collections.OrderedDict()
        self._bytes = 0
        self._lock = ForkLock()

    def put(self, response_id: str, record: Record) -> None:
        """Keep a record, and forget the oldest beyond the bounds."""
        if record.size > self.max_bytes or self.max_responses < 1:
            return
        with self._lock:
            old = self._records.pop(response_id, None)
            self._bytes += record.size - (old.size if old else 0)
            self._records[response_id] = record
            while len(self._records) > self.max_responses or self._bytes > self.max_bytes:
                _, oldest = self._records.popitem(last=False)
                self._bytes -= oldest.size

    def get(self, response_id: str) -> Record | None:
        """Return a record, which counts as used."""
        with self._lock:
            record = self._records.get(response_id)
            if record is not None:
                self._records.move_to_end(response_id)
            return record

    def delete(self, response_id: str) -> bool:
        """Forget a record; tell whether there was one."""
        with self._lock:
            record = self._records.pop(response_id, None)
            self._bytes -= record.size if record else 0
            return record is not None

    def recent(self) -> list[Record]:
        """Return all records, the last used first."""
        with self._lock:
            return list(reversed(self._records.values()))

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._records.clear()
            self._bytes = 0


class Memory:
    """What a request asks of the records."""

    def __init__(self, store: Store) -> None:
        """Ask ``store``."""
        self.store = store

    def conversation(self, response_id: str) -> list[JSON] | None:
        """Return the items of a response's conversation, its own output included."""
        record = self.store.get(response_id)
        if record is None:
            return None
        return [*record.input_items(), *record.answer()["output"]]

    def item(self, item_id: str) -> JSON | None:
        """Return an output item by its id."""
        needle = json.dumps(item_id).encode()
        for record in self.store.recent():
            if needle in record.response:
                for item in record.answer()["output"]:
                    if isinstance(item, dict) and item.get("id") == item_id:
                        return item
        return None


class NoMemory:
    """The memory of a program that switched it off."""

    def conversation(self, response_id: str) -> None:
        """Know nothing."""

    def item(self, item_id: str) -> None:
        """Know nothing."""


def is_whole(response: object) -> bool:
    """Tell a response that can be continued: it has an id, and an output."""
    return (
        isinstance(response, dict)
        and isinstance(response.get("id"), str)
        and isinstance(response.get("output"), list)
        and response.get("status") in ("completed", "incomplete")
    )
