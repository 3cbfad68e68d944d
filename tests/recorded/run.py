"""Run exchanges through routes, with our client or the bare SDK's, and keep count."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import openai

from .asking import VALID_MODEL
from .expected import READERS
from .invariants import Violation, violations
from .routes import finish, fitting
from .seen import Seen
from .server import Reply
from .tally import Tally

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable

    from .exchanges import Exchange
    from .routes import Route
    from .server import Mode, Recorded

SETTINGS = {"api_key": "test-key", "max_retries": 0}


def make_client(base_url: str, *, is_async: bool) -> Any:
    """Make the client under test; ``ignore`` because recorded requests ask for what was refused."""
    import baseten_openai  # noqa: PLC0415  # the bare SDK is measured without it

    cls = baseten_openai.AsyncOpenAI if is_async else baseten_openai.OpenAI
    return cls(base_url=base_url, on_unsupported="ignore", **SETTINGS)


def make_bare_client(base_url: str, *, is_async: bool) -> Any:
    """Make the SDK's own client."""
    cls = openai.AsyncOpenAI if is_async else openai.OpenAI
    return cls(base_url=base_url, **SETTINGS)


def servable(exchange: Exchange) -> Exchange:
    """Give a model name we refuse before sending (no slug, no alias) a stand-in.

    The wrong key was recorded with the model ``bad model``; the answer to it is about the key.
    """
    if exchange.kind == "models" or "/" in exchange.request["model"]:
        return exchange
    return dataclasses.replace(exchange, request={**exchange.request, "model": VALID_MODEL})


def reply_of(exchange: Exchange, mode: Mode) -> Reply:
    """Make the server's answer: the recorded status, headers and bytes."""
    return Reply(exchange.status, exchange.headers, exchange.body, mode, seed=exchange.name)


def call(
    server: Recorded,
    client: Any,
    exchange: Exchange,
    route: Route,
    mode: Mode,
    runner: asyncio.Runner | None = None,
) -> tuple[Seen, list[Violation]]:
    """Make one call and compare. ``runner`` is given when ``client`` is async."""
    server.prepare(reply_of(exchange, mode))
    facts = READERS[exchange.kind](exchange.body)
    coroutine = route(client, exchange)
    try:
        seen = runner.run(coroutine) if runner else finish(coroutine)
    except openai.APIStatusError as error:
        seen = Seen(route.__name__, error=error)
    except Exception as error:  # noqa: BLE001  # whatever user code would have met is a finding
        return Seen(route.__name__, error=error), [
            Violation(route.__name__, "call", f"raised {type(error).__name__}: {error}"[:300])
        ]
    return seen, violations(exchange, facts, seen)


def measure(server: Recorded, client: Any, exchanges: Iterable[Exchange]) -> Tally:
    """Take every exchange through the sync routes that fit it, bytes in one piece."""
    tally = Tally()
    for exchange in exchanges:
        for route in fitting(exchange):
            _, found = call(server, client, exchange, route, "whole")
            tally.add(exchange, route.__name__, found)
    return tally
