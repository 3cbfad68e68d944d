"""A bug of ours costs its own step, never the call: logged once, with a traceback. Keys are excepted."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import openai
import pytest
from client_factories import EACH_FACTORY, REAL, SYNC_AND_ASYNC, settled
from listeners import Elsewhere

from baseten_openai import CredentialError, UnsupportedFeatureError, internal_errors
from baseten_openai.chat import stream_repair
from baseten_openai.credentials import outgoing
from baseten_openai.sdk import error_conversion, request_preparation, response_processing
from baseten_openai.usage import recorder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from baseten_openai.emulator import EmulatorServer

    Ask = Callable[..., Awaitable[Any]]

pytestmark = pytest.mark.anyio

KEY = "abcd1234.of-baseten"
SLUG = "zai-org/GLM-4.7"


class InjectedError(Exception):
    """A bug."""


def buggy(*_: object, **__: object) -> Any:
    raise InjectedError


STEPS = {
    "prepare": (request_preparation, "prepare", "request translation"),
    "repair": (response_processing, "repair_completion", "response repair"),
    "feed": (stream_repair.StreamRepair, "feed", "stream repair"),
    "finish": (stream_repair.StreamRepair, "finish", "end of stream repair"),
    "begin": (recorder, "CallRecord", "recording"),
    "count": (recorder.CallRecord, "returned", "recording"),
    "count a stream": (recorder.CallRecord, "ended", "recording"),
    "convert": (error_conversion, "convert", "error conversion"),
}


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch, server: EmulatorServer) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)
    monkeypatch.setattr(internal_errors, "_seen", set())


class Bugs:
    """Injects a bug, and reads what is said of it."""

    def __init__(self, patching: pytest.MonkeyPatch, log: pytest.LogCaptureFixture) -> None:
        """Start with none."""
        self._patching, self._log = patching, log

    def inject(self, step: str) -> None:
        owner, name, self._where = STEPS[step]
        self._patching.setattr(owner, name, buggy)

    def check_logged_once(self) -> None:
        logged = [r for r in self._log.records if r.levelno >= logging.ERROR]
        (record,) = [r for r in logged if r.name == "baseten_openai"]
        assert self._where in record.getMessage()
        assert "baseten_openai" in record.getMessage()
        assert record.exc_info is not None
        assert record.exc_info[0] is InjectedError
        assert "in buggy" in self._log.text  # the traceback


@pytest.fixture
def bugs(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Bugs:
    return Bugs(monkeypatch, caplog)


async def text_of(stream: Any) -> tuple[str, list[str], Any]:
    """A stream's text, its finish reasons, and what the last chunk says of usage."""
    chunks = [c async for c in stream] if hasattr(stream, "__aiter__") else list(stream)
    choices = [choice for chunk in chunks for choice in chunk.choices]
    text = "".join(choice.delta.content or "" for choice in choices)
    return text, [c.finish_reason for c in choices if c.finish_reason], chunks[-1].usage


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_in_the_request(
    make: Any, is_async: bool, bugs: Bugs, ask: Ask, server: EmulatorServer
) -> None:
    client = make(is_async=is_async, max_retries=0)
    bugs.inject("prepare")
    for _ in range(2):
        answer = await ask(client, model=SLUG)
        assert answer.choices[0].message.content
    assert server.requests[-1].json == {
        "model": SLUG,
        "messages": [{"role": "user", "content": "Hello"}],
    }
    bugs.check_logged_once()


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_in_a_plain_answer(make: Any, is_async: bool, bugs: Bugs, ask: Ask) -> None:
    client = make(is_async=is_async)
    expected = await ask(client)
    bugs.inject("repair")
    for _ in range(2):
        answer = await ask(client)
        assert answer.choices[0].message.content == expected.choices[0].message.content
    bugs.check_logged_once()


