"""The targets of the fast paths: ``python benchmarks/fast.py [runs]`` prints the table of docs/performance.md.

CPU time in the process, as a ratio to the bare SDK in the same interleaved run. With more than one run, each
figure is the median of the runs.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import openai
import pydantic
from calls import CHUNKS, PLAIN, switch
from in_process import MODEL, clients, completion, events, transport
from long_inputs import conversation, drain, say, tools
from measuring import compare, interleaved

import baseten_openai

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Use = Callable[[Any], Any]
    """Makes one call with a client; an async client's call is an awaitable."""

URL = "https://inference.baseten.co/v1"
BATCH, ROUNDS = 5, 20


class Place(pydantic.BaseModel):
    """What ``parse()`` makes of the answer."""

    city: str
    country: str


class Row(NamedTuple):
    """One line: what was measured, its target, and the measured ratio."""

    name: str
    target: float
    bare: float
    ours: float
    ratio: float


def main() -> None:
    """Measure and print."""
    warnings.simplefilter("ignore", baseten_openai.BasetenWarning)
    os.environ.setdefault("BASETEN_API_KEY", "abcd1234.benchmark")
    runs = []
    for number in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
        say(f"run {number + 1}")
        runs.append([row for row in rows() if not say(f"  {row.name}: {row.ratio:.3f}")])
    say("")
    say("| what | bare SDK, µs | ours, µs | ratio | of the runs | target | met |")
    say("|---|---|---|---|---|---|---|")
    for same in zip(*runs, strict=True):
        bare, ours, ratio = (
            statistics.median(getattr(row, name) for row in same)
            for name in ("bare", "ours", "ratio")
        )
        spread = f"{min(row.ratio for row in same):.3f} to {max(row.ratio for row in same):.3f}"
        met = "yes" if ratio <= same[0].target else "no"
        say(
            f"| {same[0].name} | {bare:,.1f} | {ours:,.1f} | {ratio:.3f} | {spread} "
            f"| {same[0].target:.2f} | {met} |"
        )


def rows() -> Iterator[Row]:
    """Measure each row once."""
    for name, target, use, answer in CALLS:
        yield call(name, target, use, answer)
        if name in BOTH:
            yield call(f"{name}, async", target, use, answer, is_async=True)
            yield patched(f"{name}, patch()", target, use, answer)
    bare, _ = clients(completion)
    yield compared("plain call, bind()", 0.70, bare, baseten_openai.bind(bare), ask)
    for usage, name in ((False, "usage at the end"), (True, "usage on each")):
        body = list(events(CHUNKS, usage_on_every_chunk=usage))
        yield stream(f"a chunk, {name}", 0.25, body, drain)
        yield stream(f"a chunk, {name}, async", 0.25, body, drain_async, is_async=True)
    yield stream("a Responses event", 0.25, list(response_events(CHUNKS)), drain_responses)
    yield from others()


def call(name: str, target: float, use: Use, answer: Any, *, is_async: bool = False) -> Row:
    """Compare the bare SDK's client with ours."""
    return compared(name, target, *clients(answer, is_async=is_async), use)


def compared(name: str, target: float, bare: Any, ours: Any, use: Use) -> Row:
    """Compare two clients in one use."""
    timing = compare(batch(bare, use), batch(ours, use), rounds=ROUNDS, number=1)
    return Row(name, target, timing.bare / BATCH, timing.ours / BATCH, timing.ratio)


def batch(client: Any, use: Use) -> Callable[[], None]:
    """Use a client ``BATCH`` times."""
    if isinstance(client, openai.AsyncOpenAI):
        loop = asyncio.new_event_loop()

        async def run() -> None:
            for _ in range(BATCH):
                await use(client)

        return lambda: loop.run_until_complete(run())

    def run_sync() -> None:
        for _ in range(BATCH):
            use(client)

    return run_sync


def patched(name: str, target: float, use: Use, answer: Any, url: str = URL) -> Row:
    """Compare a stock client with itself while the SDK is patched."""
    key = "abcd1234.benchmark" if url == URL else "theirs"
    client = openai.OpenAI(api_key=key, base_url=url, http_client=transport(answer))
    return switched(name, target, batch(client, use), BATCH)


def switched(name: str, target: float, step: Callable[[], object], count: int) -> Row:
    """Compare a step with itself while the SDK is patched."""
    baseten_openai.unpatch()
    timing = interleaved(
        step,
        step,
        before_second=partial(switch, baseten_openai.patch, step, 1000),
        after_second=partial(switch, baseten_openai.unpatch, step, 1000),
        rounds=ROUNDS,
        number=1,
    )
    return Row(name, target, timing.bare / count, timing.ours / count, timing.ratio)


def stream(
    name: str, target: float, body: list[bytes], read: Use, *, is_async: bool = False
) -> Row:
    """Compare one item of a stream."""

    def answer() -> Any:
        return pieces(body) if is_async else iter(body)

    bare, ours = clients(answer, is_async=is_async)
    if is_async:
        loop = asyncio.new_event_loop()
        steps = [lambda c=c: loop.run_until_complete(read(c)) for c in (bare, ours)]  # type: ignore[misc]  # bound at once
    else:
        steps = [partial(read, bare), partial(read, ours)]
    timing = compare(*steps, rounds=8, number=1)
    count = len(body)
    return Row(name, target, timing.bare / count, timing.ours / count, timing.ratio)


