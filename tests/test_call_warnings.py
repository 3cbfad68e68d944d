"""A ``BasetenWarning`` for what changes a call: once for each message, on the user's own line."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import logging
import os
import re
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING, Any

import openai
import pytest

import baseten_openai
from baseten_openai import AsyncOpenAI, BasetenWarning, OpenAI, emulator, notes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from baseten_openai.emulator import EmulatorServer

HELLO: Any = [{"role": "user", "content": "Hello"}]
PLAIN: Any = {"model": "zai-org/GLM-4.7", "messages": HELLO}
RENAMED: Any = {**PLAIN, "max_completion_tokens": 50}
RENAMED_TEXT = "max_completion_tokens is sent as max_tokens"

ROUTES: dict[str, Callable[[Any], Any]] = {
    "stream": lambda c: c.chat.completions.create(**RENAMED, stream=True).close(),
    "parse": lambda c: c.chat.completions.parse(**RENAMED),
    "raw": lambda c: c.chat.completions.with_raw_response.create(**RENAMED),
    "with_options": lambda c: c.with_options(timeout=9).chat.completions.create(**RENAMED),
    "post": lambda c: c.post("/chat/completions", body=RENAMED, cast_to=object),
}


@pytest.fixture(scope="module")
def server() -> Iterator[EmulatorServer]:
    with emulator.serve() as server:
        yield server


@pytest.fixture(scope="module")
def client(server: EmulatorServer) -> Iterator[OpenAI]:
    with OpenAI(base_url=server.base_url, api_key="emulator") as client:
        yield client


def here() -> int:
    """Return the line of the caller."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def test_a_warning_points_at_the_line_of_the_call(client: OpenAI) -> None:
    line = here() + 2
    with pytest.warns(BasetenWarning, match=RENAMED_TEXT) as caught:
        client.chat.completions.create(**RENAMED)
    assert [(w.filename, w.lineno) for w in caught] == [(__file__, line)]


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_warns_on_a_line_of_this_file(route: str, client: OpenAI) -> None:
    with pytest.warns(BasetenWarning, match=RENAMED_TEXT) as caught:
        ROUTES[route](client)
    assert [warning.filename for warning in caught] == [__file__]


def test_the_stream_helper_warns_where_the_stream_is_entered(client: OpenAI) -> None:
    manager = client.chat.completions.stream(**RENAMED)
    line = here() + 1
    with pytest.warns(BasetenWarning, match=RENAMED_TEXT) as caught, manager as stream:
        stream.until_done()
    assert [(w.filename, w.lineno) for w in caught] == [(__file__, line)]


def test_a_patched_client_warns_on_the_users_line(server: EmulatorServer) -> None:
    with baseten_openai.patched(base_url=server.base_url, api_key="k"):
        line = here() + 2
        with pytest.warns(BasetenWarning, match=RENAMED_TEXT) as caught:
            openai.chat.completions.create(**RENAMED)
        assert [(w.filename, w.lineno) for w in caught] == [(__file__, line)]


@pytest.mark.anyio
async def test_an_async_call_warns_on_the_users_line(server: EmulatorServer) -> None:
    async with AsyncOpenAI(base_url=server.base_url, api_key="k") as client:
        line = here() + 2
        with pytest.warns(BasetenWarning, match=RENAMED_TEXT) as caught:
            await client.chat.completions.create(**RENAMED)
        assert [(w.filename, w.lineno) for w in caught] == [(__file__, line)]


@pytest.mark.anyio
async def test_a_task_warns_on_the_line_of_its_own_code(server: EmulatorServer) -> None:
    async def work() -> int:
        line = here() + 1
        await client.chat.completions.create(**RENAMED)
        return line

    async with AsyncOpenAI(base_url=server.base_url, api_key="k") as client:
        with pytest.warns(BasetenWarning, match=RENAMED_TEXT) as caught:
            line, _ = await asyncio.gather(work(), work())
        assert {(w.filename, w.lineno) for w in caught} == {(__file__, line)}


def test_a_thread_warns_on_the_line_of_its_own_code(client: OpenAI) -> None:
    def work() -> int:
        line = here() + 1
        client.chat.completions.create(**RENAMED)
        return line

    with (
        concurrent.futures.ThreadPoolExecutor() as pool,
        pytest.warns(BasetenWarning, match=RENAMED_TEXT) as caught,
    ):
        line = pool.submit(work).result()
    assert [(w.filename, w.lineno) for w in caught] == [(__file__, line)]


