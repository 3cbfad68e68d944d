"""A real HTTP server on loopback that answers with the bytes it was given."""

from __future__ import annotations

import contextlib
import http.server
import itertools
import json
import random
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Mode = Literal["whole", "split"]

_FEW_SENDS = 20


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers and body to answer with, as recorded; ``split`` cuts it at random bytes."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    mode: Mode = "whole"
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: Any


class Recorded(http.server.ThreadingHTTPServer):
    """Answers every request with ``reply`` and keeps what it received since ``prepare``."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply = Reply(500, (), b"no reply was prepared")
        self.received: list[Received] = []

    @property
    def base_url(self) -> str:
        """What the client under test is given as ``base_url``."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent when a client hangs up, as one that saw a broken stream does."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def prepare(self, reply: Reply) -> None:
        """Answer with ``reply`` from now on."""
        self.reply = reply
        self.received = []


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Recorded

    def _answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        raw = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(self.path, headers, json.loads(raw) if raw else {})
        self.server.received.append(received)
        reply = self.server.reply
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.mode == "whole":
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            return
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for piece in _pieces(reply):
            self.wfile.write(piece)

    do_POST = do_GET = _answer  # noqa: N815  # the names http.server looks for

    def log_message(self, *_: Any) -> None:
        """Keep the test run's output clean."""


def _pieces(reply: Reply) -> list[bytes]:
    """Cut twice: into HTTP chunks, and the chunked message into a few TCP writes.

    What the SDK's line reader is handed therefore starts and ends anywhere: inside an event, a
    JSON string, a UTF-8 character.
    """
    dice = random.Random(reply.seed)  # noqa: S311  # repeatable, not secret
    cuts = max(4, min(400, len(reply.body) // 97))
    chunks = _cut(reply.body, cuts, dice)
    message = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    return _cut(message, _FEW_SENDS, dice)


def _cut(data: bytes, cuts: int, dice: random.Random) -> list[bytes]:
    inside = range(1, len(data))
    places = sorted(dice.sample(inside, min(cuts, len(inside))))
    edges = [0, *places, len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges) if a != b]


@contextlib.contextmanager
def running() -> Iterator[Recorded]:
    """Serve from a thread until the block ends."""
    with Recorded() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