async def pieces(body: list[bytes]) -> Any:
    """Give the pieces of an async body."""
    for piece in body:
        yield piece


def others() -> Iterator[Row]:
    """Measure a client of another host while the SDK is patched."""
    url = "https://llm.example/v1"
    yield patched("another host, plain call", 1.0, ask, completion, url)
    body = list(events(CHUNKS, usage_on_every_chunk=False))
    http = transport(partial(iter, body))
    client = openai.OpenAI(api_key="theirs", base_url=url, http_client=http)
    yield switched("another host, a chunk", 1.0, partial(drain, client), CHUNKS)
    get = openai.OpenAI(api_key="theirs", base_url=url, http_client=transport(completion))
    step = batch(get, lambda c: c.get("/models", cast_to=object))
    yield switched("another host, GET /models", 1.0, step, BATCH)


def ask(client: Any, **options: Any) -> Any:
    """Make a plain call."""
    return client.chat.completions.create(**PLAIN, **options)


def parse(client: Any) -> Any:
    """Have the answer parsed."""
    return client.chat.completions.parse(
        model=MODEL, messages=conversation(10), response_format=Place
    )


def respond(client: Any) -> Any:
    """Call the Responses API with a history and tools."""
    return client.responses.create(model=MODEL, input=ITEMS, tools=RESPONSES_TOOLS)


def history(messages: int, offered: int = 0) -> Use:
    """Make a call with a history, and tools if any."""
    body: dict[str, Any] = {"model": MODEL, "messages": conversation(messages)}
    if offered:
        body["tools"] = tools(offered)
    return lambda client: client.chat.completions.create(**body)


def drain_responses(client: Any) -> None:
    """Read a stream of events."""
    for _ in client.responses.create(model=MODEL, input="Hello", stream=True):
        pass


async def drain_async(client: Any) -> None:
    """Read a stream of chunks."""
    async for _ in await client.chat.completions.create(**PLAIN, stream=True):
        pass


ITEMS = [
    {
        "type": "message",
        "role": one["role"],
        "content": [
            {"type": f"{'in' if one['role'] == 'user' else 'out'}put_text", "text": one["content"]}
        ],
    }
    for one in conversation(10)
]
RESPONSES_TOOLS = [{"type": "function", "strict": False, **one["function"]} for one in tools(10)]
_RESPONSE: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1,
    "status": "completed",
    "model": MODEL,
    "output": [
        {
            "id": "msg_1",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Hello.", "annotations": []}],
        }
    ],
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "tools": RESPONSES_TOOLS,
    "usage": {
        "input_tokens": 20,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 25,
    },
}


def response() -> bytes:
    """Make a response of the Responses API."""
    return json.dumps(_RESPONSE).encode()


def place() -> bytes:
    """Make a chat completion whose text is JSON."""
    body = json.loads(completion())
    body["choices"][0]["message"]["content"] = '{"city": "Paris", "country": "France"}'
    return json.dumps(body).encode()


def response_events(count: int) -> Iterator[bytes]:
    """Make a stream of ``count`` deltas between the events that begin and end it."""
    message = {"id": "msg_1", "type": "message", "role": "assistant", "content": []}
    where = {"item_id": "msg_1", "output_index": 0}
    text = {"type": "output_text", "text": "word " * count, "annotations": []}
    whole = {**message, "status": "completed", "content": [text]}
    begun = {**_RESPONSE, "status": "in_progress", "output": [], "tools": [], "usage": None}
    part = {"content_index": 0, **where}
    made = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {**message, "status": "in_progress"},
        },
        {"type": "response.content_part.added", **part, "part": {**text, "text": ""}},
        *(
            {"type": "response.output_text.delta", **part, "delta": "word ", "logprobs": []}
            for _ in range(count)
        ),
        {"type": "response.output_text.done", **part, "text": text["text"], "logprobs": []},
        {"type": "response.content_part.done", **part, "part": text},
        {"type": "response.output_item.done", "output_index": 0, "item": whole},
        {
            "type": "response.completed",
            "response": {**_RESPONSE, "tools": [], "output": [whole]},
        },
    ]
    for number, event in enumerate(made):
        data = json.dumps({**event, "sequence_number": number})
        yield f"event: {event['type']}\ndata: {data}\n\n".encode()


CALLS: tuple[tuple[str, float, Use, Any], ...] = (
    ("plain call", 0.60, ask, completion),
    ("10 messages, 10 tools", 0.30, history(10, 10), completion),
    ("100 messages", 0.08, history(100), completion),
    ("parse() with a schema, 10 messages", 0.40, parse, place),
    ("Responses: 10 items, 10 tools", 0.15, respond, response),
    ("a renamed parameter", 0.70, partial(ask, max_completion_tokens=5), completion),
    (
        "with_options() on each call",
        0.70,
        lambda client: ask(client.with_options(timeout=3)),
        completion,
    ),
)
BOTH = {"plain call", "10 messages, 10 tools", "100 messages"}


if __name__ == "__main__":
    main()
