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
    os.environ.setdefault("BASETEN_API_KEY", "abcd1234.benchmark")
    body = list(events(CHUNKS, usage_on_every_chunk=False))
    for name, answer, use, count in (
        ("plain chat", completion, lambda c: c.chat.completions.create(**PLAIN), 1),
        ("a chunk of a stream", partial(iter, body), drain, CHUNKS),
    ):
        client = openai.OpenAI(
            api_key="theirs", base_url="https://llm.example/v1", http_client=transport(answer)
        )
        step = partial(use, client)
        timing = interleaved(
            step,
            step,
            before_second=partial(switch, baseten_openai.patch, step, count),
            after_second=partial(switch, baseten_openai.unpatch, step, count),
            rounds=100,
            number=BATCH if count == 1 else 1,
        )
        row(f"{name}, another host's client while patched", per(timing, count))


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
