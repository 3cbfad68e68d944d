"""A server on loopback that answers whatever it is told to, such as a list of models."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class ListingServer(http.server.ThreadingHTTPServer):
    """Answers every request with ``status`` and ``body``; ``asked`` are the paths, oldest first."""

    def __init__(self) -> None:
        """Take a free port; answer with an empty list."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        self.status, self.body = 200, b'{"data": []}'
        self.silent = threading.Event()
        self.asked: list[str] = []

    def serve_json(self, value: Any) -> None:
        """Answer with ``value`` from now on."""
        self.body = json.dumps(value).encode()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: ListingServer

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.asked.append(self.path)
        self.server.silent.wait()
        self.send_response_only(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(self.server.body)

    do_GET = do_POST = _answer  # noqa: N815  # names that http.server looks for

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def listing() -> Iterator[ListingServer]:
    """Run one; clearing ``silent`` lets it keep its callers waiting."""
    with ListingServer() as server:
        server.silent.set()
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.silent.set()
            server.shutdown()
            thread.join()


def row(slug: str, **changes: Any) -> dict[str, Any]:
    """A row of a list, in the recorded shape, with values nobody has."""
    return {
        "id": slug,
        "object": "model",
        "name": slug.rpartition("/")[2],
        "context_length": 777_000,
        "max_completion_tokens": 77_000,
        "pricing": {"prompt": "0.000007", "completion": "0.0000077"},
        "supported_features": ["tools"],
        "input_modalities": ["text"],
        **changes,
    }
