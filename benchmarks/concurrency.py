"""What users feel: many calls at once against a server in another process.

``python benchmarks/concurrency.py`` prints the table of docs/performance.md. Two loads, both async:

* streams: 64 at once, 500 chunks each
* agent turns: 200 at once, each with 40 messages and 10 tools

Each contender runs in a process of its own, in turn with the others, several rounds; the table has the
medians. A contender that is not installed is left out: ``make bench-rivals`` installs them all.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from in_process import MODEL, completion, events
from long_inputs import conversation, say, tools

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Ask = Callable[[], Awaitable[int]]
    """Makes one call, and returns how many chunks came."""

STREAMS, CHUNKS = 64, 500
TURNS, MESSAGES, TOOLS = 200, 40, 10
ROUNDS = int(os.environ.get("ROUNDS", "5"))
KEY = "abcd1234.benchmark"


def main() -> None:
    """Measure every contender and print."""
    if len(sys.argv) > 1:
        _measure(*sys.argv[1:])
        return
    with subprocess.Popen(  # noqa: S603  # this program
        [sys.executable, __file__, "server", "-", "-"], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None  # noqa: S101  # it is a pipe
            url = server.stdout.readline().strip()
            for load, title in (("streams", "a chunk"), ("turns", "a turn")):
                _table(load, title, url)
        finally:
            server.kill()


def _table(load: str, title: str, url: str) -> None:
    names = [name for name, (package, _) in CONTENDERS.items() if _version(package)]
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name in names:
            seen[name].append(_run(name, load, url))
    say(f"| {load} | version | {load} per s | chunks per s | CPU, µs {title} | CPU, ratio |")
    say("|---|---|---|---|---|---|")
    bare = [one["cpu"] for one in seen["openai"]]
    for name, rounds in seen.items():
        wall = statistics.median(one["wall"] for one in rounds)
        calls = rounds[0]["calls"]
        chunks = calls * CHUNKS if rounds[0]["chunks"] else 0  # as sent: some join the last two
        cpu = statistics.median(one["cpu"] for one in rounds) / (chunks or calls) * 1e6
        ratio = statistics.median(o["cpu"] / b for o, b in zip(rounds, bare, strict=True))
        per_second = f"{chunks / wall:,.0f}" if chunks else ""
        version = _version(CONTENDERS[name][0])
        say(
            f"| {name} | {version} | {calls / wall:,.1f} | {per_second} | {cpu:,.1f} | {ratio:.2f} |"
        )
    say("")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _run(name: str, load: str, url: str) -> dict[str, float]:
    done = subprocess.run(  # noqa: S603  # this program
        [sys.executable, __file__, name, load, url], check=False, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{name}, {load}: {done.stderr[-2000:]}")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _measure(name: str, load: str, url: str) -> None:
    """Run one load with one contender; print what it took."""
    if name == "server":
        asyncio.run(_serve())
        return
    make, count = CONTENDERS[name][1], STREAMS if load == "streams" else TURNS
    asyncio.run(_load(make(url, streamed=load == "streams"), count))


async def _load(ask: Ask, count: int) -> None:
    await asyncio.gather(*(ask() for _ in range(4)))  # imports, connections, caches
    wall, cpu = time.perf_counter(), time.process_time()
    chunks = sum(await asyncio.gather(*(ask() for _ in range(count))))
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    say(json.dumps({**took, "calls": count, "chunks": chunks}))


def _with_client(client: Any, *, streamed: bool) -> Ask:
    async def stream() -> int:
        messages = conversation(1)
        chunks = 0
        answer = await client.chat.completions.create(model=MODEL, messages=messages, stream=True)
        async for _ in answer:
            chunks += 1
        return chunks

    history, offered = conversation(MESSAGES), tools(TOOLS)

    async def turn() -> int:
        answer = await client.chat.completions.create(model=MODEL, messages=history, tools=offered)
        return 0 if answer.choices[0].message.content else 1

    return stream if streamed else turn


def _openai(url: str, *, streamed: bool) -> Ask:
    import openai  # noqa: PLC0415  # one of several

    return _with_client(openai.AsyncOpenAI(api_key=KEY, base_url=url), streamed=streamed)


def _baseten_openai(url: str, *, streamed: bool) -> Ask:
    import baseten_openai  # noqa: PLC0415  # one of several

    return _with_client(baseten_openai.AsyncOpenAI(api_key=KEY, base_url=url), streamed=streamed)


def _litellm(url: str, *, streamed: bool) -> Ask:
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # it would ask the network
    import litellm  # noqa: PLC0415  # one of several

    history, offered = conversation(MESSAGES), tools(TOOLS)
    options = {"model": f"baseten/{MODEL}", "api_base": url, "api_key": KEY}

    async def stream() -> int:
        chunks = 0
        async for _ in await litellm.acompletion(messages=conversation(1), stream=True, **options):
            chunks += 1
        return chunks

    async def turn() -> int:
        await litellm.acompletion(messages=history, tools=offered, **options)
        return 0

    return stream if streamed else turn


def _langchain_baseten(url: str, *, streamed: bool) -> Ask:
    from langchain_baseten import ChatBaseten  # noqa: PLC0415  # one of several

    model = ChatBaseten(model=MODEL, baseten_api_base=url, baseten_api_key=KEY)
    with_tools = model.bind_tools(tools(TOOLS))
    history = [(one["role"], one["content"]) for one in conversation(MESSAGES)]

    async def stream() -> int:
        chunks = 0
        async for _ in model.astream("Message number 0."):
            chunks += 1
        return chunks

    async def turn() -> int:
        await with_tools.ainvoke(history)
        return 0

    return stream if streamed else turn


CONTENDERS: dict[str, tuple[str, Callable[..., Ask]]] = {
    "openai": ("openai", _openai),
    "baseten-openai": ("baseten-openai", _baseten_openai),
    "litellm": ("litellm", _litellm),
    "langchain-baseten": ("langchain-baseten", _langchain_baseten),
}


async def _serve() -> None:
    """Answer chat calls on loopback; print the base URL."""
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, backlog=1024)
    say(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
    async with server:
        await server.serve_forever()


PLAIN = completion()
EVENTS = list(events(CHUNKS - 2))  # with the last two, which hold the finish reason and the usage


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.partition(b":")[2])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length:")
            )
            body = await reader.readexactly(length)
            if json.loads(body).get("stream"):
                writer.write(_head("text/event-stream", "transfer-encoding: chunked"))
                for event in EVENTS:
                    writer.write(b"%x\r\n%s\r\n" % (len(event), event))
                    await asyncio.sleep(0)  # so that the streams come interleaved
                writer.write(b"0\r\n\r\n")
            else:
                writer.write(_head("application/json", f"content-length: {len(PLAIN)}") + PLAIN)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _head(kind: str, length: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n{length}\r\n\r\n".encode()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
