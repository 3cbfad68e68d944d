"""What a client costs to make and to keep: ``python benchmarks/clients.py``.

One HTTP client is shared by all, since it is many times the size of the SDK's own objects. The bare
client is made with a key and a base URL, as one has to for Baseten without us.
"""

from __future__ import annotations

import gc
import os
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import openai
from long_inputs import say

import baseten_openai
from baseten_openai.errors import http_library

if TYPE_CHECKING:
    from collections.abc import Callable

KEY, URL = "abcd1234.benchmark", "https://inference.baseten.co/v1"
COUNTS = (1, 10, 100, 1000)


def main() -> None:
    """Measure and print."""
    os.environ["BASETEN_API_KEY"] = KEY
    say(f"| client | bytes each, for {COUNTS[-1]} | µs each, for {' / '.join(map(str, COUNTS))} |")
    say("|---|---|---|")
    http = http_library().Client()
    stock = openai.OpenAI(api_key=KEY, base_url=URL, http_client=http)
    bound = baseten_openai.bind(stock)
    ways: dict[str, Callable[[], Any]] = {
        "openai.OpenAI(api_key=..., base_url=...)": lambda: openai.OpenAI(
            api_key=KEY, base_url=URL, http_client=http
        ),
        "baseten_openai.OpenAI()": lambda: baseten_openai.OpenAI(http_client=http),
        "bind(client)": lambda: baseten_openai.bind(stock),
        "client.with_options(...), bare": lambda: stock.with_options(timeout=5),
        "client.with_options(...), of a bound one": lambda: bound.with_options(timeout=5),
    }
    for title, make in ways.items():
        make()
        times = " / ".join(f"{microseconds_each(make, count):,.0f}" for count in COUNTS)
        say(f"| `{title}` | {bytes_each(make, COUNTS[-1]):,.0f} | {times} |")


def bytes_each(make: Callable[[], Any], count: int) -> float:
    """Return what one of ``count`` clients holds in memory while all are kept."""
    gc.collect()
    tracemalloc.start()
    kept = [make() for _ in range(count)]
    gc.collect()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size / len(kept)


def microseconds_each(make: Callable[[], Any], count: int) -> float:
    """Return the CPU time of one of ``count`` clients."""
    start = time.thread_time()
    kept = [make() for _ in range(count)]
    return (time.thread_time() - start) / len(kept) * 1e6


if __name__ == "__main__":
    main()