def test_retries_of_a_call_neither_warn_nor_log_again(
    server: EmulatorServer, caplog: pytest.LogCaptureFixture
) -> None:
    before = len(server.requests)
    server.fault("429-retry-after", times=2, retry_after=0.01)
    with (
        caplog.at_level(logging.INFO, "baseten_openai"),
        OpenAI(base_url=server.base_url, api_key="k", max_retries=2) as client,
        pytest.warns(BasetenWarning) as caught,
    ):
        answer = client.chat.completions.create(**RENAMED)
    assert len(server.requests) == before + 3
    assert len({str(request.json) for request in server.requests[before:]}) == 1
    assert len(caught) == 1
    assert [r.getMessage() for r in caplog.records if r.name == "baseten_openai"] == [
        f"renamed: {RENAMED_TEXT}"
    ]
    assert [note.kind for note in notes(answer)] == ["renamed"]


@pytest.mark.anyio
async def test_retries_of_an_async_call_do_not_warn_again(server: EmulatorServer) -> None:
    before = len(server.requests)
    server.fault("429-retry-after", times=2, retry_after=0.01)
    async with AsyncOpenAI(base_url=server.base_url, api_key="k", max_retries=2) as client:
        with pytest.warns(BasetenWarning) as caught:
            await client.chat.completions.create(**RENAMED)
    assert len(server.requests) == before + 3
    assert len(caught) == 1


def test_what_changes_nothing_is_not_warned_of(client: OpenAI) -> None:
    # A name resolved, advice: with warnings as errors, either would raise here.
    answer = client.chat.completions.create(
        model="gpt-oss-120b", messages=HELLO, extra_body={"top_k": 5}
    )
    assert [note.kind for note in notes(answer)] == ["resolved", "advice"]


@pytest.mark.parametrize("model", ["zai-org/GLM-4.6", "deepseek-ai/DeepSeek-V3-0324"])
def test_a_retired_model_is_warned_of(model: str, client: OpenAI) -> None:
    with pytest.warns(BasetenWarning, match=f"{model} was retired on 2026-05-01; use "):
        client.chat.completions.create(model=model, messages=HELLO)


def test_the_policy_warn_warns(client: OpenAI, server: EmulatorServer) -> None:
    lenient = client.with_options(on_unsupported="warn")
    before = len(server.requests)
    with (
        pytest.warns(BasetenWarning, match=r"n=2 is not possible.*sent anyway"),
        pytest.raises(openai.BadRequestError, match=r"n \(2\)"),  # the emulator's word, not ours
    ):
        lenient.chat.completions.create(**PLAIN, n=2)
    assert [request.json["n"] for request in server.requests[before:]] == [2]


def test_a_user_who_makes_warnings_errors_gets_an_error_and_nothing_is_sent(
    client: OpenAI, server: EmulatorServer
) -> None:
    before = len(server.requests)
    with warnings.catch_warnings():
        warnings.simplefilter("error", BasetenWarning)
        with pytest.raises(BasetenWarning, match=RENAMED_TEXT):
            client.chat.completions.create(**RENAMED)
    assert len(server.requests) == before


@pytest.mark.parametrize(("action", "count"), [("ignore", 0), ("always", 3)])
def test_the_users_own_filter_holds(action: Any, count: int, client: OpenAI) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter(action, BasetenWarning)
        for _ in range(3):
            client.chat.completions.create(**RENAMED)
    assert len(caught) == count


PROGRAM = """\
import asyncio, sys, warnings
from baseten_openai import AsyncOpenAI, OpenAI

said = {"model": "zai-org/GLM-4.7", "messages": [{"role": "user", "content": "Hello"}]}
client = OpenAI(base_url=sys.argv[1], api_key="k")
for _ in range(3):
    client.chat.completions.create(**said, max_completion_tokens=5)
with warnings.catch_warnings():  # filters change: other libraries do that too
    warnings.simplefilter("ignore", ResourceWarning)
client.chat.completions.create(**said, max_completion_tokens=5)

async def main():
    async with AsyncOpenAI(base_url=sys.argv[1], api_key="k") as client:
        for _ in range(3):
            await client.chat.completions.create(**said, store=True, max_completion_tokens=5)

asyncio.run(main())
"""
RENAMING, STORE = "max_completion_tokens", "store"


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ([], [(7, RENAMING), (15, STORE)]),
        (["-W", "ignore::UserWarning"], []),
        (["-W", "ignore:store"], [(7, RENAMING)]),
        (["-W", "always:store"], [(7, RENAMING), (15, STORE), (15, STORE), (15, STORE)]),
    ],
    ids=["by default", "ignored", "one ignored", "one always"],
)
def test_a_program_is_warned_once_of_each_thing_on_its_own_line(
    options: list[str], lines: list[tuple[int, str]], server: EmulatorServer, tmp_path: Path
) -> None:
    # In a process of its own, without pytest's filters.
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, *options, str(program), server.base_url],
        capture_output=True,
        text=True,
        check=True,
        env={name: v for name, v in os.environ.items() if name != "PYTHONWARNINGS"},
    )
    found = re.findall(r"^(.*):(\d+): BasetenWarning: (\w+) is", done.stderr, re.MULTILINE)
    assert found == [(str(program), str(line), name) for line, name in lines]
