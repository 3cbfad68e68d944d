"""How a stream ends: a cut one must raise, and only a cut one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openai
import pytest

from . import derived
from .cases import over
from .exchanges import of_kind
from .expected import READERS, read_stream
from .routes import CHUNKED, create, parse, raw, streaming_response
from .run import call

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Client
    from .exchanges import Exchange
    from .server import Recorded

STREAMS = of_kind("stream")
WHOLE_ANSWERS = (create, parse, raw, streaming_response)


def _late(exchange: Exchange) -> bool:
    return exchange.kind == "stream" and derived.says_more_after_finish(exchange)


@pytest.mark.parametrize("cut", [derived.cut_between_events, derived.cut_inside_an_event])
@over(STREAMS)
def test_a_cut_stream_raises_after_all_that_arrived(
    exchange: Exchange,
    cut: Callable[[Exchange], Exchange],
    server: Recorded,
    clients: tuple[Client, Client],
) -> None:
    import baseten_openai  # noqa: PLC0415  # only where there is a client of ours to test

    shortened = cut(exchange)
    facts = read_stream(shortened.body)
    assert not facts.ended
    for client, runner in clients:
        for route in CHUNKED:
            seen, _ = call(server, client, shortened, route, "whole", runner)
            assert isinstance(seen.error, baseten_openai.StreamInterruptedError), seen
            assert isinstance(seen.error, openai.APIConnectionError)
            if seen.message is None:  # .stream() has no final completion then
                assert (seen.told or "") == facts.content
                continue
            assert (seen.message.content or "") == facts.content
            assert (seen.message.reasoning or "") == facts.reasoning
            assert [c[1:] for c in seen.message.calls] == [
                (c.name, c.arguments) for c in facts.calls
            ]


@over([e for e in STREAMS if not _late(e)])
def test_an_end_without_usage_and_done_is_complete(
    exchange: Exchange, server: Recorded, clients: tuple[Client, Client]
) -> None:
    shortened = derived.cut_after_finish(exchange)
    for client, runner in clients:
        for route in CHUNKED:
            seen, found = call(server, client, shortened, route, "whole", runner)
            assert found == [], seen.route


@over([e for e in of_kind("stream", "plain") if e.structured and not _late(e)])
def test_a_normal_end_without_finish_reason_is_complete(
    exchange: Exchange, server: Recorded, clients: tuple[Client, Client]
) -> None:
    """GLM 5 ends so. Both an absent reason, as received, and OpenAI's "stop" are right then."""
    changed = derived.without_finish_reason(exchange)
    for client, runner in clients:
        for route in CHUNKED if exchange.kind == "stream" else WHOLE_ANSWERS:
            seen, found = call(server, client, changed, route, "whole", runner)
            others = [v for v in found if v.rule not in {"finish_reason", "finish_once"}]
            assert others == [], seen.route
            assert seen.message is not None
            assert seen.message.finish_reason in {None, "stop"}


PARALLEL = [e for e in of_kind("stream", "plain") if len(READERS[e.kind](e.body).calls) > 1]


@over(PARALLEL)
def test_parallel_calls_with_one_id_are_told_apart(
    exchange: Exchange, server: Recorded, clients: tuple[Client, Client]
) -> None:
    first, second = (call.id for call in READERS[exchange.kind](exchange.body).calls)
    changed = derived.with_shared_id(exchange, first, second)
    assert READERS[exchange.kind](changed.body).parallel_ids_repeat
    given = set()
    for client, runner in clients:
        for route in CHUNKED if exchange.kind == "stream" else (create, raw, streaming_response):
            seen, found = call(server, client, changed, route, "whole", runner)
            assert found == [], seen.route
            assert seen.message is not None
            given.add(tuple(call[0] for call in seen.message.calls))
    assert len(given) == 1, "the ids made must be the same on every route"
    assert given.pop()[0] == first
