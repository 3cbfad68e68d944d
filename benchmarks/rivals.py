"""What people would take instead: ``make bench-rivals``. Import, call and chunk beside the bare SDK.

All in one environment, so at the versions of openai that the others allow; each in turn with the
bare SDK, against a loopback server. They do other things besides, and less of what this package does.
Wall time, the server's included, since some work in threads of their own.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from functools import partial
from importlib import metadata
from typing import TYPE_CHECKING, Any

from calls import CHUNKS, loopback
from in_process import MODEL
from long_inputs import say
from measuring import compare
from startup import inside

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[..., Any]

MESSAGES: Any = [{"role": "user", "content": "Hello"}]
KEY = "abcd1234.benchmark"
IMPORTS = {
    "openai": "from openai import OpenAI; OpenAI(api_key='k').chat.completions",
    "baseten-openai": "from baseten_openai import OpenAI; OpenAI(api_key='k').chat.completions",
    "litellm": "import litellm; litellm.completion",
    "langchain-baseten": "from langchain_baseten import ChatBaseten",
    "langfuse": "from langfuse.openai import OpenAI; OpenAI(api_key='k').chat.completions",
    "any-llm-sdk": "from any_llm import completion; import any_llm.providers.openai",
}


def by_client(client: Any) -> Ask:
    """Ask with the SDK's client, or one that is used like it."""
    return partial(client.chat.completions.create, model=MODEL, messages=MESSAGES)


def baseten_openai(url: str) -> Ask:
    """Make the client of this package."""
    from baseten_openai import OpenAI  # noqa: PLC0415  # one of several

    return by_client(OpenAI(api_key=KEY, base_url=url))


def litellm(url: str) -> Ask:
    """Use one function for all providers."""
    import litellm as library  # noqa: PLC0415  # one of several

    return partial(
        library.completion, f"baseten/{MODEL}", messages=MESSAGES, api_base=url, api_key=KEY
    )


def langchain_baseten(url: str) -> Ask:
    """Use LangChain's chat model."""
    from langchain_baseten import ChatBaseten  # noqa: PLC0415  # one of several

    model = ChatBaseten(model=MODEL, baseten_api_base=url, baseten_api_key=KEY)

    def ask(*, stream: bool = False) -> Any:
        return model.stream("Hello") if stream else model.invoke("Hello")

    return ask


def langfuse(url: str) -> Ask:
    """Use Langfuse's drop-in for the SDK's client; without its keys it sends no traces."""
    from langfuse.openai import OpenAI  # noqa: PLC0415  # one of several

    return by_client(OpenAI(api_key=KEY, base_url=url))


def any_llm(url: str) -> Ask:
    """Use one function for all providers, too."""
    from any_llm import completion  # noqa: PLC0415  # one of several

    return partial(
        completion, model=MODEL, provider="openai", messages=MESSAGES, api_base=url, api_key=KEY
    )


RIVALS: dict[str, Callable[[str], Ask]] = {
    "baseten-openai": baseten_openai,
    "litellm": litellm,
    "langchain-baseten": langchain_baseten,
    "any-llm-sdk": any_llm,
    "langfuse": langfuse,  # last, since it patches the SDK when imported
}


def read(ask: Ask) -> None:
    """Read a stream to its end."""
    for _ in ask(stream=True):
        pass


def main() -> None:
    """Measure and print."""
    os.environ.setdefault("LANGFUSE_TRACING_ENABLED", "false")
    import openai  # noqa: PLC0415  # after the variable

    say(
        f"openai {openai.__version__}, Python {sys.version.partition(' ')[0]}; ratios to the bare SDK"
    )
    say("")
    say("| what | version | import, ms | per call | per chunk |")
    say("|---|---|---|---|---|")
    imports = {
        name: statistics.median(inside("pass", code) for _ in range(5))
        for name, code in IMPORTS.items()
    }
    say(f"| openai | {openai.__version__} | {imports['openai']:,.0f} | 1 | 1 |")
    with loopback() as url:
        bare = by_client(openai.OpenAI(api_key=KEY, base_url=url))
        for name, make in RIVALS.items():
            ask = make(url)
            call = compare(bare, ask, rounds=15, number=20, clock=time.perf_counter)
            chunk = compare(
                partial(read, bare),
                partial(read, ask),
                rounds=10,
                number=1,
                clock=time.perf_counter,
            )
            say(
                f"| {name} | {metadata.version(name)} | {imports[name]:,.0f} "
                f"| {call.ratio:.2f} ({call.low:.2f} to {call.high:.2f}), {call.added:+,.0f} µs "
                f"| {chunk.ratio:.2f}, {chunk.added / CHUNKS:+.1f} µs |"
            )


if __name__ == "__main__":
    main()
