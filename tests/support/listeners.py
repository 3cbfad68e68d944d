"""Servers on loopback, and an HTTP client that reaches none, which keep all they are sent."""

from __future__ import annotations

import contextlib
import http.server
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from baseten_openai.errors import http_library

if TYPE_CHECKING:
    from collections.abc import Iterator


class Arrived(NamedTuple):
    """All of one request that a server sees."""

    url: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def keys(self) -> list[str]:
        return [value for name, value in self.headers if name.lower() == "authorization"]


class Listener(http.server.ThreadingHTTPServer):
    """Answers 404, or sends on to another URL, and keeps all it was sent."""

    def __init__(self) -> None:
        """Take a free port."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.arrived: list[Arrived] = []
        self.location: str | None = None
        self.url = f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Listener

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.arrived.append(Arrived(self.path, self.headers.items(), body))
        self.send_response_only(307 if self.server.location else 404)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815  # names that http.server looks for

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def listening() -> Iterator[Listener]:
    with Listener() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class Elsewhere:
    """The internet: an HTTP client that reaches no host and keeps what each would have been sent."""

    def __init__(self) -> None:
        """Start with nothing received and no redirects."""
        self.arrived: list[Arrived] = []
        self.locations: dict[str, str] = {}

    def client(self, *, is_async: bool) -> Any:
        http = http_library()
        made = http.AsyncClient if is_async else http.Client
        # as the SDK's own client, which follows redirects
        return made(transport=http.MockTransport(self._answer), follow_redirects=True)

    def _answer(self, request: Any) -> Any:
        url = str(request.url)
        self.arrived.append(Arrived(url, list(request.headers.multi_items()), request.content))
        headers = {"Location": self.locations[url]} if url in self.locations else {}
        return http_library().Response(307 if headers else 404, headers=headers)
