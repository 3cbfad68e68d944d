"""Measure the README's figures: ``python -m tests.recorded.figures`` prints them as JSON.

Sync routes, bytes in one piece, the recorded request. What counts as breaking stands, rule by rule,
in ``invariants``. Two things are in favour of ours, and the README says so: its client is told
``on_unsupported="ignore"``, and gets a valid model's name where the recorded one is refused
(``servable``). What it refuses when left to default is counted apart.
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import TYPE_CHECKING, Any

from .exchanges import ABSENT, load
from .run import make_bare_client, make_client, measure, servable
from .server import running
from .tally import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .exchanges import Exchange


def compute() -> dict[str, Any]:
    """Run every exchange with the bare SDK and with ours; raises ``LookupError`` without any."""
    exchanges = load()
    if not exchanges:
        raise LookupError(ABSENT)
    with running() as server:
        with make_bare_client(server.base_url, is_async=False) as client:
            bare = measure(server, client, exchanges)
        with make_client(server.base_url, is_async=False) as client:
            ours = measure(server, client, map(servable, exchanges))
    refused = refused_by_default(exchanges)
    return {
        "sentence": sentence(bare, ours),
        "bare_sdk": bare.figures(),
        "with_one_line_and_refusals_off": ours.figures(),
        "refused_before_sending_by_default": {
            "exchanges": len(refused),
            "refused_by_the_service_too": sum(
                exchange.status >= 400 for exchange in refused
            ),  # HTTP's errors
        },
    }


def refused_by_default(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """List what ``patch()`` and ``OpenAI()`` refuse to send when no policy is set."""
    from baseten_openai.errors import BasetenError  # noqa: PLC0415  # the bare SDK is measured without it
    from baseten_openai.routing.endpoints import CHAT  # noqa: PLC0415  # the same
    from baseten_openai.sdk.request_preparation import prepare_body  # noqa: PLC0415  # the same
    from baseten_openai.settings import Settings  # noqa: PLC0415  # the same

    settings = Settings.load(environ={})
    refused = []
    for exchange in exchanges:
        if exchange.kind == "models":
            continue
        try:
            prepare_body(exchange.request, settings, path=CHAT, dedicated=False)
        except BasetenError:
            refused.append(exchange)
    return refused


if __name__ == "__main__":
    warnings.simplefilter("ignore", UserWarning)  # what recorded requests hold is not the point
    sys.stdout.write(json.dumps(compute(), indent=2) + "\n")
