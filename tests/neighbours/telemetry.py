"""Run an instrumentor beside the patch: its calls, what its spans carry, and the way back.

An instrumentor's program has ``start()``, ``spans()`` (what was recorded since the last time) and
``stop()``; ``wrap(client)`` if it wraps clients, and no ``stop`` if it has no way back.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

from cell import (
    BARE,
    CALLED,
    LIBRARY_FIRST,
    OK,
    PERSON,
    SLUG,
    UNPATCH_LAST,
    attempt,
    check_openai,
    expect,
    judge,
    load,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
WEATHER = [{"role": "user", "content": "What is the weather in Paris?"}]
ABOUT = [{"role": "user", "content": "Ada Lovelace is 36 years old."}]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tell the weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
RESOURCES = (  # imported late by the SDK
    "chat.completions.completions",
    "completions",
    "embeddings",
    "responses.responses",
    "models",
)
Tokens = tuple[int, int]


def run_instrumentor(path: Path, order: str) -> dict[str, Any]:
    """Run the calls with the instrumentor on; with ``order`` BARE, on the SDK as it is.

    ``order`` otherwise says who comes first and who goes first, as in "library first, unpatch last".
    """
    import baseten_openai  # noqa: PLC0415  # in the order asked for

    before = methods()
    if order == BARE:
        os.environ["OPENAI_BASE_URL"] = os.environ["BASETEN_BASE_URL"]
        instrumentor = load(path)
        instrumentor.start()
    elif order.startswith(LIBRARY_FIRST):
        instrumentor = load(path)
        instrumentor.start()
        baseten_openai.patch()
    else:
        baseten_openai.patch()
        instrumentor = load(path)
        instrumentor.start()
    model = SLUG if order == BARE else CALLED
    key = os.environ["BASETEN_API_KEY"] if order == BARE else None
    results = {name: run_call(instrumentor, call, model, key) for name, call in CALLS.items()}
    stop = getattr(instrumentor, "stop", lambda: None)
    if order == BARE:
        stop()
        return results | {"after both": {"call": OK, "changed": changed(before)}}
    if order.endswith(UNPATCH_LAST):
        results["after one"] = {"call": attempt(lambda: only_patched(stop, instrumentor))}
        baseten_openai.unpatch()
    else:
        baseten_openai.unpatch()
        results["after one"] = {"call": attempt(lambda: only_instrumented(instrumentor))}
        stop()
    expect(not baseten_openai.patch_status().methods, "unpatch() left the SDK patched")
    results["after both"] = {"call": attempt(ask_openai), "changed": changed(before)}
    return results


def only_patched(stop: Callable[[], object], instrumentor: ModuleType) -> None:
    """Take the instrumentor out; check that calls go to Baseten as before."""
    stop()
    found = run_call(instrumentor, plain, CALLED, None)["call"]
    expect(found == OK, found)


def only_instrumented(instrumentor: ModuleType) -> None:
    """Check that calls go to OpenAI, and that the instrumentor records them."""
    instrumentor.spans()
    ask_openai(getattr(instrumentor, "wrap", None))
    expect(instrumentor.spans(), "no span was recorded")


def ask_openai(wrap: Callable[[Any], Any] | None = None) -> None:
    """Check that a client made now talks to OpenAI."""
    import loopback  # noqa: PLC0415  # beside this file
    import openai  # noqa: PLC0415  # see run_instrumentor

    def ask() -> Any:
        client = wrap(openai.OpenAI()) if wrap else openai.OpenAI()
        return client.chat.completions.create(model=CALLED, messages=QUESTION)

    with loopback.serve() as stand_in:
        check_openai(ask, stand_in)
    del os.environ["OPENAI_BASE_URL"]


def run_call(
    instrumentor: ModuleType, call: Callable[..., Any], model: str, key: str | None
) -> dict[str, Any]:
    """Make one call; tell whether it worked, what it used, and what the spans say it used."""
    used: list[Tokens] = []
    wrap = getattr(instrumentor, "wrap", lambda client: client)
    found = {"call": attempt(lambda: call(wrap, model, key, used))}
    try:
        spans = instrumentor.spans()
    except Exception as error:  # noqa: BLE001  # the instrumentor's own trouble is a result
        traceback.print_exc()
        return found | {"spans": [], "used": used, "trouble": repr(error)}
    return found | {"spans": spans, "used": used}


def plain(wrap: Callable[[Any], Any], model: str, key: str | None, used: list[Tokens]) -> None:
    """Ask."""
    import openai  # noqa: PLC0415  # see run_instrumentor

    answer = wrap(openai.OpenAI(api_key=key)).chat.completions.create(
        model=model, messages=QUESTION
    )
    used.append((answer.usage.prompt_tokens, answer.usage.completion_tokens))
    judge("plain", answer.choices[0].message.content)


def in_async(wrap: Callable[[Any], Any], model: str, key: str | None, used: list[Tokens]) -> None:
    """Ask by the async client."""
    import openai  # noqa: PLC0415  # see run_instrumentor

    async def ask() -> Any:
        async with openai.AsyncOpenAI(api_key=key) as client:
            return await wrap(client).chat.completions.create(model=model, messages=QUESTION)

    answer = asyncio.run(ask())
    used.append((answer.usage.prompt_tokens, answer.usage.completion_tokens))
    judge("plain", answer.choices[0].message.content)


def stream(wrap: Callable[[Any], Any], model: str, key: str | None, used: list[Tokens]) -> None:
    """Ask, and read the answer as it comes."""
    import openai  # noqa: PLC0415  # see run_instrumentor

    pieces, usage = [], None
    for chunk in wrap(openai.OpenAI(api_key=key)).chat.completions.create(
        model=model, messages=QUESTION, stream=True, stream_options={"include_usage": True}
    ):
        usage = chunk.usage or usage
        pieces += [choice.delta.content for choice in chunk.choices if choice.delta.content]
    expect(usage, "no usage came")
    used.append((usage.prompt_tokens, usage.completion_tokens))
    judge("stream", pieces)


def tools(wrap: Callable[[Any], Any], model: str, key: str | None, used: list[Tokens]) -> None:
    """Let the model call a function, and answer with what it returned."""
    import openai  # noqa: PLC0415  # see run_instrumentor

    create = wrap(openai.OpenAI(api_key=key)).chat.completions.create
    first = create(model=model, messages=WEATHER, tools=[TOOL])
    message = first.choices[0].message
    expect(message.tool_calls, "no tool was called")
    result = {
        "role": "tool",
        "tool_call_id": message.tool_calls[0].id,
        "content": "18 degrees in Paris",
    }
    second = create(model=model, messages=[*WEATHER, message, result], tools=[TOOL])
    used += [(one.usage.prompt_tokens, one.usage.completion_tokens) for one in (first, second)]
    judge("tools", second.choices[0].message.content)


def structured(wrap: Callable[[Any], Any], model: str, key: str | None, used: list[Tokens]) -> None:
    """Ask for an object of a class."""
    import openai  # noqa: PLC0415  # see run_instrumentor
    import pydantic  # noqa: PLC0415  # comes with it

    person = pydantic.create_model("Person", name=(str, ...), age=(int, ...))
    answer = wrap(openai.OpenAI(api_key=key)).chat.completions.parse(
        model=model, messages=ABOUT, response_format=person
    )
    used.append((answer.usage.prompt_tokens, answer.usage.completion_tokens))
    parsed = answer.choices[0].message.parsed
    expect(parsed is not None and parsed.model_dump() == PERSON, f"not {PERSON}: {parsed!r}")


CALLS = {
    "plain": plain,
    "async": in_async,
    "stream": stream,
    "tools": tools,
    "structured": structured,
}


def methods() -> dict[str, Any]:
    """Collect all methods of the SDK's classes: what instrumentors and the patch replace."""
    for name in RESOURCES:
        importlib.import_module(f"openai.resources.{name}")
    found = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] != "openai" or name.startswith("openai.types"):
            continue
        for cls in vars(module).values():
            if inspect.isclass(cls) and cls.__module__ == name:
                for attribute, value in vars(cls).items():
                    if callable(value) or isinstance(value, classmethod | staticmethod):
                        found[f"{name}.{cls.__qualname__}.{attribute}"] = value
    return found


def changed(before: dict[str, Any]) -> list[str]:
    """Name the methods that are others than before, or new."""
    now = methods()
    known = {name.rpartition(".")[0] for name in before}
    names = [n for n in now if n in before or n.rpartition(".")[0] in known]
    return sorted(n for n in {*before, *names} if now.get(n) is not before.get(n))


def from_otel(exporter: Any) -> list[dict[str, Any]]:
    """Return what an in-memory exporter has of model and tokens, by the GenAI conventions."""
    spans = exporter.get_finished_spans()
    exporter.clear()
    return [from_attributes(dict(span.attributes or {})) for span in spans]


def from_attributes(found: dict[str, Any]) -> dict[str, Any]:
    """Pick model and tokens from a span's attributes by the GenAI conventions."""
    return {
        "model": found.get("gen_ai.request.model"),
        "response_model": found.get("gen_ai.response.model"),
        "input": found.get("gen_ai.usage.input_tokens"),
        "output": found.get("gen_ai.usage.output_tokens"),
    }
