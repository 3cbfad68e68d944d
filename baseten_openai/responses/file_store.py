"""Records of responses in one SQLite file: shared by processes, and there after a restart.

SQLite's own locks make it safe with several processes, and its journal after a kill: a response is in the
file wholly or not at all. Only the user may read the file. Where the file cannot be used (a full disk, a
lock held for seconds), the call goes on without it: see ``sdk``.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from .memory import MAX_BYTES, MAX_RESPONSES, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

_WAIT_SECONDS = 5.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS responses (
  id TEXT PRIMARY KEY,
  used INTEGER NOT NULL,
  size INTEGER NOT NULL,
  request BLOB NOT NULL,
  response BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS responses_used ON responses (used, size);
"""
_NEXT = "(SELECT COALESCE(MAX(used), 0) + 1 FROM responses)"


class FileStore:
    """Records in a file. Connections belong to a thread and a process, so each has its own."""

    def __init__(
        self, path: str, max_responses: int = MAX_RESPONSES, max_bytes: int = MAX_BYTES
    ) -> None:
        """Use the file at ``path``; it is made when the first response is kept."""
        self.path = Path(path).expanduser()
        self.max_responses, self.max_bytes = max_responses, max_bytes
        self._local = threading.local()

    @contextlib.contextmanager
    def _transaction(self, kind: str = "IMMEDIATE") -> Iterator[sqlite3.Connection]:
        connection = self._connection()
        connection.execute(f"BEGIN {kind}")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _connection(self) -> sqlite3.Connection:
        """Return this thread's connection; a forked child must not use its parent's."""
        held: tuple[int, sqlite3.Connection] | None = getattr(self._local, "held", None)
        if held is not None and held[0] == os.getpid():
            return held[1]
        if held is not None:
            self._local.forked = held  # not closed: that would drop the parent's locks
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.executescript(_SCHEMA)
        self._local.held = (os.getpid(), connection)
        return connection

    def put(self, response_id: str, record: Record) -> None:
        """Keep a record, and forget the oldest beyond the bounds."""
        if record.size > self.max_bytes or self.max_responses < 1:
            return
        with self._transaction() as connection:
            connection.execute(
                f"INSERT OR REPLACE INTO responses VALUES (?, {_NEXT}, ?, ?, ?)",  # noqa: S608  # a constant
                (response_id, record.size, record.request, record.response),
            )
            self._forget_oldest(connection)

    def _forget_oldest(self, connection: sqlite3.Connection) -> None:
        count, size = connection.execute("SELECT COUNT(*), SUM(size) FROM responses").fetchone()
        if count <= self.max_responses and size <= self.max_bytes:
            return
        oldest = connection.execute("SELECT id, size FROM responses ORDER BY used").fetchall()
        for response_id, own in oldest:
            if count <= self.max_responses and size <= self.max_bytes:
                return
            connection.execute("DELETE FROM responses WHERE id = ?", (response_id,))
            count, size = count - 1, size - own

    def get(self, response_id: str) -> Record | None:
        """Return a record, which counts as used."""
        with self._transaction() as connection:
            found = connection.execute(
                "SELECT request, response FROM responses WHERE id = ?", (response_id,)
            ).fetchone()
            if found is None:
                return None
            connection.execute(
                f"UPDATE responses SET used = {_NEXT} WHERE id = ?",  # noqa: S608  # a constant
                (response_id,),
            )
            return Record(*found)

    def delete(self, response_id: str) -> bool:
        """Forget a record; tell whether there was one."""
        with self._transaction() as connection:
            done = connection.execute("DELETE FROM responses WHERE id = ?", (response_id,))
            return done.rowcount > 0

    def recent(self) -> list[Record]:
        """Return all records, the last used first."""
        with self._transaction("DEFERRED") as connection:
            rows = connection.execute("SELECT request, response FROM responses ORDER BY used DESC")
            return [Record(*row) for row in rows.fetchall()]
