"""A file of records that may fail: the call goes on, and this process remembers on its own."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from .file_store import FileStore
    from .memory import ProcessStore, Record

_logger = logging.getLogger("baseten_openai")
_T = TypeVar("_T")


class FallbackStore:
    """The file, and while it cannot be used (no such directory, a full disk) the process."""

    def __init__(self, file: FileStore, process: ProcessStore) -> None:
        """Use ``file`` where that works."""
        self._file, self._process = file, process
        self._warned = False

    def put(self, response_id: str, record: Record) -> None:
        """Keep a record."""
        self._try(
            lambda: self._file.put(response_id, record),
            lambda: self._process.put(response_id, record),
        )

    def get(self, response_id: str) -> Record | None:
        """Return a record."""
        found = self._try(lambda: self._file.get(response_id), lambda: None)
        return found or self._process.get(response_id)

    def delete(self, response_id: str) -> bool:
        """Forget a record; tell whether there was one."""
        deleted = self._try(lambda: self._file.delete(response_id), lambda: False)
        return self._process.delete(response_id) or deleted

    def recent(self) -> list[Record]:
        """Return all records, the last used first."""
        empty: list[Record] = []
        return [*self._try(self._file.recent, lambda: empty), *self._process.recent()]

    def _try(self, use: Callable[[], _T], otherwise: Callable[[], _T]) -> _T:
        try:
            return use()
        except (OSError, sqlite3.Error) as error:
            self._warn(error)
            return otherwise()

    def _warn(self, error: Any) -> None:
        if not self._warned:
            self._warned = True
            _logger.warning(
                "BASETEN_OPENAI_RESPONSES: %s cannot be used (%s): responses are remembered in this "
                "process only",
                self._file.path,
                error,
            )
