"""Ten thousand calls, two hundred at a time, one in twenty with a fault: none is lost, none done twice.

Each call names itself in its message. What becomes of it, and after how many attempts, follows from
its number; the server counts the attempts it sees, and answers with the number it was asked.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import gc
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import anyio
import openai
import pytest
from openai import _base_client
from wire_shapes import DONE, USAGE, chunk, completion, event, says

import baseten_openai
from baseten_openai import AsyncOpenAI, OpenAI
from baseten_openai.errors import http_library
from baseten_openai.usage import recorder

if TYPE_CHECKING:
    from collections.abc import Iterator

CALLS, AT_ONCE, ONE_IN = 5000, 200, 20
KEY = "abcd1234.of-baseten"


class Fault(NamedTuple):
    """What the server does to the first attempts, and what comes of the call in the end."""

    spoiled: int  # how many attempts
    status: int  # 0 resets the connection; 200 cuts the answer short
    error: type[Exception] | None
    attempts: int
    streamed_error: type[Exception] | None
    streamed_attempts: int


ALWAYS = 99
CONNECTION = openai.APIConnectionError
SERVER, CUT = baseten_openai.InternalServerError, baseten_openai.StreamInterruptedError
PAY, CAPACITY = baseten_openai.PaymentRequiredError, baseten_openai.CapacityError
FAULTS = [
    Fault(1, 429, None, 2, None, 2),
    Fault(ALWAYS, 500, SERVER, 3, SERVER, 3),
    Fault(1, 0, None, 2, None, 2),
    Fault(ALWAYS, 402, PAY, 1, PAY, 1),
    Fault(ALWAYS, 200, CONNECTION, 3, CUT, 1),
    Fault(2, 529, None, 3, None, 3),
    Fault(ALWAYS, 529, CAPACITY, 3, CAPACITY, 3),
    Fault(ALWAYS, 0, CONNECTION, 3, CONNECTION, 3),
]


def fault_of(number: int) -> Fault | None:
    return FAULTS[number // ONE_IN % len(FAULTS)] if number % ONE_IN == 0 else None


def is_streamed(number: int) -> bool:
    return number % 3 == 0


def answer(number: int, *, streamed: bool) -> bytes:
    if not streamed:
        return json.dumps(completion({"role": "assistant", "content": str(number)})).encode()
    chunks = [says({"role": "assistant", "content": digit}) for digit in str(number)]
    ends = [says({}, finish_reason="stop"), chunk(usage=USAGE)]
    return b"".join([*map(event, chunks + ends), DONE])


class Server:
    """An HTTP server of the least, since it answers thousands of times."""

    def __init__(self) -> None:
        """Start with no attempts seen."""
        self.attempts: collections.Counter[int] = collections.Counter()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                asked = json.loads(await reader.readexactly(length))
                if not self.reply(writer, asked):
                    break
        writer.close()

    def reply(self, writer: asyncio.StreamWriter, asked: Any) -> bool:
        number, streamed = int(asked["messages"][0]["content"]), bool(asked.get("stream"))
        self.attempts[number] += 1
        fault, status = fault_of(number), 200
        body, length = answer(number, streamed=streamed), 0
        if fault is not None and self.attempts[number] <= fault.spoiled:
            if fault.status == 0:
                writer.transport.abort()
                return False
            status = fault.status
            body = body[:60] if status == 200 else b'{"error": "no"}'
            length = 0 if status != 200 or streamed else 40  # what the last attempt cannot hold
        head = (
            f"HTTP/1.1 {status} X\r\nContent-Type: "
            f"{'text/event-stream' if streamed and status == 200 else 'application/json'}\r\n"
            f"Retry-After-Ms: 1\r\nContent-Length: {len(body) + length}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        return not length

    async def run(self, ready: threading.Event, stop: asyncio.Event) -> None:
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=1000)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        ready.set()
        await stop.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(_base_client, "MAX_RETRY_DELAY", 0.001)
    server, ready = Server(), threading.Event()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(server.run(ready, stop),))
    thread.start()
    ready.wait()
    yield server
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


def asking(number: int) -> Any:
    messages = [{"role": "user", "content": str(number)}]
    return {"model": "openai/gpt-oss-120b", "messages": messages, "stream": is_streamed(number)}


def left_open(known: int) -> int:
    """Return by how many the open sockets stay above ``known``: the server closes its ends in time."""
    for _ in range(300):
        gc.collect()
        if sockets() <= known:
            return 0
        time.sleep(0.1)
    return sockets() - known


def sockets() -> int:
    """Count this process's open sockets, where the system tells."""
    links = []
    for path in Path("/proc/self/fd").glob("*"):
        with contextlib.suppress(OSError):  # the folder's own
            links.append(str(path.readlink()))
    return sum(link.startswith("socket:") for link in links)


