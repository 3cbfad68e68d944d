"""The JSON and headers of responses and errors.

Forms: evidence.md#chat-completions, evidence.md#error-bodies, evidence.md#response-headers.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from . import tokens

if TYPE_CHECKING:
    from .answers import Answer
    from .dialects import Dialect

JSON = dict[str, Any]

CREATED = 1_767_225_600
"""In seconds, always 2026-01-01T00:00:00Z: the emulator has no clock."""
_CACHE_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer: ``body`` as bytes, ready to send."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ids:
    """Ids derived from the request: the same request gets the same ids."""

    seed: str

    def make(self, use: str) -> str:
        """Return 32 hex digits for ``use``."""
        return hashlib.sha256(f"{self.seed}/{use}".encode()).hexdigest()[:32]

    @property
    def completion(self) -> str:
        """Return the id of the completion."""
        return f"chatcmpl-{self.make('completion')}"

    def tool_call(self, index: int, name: str, dialect: Dialect, delta: int = 0) -> str:
        """Return the id of a tool call; ``delta`` is the number of its delta."""
        if dialect.named_tool_ids:
            return f"functions.{name}:{index if dialect.named_tool_ids == 'indexed' else 0}"
        if delta and dialect.tool_ids == "first":
            return ""
        part = f"tool {index}" + (f" delta {delta}" if dialect.tool_ids == "fresh" else "")
        return f"chatcmpl-tool-{self.make(part)}"


def ids(body: JSON) -> Ids:
    """Return the identifiers for a request."""
    text = json.dumps(body, sort_keys=True, ensure_ascii=False)
    return Ids(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def route_headers(body: JSON, dialect: Dialect) -> tuple[tuple[str, str], ...]:
    """Return all X-Baseten headers, or only the time of acceptance."""
    accepted = ("X-Baseten-Accepted-At", str(CREATED * 1000))
    if not dialect.enveloped:
        return (accepted,)
    made = ids(body)
    model = Ids(str(body.get("model")))
    return (
        accepted,
        ("X-Baseten-Model-Id", model.make("model")[:8]),
        ("X-Baseten-Model-Prediction-Attempts", "1"),
        ("X-Baseten-Model-Version-Id", model.make("version")[:7]),
        ("X-Baseten-Request-Id", made.make("request")),
        ("X-Baseten-Session-Id", made.make("request")),
    )


def compact(value: Any) -> str:
    """Return JSON as the service writes it: without blanks, and with unescaped text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def encode(text: str) -> bytes:
    """Return UTF-8; half a surrogate pair, which JSON may contain, becomes ``?``."""
    return text.encode("utf-8", "replace")


def model_error(message: str, status: int, *, enveloped: bool) -> bytes:
    """Return a model server's error body, enveloped or flat as recorded."""
    reason = HTTPStatus(status).phrase
    if enveloped:
        fields = {"code": status, "message": message, "type": reason}
        return encode(json.dumps({"error": fields}, indent="\t", ensure_ascii=False) + "\n")
    return encode(compact({"message": message, "type": reason, "code": status}))


def gateway_error(message: str) -> bytes:
    """Return the gateway's error body: ``{"error": "text"}``."""
    return (compact({"error": message}) + "\n").encode()


def usage(answer: Answer, dialect: Dialect, prompt_tokens: int) -> JSON:
    """Return the whole usage block, with the details that all recordings have."""
    return usage_block(prompt_tokens, answer.completion_tokens, answer.reasoning_tokens, dialect)


def usage_block(prompt: int, completion: int, reasoning: int, dialect: Dialect) -> JSON:
    """Return a usage block for these counts.

    ``cached_tokens``: whole blocks of 64 where the dialect counts them at all, as if every prompt
    had been sent before (the emulator remembers nothing).
    """
    cached = prompt // _CACHE_BLOCK * _CACHE_BLOCK if dialect.counts_cached else 0
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"audio_tokens": 0, "cached_tokens": cached},
        "completion_tokens_details": {
            "accepted_prediction_tokens": 0,
            "audio_tokens": 0,
            "reasoning_tokens": reasoning if dialect.counts_reasoning else 0,
            "rejected_prediction_tokens": 0,
        },
    }


def finish_fields(answer: Answer, dialect: Dialect) -> JSON:
    """Return finish_reason and stop_reason if the dialect has them."""
    if answer.json_mode and not dialect.finish_reason_in_json_modes and answer.finish == "stop":
        return {}
    fields: JSON = {"finish_reason": answer.finish}
    if dialect.stop_reasons and answer.finish != "length" and not answer.stopped:
        fields["stop_reason"] = dialect.stop_reasons[answer.finish == "tool_calls"]
    return fields


def completion(body: JSON, answer: Answer, dialect: Dialect, prompt_tokens: int) -> JSON:
    """Return the unstreamed answer; keys without a value are left out."""
    made = ids(body)
    message: JSON = {"content": answer.text} if answer.text else {}
    if answer.calls:
        message["tool_calls"] = [
            {
                "id": made.tool_call(index, call.name, dialect),
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for index, call in enumerate(answer.calls)
        ]
    message["role"] = "assistant"
    if answer.reasoning:
        message["reasoning_content"] = answer.reasoning
        if dialect.duplicate_reasoning:
            message["reasoning"] = answer.reasoning
    choice = {"index": 0, "message": message, **finish_fields(answer, dialect)}
    return {
        "id": made.completion,
        "choices": [choice],
        "created": CREATED,
        "model": body["model"],
        "object": "chat.completion",
        "usage": usage(answer, dialect, prompt_tokens),
    }


def prompt_tokens(body: JSON) -> int:
    """Return the tokens of the request's messages and tools."""
    texts = [compact(message) for message in body["messages"]]
    return tokens.count_prompt([*texts, *(compact(tool) for tool in body.get("tools") or ())])
