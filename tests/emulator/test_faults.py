"""Failures on demand, by ``server.fault()`` and by the request header."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

import pytest

from baseten_openai import emulator
from baseten_openai.emulator import faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Ask = Callable[..., Any]

BODY = {"model": "zai-org/GLM-4.6", "messages": [{"role": "user", "content": "Hello"}]}
STREAM = {**BODY, "stream": True}


@pytest.fixture
def server() -> Iterator[emulator.EmulatorServer]:
    with emulator.serve() as server:
        yield server


ANSWERS = [
    ("400", 400, {"error": {"code": 400, "message": "emulated fault", "type": "Bad Request"}}),
    ("402", 402, {"error": "payment required (emulated)"}),
    ("403", 403, {"error": "please check the api-key you provided"}),
    ("404", 404, {"error": "please check the model you provided"}),
    ("429", 429, {"error": "rate limit exceeded (emulated)"}),
    ("500", 500, {"error": "Internal Server Error"}),
    ("503", 503, {"error": "service unavailable (emulated)"}),
    ("529", 529, {"error": "no capacity (emulated)"}),
]


@pytest.mark.parametrize(("kind", "status", "body"), ANSWERS)
def test_answers(
    server: emulator.EmulatorServer, fetch: Ask, kind: str, status: int, body: Any
) -> None:
    server.fault(kind)
    for got in (fetch(server.base_url, BODY), fetch(server.base_url, STREAM, x_emulate_fault=kind)):
        assert (got.status, got.json) == (status, body)
        assert "retry-after" not in got.headers
    assert fetch(server.base_url, BODY).status == 200


def test_html(server: emulator.EmulatorServer, fetch: Ask) -> None:
    server.fault("502-html")
    got = fetch(server.base_url, BODY)
    assert got.status == 502
    assert b"<title>502 Server Error</title>" in got.body
    assert got.headers["content-type"].startswith("text/html")


def test_every_kind_is_tested() -> None:
    tested = {kind for kind, _, _ in ANSWERS}
    others = {"502-html", "429-retry-after", "slow", "cut", "reset"}
    events = {"error-event-flat", "error-event-enveloped"}
    assert set(faults.KINDS) == tested | others | events


@pytest.mark.parametrize(
    ("kind", "params", "header", "seconds"),
    [
        ("429-retry-after", {}, "429-retry-after", "1"),
        ("429", {"retry_after": 3}, "429; retry-after=3", "3"),
        ("529", {"retry_after": 0.5}, "529; retry_after=0.5", "0.5"),
    ],
)
def test_retry_after(
    server: emulator.EmulatorServer,
    fetch: Ask,
    kind: str,
    params: dict[str, Any],
    header: str,
    seconds: str,
) -> None:
    server.fault(kind, **params)
    for got in (fetch(server.base_url, BODY), fetch(server.base_url, BODY, x_emulate_fault=header)):
        assert got.headers["retry-after"] == seconds
        assert got.status == int(kind[:3])


def test_times_and_order(server: emulator.EmulatorServer, fetch: Ask) -> None:
    server.fault("429", times=2)
    server.fault("500")
    assert [fetch(server.base_url, BODY).status for _ in range(4)] == [429, 429, 500, 200]


def test_models_fail_too(server: emulator.EmulatorServer, fetch: Ask) -> None:
    server.fault("503")
    statuses = [fetch(server.base_url, b"", path="/models", method="GET").status for _ in range(2)]
    assert statuses == [503, 200]


@pytest.mark.parametrize("after", [0, 1, 3, 1000])
def test_cut(server: emulator.EmulatorServer, fetch: Ask, after: int) -> None:
    whole = fetch(server.base_url, STREAM)
    got = fetch(server.base_url, STREAM, x_emulate_fault=f"cut; after={after}")
    assert got.status == 200
    assert whole.body.startswith(got.body)
    assert not got.done
    assert len(got.events) == min(after, len(whole.events) - 2)
    assert not [event for event in got.events if event["choices"][0].get("finish_reason")]


@pytest.mark.parametrize("body", [STREAM, BODY])
def test_reset(server: emulator.EmulatorServer, fetch: Ask, body: Any) -> None:
    server.fault("reset", after=2)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        fetch(server.base_url, body)
    assert fetch(server.base_url, body).status == 200


def test_reset_is_in_the_middle_of_an_event(server: emulator.EmulatorServer, fetch: Ask) -> None:
    with pytest.raises(http.client.IncompleteRead) as caught:
        fetch(server.base_url, STREAM, x_emulate_fault="reset; after=2")
    assert caught.value.partial.count(b"\n\n") == 2
    assert not caught.value.partial.endswith(b"\n\n")


@pytest.mark.parametrize(
    ("kind", "wrap"), [("error-event-flat", False), ("error-event-enveloped", True)]
)
def test_error_events(server: emulator.EmulatorServer, fetch: Ask, kind: str, wrap: bool) -> None:
    fields = {"message": "emulated failure", "type": "Internal Server Error", "code": 500}
    expected = {"error": fields} if wrap else fields
    server.fault(kind, after=2)
    got = fetch(server.base_url, STREAM)
    assert (got.status, len(got.events), got.done) == (200, 3, False)
    assert got.events[-1] == expected
    server.fault(kind)
    got = fetch(server.base_url, BODY)
    assert (got.status, got.json) == (500, expected)


def test_slow_waits_before_each_event(server: emulator.EmulatorServer, fetch: Ask) -> None:
    waited = []
    whole = fetch(server.base_url, STREAM)
    connection = http.client.HTTPConnection(server.base_url.split("/")[2], timeout=10)
    headers = {"Authorization": "Bearer k", "x-emulate-fault": "slow; delay=0.01"}
    connection.request("POST", "/v1/chat/completions", json.dumps(STREAM), headers)
    answer = connection.getresponse()
    while piece := answer.read1(65536):
        waited.append(piece)
    connection.close()
    assert b"".join(waited) == whole.body
    assert len(waited) > 3


@pytest.mark.parametrize(
    ("kind", "params"),
    [("nonsense", {}), ("402", {"after": 1}), ("cut", {"delay": 1}), ("slow", {"delay": -1})],
)
def test_mistakes_are_told(
    server: emulator.EmulatorServer, kind: str, params: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"no fault|takes|negative"):
        server.fault(kind, **params)
    with pytest.raises(ValueError, match="times"):
        server.fault("429", times=0)


@pytest.mark.parametrize("header", ["nonsense", "cut; after=x", "402; after=1"])
def test_a_wrong_header_is_a_400(server: emulator.EmulatorServer, fetch: Ask, header: str) -> None:
    got = fetch(server.base_url, BODY, x_emulate_fault=header)
    assert got.status == 400
    assert "x-emulate-fault" in got.json["error"]
