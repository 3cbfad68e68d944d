"""A stream's events are those that the SDK's own decoder finds, however the bytes are cut."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import openai
import pytest
from depth import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from openai._streaming import SSEDecoder

from baseten_openai.sdk.stream import RepairedAsyncStream, RepairedStream
from baseten_openai.sdk.stream_events import Buffer, NamedEvent, aevents, data_of, events, knows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PARTS = (
    *(b'data: {"a": 1}\n\n', b"data: [DONE]\n\n", "data: é🌍\n\n".encode(), b"data: \n\n"),
    *(b"data:x\n\n", b"data:  two spaces\n\n", b"data: one\ndata: two\n\n", b"data: \xff\n\n"),
    *(b"data: cr\r\r", b"data: crlf\r\n\r\n", b"data: mixed\r\n\n", b"data: a\x0bb\x85\n\n"),
    *(b"event: a\ndata: 1\n\n", b"event:b\ndata: 1\n\n", b"event: \ndata: 1\n\n"),
    *(b"event: a\nevent: b\ndata: 1\n\n", b"data: 1\nevent: late\n\n", b"event: c\n\n"),
    *(b"event: d\ndata: 1\ndata: 2\n\n", b"event:  e \ndata:  1 \n\n", b"event: f"),
    *(b": ping\n\n", b"event: error\ndata: {}\n\n", b"id: 7\n\n", b"\n", b"\r", b"\n\n", b"data: "),
    "data: \u2028 \u0085\n\n".encode(),
)
bodies = st.lists(st.sampled_from(PARTS), max_size=8).map(b"".join)


def cut(body: bytes, at: list[int]) -> list[bytes]:
    edges = sorted({0, len(body), *(n % (len(body) + 1) for n in at)})
    return [body[a:b] for a, b in itertools.pairwise(edges)]


def said(found: Any) -> list[tuple[str | None, str]]:
    """Return an event's name and data; those without data, of which an ``id:`` makes the SDK find more, are skipped."""
    name, data = (None, found) if isinstance(found, str) else (found.event, found.data)
    return [(name, data)] if data else []


def until_error(found: Any) -> list[Any]:
    """List what comes, and the class of what it ends with."""
    seen: list[Any] = []
    try:
        for one in found:
            seen += said(one)
    except UnicodeDecodeError:
        seen.append(UnicodeDecodeError)
    return seen


async def until_error_async(found: AsyncIterator[Any]) -> list[Any]:
    seen: list[Any] = []
    try:
        async for one in found:
            seen += said(one)
    except UnicodeDecodeError:
        seen.append(UnicodeDecodeError)
    return seen


async def aiter_of(pieces: list[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@pytest.mark.no_cover
@settings(max_examples=examples(400))
@given(body=bodies, at=st.lists(st.integers(0, 200), max_size=6))
def test_events_are_those_of_the_sdk(body: bytes, at: list[int]) -> None:
    pieces = cut(body, at)
    expected = until_error(SSEDecoder().iter_bytes(iter(pieces)))
    assert until_error(events(SSEDecoder(), iter(pieces))) == expected


@pytest.mark.anyio
async def test_async_events_are_those_of_the_sdk() -> None:
    for part in PARTS:
        for other in PARTS:
            body = part + other + PARTS[0]
            for pieces in (
                [body],
                cut(body, [len(part)]),
                cut(body, [3, len(part), len(body) - 1]),
            ):
                expected = until_error(SSEDecoder().iter_bytes(iter(pieces)))
                assert await until_error_async(aevents(SSEDecoder(), aiter_of(pieces))) == expected


@pytest.mark.parametrize(
    ("whole", "data"),
    [
        (b"event: a\ndata: 1\n\ndata: 2\n\n", [("a", "1"), (None, "2")]),
        (b"event: a\n\n", None),
        (b"event: a\ndata: 1\nid: 7\n\n", None),
        (b'data: {"a": 1}\n\n', [(None, '{"a": 1}')]),
        (b"data: one\n\ndata: two\n\n", [(None, "one"), (None, "two")]),
        (b"data: one\n\n: ping\n\n", None),
        (b"data: one\ndata: two\n\n", None),
        (b"data: one\n\n\n", None),
        (b"data: \xff\n\n", None),
    ],
)
def test_what_is_read_here(whole: bytes, data: list[Any] | None) -> None:
    found = data_of(whole)
    assert (found and [said(one)[0] for one in found]) == data


def test_a_named_event_is_used_as_the_sdks() -> None:
    (found,) = data_of(b'event: a\ndata: {"b": 1}\n\n') or ()
    (sdks,) = SSEDecoder().iter_bytes(iter([b'event: a\ndata: {"b": 1}\n\n']))
    assert isinstance(found, NamedEvent)
    for name in ("event", "data", "id", "retry"):
        assert getattr(found, name) == getattr(sdks, name)
    assert found.json() == sdks.json() == {"b": 1}


def test_no_whole_event_is_held_back() -> None:
    pieces = [
        b"data: o",
        b"ne\n",
        b"\ndata: two\n\ndata: ",
        b"",
        b"three",
        b"\n\n",
        b"data: four\n\n",
    ]
    buffer = Buffer()
    assert [buffer.take(piece) for piece in pieces] == [
        *(b"", b"", b"data: one\n\ndata: two\n\n", b"", b"", b"data: three\n\n"),
        b"data: four\n\n",
    ]
    assert buffer.held == []


@pytest.mark.no_cover
@settings(max_examples=examples(300))
@given(body=bodies, at=st.lists(st.integers(0, 200), max_size=6))
def test_each_comes_as_soon_as_from_the_sdk(body: bytes, at: list[int]) -> None:
    body = body.decode(errors="ignore").encode()

    def when(read: Any) -> list[tuple[Any, int]]:
        """List each event with the number of pieces that had been asked for."""
        taken: list[bytes] = []
        pieces = (taken.append(piece) or piece for piece in cut(body, at))  # type: ignore[func-returns-value]  # so meant
        return [(data, len(taken)) for one in read(SSEDecoder(), pieces) for data in said(one)]

    ours, sdks = when(events), when(lambda decoder, pieces: decoder.iter_bytes(pieces))
    assert [data for data, _ in ours] == [data for data, _ in sdks]
    assert all(mine <= theirs for (_, mine), (_, theirs) in zip(ours, sdks, strict=True))


@pytest.mark.parametrize("cls", [RepairedStream, RepairedAsyncStream])
def test_a_decoder_of_the_users_own_is_asked(cls: Any) -> None:
    class Own(SSEDecoder):
        """Reads something else than server-sent events."""

    assert knows(SSEDecoder())
    assert not knows(Own())
    stream = cls.__new__(cls)
    stream._decoder = Own()  # noqa: SLF001  # as the client's _make_sse_decoder sets it
    stream.response = None
    base = openai.AsyncStream if cls is RepairedAsyncStream else openai.Stream
    found = stream._events()  # noqa: SLF001  # the edge itself
    assert found.__qualname__ == f"{base.__name__}._iter_events"
