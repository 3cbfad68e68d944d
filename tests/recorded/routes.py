"""Every way through the SDK, each written once for the sync and the async client.

A route is a coroutine that awaits what the async client makes awaitable and takes the sync client's
values as they are. With a sync client it never suspends, so ``finish`` runs it without a loop.
"""

from __future__ import annotations

import contextlib
import inspect
from typing import TYPE_CHECKING, Any

import openai

from .asking import Fruit, arguments, helper_arguments
from .seen import Seen, message_from, message_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from .exchanges import Exchange

    Route = Callable[[Any, Exchange], Coroutine[Any, Any, Seen]]

DONE_EVENT = "tool_calls.function.arguments.done"


def finish(route: Coroutine[Any, Any, Seen]) -> Seen:
    """Run a route of a sync client to its end, which it reaches without suspending."""
    try:
        route.send(None)
    except StopIteration as end:
        seen: Seen = end.value
        return seen
    route.close()
    message = "a route suspended on a sync client"
    raise AssertionError(message)


async def _value(given: Any) -> Any:
    return await given if inspect.isawaitable(given) else given


async def _items(given: Any) -> AsyncIterator[Any]:
    if hasattr(given, "__aiter__"):
        async for item in given:
            yield item
    else:
        for item in given:
            yield item


@contextlib.asynccontextmanager
async def _inside(manager: Any) -> AsyncIterator[Any]:
    if hasattr(manager, "__aenter__"):
        async with manager as entered:
            yield entered
    else:
        with manager as entered:
            yield entered


async def _collect(stream: Any, seen: Seen) -> Seen:
    """Read chunks until the end or an error; what came before the error is kept."""
    seen.chunks = []
    try:
        async for chunk in _items(stream):
            seen.chunks.append(chunk.to_dict())
    except openai.OpenAIError as error:
        seen.error = error
    seen.message = message_from(seen.chunks)
    return seen


def _completion(route: str, completion: Any) -> Seen:
    return Seen(
        route,
        message=message_of(completion),
        request_id=(getattr(completion, "_request_id", None),),
    )


# A plain answer


async def create(client: Any, exchange: Exchange) -> Seen:
    """``create()``."""
    made = client.chat.completions.create(**arguments(exchange.request))
    return _completion("create", await _value(made))


async def parse(client: Any, exchange: Exchange) -> Seen:
    """``.parse()``, with the schema as a class where one was asked for."""
    called = helper_arguments(exchange.request)
    try:
        completion = await _value(client.chat.completions.parse(**called))
    except openai.LengthFinishReasonError as error:  # the SDK's own rule for a cut answer
        return Seen("parse", message=message_of(error.completion))
    seen = _completion("parse", completion)
    if called.get("response_format") is Fruit:
        seen.parsed = (completion.choices[0].message.parsed,)
    return seen


async def raw(client: Any, exchange: Exchange) -> Seen:
    """``with_raw_response.create().parse()``, and its bytes."""
    made = client.chat.completions.with_raw_response.create(**arguments(exchange.request))
    response = await _value(made)
    seen = _completion("raw", response.parse())
    seen.raw = response.content
    seen.request_id = (response.request_id,)
    return seen


async def streaming_response(client: Any, exchange: Exchange) -> Seen:
    """``with_streaming_response.create()``, parsed."""
    completions = client.chat.completions.with_streaming_response
    async with _inside(completions.create(**arguments(exchange.request))) as response:
        return _completion("streaming_response", await _value(response.parse()))


# An event stream


async def create_stream(client: Any, exchange: Exchange) -> Seen:
    """``create(stream=True)``."""
    made = client.chat.completions.create(**arguments(exchange.request))
    async with _inside(await _value(made)) as stream:
        return await _collect(stream, Seen("create_stream"))


async def create_stream_unasked(client: Any, exchange: Exchange) -> Seen:
    """``create(stream=True)`` without ``stream_options``: OpenAI then sends no usage.

    Derived, not recorded: every recorded request asked. The published document gives
    ``include_usage`` the default true, and a kin service sends usage even when told not to.
    """
    called = arguments(exchange.request)
    called.pop("stream_options")
    async with _inside(await _value(client.chat.completions.create(**called))) as stream:
        return await _collect(stream, Seen("create_stream_unasked", asked_usage=False))


async def raw_stream(client: Any, exchange: Exchange) -> Seen:
    """``with_raw_response.create(stream=True).parse()``."""
    made = client.chat.completions.with_raw_response.create(**arguments(exchange.request))
    response = await _value(made)
    seen = Seen("raw_stream", request_id=(response.request_id,))
    async with _inside(response.parse()) as stream:
        return await _collect(stream, seen)