def check(outcomes: dict[int, Any], server: Server, before: dict[str, int]) -> None:
    assert outcomes.keys() == server.attempts.keys() == set(range(CALLS))
    failed = retries = 0
    for number, came in outcomes.items():
        fault, attempts, error = fault_of(number), 1, None
        if fault is not None and is_streamed(number):
            attempts, error = fault.streamed_attempts, fault.streamed_error
        elif fault is not None:
            attempts, error = fault.attempts, fault.error
        failed, retries = failed + bool(error), retries + attempts - 1
        assert server.attempts[number] == attempts, (number, came)
        assert came == (error or str(number)), number
    assert failed > CALLS / ONE_IN / 2
    after = counted()
    assert {name: after[name] - before[name] for name in after} == {
        "calls": CALLS,
        "streams": sum(map(is_streamed, range(CALLS))) - early_failures(),
        "failed": failed,
        "retries": retries,
        "counted": CALLS - failed,
    }


def early_failures() -> int:
    """Count the streams that fail before there is one."""
    faults = [fault_of(number) for number in range(CALLS) if is_streamed(number)]
    return sum(f is not None and f.streamed_error not in (None, CUT) for f in faults)


def counted() -> dict[str, int]:
    """What the report's sums say."""
    names = ("calls", "streams", "failed", "retries", "counted")
    with recorder.flushed():
        models = recorder.process.models.values()
        return {name: sum(getattr(model, name) for model in models) for name in names}


def ask(client: OpenAI, number: int) -> Any:
    try:
        made: Any = client.chat.completions.create(**asking(number))
        if not is_streamed(number):
            return made.choices[0].message.content
        return "".join(c.delta.content or "" for one in made for c in one.choices)
    except openai.OpenAIError as error:
        return type(error)


async def ask_async(client: AsyncOpenAI, number: int) -> Any:
    try:
        made: Any = await client.chat.completions.create(**asking(number))
        if not is_streamed(number):
            return made.choices[0].message.content
        return "".join([c.delta.content or "" async for one in made for c in one.choices])
    except openai.OpenAIError as error:
        return type(error)


def test_threads(server: Server) -> None:
    before, open_before = counted(), sockets()
    limits = http_library().Limits(max_connections=AT_ONCE)
    with (
        http_library().Client(limits=limits, timeout=60) as http,
        OpenAI(api_key=KEY, base_url=server.url, http_client=http) as client,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        outcomes = dict(enumerate(pool.map(lambda number: ask(client, number), range(CALLS))))
    check(outcomes, server, before)
    assert left_open(open_before) == 0


@pytest.mark.anyio
async def test_tasks(server: Server) -> None:
    before, open_before, tasks = counted(), sockets(), asyncio.all_tasks()
    outcomes: dict[int, Any] = {}
    limit = anyio.CapacityLimiter(AT_ONCE)
    async with AsyncOpenAI(api_key=KEY, base_url=server.url, timeout=60) as client:

        async def one(number: int) -> None:
            async with limit:
                outcomes[number] = await ask_async(client, number)

        async with anyio.create_task_group() as group:
            for number in range(CALLS):
                group.start_soon(one, number)
    check(outcomes, server, before)
    assert asyncio.all_tasks() == tasks
    assert await asyncio.to_thread(left_open, open_before) == 0
