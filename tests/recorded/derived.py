"""Answers made from recordings by one small cut or change, as other recordings had it."""

from __future__ import annotations

import dataclasses
import json
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .exchanges import Exchange

END = b"\n\n"


def cut_between_events(exchange: Exchange) -> Exchange:
    """End the body after a random event before the one that has the finish reason."""
    blocks = exchange.body.split(END)
    kept = _dice(exchange).randrange(_finishing(blocks) + 1)
    return _with_body(exchange, b"".join(block + END for block in blocks[:kept]))


def cut_inside_an_event(exchange: Exchange) -> Exchange:
    """End the body inside a random event, at the latest in the one with the finish reason."""
    blocks = exchange.body.split(END)
    dice = _dice(exchange)
    number = dice.randrange(_finishing(blocks) + 1)
    start = sum(len(block) + len(END) for block in blocks[:number])
    return _with_body(exchange, exchange.body[: start + dice.randrange(1, len(blocks[number]))])


def cut_after_finish(exchange: Exchange) -> Exchange:
    """End the body right after the event with the finish reason, as after a stop string."""
    blocks = exchange.body.split(END)
    return _with_body(exchange, b"".join(b + END for b in blocks[: _finishing(blocks) + 1]))


def says_more_after_finish(exchange: Exchange) -> bool:
    """Tell whether a choice follows the finish reason (recorded: the text itself)."""
    blocks = exchange.body.split(END)
    return any(b'"delta":' in block for block in blocks[_finishing(blocks) + 1 :])


def with_shared_id(exchange: Exchange, first: str, second: str) -> Exchange:
    """Give two parallel calls one id, as Kimi K2 did (evidence.md#shared-tool-call-ids)."""
    return _with_body(exchange, exchange.body.replace(second.encode(), first.encode()))


def without_finish_reason(exchange: Exchange) -> Exchange:
    """Leave out the finish reason, not the end (GLM 5, evidence.md#missing-finish-reason)."""
    if exchange.kind == "plain":
        answer = json.loads(exchange.body)
        del answer["choices"][0]["finish_reason"]
        return _with_body(exchange, json.dumps(answer).encode())
    blocks = exchange.body.split(END)
    number = _finishing(blocks)
    event = json.loads(blocks[number].removeprefix(b"data: "))
    del event["choices"][0]["finish_reason"]
    blocks[number] = b"data: " + json.dumps(event).encode()
    return _with_body(exchange, END.join(blocks))


def _finishing(blocks: list[bytes]) -> int:
    return next(i for i, block in enumerate(blocks) if b'"finish_reason":"' in block)


def _with_body(exchange: Exchange, body: bytes) -> Exchange:
    return dataclasses.replace(exchange, body=body)


def _dice(exchange: Exchange) -> random.Random:
    return random.Random(exchange.name)  # noqa: S311  # repeatable, not secret
