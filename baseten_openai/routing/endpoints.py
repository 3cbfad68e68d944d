"""What to use instead of the SDK's endpoints that Baseten's Model APIs do not document.

Documented are chat completions and the list of models (evidence.md#endpoints). A call of
another endpoint is sent all the same: Baseten may have it by now, and some are in use without being
documented (``/responses``). When the answer is a 404, its error says what is in this table.
"""

from __future__ import annotations

from urllib.parse import urlsplit

_ELSEWHERE = "keep a client with OpenAI's base_url= for it: patch() leaves that one alone."
_CHAT = "use client.chat.completions"

ALTERNATIVES: dict[str, str] = {
    "responses": f"{_CHAT}.create(messages=...), parse() or stream(), which every model here has.",
    "completions": f"{_CHAT}.create() with the prompt as a message of role 'user'.",
    "embeddings": "deploy an embedding model on Baseten and give its URL as base_url=, or "
    + _ELSEWHERE,
    "audio": f"deploy a speech model on Baseten and call it by its own URL, or {_ELSEWHERE}",
    "images": f"deploy an image model on Baseten and call it by its own URL, or {_ELSEWHERE}",
    "videos": f"deploy a video model on Baseten and call it by its own URL, or {_ELSEWHERE}",
    "moderations": f"ask a chat model to judge the text, or {_ELSEWHERE}",
    "batches": f"{_CHAT} of AsyncOpenAI, many calls at once within your limits.",
    "files": f"put text and images into the messages of chat.completions, or {_ELSEWHERE}",
    "uploads": f"put text and images into the messages of chat.completions, or {_ELSEWHERE}",
    "vector_stores": f"keep the store in your program, or {_ELSEWHERE}",
    "fine_tuning": f"deploy your own model on Baseten and give its URL as base_url=, or {_ELSEWHERE}",
    "assistants": f"{_CHAT}, with the messages and tools kept in your program.",
    "threads": f"{_CHAT}, with the messages kept in your program.",
    "conversations": f"{_CHAT}, with the messages kept in your program.",
    "realtime": f"{_CHAT}.create(stream=True), or {_ELSEWHERE}",
    "evals": _ELSEWHERE,
    "containers": _ELSEWHERE,
}
"""By the first segment of the endpoint's path. Dedicated deployments serve what they like."""


def alternative(url: str) -> str | None:
    """Name the alternative for a URL or path, or ``None`` for chat, models and the unknown."""
    for segment in urlsplit(url).path.rpartition("/v1/")[2].split("/"):
        if segment in ("chat", "models"):
            return None
        if segment in ALTERNATIVES:
            return f"Baseten's Model APIs do not document /{segment}; {ALTERNATIVES[segment]}"
    return None
