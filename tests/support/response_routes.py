"""Every way to a response, each written once for the sync client, the async one and the module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat_routes import inside, items, keep
from client_factories import settled
from openai.types.responses import Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Route = Callable[..., Awaitable[Any]]

SLUG = "openai/gpt-oss-120b"
ASKED: dict[str, Any] = {"model": SLUG, "input": "Hello Ada"}


async def create(client: Any, **options: Any) -> Any:
    return await settled(client.responses.create(**ASKED | options))


async def parse(client: Any, **options: Any) -> Any:
    return await settled(client.responses.parse(**ASKED | options))


async def raw(client: Any, **options: Any) -> Any:
    made = await settled(client.responses.with_raw_response.create(**ASKED | options))
    return await settled(made.parse())


async def streaming_response(client: Any, **options: Any) -> Any:
    made = client.responses.with_streaming_response.create(**ASKED | options)
    async with inside(made) as response:
        return await settled(response.parse())


async def post(client: Any, **options: Any) -> Any:
    made = client.post("/responses", cast_to=Response, body=ASKED | options)
    return await settled(made)


async def create_stream(client: Any, events: list[Any], **options: Any) -> None:
    made = await create(client, stream=True, **options)
    async with inside(made) as stream:
        await keep(stream, events)


async def raw_stream(client: Any, events: list[Any], **options: Any) -> None:
    async with inside(await raw(client, stream=True, **options)) as stream:
        await keep(stream, events)


async def streaming_response_stream(client: Any, events: list[Any], **options: Any) -> None:
    made = client.responses.with_streaming_response.create(**ASKED | {"stream": True} | options)
    async with inside(made) as response:
        await keep(await settled(response.parse()), events)


async def stream_helper(client: Any, events: list[Any], **options: Any) -> None:
    async with inside(client.responses.stream(**ASKED | options)) as stream:
        async for event in items(stream):
            events.append(event)  # noqa: PERF401  # one by one, since an error may come


WHOLE: dict[str, Route] = {
    "create": create,
    "parse": parse,
    "raw": raw,
    "streaming_response": streaming_response,
    "post": post,
}
STREAMED: dict[str, Route] = {
    "create_stream": create_stream,
    "raw_stream": raw_stream,
    "streaming_response_stream": streaming_response_stream,
    "stream_helper": stream_helper,
}
