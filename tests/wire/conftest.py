"""Clients that are answered from cassettes; while recording, by the service that is recorded.

``tools/record_cassettes.py`` names that service, its key and the directory in the environment.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import baseten_openai

from . import cassette_format
from .cassette_format import REAL_URL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

    Ask = Callable[..., Coroutine[Any, Any, Any]]

CASSETTES = Path(os.environ.get("WIRE_CASSETTES") or Path(__file__).parents[2] / "cassettes")
SERVICE_URL = os.environ.get("WIRE_BASE_URL", REAL_URL)
SERVICE_KEY = os.environ.get("WIRE_API_KEY", "")
PLAYBACK_KEY = "not-a-key"  # nothing is sent in playback


def pytest_recording_configure(config: pytest.Config, vcr: Any) -> None:
    """Let vcrpy write cassettes in our format."""
    del config
    vcr.register_serializer("yaml", cassette_format)


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    """All cassettes lie in one directory."""
    return str(CASSETTES)


@pytest.fixture
def default_cassette_name(request: pytest.FixtureRequest) -> str:
    """A test's name; that of the marker ``default_cassette`` for a row of a table."""
    marker = request.node.get_closest_marker("default_cassette")
    name: str = marker.args[0] if marker else request.node.originalname.removeprefix("test_")
    return name


@pytest.fixture
def vcr_config(record_mode: str) -> dict[str, Any]:
    """The body takes part in the match: a request that we send otherwise today finds no answer."""
    base_url = REAL_URL if record_mode == "none" else SERVICE_URL
    return {
        "match_on": ["method", "scheme", "host", "port", "path", "body"],
        "before_record_request": lambda request: cassette_format.keep_request(request, base_url),
        "before_record_response": cassette_format.keep_response,
        "decode_compressed_response": True,
    }


@pytest.fixture(autouse=True)
def _everything_is_played(vcr: Any, record_mode: str) -> Iterator[None]:
    """Require in playback that the cassette's requests are sent, all of them."""
    yield
    if vcr is not None and record_mode == "none":
        assert vcr.all_played, "the cassette holds a request that was not sent"


@pytest.fixture(params=["sync", "async"])
async def client(
    request: pytest.FixtureRequest, record_mode: str, anyio_backend: str
) -> AsyncIterator[Any]:
    """``OpenAI()``, then ``AsyncOpenAI()``: both are answered from the same cassette."""
    del anyio_backend
    made: Any = {"sync": baseten_openai.OpenAI, "async": baseten_openai.AsyncOpenAI}[request.param]
    if record_mode == "none":
        client = made(api_key=PLAYBACK_KEY, max_retries=0)
    else:
        client = made(api_key=SERVICE_KEY, base_url=SERVICE_URL, max_retries=0)
    yield client
    await settle(client.close())


async def settle(result: Any) -> Any:
    """Give what a sync client returned, or what an async client's awaitable gives."""
    return await result if inspect.isawaitable(result) else result


async def all_of(stream: Any) -> list[Any]:
    """Read a stream of either kind to its end."""
    if hasattr(stream, "__aiter__"):
        return [item async for item in stream]
    return list(stream)


@contextlib.asynccontextmanager
async def opened(manager: Any) -> AsyncIterator[Any]:
    """Enter a context manager of either kind."""
    if hasattr(manager, "__aenter__"):
        async with manager as entered:
            yield entered
    else:
        with manager as entered:
            yield entered


class Wire:
    """The bytes of a cassette, read without any of the code under test."""

    def __init__(self, cassette: Any) -> None:
        """Read what vcrpy has loaded, or recorded so far."""
        self._cassette = cassette

    def sent(self, number: int = 0) -> Any:
        """A request's body."""
        return json.loads(self._cassette.requests[number].body)

    def text(self, number: int = 0) -> str:
        """A response's body."""
        body: bytes = self._cassette.responses[number]["body"]["string"]
        return body.decode()

    def received(self, number: int = 0) -> Any:
        """A response's body, parsed."""
        return json.loads(self.text(number))

    def chunks(self, number: int = 0) -> list[Any]:
        """The events of a streamed response, parsed, without the last mark."""
        data = [
            line.removeprefix("data:").strip()
            for line in self.text(number).splitlines()
            if line.startswith("data:")
        ]
        return [json.loads(event) for event in data if event != "[DONE]"]

    def deltas(self, field: str, number: int = 0) -> list[Any]:
        """What the deltas of a streamed response hold under ``field``, in order."""
        deltas = [
            choice["delta"] for chunk in self.chunks(number) for choice in chunk.get("choices", ())
        ]
        return [delta[field] for delta in deltas if delta.get(field)]

    def header(self, name: str, number: int = 0) -> str | None:
        """A response's header."""
        values = self._cassette.responses[number]["headers"].get(name, [None])
        found: str | None = values[0]
        return found


@pytest.fixture
def wire(vcr: Any) -> Wire:
    return Wire(vcr)


@pytest.fixture
def ask(client: Any) -> Ask:
    """``client.chat.completions.create`` of either kind."""

    async def ask(content: Any, *, model: str = "gpt-oss-120b", **options: Any) -> Any:
        messages = [{"role": "user", "content": content}]
        return await settle(
            client.chat.completions.create(model=model, messages=messages, **options)
        )

    return ask
