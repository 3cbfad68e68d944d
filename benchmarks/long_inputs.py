"""Long inputs: ``python benchmarks/long_inputs.py`` prints the table kept in benchmarks/README.md.

Shows that what we add is linear in messages, tools and chunks, that an image is not copied, and
that memory stays flat over a stream.
"""

from __future__ import annotations

import sys
import tracemalloc
from functools import partial
from typing import Any

from in_process import MODEL, clients, completion, events
from measuring import compare, microseconds, peak_bytes

from baseten_openai.routing.endpoints import CHAT
from baseten_openai.sdk.request_preparation import prepare_body
from baseten_openai.settings import Settings

IMAGE_MODEL = "moonshotai/Kimi-K2.5"
MIB = 2**20
CHUNKS = 100_000


def main() -> None:
    """Measure and print."""
    say("| input | added by us, µs | per item, µs | whole call: bare SDK µs / ours µs / ratio |")
    say("|---|---|---|---|")
    for count in (1, 10, 100, 1000):
        row(f"{count} messages", {"model": MODEL, "messages": conversation(count)}, count)
    for count in (1, 20, 200):
        row(
            f"{count} tools",
            {"model": MODEL, "messages": conversation(1), "tools": tools(count)},
            count,
        )
    for size in (1024, MIB, 20 * MIB):
        row(f"image of {size / MIB:.3f} MiB", image_call(size), 1)
    say("")
    images()
    say("")
    streams()


def row(title: str, body: dict[str, Any], items: int) -> None:
    """Print one line of the table of requests."""
    settings = Settings.load(api_key="abcd1234.benchmark")
    added = microseconds(lambda: prepare_body(body, settings, path=CHAT, dedicated=False))
    bare, ours = clients(completion)
    number = 3 if len(str(body)) > MIB else 20
    timing = compare(
        lambda: bare.chat.completions.create(**body),
        lambda: ours.chat.completions.create(**body),
        rounds=15,
        number=number,
    )
    say(f"| {title} | {added:,.1f} | {added / items:,.2f} | {timing} |")


def images() -> None:
    """Print the memory that a 20 MiB image takes."""
    settings = Settings.load(api_key="abcd1234.benchmark")
    body = image_call(20 * MIB)
    peak = peak_bytes(lambda: prepare_body(body, settings, path=CHAT, dedicated=False))
    say(f"Peak memory of our own steps for a 20 MiB image: {peak / 1024:,.1f} KiB")
    bare, ours = clients(completion)
    for name, client in (("bare SDK", bare), ("ours", ours)):
        peak = peak_bytes(lambda client=client: client.chat.completions.create(**body))  # type: ignore[misc]  # bound at once
        say(f"Peak memory of the whole call, {name}: {peak / MIB:,.2f} MiB")


def streams() -> None:
    """Print time and memory per chunk, with usage on every chunk as Baseten sends it, and without."""
    say("| chunks | usage on each | bare SDK, µs a chunk | ours | ratio |")
    say("|---|---|---|---|---|")
    for usage in (True, False):
        for count in (100, 1000, 10_000, CHUNKS):
            body = list(events(count, usage_on_every_chunk=usage))
            bare, ours = clients(lambda body=body: iter(body))  # type: ignore[misc]  # bound at once
            rounds = max(3, min(15, 10_000 // count))
            timing = compare(partial(drain, bare), partial(drain, ours), rounds=rounds, number=1)
            per = [timing.bare / count, timing.ours / count]
            say(
                f"| {count:,} | {'yes' if usage else 'no'} | {per[0]:.2f} | {per[1]:.2f} | {timing.ratio:.3f} |"
            )
    say("")
    _, ours = clients(lambda: events(CHUNKS))
    stream = create_stream(ours)
    tracemalloc.start()
    marks = {}
    for number, _chunk in enumerate(stream, 1):
        if number in {1_000, CHUNKS // 10, CHUNKS // 2, CHUNKS}:
            marks[number] = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    text = ", ".join(f"{size / 1024:,.0f} KiB after {number:,}" for number, size in marks.items())
    say(f"Memory held over a stream of {CHUNKS:,} chunks: {text}")


def create_stream(client: Any) -> Any:
    """Begin a stream."""
    return client.chat.completions.create(model=MODEL, messages=conversation(1), stream=True)


def drain(client: Any) -> None:
    """Read a stream to its end."""
    for _ in create_stream(client):
        pass


def conversation(count: int) -> list[dict[str, Any]]:
    """Make ``count`` messages, users' and assistants' in turn."""
    roles = ("user", "assistant")
    return [{"role": roles[i % 2], "content": f"Message number {i}."} for i in range(count)]


def tools(count: int) -> list[dict[str, Any]]:
    """Make ``count`` function tools."""
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    return [
        {
            "type": "function",
            "function": {"name": f"tool_{i}", "description": "Do.", "parameters": schema},
        }
        for i in range(count)
    ]


def image_call(size: int) -> dict[str, Any]:
    """Make a call with a base64 image of ``size`` bytes."""
    url = "data:image/png;base64," + "A" * size
    content = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": url}},
    ]
    return {"model": IMAGE_MODEL, "messages": [{"role": "user", "content": content}]}


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
