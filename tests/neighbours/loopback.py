"""Servers on loopback: one that stands in for OpenAI, one that takes what telemetry sends."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER = "OpenAI's own answer"

_USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
_CHAT = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": ANSWER},
        }
    ],
    "usage": _USAGE,
}
_RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1,
    "status": "completed",
    "parallel_tool_calls": False,
    "tool_choice": "auto",
    "tools": [],
    "output": [
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": ANSWER, "annotations": []}],
        }
    ],
    "usage": {
        "input_tokens": 3,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 4,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 7,
    },
}


def _stream(model: object) -> bytes:
    """Return the answer as server-sent events."""
    choice = {"index": 0, "delta": {"role": "assistant", "content": ANSWER}, "finish_reason": None}
    last = {"index": 0, "delta": {}, "finish_reason": "stop"}
    common = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model}
    chunks = (
        {**common, "choices": [choice]},
        {**common, "choices": [last]},
        {**common, "choices": [], "usage": _USAGE},
    )
    events = [*map(json.dumps, chunks), "[DONE]"]
    return "".join(f"data: {event}\n\n" for event in events).encode()


class Loopback:
    """What one server received: its requests' paths, headers (lower case) and JSON bodies."""

    def __init__(self, url: str) -> None:
        """Start with nothing received."""
        self.url = url
        self.requests: list[tuple[str, dict[str, str], Any]] = []


class _Handler(http.server.BaseHTTPRequestHandler):
    loopback: Loopback

    def do_POST(self) -> None:
        """Keep the request; answer as OpenAI would, or with an empty object."""
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            body = json.loads(raw)
        except ValueError:
            body = raw  # telemetry may be compressed
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.loopback.requests.append((self.path, headers, body))
        answer: dict[str, Any] = {}
        if (
            isinstance(body, dict)
            and body.get("stream")
            and self.path.endswith("/chat/completions")
        ):
            self._send("text/event-stream", _stream(body.get("model")))
            return
        if self.path.endswith("/chat/completions"):
            answer = {**_CHAT, "model": body.get("model")}
        elif self.path.endswith("/responses"):
            answer = {**_RESPONSE, "model": body.get("model")}
        self._send("application/json", json.dumps(answer).encode())

    def _send(self, content_type: str, sent: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_PATCH = do_GET = do_POST  # noqa: N815  # the names http.server looks for

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serve() -> Iterator[Loopback]:
    """Serve on a free port while the block runs."""
    handler = type("Handler", (_Handler,), {})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    handler.loopback = Loopback(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield handler.loopback
    finally:
        server.shutdown()
        server.server_close()
