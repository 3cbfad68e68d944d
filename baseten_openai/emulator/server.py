"""The emulator as a server in a thread of this process, on loopback only."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from baseten_openai._version import __version__
from baseten_openai.models.catalog import Catalog

from . import faults
from .app import Endpoints, build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

Peer = tuple[str, int]

_START_TIMEOUT = 10.0
_STOP_TIMEOUT = 10.0
_POLL = 0.002
_SIGNAL_POLL = 0.2


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request as received. Header names are in lower case; ``json`` is ``None`` if it can't be parsed."""

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)  # contains the key
    json: Any


class EmulatorServer:
    """A running emulator, as ``serve()`` yields it."""

    def __init__(self, host: str, port: int, api_key: str | None) -> None:
        """Bind the address. Raises ``ValueError`` if the host is not loopback, or ``OSError``."""
        self._socket = _bind(loopback(host), port)
        self._address: Peer = self._socket.getsockname()[:2]
        self._faults = faults.FaultQueue()
        self._received: list[ReceivedRequest] = []
        self._lock = threading.Lock()
        self._transports: dict[Peer, asyncio.Transport] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        endpoints = Endpoints(
            Catalog.bundled(),  # includes retired models, as most of the specification's are
            api_key=api_key,
            queue=self._faults,
            received=self._record,
            drop=self._drop,
            pause=self._pause,
        )
        config = uvicorn.Config(
            build(endpoints),
            http=_protocol(self._transports),
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            # without a date, the same request gets the same bytes
            server_header=False,
            date_header=False,
            headers=[("x-emulated-by", f"baseten-openai-emulator/{__version__}")],
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="baseten-emulator", daemon=True)

    @property
    def base_url(self) -> str:
        """Return the URL for the client's ``base_url``."""
        host, port = self._address
        return f"http://[{host}]:{port}/v1" if ":" in host else f"http://{host}:{port}/v1"

    @property
    def requests(self) -> list[ReceivedRequest]:
        """Return a copy of the requests received so far, oldest first."""
        with self._lock:
            return list(self._received)

    def fault(self, kind: str, times: int = 1, **params: float) -> None:
        """Make the next ``times`` requests fail; ``emulator.faults.KINDS`` lists the kinds.

        ``retry_after`` and ``delay`` are in seconds, ``after`` counts events. Raises ``ValueError`` for an unknown
        kind, or a parameter that the kind does not have.
        """
        self._faults.add(faults.make(kind, **params), times)

    def start(self) -> None:
        """Start serving; return once requests are accepted. Raises ``RuntimeError`` if that fails."""
        self._thread.start()
        waited = threading.Event()
        for _ in range(int(_START_TIMEOUT / _POLL)):
            if self._server.started or not self._thread.is_alive():
                break
            waited.wait(_POLL)
        if not self._server.started:
            self.stop()
            message = "the emulator did not start"
            raise RuntimeError(message)

    def stop(self) -> None:
        """Stop serving and drop open connections. May be called twice."""
        self.request_stop()
        if self._thread.is_alive():
            self._thread.join(_STOP_TIMEOUT)
        self._socket.close()

    def wait(self) -> None:
        """Block until another thread or a signal handler calls ``request_stop``."""
        while self._thread.is_alive():
            self._thread.join(_SIGNAL_POLL)

    def request_stop(self) -> None:
        """Stop serving, without waiting for it."""
        self._server.should_exit = True
        if self._loop is not None and self._stopping is not None and not self._loop.is_closed():
            # the loop may have closed meanwhile
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stopping.set)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        asked = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({serving, asked}, return_when=asyncio.FIRST_COMPLETED)
        await self._drop_all()
        if not serving.done():  # uvicorn's own shutdown takes 0.2 s, which adds up in tests
            serving.cancel()
            for listener in getattr(self._server, "servers", ()):
                listener.close()
        asked.cancel()
        await asyncio.wait({serving, asked})
        if not serving.cancelled():
            serving.result()

    async def _drop_all(self) -> None:
        """Drop open connections, so that no client waits for a slow answer."""
        for transport in list(self._transports.values()):
            transport.abort()
        if answering := set(self._server.server_state.tasks):
            await asyncio.wait(answering, timeout=_STOP_TIMEOUT / 2)

    async def _pause(self, seconds: float) -> None:
        """Sleep, or return earlier if the server stops."""
        if self._stopping is None or seconds <= 0:
            await asyncio.sleep(0)
            return
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    def _record(self, request: Request, raw: bytes) -> None:
        try:
            parsed = json.loads(raw) if raw else None
        except (ValueError, RecursionError):
            parsed = None
        headers = {name.lower(): value for name, value in request.headers.items()}
        one = ReceivedRequest(request.method, request.url.path, headers, parsed)
        with self._lock:
            self._received.append(one)

    def _drop(self, peer: Any) -> None:
        transport = self._transports.get(tuple(peer))
        if transport is not None:
            transport.abort()


@contextmanager
def serve(
    *, host: str = "127.0.0.1", port: int = 0, api_key: str | None = None
) -> Iterator[EmulatorServer]:
    """Run the emulator in a thread while the block runs.

    ``port=0`` uses a free port. With ``api_key``, only that key is accepted. Without it, every key is accepted
    except ``sk-...`` and ``wrong-key``.

    Raises ``ValueError`` if the host is not loopback, and ``OSError`` if the port is not available.
    """
    server = EmulatorServer(host, port, api_key)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def loopback(host: str) -> str:
    """Return the address of a loopback host. Raises ValueError for any other."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        message = f"the emulator serves loopback addresses only, not {host!r}"
        raise ValueError(message)
    return str(address)


def _bind(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # if the protocol is given, asyncio turns off Nagle, which would delay every answer by 40 ms
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on other systems it lets two servers share a port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((address, port))
        bound.listen()
    except (OSError, OverflowError):
        bound.close()
        raise
    return bound


def _protocol(transports: dict[Peer, asyncio.Transport]) -> type[H11Protocol]:
    """Return a protocol that keeps its transport, so that a fault can drop the connection."""

    class Protocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._peer = tuple(transport.get_extra_info("peername")[:2])
            transports[self._peer] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            transports.pop(self._peer, None)
            super().connection_lost(exc)

    return Protocol
