"""A server on loopback that writes the bytes it is given, in these pieces, and ends as it is told."""

from __future__ import annotations

import contextlib
import http.server
import io
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Ending = Literal[
    "length",
    "short",
    "close",
    "chunked",
    "cut",
    "mid-chunk",
    "reset",
    "hang",
    "drop",
    "reset-first",
    "stall",
]
"""``length``: all of a body of known length. ``short``: the same less its last byte. ``close``: a body
that ends with the connection. ``chunked``: each piece is a chunk, and so they are for the others:
``cut`` closes without the last chunk, ``mid-chunk`` within one, ``reset`` resets the connection,
``hang`` sends nothing more until the server stops. ``drop`` closes and ``reset-first`` resets before
a byte was sent; ``stall`` sends half the headers and nothing more."""

JSON_HEADERS = (("Content-Type", "application/json"),)
SSE_HEADERS = (("Content-Type", "text/event-stream; charset=utf-8"),)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    pieces: tuple[bytes, ...] = ()
    status: int = 200
    headers: tuple[tuple[str, str], ...] = SSE_HEADERS
    ending: Ending = "length"
    reason: str = "Reason"
    pause: float = 0.0
    """Seconds before each piece, and before each byte of the headers."""


class RawServer(http.server.ThreadingHTTPServer):
    """Gives ``answers`` one after the other, the last of them again and again; keeps the paths."""

    def __init__(self) -> None:
        """Take a free port."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Answer] = []
        self.paths: list[str] = []
        self.stopping = threading.Event()
        self.base_url = f"http://127.0.0.1:{self.server_port}/v1"

    def prepare(self, *answers: Answer) -> None:
        """Give ``answers`` from now on."""
        self.answers, self.paths = list(answers), []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent when a client hangs up, as one that closes a stream early does."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: RawServer

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.paths.append(self.path)
        waiting = self.server.answers
        self._write(waiting.pop(0) if len(waiting) > 1 else waiting[0])

    def _write(self, answer: Answer) -> None:
        if answer.ending in {"drop", "reset-first"}:
            self._end(answer.ending)
            return
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.ending in {"length", "short"}:
            self.send_header("Content-Length", str(sum(map(len, answer.pieces))))
        elif answer.ending == "close":
            self.send_header("Connection", "close")
        else:
            self.send_header("Transfer-Encoding", "chunked")
        self._write_headers(answer)
        if answer.ending == "stall":
            self.close_connection = True
            return
        chunked = answer.ending not in {"length", "short", "close"}
        pieces = answer.pieces
        if answer.ending == "short":
            pieces = (b"".join(pieces)[:-1],)
        for piece in pieces:
            if answer.pause:
                time.sleep(answer.pause)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        self._end(answer.ending)

    def _write_headers(self, answer: Answer) -> None:
        wire, self.wfile = self.wfile, io.BytesIO()
        self.end_headers()
        head, self.wfile = self.wfile.getvalue(), wire
        if answer.ending == "stall":
            self.wfile.write(head[: len(head) // 2])
            self.server.stopping.wait()
        elif answer.pause:
            for at in range(len(head)):
                time.sleep(answer.pause)
                self.wfile.write(head[at : at + 1])
        else:
            self.wfile.write(head)

    def _end(self, ending: Ending) -> None:
        if ending == "chunked":
            self.wfile.write(b"0\r\n\r\n")
        elif ending == "mid-chunk":
            self.wfile.write(b"64\r\ndata: {")
        elif ending == "hang":
            self.server.stopping.wait()
        elif ending in {"reset", "reset-first"}:  # closing without lingering sends a reset
            option = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
            self.rfile.close()
            self.wfile.close()
            self.connection.close()
            self.wfile = io.BytesIO()  # which http.server flushes at the end
        self.close_connection = ending not in {"length", "chunked"}

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def running() -> Iterator[RawServer]:
    """Serve from a thread until the block ends."""
    with RawServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.stopping.set()
            server.shutdown()
            thread.join()
