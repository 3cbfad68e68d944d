"""Starting, stopping, loopback only, the command line, and the missing extra."""

from __future__ import annotations

import gc
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from baseten_openai import emulator

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[..., Any]

BODY = {"model": "zai-org/GLM-4.6", "messages": [{"role": "user", "content": "Hello"}]}
COMMAND = [sys.executable, "-W", "error", "-m", "baseten_openai.emulator"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def open_sockets() -> int:
    found = 0
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found += "socket:" in str(entry.readlink())
        except OSError:
            continue
    return found


def test_twenty_starts_leave_nothing_behind(fetch: Ask) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("no /proc to count sockets in")
    gc.collect()  # what earlier tests left is not counted
    threads, sockets = threading.active_count(), open_sockets()
    for _ in range(20):
        with emulator.serve() as server:
            assert fetch(server.base_url, BODY).status == 200
        with pytest.raises(ConnectionRefusedError):
            fetch(server.base_url, BODY)
    assert threading.active_count() == threads
    assert open_sockets() <= sockets


def test_stopping_does_not_wait_for_a_slow_answer(fetch: Ask) -> None:
    outcome = []

    def ask(url: str) -> None:
        try:
            fetch(url, {**BODY, "stream": True}, x_emulate_fault="slow; delay=30")
        except (OSError, http.client.HTTPException) as error:
            outcome.append(error)

    with emulator.serve() as server:
        asking = threading.Thread(target=ask, args=(server.base_url,))
        asking.start()
        while not server.requests:
            time.sleep(0.005)
        began = time.monotonic()
    assert time.monotonic() - began < 2
    asking.join(5)
    assert not asking.is_alive()
    assert len(outcome) == 1


def test_an_open_connection_does_not_hold_it_up() -> None:
    with emulator.serve() as server:
        host, port = server.base_url.split("/")[2].split(":")
        connection = socket.create_connection((host, int(port)))
        began = time.monotonic()
    assert time.monotonic() - began < 2
    connection.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.8.9.1", "::1"])
def test_loopback_hosts(fetch: Ask, host: str) -> None:
    if host == "::1":
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            pytest.skip("no IPv6 here")
    with emulator.serve(host=host) as server:
        if host != "127.8.9.1":  # the suite's own guard lets nobody connect there
            assert fetch(server.base_url, BODY).status == 200
        address = f"[{host}]" if ":" in host else host.replace("localhost", "127.0.0.1")
        assert server.base_url.startswith(f"http://{address}:")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com", "", "localhost.com"])
def test_no_other_hosts(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"), emulator.serve(host=host):
        pytest.fail("it started")


def test_two_at_once(fetch: Ask) -> None:
    with emulator.serve() as one, emulator.serve() as two:
        assert one.base_url != two.base_url
        one.fault("429")
        assert fetch(two.base_url, BODY).status == 200
        assert fetch(one.base_url, BODY).status == 429
        assert (len(one.requests), len(two.requests)) == (1, 1)


def test_a_taken_port() -> None:
    with emulator.serve() as server:
        port = int(server.base_url.split(":")[2].split("/")[0])
        with pytest.raises(OSError, match="in use"), emulator.serve(port=port):
            pytest.fail("it started")


def test_requests_are_kept(fetch: Ask) -> None:
    with emulator.serve() as server:
        fetch(server.base_url, BODY, X_Thing="a")
        fetch(server.base_url, b"{", key=None)
        fetch(server.base_url, b"", path="/models", method="GET")
        first, second, third = server.requests
    assert (first.method, first.path, first.json) == ("POST", "/v1/chat/completions", BODY)
    assert first.headers["authorization"] == "Bearer emulator"
    assert first.headers["x-thing"] == "a"
    assert "Bearer" not in repr(first)
    assert second.json is None
    assert "authorization" not in second.headers
    assert (third.method, third.path) == ("GET", "/v1/models")


def test_requests_from_many_threads_are_all_kept(fetch: Ask) -> None:
    with emulator.serve() as server:
        threads = [
            threading.Thread(target=fetch, args=(server.base_url, {**BODY, "seed": number}))
            for number in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(request.json["seed"] for request in server.requests) == list(range(20))


def test_the_server_stops_when_the_block_fails() -> None:
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError), emulator.serve():
        _ = 1 / (before + 1 - threading.active_count())  # 1 / 0 while the server runs
    assert threading.active_count() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command_line(fetch: Ask, number: int) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", "--api-key", "k"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    with process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            url = line.split()[0]
            assert f"export BASETEN_BASE_URL={url} BASETEN_API_KEY=k" in line
            assert fetch(url, BODY, key="Bearer k").status == 200
            assert fetch(url, BODY).status == 403
        finally:
            process.send_signal(number)
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")


@pytest.mark.parametrize(
    "arguments", [["--host", "0.0.0.0"], ["--port", "99999"], ["--port", "taken"]]
)
def test_mistakes_are_one_line(arguments: list[str]) -> None:
    with emulator.serve() as server:
        port = server.base_url.split(":")[2].split("/")[0]
        arguments = [port if part == "taken" else part for part in arguments]
        ran = subprocess.run(
            [*COMMAND, *arguments], check=False, capture_output=True, text=True, env=ENVIRONMENT
        )
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert "cannot serve" in ran.stderr


@pytest.fixture
def without_extra(tmp_path: Path) -> dict[str, str]:
    """An environment in which the extra's packages cannot be imported."""
    for name in ("starlette", "uvicorn"):
        (tmp_path / f"{name}.py").write_text(
            f"raise ModuleNotFoundError('No module named {name}', name='{name}')\n"
        )
    return {**ENVIRONMENT, "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])}


def test_import_without_the_extra(without_extra: dict[str, str]) -> None:
    code = "import baseten_openai.emulator"
    ran = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, env=without_extra
    )
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1].startswith("ImportError: ")
    assert 'pip install "baseten-openai[emulator]"' in ran.stderr.splitlines()[-1]


def test_command_line_without_the_extra(without_extra: dict[str, str]) -> None:
    ran = subprocess.run(COMMAND, check=False, capture_output=True, text=True, env=without_extra)
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert 'pip install "baseten-openai[emulator]"' in ran.stderr
