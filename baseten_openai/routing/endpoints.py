"""The SDK's endpoints: which of them name a model, and what replaces those that Baseten lacks.

Baseten's Model APIs document chat completions, responses and the list of models (evidence.md#endpoints).
Requests to other endpoints are sent anyway: Baseten may have added them. If the response is a 404, the
error's hint comes from ``ALTERNATIVES``.
"""

from __future__ import annotations

from urllib.parse import urlsplit

CHAT = "/chat/completions"
RESPONSES = "/responses"
EMBEDDINGS = "/embeddings"
NAMED_MODEL_PATHS = frozenset({CHAT, "/completions", RESPONSES, EMBEDDINGS})
"""Endpoints whose body names a model."""

_ELSEWHERE = "use a client with OpenAI's base_url=, which patch() does not change."
_CHAT = "use client.chat.completions"

ALTERNATIVES: dict[str, str] = {
    "completions": f"{_CHAT}.create() with the prompt as a message of role 'user'.",
    "embeddings": "deploy an embedding model on Baseten and pass its URL as base_url=, or "
    + _ELSEWHERE,
    "audio": f"deploy a speech model on Baseten and call it by its own URL, or {_ELSEWHERE}",
    "images": f"deploy an image model on Baseten and call it by its own URL, or {_ELSEWHERE}",
    "videos": f"deploy a video model on Baseten and call it by its own URL, or {_ELSEWHERE}",
    "moderations": f"ask a chat model to judge the text, or {_ELSEWHERE}",
    "batches": f"{_CHAT} of AsyncOpenAI, and run many calls at once, within your rate limits.",
    "files": f"put text and images into the messages of chat.completions, or {_ELSEWHERE}",
    "uploads": f"put text and images into the messages of chat.completions, or {_ELSEWHERE}",
    "vector_stores": f"search in your own program, or {_ELSEWHERE}",
    "fine_tuning": f"deploy your own model on Baseten and pass its URL as base_url=, or {_ELSEWHERE}",
    "assistants": f"{_CHAT}, and keep the messages and tools in your program.",
    "threads": f"{_CHAT}, and keep the messages in your program.",
    "conversations": "use client.responses with previous_response_id, which this process remembers.",
    "realtime": f"{_CHAT}.create(stream=True), or {_ELSEWHERE}",
    "evals": _ELSEWHERE,
    "containers": _ELSEWHERE,
}
"""What to use instead, by the first segment of the path. Dedicated deployments may serve any endpoint."""

BELOW_RESPONSES: dict[str, str] = {
    "compact": "pass only the items that you want to keep.",
    "input_tokens": "read usage.input_tokens of a response.",
}
"""What to use instead, by the segment after ``/responses``."""


def endpoint_of(url: str) -> str:
    """Return the endpoint's path from a request URL, relative or absolute."""
    if url in NAMED_MODEL_PATHS:
        return url
    path = "/" + urlsplit(url).path.strip("/")
    return next((known for known in (CHAT, *NAMED_MODEL_PATHS) if path.endswith(known)), path)


def hint_about_models(url: str) -> str | None:
    """Return a further hint for a 404 of ``/responses``, which only some models may serve; else ``None``."""
    if endpoint_of(url) != RESPONSES:
        return None
    return "Which models serve /responses is not documented; client.chat.completions works with every model."


def alternative(url: str) -> str | None:
    """Return what to use instead of a URL or path; ``None`` for chat, models and unknown paths."""
    segments = urlsplit(url).path.rpartition("/v1/")[2].split("/")
    for number, segment in enumerate(segments):
        if segment in ("chat", "models"):
            return None
        if segment == "responses":
            below = "/".join(segments[number + 1 :])
            instead = BELOW_RESPONSES.get(below)
            return instead and f"Baseten's Model APIs do not document /responses/{below}; {instead}"
        if segment in ALTERNATIVES:
            return f"Baseten's Model APIs do not document /{segment}; {ALTERNATIVES[segment]}"
    return None
