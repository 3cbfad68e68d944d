"""Cost per call and per chunk: ``python benchmarks/calls.py`` prints the tables in README.md here.

In the process (a transport that answers without a socket) and on a loopback server; every ratio is
to the bare SDK in the same interleaved run.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import openai
from in_process import MODEL, clients, completion, events, transport
from long_inputs import conversation, drain, say, tools
from measuring import Timing, compare, interleaved

import baseten_openai

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "place",
        "schema": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "country": {"type": "string"}},
            "required": ["city", "country"],
        },
    },
}
PLAIN = {"model": MODEL, "messages": conversation(1)}
FULL = {"model": MODEL, "messages": conversation(10), "tools": tools(2), "response_format": SCHEMA}
CHUNKS = 1000
BATCH = 20


def main() -> None:
    """Measure and print."""
    say("| what | bare SDK, µs | ours, µs | added, µs | ratio (quartiles) |")
    say("|---|---|---|---|---|")
    calls("in process", *clients(completion))
    calls("in process, async", *clients(completion, is_async=True))
    os.environ.setdefault("BASETEN_API_KEY", "abcd1234.benchmark")
    entry_points()
    with loopback() as url:
        calls("loopback server", *[make(url) for make in (_bare, _ours)])
    for usage, name in ((True, "usage on every chunk"), (False, "usage at the end")):
        body = list(events(CHUNKS, usage_on_every_chunk=usage))
        bare, ours = clients(partial(iter, body))
        row(f"a chunk of a stream, {name}", per(compare_streams(bare, ours), CHUNKS))
    with loopback() as url:
        bare, ours = _bare(url), _ours(url)
        row(
            "a chunk of a stream, loopback, usage on every chunk",
            per(compare_streams(bare, ours, rounds=30), CHUNKS),
        )
    others()


def calls(where: str, bare: Any, ours: Any) -> None:
    """Print the two kinds of call."""
    batch = _async_batch if isinstance(bare, openai.AsyncOpenAI) else _batch
    for name, body in (("plain chat", PLAIN), ("tools, schema, ten messages", FULL)):
        timing = compare(batch(bare, body), batch(ours, body), rounds=100, number=1)
        row(f"{name}, {where}", per(timing, BATCH))


def entry_points() -> None:
    """Print what the other entry points cost, and calls whose requests we change."""
    bare, ours = clients(completion)
    bound = baseten_openai.bind(bare)
    for name, client in (("ours", ours), ("bind()", bound)):
        ways = {
            "with_options() on each call": _copied,
            "max_completion_tokens, renamed": partial(_ask, max_completion_tokens=5),
        }
        if client is bound:
            ways = {"plain chat": _ask, **ways}
        for way, use in ways.items():
            with_it = partial(_often, partial(use, client))
            timing = compare(partial(_often, partial(use, bare)), with_it, rounds=50, number=1)
            row(f"{way}, {name}", per(timing, BATCH))
    client = openai.OpenAI(
        api_key="abcd1234.benchmark", base_url=str(bare.base_url), http_client=transport(completion)
    )
    while_patched("plain chat, a client at Baseten while patched", partial(_ask, client))


def _ask(client: Any, **options: Any) -> None:
    client.chat.completions.create(**PLAIN, **options)


def _copied(client: Any) -> None:
    client.with_options(timeout=3).chat.completions.create(**PLAIN)


def _often(step: Callable[[], None]) -> None:
    for _ in range(BATCH):
        step()


def _batch(client: Any, body: dict[str, Any]) -> Callable[[], None]:
    def run() -> None:
        for _ in range(BATCH):
            client.chat.completions.create(**body)

    return run


def _async_batch(client: Any, body: dict[str, Any]) -> Callable[[], None]:
    loop = asyncio.new_event_loop()

    async def run() -> None:
        for _ in range(BATCH):
            await client.chat.completions.create(**body)

    return lambda: loop.run_until_complete(run())


def compare_streams(bare: Any, ours: Any, rounds: int = 30) -> Timing:
    """Time a stream of ``CHUNKS``, read to its end."""
    return compare(partial(drain, bare), partial(drain, ours), rounds=rounds, number=1)


def others() -> None:
    """Print what a client of another host pays while the SDK is patched."""
    own: dict[str, Any] = {"api_key": "theirs", "http_client": transport(completion)}
    client = openai.OpenAI(base_url="https://llm.example/v1", **own)
    azure = openai.AzureOpenAI(api_version="1", azure_endpoint="https://llm.example", **own)
    for name, step in (
        ("plain chat", partial(_ask, client)),
        ("GET /models", lambda: client.get("/models", cast_to=object)),
        ("plain chat, Azure", partial(_ask, azure)),
        ("with_options() on each call", partial(_copied, client)),
        ("making a client", lambda: openai.OpenAI(base_url="https://llm.example/v1", **own)),
    ):
        while_patched(f"{name}, another host while patched", step)
    body = list(events(CHUNKS, usage_on_every_chunk=False))
    client = client.with_options(http_client=transport(partial(iter, body)))
    while_patched(
        "a chunk of a stream, another host's client while patched", partial(drain, client), CHUNKS
    )


def while_patched(name: str, step: Callable[[], object], count: int = 1) -> None:
    """Print a row of one step, with the SDK patched and as it is."""
    timing = interleaved(
        step,
        step,
        before_second=partial(switch, baseten_openai.patch, step, count),
        after_second=partial(switch, baseten_openai.unpatch, step, count),
        rounds=100,
        number=BATCH if count == 1 else 1,
    )
    row(name, per(timing, count))


def switch(change: Callable[[], object], step: Callable[[], object], count: int) -> None:
    """Patch or unpatch, and let the interpreter adapt to the changed classes before it is timed."""
    change()
    for _ in range(50 if count == 1 else 1):
        step()


def per(timing: Timing, count: int) -> Timing:
    """Turn the times into those of one item."""
    bare, ours, added = timing.bare / count, timing.ours / count, timing.added / count
    return timing._replace(bare=bare, ours=ours, added=added)


def row(name: str, t: Timing) -> None:
    """Print one row."""
    say(
        f"| {name} | {t.bare:,.2f} | {t.ours:,.2f} | {t.added:+.2f} | {t.ratio:.3f} ({t.low:.3f} to {t.high:.3f}) |"
    )


def _bare(url: str) -> Any:
    return openai.OpenAI(api_key="abcd1234.benchmark", base_url=url)


def _ours(url: str) -> Any:
    return baseten_openai.OpenAI(api_key="abcd1234.benchmark", base_url=url)


class _Handler(BaseHTTPRequestHandler):
    """Answers a chat call, plain or streamed."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    answer = completion()
    stream = b"".join(events(CHUNKS))

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        body = self.stream if asked.get("stream") else self.answer
        self.send_response(200)
        kind = "text/event-stream" if asked.get("stream") else "application/json"
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def loopback() -> Iterator[str]:
    """Serve on loopback; yields the base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    main()