@EACH_FACTORY
@SYNC_AND_ASYNC
@pytest.mark.parametrize("step", ["feed", "finish"])
async def test_in_a_stream(make: Any, is_async: bool, step: str, bugs: Bugs, ask: Ask) -> None:
    client = make(is_async=is_async)
    text, finishes, _ = await text_of(await ask(client, model=SLUG, stream=True))
    assert text
    assert finishes == ["stop"]
    bugs.inject(step)
    for _ in range(2):
        found, reasons, _ = await text_of(await ask(client, model=SLUG, stream=True))
        assert found == text
        assert reasons == finishes
    bugs.check_logged_once()


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_in_the_middle_of_a_stream(
    make: Any, is_async: bool, bugs: Bugs, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make(is_async=is_async)
    text, finishes, _ = await text_of(await ask(client, model=SLUG, stream=True))
    feed = stream_repair.StreamRepair.feed
    for good in range(1, 40, 3):
        fed = 0

        def sometimes(repair: Any, chunk: Any, *, good: int = good) -> Any:
            nonlocal fed
            fed += 1
            return feed(repair, chunk) if fed <= good else buggy()

        bugs.inject("feed")
        monkeypatch.setattr(stream_repair.StreamRepair, "feed", sometimes)
        found, reasons, _ = await text_of(await ask(client, model=SLUG, stream=True))
        assert (found, reasons) == (text, finishes)
    bugs.check_logged_once()


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_in_an_error(
    make: Any, is_async: bool, bugs: Bugs, ask: Ask, server: EmulatorServer
) -> None:
    client = make(is_async=is_async, max_retries=0)
    bugs.inject("convert")
    expected = {"402": openai.APIStatusError, "403": openai.PermissionDeniedError}
    expected |= {"429": openai.RateLimitError, "500": openai.InternalServerError}
    for kind, error in expected.items():
        server.fault(kind)
        with pytest.raises(error) as caught:
            await ask(client)
        assert type(caught.value) is error
        assert caught.value.status_code == int(kind)
    bugs.check_logged_once()


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_what_we_refuse_is_no_bug(
    make: Any, is_async: bool, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    client = make(is_async=is_async)
    with pytest.raises(UnsupportedFeatureError):
        await ask(client, n=2)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_a_bug_in_the_rules_for_keys_stops_the_call(
    make: Any, is_async: bool, ask: Ask, server: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make(is_async=is_async)
    monkeypatch.setattr(outgoing, "check_request", buggy)
    with pytest.raises(InjectedError):
        await ask(client)
    assert server.requests == []


@EACH_FACTORY
@SYNC_AND_ASYNC
@pytest.mark.parametrize("step", STEPS)
async def test_the_rules_for_keys_hold_whatever_else_fails(
    make: Any, is_async: bool, step: str, bugs: Bugs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_BASE_URL", REAL)
    elsewhere = Elsewhere()
    client = make(is_async=is_async, http_client=elsewhere.client(is_async=is_async))
    bugs.inject(step)
    with pytest.raises(CredentialError):
        await settled(
            client.post("https://evil.test/chat/completions", cast_to=object, body={"model": SLUG})
        )
    assert elsewhere.arrived == []
    foreign: Any = {"headers": {"Authorization": "Bearer sk-foreign"}}
    with pytest.raises(openai.NotFoundError):  # what ``elsewhere`` answers
        await settled(client.post("/chat/completions", cast_to=object, body={}, options=foreign))
    (arrived,) = elsewhere.arrived
    assert arrived.keys == [f"Bearer {KEY}"]  # OpenAI's key was replaced


def test_two_bugs_are_both_logged(caplog: pytest.LogCaptureFixture) -> None:
    for where in ("here", "here", "there"):
        for bug in (ValueError("a"), ValueError("b"), KeyError("c")):
            internal_errors.log_once(where, bug)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 4
    assert sum("(there)" in one for one in said) == 2
    assert sum("ValueError" in one for one in said) == 2


@EACH_FACTORY
@SYNC_AND_ASYNC
@pytest.mark.parametrize("step", ["begin", "count", "count a stream"])
async def test_in_the_counting(make: Any, is_async: bool, step: str, bugs: Bugs, ask: Ask) -> None:
    client = make(is_async=is_async)
    expected = await text_of(await ask(client, stream=True))
    bugs.inject(step)
    for _ in range(2):
        assert await text_of(await ask(client, stream=True)) == expected
    bugs.check_logged_once()
