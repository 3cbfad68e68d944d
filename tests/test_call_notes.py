"""Every change to a call can be seen, in the notes on what it returned and in the log."""

from __future__ import annotations

import gc
import logging
import weakref
from typing import TYPE_CHECKING, Any

import openai
import pytest
from openai.types.chat import ChatCompletion
from pydantic import BaseModel

import baseten_openai
from baseten_openai import AsyncOpenAI, Note, OpenAI, call_notes, emulator, notes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from baseten_openai.emulator import EmulatorServer

quiet = pytest.mark.filterwarnings("ignore::baseten_openai.BasetenWarning")

GLM = "zai-org/GLM-4.7"
HELLO: Any = [{"role": "user", "content": "Hello"}]
PLAIN: Any = {"model": GLM, "messages": HELLO}
RENAMED: Any = {**PLAIN, "max_completion_tokens": 50}
CHANGED: Any = {**RENAMED, "model": "glm-4.7"}
RENAMED_TEXT = "max_completion_tokens is sent as max_tokens"
EXPECTED = (
    Note("resolved", "model", "model 'glm-4.7' is zai-org/GLM-4.7"),
    Note("renamed", "max_completion_tokens", RENAMED_TEXT),
)


class Answer(BaseModel):
    answer: str


@pytest.fixture(scope="module")
def server() -> Iterator[EmulatorServer]:
    with emulator.serve() as server:
        yield server


@pytest.fixture(scope="module")
def client(server: EmulatorServer) -> Iterator[OpenAI]:
    with OpenAI(base_url=server.base_url, api_key="emulator") as client:
        yield client


# notes, by route


def by_raw_stream(client: Any) -> Any:
    stream = client.chat.completions.with_raw_response.create(**CHANGED, stream=True).parse()
    assert list(stream)
    return stream


def by_post(client: Any) -> Any:
    return client.post("/chat/completions", body=CHANGED, cast_to=ChatCompletion)


ROUTES: dict[str, Callable[[Any], Any]] = {
    "create": lambda c: c.chat.completions.create(**CHANGED),
    "parse": lambda c: c.chat.completions.parse(**CHANGED, response_format=Answer),
    "raw": lambda c: c.chat.completions.with_raw_response.create(**CHANGED),
    "raw, parsed": lambda c: c.chat.completions.with_raw_response.create(**CHANGED).parse(),
    "raw stream": by_raw_stream,
    "with_options": lambda c: c.with_options(timeout=9).chat.completions.create(**CHANGED),
    "post": by_post,
}


@quiet
@pytest.mark.parametrize("route", ROUTES)
def test_what_a_route_returns_has_the_notes(route: str, client: OpenAI) -> None:
    assert notes(ROUTES[route](client))[:2] == EXPECTED


@quiet
def test_a_streaming_response_has_the_notes(client: OpenAI) -> None:
    create = client.chat.completions.with_streaming_response.create
    with create(**CHANGED) as response:
        assert notes(response) == EXPECTED
        assert notes(response.parse()) == EXPECTED


@quiet
def test_a_stream_has_all_the_notes_once_it_has_ended(client: OpenAI) -> None:
    stream = client.chat.completions.create(**CHANGED, stream=True)
    assert notes(stream) == EXPECTED
    assert list(stream)
    made = notes(stream)
    assert made[:2] == EXPECTED
    # see evidence.md#repeated-role, evidence.md#usage-on-every-chunk: GLM 4.7 sends both in every chunk
    assert {(note.kind, note.param) for note in made[2:]} == {
        ("repaired", "role"),
        ("repaired", "usage"),
    }


@quiet
def test_the_stream_helper_has_all_the_notes_once_it_has_ended(client: OpenAI) -> None:
    with client.chat.completions.stream(**CHANGED) as stream:
        assert notes(stream) == EXPECTED
        stream.until_done()
        assert {note.kind for note in notes(stream)} == {"resolved", "renamed", "repaired"}


