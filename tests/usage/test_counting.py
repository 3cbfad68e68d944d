"""What ``report()`` counts, against what the SDK gave and the emulator received."""

from __future__ import annotations

import asyncio
import inspect
import json
import threading
import warnings
from typing import TYPE_CHECKING, Any

import openai
import pytest
from client_factories import EACH_FACTORY, SYNC_AND_ASYNC, settled

import baseten_openai
from baseten_openai import report

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from baseten_openai.emulator import EmulatorServer

    Ask = Callable[..., Awaitable[Any]]

pytestmark = pytest.mark.anyio

SLUG = "zai-org/GLM-4.7"
HERE = __file__
ASKED: Any = [{"role": "user", "content": "Hello"}]
WITH_USAGE = {"stream": True, "stream_options": {"include_usage": True}}


async def read(stream: Any) -> list[Any]:
    return [c async for c in stream] if hasattr(stream, "__aiter__") else list(stream)


def line() -> int:
    """Return the caller's line."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def only(found: Any) -> Any:
    (one,) = found
    return one


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_plain_calls(make: Any, is_async: bool, ask: Ask, emulated: EmulatorServer) -> None:
    client = make(is_async=is_async)
    answers = [await ask(client, model="GLM 4.7") for _ in range(3)]
    use = only(report().models)
    assert (use.named, use.resolved, use.calls, use.streams) == ("GLM 4.7", SLUG, 3, 0)
    assert (use.refused, use.failed, use.retries, use.without_usage) == (0, 0, 0, 0)
    assert use.tokens.input == sum(answer.usage.prompt_tokens for answer in answers)
    assert use.tokens.output == sum(answer.usage.completion_tokens for answer in answers)
    assert len(use.latency.sample) == 3
    assert use.first_chunk is None
    assert len(emulated.requests) == 3


@EACH_FACTORY
@SYNC_AND_ASYNC
@pytest.mark.usefixtures("emulated")
async def test_a_stream_is_counted_once_with_the_tokens_of_its_end(
    make: Any, is_async: bool, ask: Ask
) -> None:
    client = make(is_async=is_async)
    chunks = await read(await ask(client, **WITH_USAGE))
    (use,) = report().models
    assert (use.calls, use.streams, use.without_usage) == (1, 1, 0)
    assert use.tokens.input == chunks[-1].usage.prompt_tokens
    assert use.tokens.output == chunks[-1].usage.completion_tokens
    assert use.first_chunk is not None
    assert use.latency is not None
    assert 0 < use.first_chunk.median <= use.latency.median


@SYNC_AND_ASYNC
@pytest.mark.usefixtures("emulated")
async def test_a_stream_that_did_not_ask_for_usage_has_it_counted(is_async: bool, ask: Ask) -> None:
    """Baseten sends it all the same."""
    client = (baseten_openai.AsyncOpenAI if is_async else baseten_openai.OpenAI)()
    plain = await ask(client)
    chunks = await read(await ask(client, stream=True))
    assert all(chunk.usage is None for chunk in chunks)
    (use,) = report().models
    assert use.tokens.output == 2 * plain.usage.completion_tokens
    await settled(client.close())


@SYNC_AND_ASYNC
@pytest.mark.usefixtures("emulated")
async def test_a_stream_left_early_or_never_read_is_a_call(is_async: bool, ask: Ask) -> None:
    client = (baseten_openai.AsyncOpenAI if is_async else baseten_openai.OpenAI)()
    left = await ask(client, stream=True)
    if is_async:
        async for _ in left:
            break
    else:
        for _ in left:
            break
    await settled(left.close())
    del left
    await asyncio.sleep(0)  # the event loop closes what an async generator held
    unread = await ask(client, stream=True)
    use = only(report().models)
    assert (use.calls, use.streams, use.latency) == (2, 2, None)
    await settled(unread.close())
    await settled(client.close())


@EACH_FACTORY
@SYNC_AND_ASYNC
@pytest.mark.parametrize("route", ["with_raw_response", "with_streaming_response"])
@pytest.mark.usefixtures("emulated")
async def test_the_raw_routes(make: Any, is_async: bool, route: str) -> None:
    client = make(is_async=is_async)
    asked: Any = {"model": SLUG, "messages": [{"role": "user", "content": "Hello"}]}
    create = getattr(client.chat.completions, route).create
    if route == "with_raw_response":
        raw = await settled(create(**asked))
        completion = raw.parse()
    elif is_async:
        async with create(**asked) as raw:
            completion = await raw.parse()
    else:
        with create(**asked) as raw:
            completion = raw.parse()
    use = only(report().models)
    assert (use.calls, use.without_usage) == (1, 0)
    assert use.tokens.output == completion.usage.completion_tokens


@SYNC_AND_ASYNC
@pytest.mark.usefixtures("emulated")
async def test_bytes_nobody_parsed_have_no_usage(is_async: bool) -> None:
    client = (baseten_openai.AsyncOpenAI if is_async else baseten_openai.OpenAI)()
    asked: Any = {"model": SLUG, "messages": [{"role": "user", "content": "Hello"}]}
    await settled(client.chat.completions.with_raw_response.create(**asked))
    use = only(report().models)
    assert (use.calls, use.without_usage, use.tokens.input) == (1, 1, 0)
    await settled(client.close())


@EACH_FACTORY
@SYNC_AND_ASYNC
@pytest.mark.usefixtures("emulated")
async def test_changes_are_told_with_the_users_line(make: Any, is_async: bool) -> None:
    client = make(is_async=is_async)
    create = client.chat.completions.create
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if is_async:
            await create(model=SLUG, store=True, messages=ASKED); at = line()  # fmt: skip  # noqa: E702
        else:
            create(model=SLUG, store=True, messages=ASKED); at = line()  # fmt: skip  # noqa: E702
    told = report()
    change = only(change for change in told.changes if change.kind == "dropped")
    assert (change.param, change.count) == ("store", 1)
    assert [(place.file, place.line) for place in change.places] == [(HERE, at)]
    assert only(told.models).changed == 1
    assert told.changed == 1


@EACH_FACTORY
@SYNC_AND_ASYNC
@pytest.mark.usefixtures("emulated")
async def test_repairs_of_a_stream_are_told_of_the_line_that_asked(
    make: Any, is_async: bool
) -> None:
    client = make(is_async=is_async)
    create = client.chat.completions.create
    if is_async:
        stream = await create(model=SLUG, stream=True, messages=ASKED); at = line()  # fmt: skip  # noqa: E702
    else:
        stream = create(model=SLUG, stream=True, messages=ASKED); at = line()  # fmt: skip  # noqa: E702
    await read(stream)
    told = [change for change in report().changes if change.kind == "repaired"]
    assert {"usage"} <= {change.param for change in told}
    assert {(place.file, place.line) for change in told for place in change.places} == {(HERE, at)}


@EACH_FACTORY
@SYNC_AND_ASYNC
@pytest.mark.parametrize(
    ("options", "name"),
    [
        (
            {"model": "deepseek-v3.1", "response_format": {"type": "json_object"}},
            "UnsupportedFeatureError",
        ),
        ({"model": "no-such-model"}, "UnknownModelError"),
        ({"model": SLUG, "messages": "Hello"}, "BadRequestError"),
    ],
)
async def test_refusals(
    make: Any,
    is_async: bool,
    options: Any,
    name: str,
    ask: Ask,
    emulated: EmulatorServer,
) -> None:
    client = make(is_async=is_async)
    with pytest.raises(openai.OpenAIError) as raised:
        await ask(client, **options)
    told = report()
    use, error = only(told.models), only(told.errors)
    assert (use.named, use.calls, use.refused, use.failed) == (options["model"], 1, 1, 0)
    assert (error.name, error.refused, error.count) == (name, True, 1)
    assert error.hint == raised.value.hint  # type: ignore[attr-defined]  # all of ours have one
    assert error.places[0].file.endswith(
        ("conftest.py", "client_factories.py")
    )  # where `ask` calls or awaits
    assert emulated.requests == []


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_error_answers_and_retries(
    make: Any, is_async: bool, ask: Ask, emulated: EmulatorServer
) -> None:
    client = make(is_async=is_async, max_retries=2)
    emulated.fault("429", times=2, retry_after=0)
    await ask(client, model=SLUG)
    emulated.fault("402")
    with pytest.raises(openai.APIStatusError):
        await ask(client, model=SLUG)
    told = report()
    use, error = only(told.models), only(told.errors)
    assert (use.calls, use.failed, use.refused, use.retries) == (2, 1, 0, 2)
    assert (error.name, error.status, error.refused) == ("PaymentRequiredError", 402, False)


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_a_connection_that_fails(
    make: Any, is_async: bool, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", "abcd1234.x")
    monkeypatch.setenv("BASETEN_BASE_URL", "http://127.0.0.1:9/v1")
    client = make(is_async=is_async, max_retries=0)
    with pytest.raises(openai.APIConnectionError):
        await ask(client, model=SLUG)
    told = report()
    assert (only(told.errors).name, told.failed, told.refused) == ("APIConnectionError", 1, 0)


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_a_stream_that_breaks(
    make: Any, is_async: bool, ask: Ask, emulated: EmulatorServer
) -> None:
    client = make(is_async=is_async, max_retries=0)
    emulated.fault("cut", after=2)
    with pytest.raises(baseten_openai.StreamInterruptedError):
        await read(await ask(client, model=SLUG, stream=True))
    told = report()
    use, error = only(told.models), only(told.errors)
    assert (use.calls, use.streams, use.failed) == (1, 1, 1)
    assert error.name == "StreamInterruptedError"


@pytest.mark.usefixtures("emulated")
async def test_a_cancelled_task_is_counted(ask: Ask, server: EmulatorServer) -> None:
    server.fault("slow", delay=5)
    client = baseten_openai.AsyncOpenAI()
    task = asyncio.create_task(ask(client, model=SLUG))  # type: ignore[arg-type]  # a coroutine
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert only(report().errors).name == "CancelledError"
    await client.close()


@pytest.mark.usefixtures("emulated")
async def test_threads_and_tasks_add_up(ask: Ask) -> None:
    client = baseten_openai.OpenAI()
    other = baseten_openai.AsyncOpenAI()

    def work() -> None:
        for _ in range(10):
            client.chat.completions.create(model=SLUG, messages=ASKED)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    await asyncio.gather(*(ask(other, model=SLUG) for _ in range(40)))
    for thread in threads:
        await asyncio.to_thread(thread.join)
    use = only(report().models)
    assert (use.calls, use.without_usage, len(use.latency.sample)) == (120, 0, 120)
    await other.close()


@SYNC_AND_ASYNC
async def test_other_peoples_clients_are_not_counted(
    is_async: bool, ask: Ask, server: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    baseten_openai.patch()
    kind = openai.AsyncOpenAI if is_async else openai.OpenAI
    client = kind(api_key="other", base_url=server.base_url)
    await ask(client, model="openai/gpt-oss-120b")
    assert report().models == ()
    await settled(client.close())


KEY = "abcd1234.of-baseten"


@pytest.mark.usefixtures("emulated")
def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseten_openai.usage.recorder, "KEPT", 3)
    client = baseten_openai.OpenAI()
    for number in range(10):
        with pytest.raises(baseten_openai.UnknownModelError):
            client.chat.completions.create(model=f"unknown-{number}", messages=ASKED)
    told = report()
    assert told.calls == told.refused == 10
    assert len(told.models) == 4
    assert told.models[-1].named == "(others)"
    assert sum(error.count for error in told.errors) == 10
    assert len(told.errors) == 4


@pytest.mark.usefixtures("emulated")
def test_no_key_is_in_a_report(server: EmulatorServer) -> None:
    client = baseten_openai.OpenAI(max_retries=0)
    server.fault("403")
    with pytest.raises(openai.APIStatusError):
        client.chat.completions.create(model=SLUG, messages=ASKED)
    told = report()
    for text in (str(told), repr(told), told.model_dump_json()):
        assert KEY not in text


@pytest.mark.usefixtures("emulated")
def test_the_json_form_reads_back() -> None:
    client = baseten_openai.OpenAI()
    client.chat.completions.create(model=SLUG, messages=ASKED)
    told = report()
    text = told.model_dump_json()
    assert baseten_openai.Report.model_validate_json(text) == told
    assert json.loads(text)["models"][0]["cost"]["total"] == str(told.cost)
    described = json.dumps(baseten_openai.Report.model_json_schema())
    assert "as the code names it" in described
