"""The memory for ``previous_response_id``: bounded, shared by processes, whole after a kill."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from baseten_openai.responses.file_store import FileStore
from baseten_openai.responses.memory import Memory, ProcessStore, Record, is_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

JSON = dict[str, Any]
Make = "Callable[..., ProcessStore | FileStore]"


@pytest.fixture(params=["process", "file"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Any]:
    """Make a store of either kind."""
    if request.param == "process":
        return ProcessStore
    return lambda *bounds: FileStore(str(tmp_path / "responses.db"), *bounds)


def record(size: int, mark: bytes = b"x") -> Record:
    return Record(mark * size, b"")


def test_what_was_put_is_there_until_it_is_deleted(make: Callable[..., Any]) -> None:
    store = make()
    kept = Record(b'{"input": "Hi"}', b'{"id": "resp_1", "output": []}')
    store.put("resp_1", kept)
    assert store.get("resp_1") == kept
    assert store.get("resp_2") is None
    assert store.delete("resp_1") is True
    assert store.delete("resp_1") is False
    assert store.get("resp_1") is None


def test_the_count_is_bounded_and_the_last_used_stays(make: Callable[..., Any]) -> None:
    store = make(2, 1000)
    store.put("a", record(1))
    store.put("b", record(1))
    store.get("a")
    store.put("c", record(1))
    assert [store.get(name) is not None for name in "abc"] == [True, False, True]


def test_the_bytes_are_bounded(make: Callable[..., Any]) -> None:
    store = make(100, 10)
    store.put("a", record(6))
    store.put("b", record(4))
    store.put("c", record(4))
    assert [store.get(name) is not None for name in "abc"] == [False, True, True]
    store.put("d", record(11))  # larger than all there is room for: nothing is forgotten for it
    assert [store.get(name) is not None for name in "bcd"] == [True, True, False]


def test_replacing_a_record_does_not_count_twice(make: Callable[..., Any]) -> None:
    store = make(100, 10)
    for _ in range(5):
        store.put("a", record(6))
    store.put("b", record(4))
    assert [store.get(name) is not None for name in "ab"] == [True, True]


def test_none_is_kept_where_the_bound_is_none(make: Callable[..., Any]) -> None:
    store = make(0, 1000)
    store.put("a", record(1))
    assert store.get("a") is None


def test_a_record_is_a_conversation() -> None:
    store = ProcessStore()
    output = b'{"id": "resp_1", "output": [{"id": "msg_1", "type": "message"}]}'
    store.put("resp_1", Record(b'{"input": [{"role": "user", "content": "Hi"}]}', output))
    memory = Memory(store)
    assert memory.conversation("resp_1") == [
        {"role": "user", "content": "Hi"},
        {"id": "msg_1", "type": "message"},
    ]
    assert memory.conversation("resp_2") is None
    assert memory.item("msg_1") == {"id": "msg_1", "type": "message"}
    assert memory.item("msg_2") is None


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"id": "r", "output": [], "status": "completed"}, True),
        ({"id": "r", "output": [], "status": "incomplete"}, True),
        ({"id": "r", "output": [], "status": "failed"}, False),
        ({"output": [], "status": "completed"}, False),
        ({"id": "r", "status": "completed"}, False),
        ("text", False),
    ],
)
def test_only_answers_are_remembered(response: object, expected: bool) -> None:
    assert is_whole(response) is expected


def test_threads_share_a_store(make: Callable[..., Any]) -> None:
    store = make(1000, 1_000_000)

    def work(number: int) -> None:
        for turn in range(10):
            store.put(f"{number}-{turn}", record(10))
            store.get(f"{number}-{turn}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.recent()) == 60


def test_the_file_is_the_users_alone(tmp_path: Path) -> None:
    path = tmp_path / "responses.db"
    FileStore(str(path)).put("a", record(1))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_file_outlives_its_store(tmp_path: Path) -> None:
    path = str(tmp_path / "responses.db")
    FileStore(path).put("a", record(3))
    assert FileStore(path).get("a") == record(3)


WRITER = """
import sys
from baseten_openai.responses.file_store import FileStore
from baseten_openai.responses.memory import Record

store = FileStore(sys.argv[1], 100000, 1 << 30)
print("ready", flush=True)
for number in range(int(sys.argv[3])):
    store.put(f"{sys.argv[2]}-{number}", Record(b"x" * 2000, b"y" * 2000))
    print(number, flush=True)
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_processes_share_the_file(tmp_path: Path) -> None:
    path = tmp_path / "responses.db"
    writers = [writer(path, name, 20) for name in "ab"]
    for one in writers:
        one.communicate()
        assert one.returncode == 0
    assert len(FileStore(str(path), 100_000, 1 << 30).recent()) == 40


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_a_kill_leaves_whole_records(tmp_path: Path) -> None:
    path = tmp_path / "responses.db"
    with writer(path, "a", 100_000) as one:
        assert one.stdout is not None
        for _ in range(30):
            one.stdout.readline()
        one.kill()
    kept = FileStore(str(path), 200_000, 1 << 30).recent()
    assert len(kept) >= 28
    assert set(kept) == {Record(b"x" * 2000, b"y" * 2000)}
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_has_a_connection_of_its_own(tmp_path: Path) -> None:
    store = FileStore(str(tmp_path / "responses.db"))
    store.put("a", record(1))
    child = os.fork()
    if child == 0:
        store.put("b", record(2))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    store.put("c", record(3))
    assert [store.get(name) is not None for name in "abc"] == [True, True, True]