@quiet
def test_a_patched_and_a_bound_client_have_the_notes(server: EmulatorServer) -> None:
    with openai.OpenAI(api_key="k", base_url="https://elsewhere.test/v1") as stock:
        bound = baseten_openai.bind(stock, base_url=server.base_url, api_key="k")
        assert notes(bound.chat.completions.create(**CHANGED)) == EXPECTED
    with baseten_openai.patched(base_url=server.base_url, api_key="k"):
        assert notes(openai.chat.completions.create(**CHANGED)) == EXPECTED
        with openai.OpenAI() as patched:
            assert notes(patched.chat.completions.create(**CHANGED)) == EXPECTED


@quiet
@pytest.mark.anyio
async def test_every_async_route_has_the_notes(server: EmulatorServer) -> None:
    async with AsyncOpenAI(base_url=server.base_url, api_key="k") as client:
        completions = client.chat.completions
        assert notes(await completions.create(**CHANGED)) == EXPECTED
        assert notes(await completions.parse(**CHANGED, response_format=Answer)) == EXPECTED
        raw = await completions.with_raw_response.create(**CHANGED)
        assert notes(raw) == notes(raw.parse()) == EXPECTED
        assert notes(await by_post(client)) == EXPECTED
        async with completions.with_streaming_response.create(**CHANGED) as response:
            assert notes(response) == notes(await response.parse()) == EXPECTED
        stream: Any = await completions.create(**CHANGED, stream=True)
        assert notes(stream) == EXPECTED
        assert [chunk async for chunk in stream]
        assert [note.kind for note in notes(stream)[2:]] == ["repaired", "repaired"]
        async with completions.stream(**CHANGED) as helper:
            await helper.until_done()
            assert [note.kind for note in notes(helper)[2:]] == ["repaired", "repaired"]


def test_nothing_changed_is_no_notes(client: OpenAI) -> None:
    assert notes(client.chat.completions.create(**PLAIN)) == ()


@pytest.mark.parametrize("thing", [None, 5, "text", {}, object(), openai])
def test_what_is_no_answer_has_no_notes(thing: object) -> None:
    assert notes(thing) == ()


@quiet
@pytest.mark.parametrize("cast_to", [object, dict[str, object], str], ids=str)
def test_a_plain_answer_which_cannot_hold_notes_comes_without(cast_to: Any, client: OpenAI) -> None:
    answer: Any = client.post("/chat/completions", body=CHANGED, cast_to=cast_to)
    assert "Emulated answer" in str(answer)
    assert notes(answer) == ()


@quiet
def test_notes_live_as_long_as_the_answer(client: OpenAI) -> None:
    gc.collect()
    held = len(call_notes._by_response)  # noqa: SLF001  # that it does not grow is the point
    answers = [client.chat.completions.create(**CHANGED) for _ in range(3)]
    alive = [weakref.ref(answer) for answer in answers]
    assert len(call_notes._by_response) == held + 3  # noqa: SLF001  # the same
    answers.clear()
    gc.collect()
    assert [ref() for ref in alive] == [None, None, None]
    assert len(call_notes._by_response) == held  # noqa: SLF001  # the same


def test_a_note_reads_as_one_line() -> None:
    assert str(EXPECTED[1]) == f"renamed: {RENAMED_TEXT}"


# the log


@quiet
def test_notes_are_logged_once_a_call(client: OpenAI, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "baseten_openai"):
        client.chat.completions.create(**CHANGED)
        client.chat.completions.create(**CHANGED)
    logged = [r for r in caplog.records if r.name == "baseten_openai"]
    assert [r.getMessage() for r in logged] == [str(note) for note in EXPECTED] * 2
    assert {r.levelno for r in logged} == {logging.INFO}


def test_repairs_are_logged_when_the_stream_has_ended(
    client: OpenAI, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "baseten_openai"):
        stream = client.chat.completions.create(**PLAIN, stream=True)
        assert [r for r in caplog.records if r.name == "baseten_openai"] == []
        assert list(stream)
    logged = [r.getMessage() for r in caplog.records if r.name == "baseten_openai"]
    assert sorted(logged) == sorted(str(note) for note in notes(stream))
    assert logged
