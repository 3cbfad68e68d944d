"""Replay the recorded requests: we send what was sent then, or a documented improvement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest

from .asking import IMPROVEMENTS, arguments, improved
from .cases import over
from .exchanges import load
from .run import SETTINGS, reply_of

if TYPE_CHECKING:
    from .conftest import Client
    from .exchanges import Exchange
    from .server import Received, Recorded

POSTED = [exchange for exchange in load() if exchange.method == "POST"]
NAMED = [exchange for exchange in POSTED if "/" in exchange.request["model"]]
NAMELESS = [exchange for exchange in POSTED if "/" not in exchange.request["model"]]
NO_SCHEMA_NAME = [exchange for exchange in NAMED if exchange.format == "json_schema"]


def _send(server: Recorded, client: Any, exchange: Exchange) -> Received:
    server.prepare(reply_of(exchange, "whole"))
    try:
        answer = client.chat.completions.create(**arguments(exchange.request))
        if exchange.kind == "stream":
            answer.close()
    except openai.APIStatusError as error:
        assert error.status_code == exchange.status  # noqa: PT017  # only these may raise
    (received,) = server.received
    return received


@over(NAMED)
def test_we_send_what_was_recorded_or_better(
    exchange: Exchange, server: Recorded, clients: tuple[Client, Client]
) -> None:
    received = _send(server, clients[0].client, exchange)
    assert received.body == improved(exchange.request)
    assert received.path == "/v1/chat/completions"
    assert received.headers["authorization"] == f"Bearer {SETTINGS['api_key']}"


@over(POSTED)
def test_the_bare_sdk_sends_what_was_recorded(
    exchange: Exchange, server: Recorded, bare_client: Any
) -> None:
    assert _send(server, bare_client, exchange).body == exchange.request


@pytest.mark.parametrize("row", IMPROVEMENTS, ids=lambda row: row.name)
def test_every_improvement_changes_a_recorded_request(row: Any) -> None:
    if not POSTED:
        pytest.skip("no recordings to improve on")
    assert any(row.change(exchange.request) != exchange.request for exchange in POSTED)


@over(NAMELESS)
def test_a_name_that_is_no_model_is_refused_before_sending(
    exchange: Exchange, server: Recorded, clients: tuple[Client, Client]
) -> None:
    server.prepare(reply_of(exchange, "whole"))
    with pytest.raises(openai.NotFoundError, match="bad model"):
        clients[0].client.chat.completions.create(**arguments(exchange.request))
    assert server.received == []


@over(NO_SCHEMA_NAME)
def test_a_schema_without_a_name_is_refused_before_sending_by_default(
    exchange: Exchange, server: Recorded, clients: tuple[Client, Client]
) -> None:
    cls = type(clients[0].client)
    server.prepare(reply_of(exchange, "whole"))
    with (
        cls(base_url=server.base_url, **SETTINGS) as client,
        pytest.raises(openai.BadRequestError, match=r"json_schema|structured outputs"),
    ):
        client.chat.completions.create(**arguments(exchange.request))
    assert server.received == []