async def streaming_response_stream(client: Any, exchange: Exchange) -> Seen:
    """``with_streaming_response.create(stream=True)``, parsed."""
    completions = client.chat.completions.with_streaming_response
    async with _inside(completions.create(**arguments(exchange.request))) as response:
        seen = Seen("streaming_response_stream", request_id=(response.request_id,))
        async with _inside(await _value(response.parse())) as stream:
            return await _collect(stream, seen)


async def stream(client: Any, exchange: Exchange) -> Seen:
    """``.stream()``: its events, and the completion it has at the end."""
    called = helper_arguments(exchange.request)
    seen, completion, done = Seen("stream", told=""), None, []
    async with _inside(client.chat.completions.stream(**called)) as helper:
        try:
            async for event in _items(helper):
                if event.type == "content.delta":
                    seen.told = (seen.told or "") + event.delta
                elif event.type == DONE_EVENT:
                    done.append((event.name, event.arguments))
            completion = await _value(helper.get_final_completion())
        except openai.LengthFinishReasonError as error:  # the SDK's own rule for a cut answer
            completion = error.completion
            seen.sees_usage = "tools" not in called  # then it raises at the finish reason
        except openai.OpenAIError as error:
            seen.error = error
    if completion is None:
        return seen
    seen.message = message_of(completion)
    if done != [call[1:] for call in seen.message.calls]:
        note = f"the {DONE_EVENT} events said {done}, the message {seen.message.calls}"
        raise AssertionError(note)
    if called.get("response_format") is Fruit and seen.message.finish_reason == "stop":
        seen.parsed = (completion.choices[0].message.parsed,)
    return seen


# Bytes and the rest


async def iter_bytes(client: Any, exchange: Exchange) -> Seen:
    """``with_streaming_response``, its bytes."""
    completions = client.chat.completions.with_streaming_response
    async with _inside(completions.create(**arguments(exchange.request))) as response:
        return Seen(
            "iter_bytes", raw=b"".join([part async for part in _items(response.iter_bytes())])
        )


async def iter_lines(client: Any, exchange: Exchange) -> Seen:
    """``with_streaming_response``, its lines."""
    completions = client.chat.completions.with_streaming_response
    async with _inside(completions.create(**arguments(exchange.request))) as response:
        return Seen("iter_lines", lines=[line async for line in _items(response.iter_lines())])


async def models_list(client: Any, _exchange: Exchange) -> Seen:
    """``models.list()``, iterated."""
    models = [model.to_dict() async for model in _items(client.models.list())]
    return Seen("models_list", models=models)


async def models_raw(client: Any, _exchange: Exchange) -> Seen:
    """``models.with_raw_response.list()``."""
    response = await _value(client.models.with_raw_response.list())
    models = [model.to_dict() for model in response.parse().data]
    return Seen("models_raw", models=models, raw=response.content)


PLAIN: tuple[Route, ...] = (create, parse, raw, streaming_response, iter_bytes, iter_lines)
STREAM: tuple[Route, ...] = (
    create_stream,
    stream,
    raw_stream,
    streaming_response_stream,
    iter_bytes,
    iter_lines,
    create_stream_unasked,
)
CHUNKED: tuple[Route, ...] = (create_stream, stream, raw_stream, streaming_response_stream)
"""Those that read a stream to its end and so learn that it was cut."""
MODELS: tuple[Route, ...] = (models_list, models_raw)

ERROR_PLAIN: tuple[Route, ...] = (create, parse, raw, streaming_response)
ERROR_STREAM: tuple[Route, ...] = (create_stream, stream, raw_stream, streaming_response_stream)


_SAME_PARSER: frozenset[Route] = frozenset(
    {raw_stream, streaming_response_stream, create_stream_unasked}
)


def fitting(exchange: Exchange, *, brief: bool = False) -> tuple[Route, ...]:
    """Name the routes a recorded request can take.

    ``brief`` leaves out those that read a stream by the same code as ``create(stream=True)``:
    enough where only the cuts between the bytes are new.
    """
    if exchange.kind == "error":
        return ERROR_STREAM if exchange.request.get("stream") else ERROR_PLAIN
    routes = {"plain": PLAIN, "stream": STREAM, "models": MODELS}[exchange.kind]
    return tuple(route for route in routes if not (brief and route in _SAME_PARSER))
