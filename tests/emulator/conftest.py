"""A running emulator and plain HTTP to it, without the SDK or the package under test."""

from __future__ import annotations

import gzip
import http.client
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from baseten_openai import emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHARED = Path(__file__).parents[3] / "shared"


class Got(NamedTuple):
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def events(self) -> list[Any]:
        """The data of all events, parsed, except ``[DONE]``."""
        found = []
        for block in self.body.decode().split("\n\n")[:-1]:
            data = block.removeprefix("data: ")
            if data != "[DONE]":
                found.append(json.loads(data))
        return found

    @property
    def done(self) -> bool:
        return self.body.endswith(b"data: [DONE]\n\n")


def send(
    base_url: str,
    body: Any,
    *,
    path: str = "/chat/completions",
    method: str = "POST",
    key: str | None = "Bearer emulator",
    **headers: str,
) -> Got:
    """Send one request; ``body`` may be a value or raw bytes."""
    url = urlsplit(base_url)
    assert url.hostname is not None
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if key is not None:
        sent["Authorization"] = key
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
    try:
        connection.request(method, url.path + path, raw, sent)
        answer = connection.getresponse()
        got = {name.lower(): value for name, value in answer.getheaders()}
        return Got(answer.status, got, answer.read())
    finally:
        connection.close()


@pytest.fixture(scope="session")
def running() -> Iterator[emulator.EmulatorServer]:
    with emulator.serve() as server:
        yield server


@pytest.fixture(scope="session")
def post(running: emulator.EmulatorServer) -> Callable[..., Got]:
    """Send to the shared emulator."""

    def post(body: Any, **options: Any) -> Got:
        return send(running.base_url, body, **options)

    return post


@pytest.fixture(scope="session")
def chat(post: Callable[..., Got]) -> Callable[..., Got]:
    """Ask a model of the shared emulator: ``chat(slug, text, **fields)``."""

    def chat(slug: str, text: str = "Hello Ada, what is new?", **fields: Any) -> Got:
        return post({"model": slug, "messages": [{"role": "user", "content": text}], **fields})

    return chat


@pytest.fixture(scope="session")
def fetch() -> Callable[..., Got]:
    """Send to any base URL."""
    return send


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], list[dict[str, Any]]]:
    """Read a recordings file by name; skips where there are none."""

    def read(name: str) -> list[dict[str, Any]]:
        path = SHARED / "recordings" / f"{name}.jsonl.gz"
        if not path.exists():
            pytest.skip("the recordings (../shared/recordings) are not here")
        with gzip.open(path, "rt") as lines:
            return [json.loads(line) for line in lines]

    return read
