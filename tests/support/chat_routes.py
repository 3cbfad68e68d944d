"""Every way to a chat answer, each written once for the sync client, the async one and the module.

A route that streams appends each chunk to ``chunks`` as it comes, so that what came before an error
is known.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from client_factories import settled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Route = Callable[..., Awaitable[Any]]

SLUG = "openai/gpt-oss-120b"
ASKED: dict[str, Any] = {"model": SLUG, "messages": [{"role": "user", "content": "Hello"}]}


async def items(given: Any) -> AsyncIterator[Any]:
    """Iterate over what a sync or an async client gave."""
    if hasattr(given, "__aiter__"):
        async for item in given:
            yield item
    else:
        for item in given:
            yield item


@contextlib.asynccontextmanager
async def inside(manager: Any) -> AsyncIterator[Any]:
    """Enter a context manager of either kind."""
    if hasattr(manager, "__aenter__"):
        async with manager as entered:
            yield entered
    else:
        with manager as entered:
            yield entered


async def keep(stream: Any, chunks: list[Any]) -> None:
    async for chunk in items(stream):
        chunks.append(chunk)  # noqa: PERF401  # one by one, since an error may come


async def create(client: Any, **options: Any) -> Any:
    return await settled(client.chat.completions.create(**ASKED | options))


async def raw(client: Any, **options: Any) -> Any:
    made = client.chat.completions.with_raw_response.create(**ASKED | options)
    return (await settled(made)).parse()


async def streaming_response(client: Any, **options: Any) -> Any:
    made = client.chat.completions.with_streaming_response.create(**ASKED | options)
    async with inside(made) as response:
        return await settled(response.parse())


async def create_stream(client: Any, chunks: list[Any], **options: Any) -> None:
    made = await create(client, stream=True, **options)
    async with inside(made) as stream:
        await keep(stream, chunks)


async def raw_stream(client: Any, chunks: list[Any], **options: Any) -> None:
    made = await raw(client, stream=True, **options)
    async with inside(made) as stream:
        await keep(stream, chunks)


async def streaming_response_stream(client: Any, chunks: list[Any], **options: Any) -> None:
    completions = client.chat.completions.with_streaming_response
    async with inside(completions.create(**ASKED | {"stream": True} | options)) as response:
        await keep(await settled(response.parse()), chunks)


async def stream_helper(client: Any, chunks: list[Any], **options: Any) -> None:
    async with inside(client.chat.completions.stream(**ASKED | options)) as stream:
        async for event in items(stream):
            if event.type == "chunk":
                chunks.append(event.chunk)  # noqa: PERF401  # as in keep()


WHOLE: dict[str, Route] = {"create": create, "raw": raw, "streaming_response": streaming_response}
CHUNKED: dict[str, Route] = {
    "create_stream": create_stream,
    "raw_stream": raw_stream,
    "streaming_response_stream": streaming_response_stream,
    "stream_helper": stream_helper,
}


def text_of(chunks: list[Any]) -> str:
    """Join the content of all choices of all chunks."""
    choices = [choice for chunk in chunks for choice in chunk.choices or []]
    return "".join(choice.delta.content or "" for choice in choices)
