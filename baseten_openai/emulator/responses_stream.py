"""A response as server-sent events, in the order of OpenAI's recorded streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import tokens
from .shapes import compact, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .responses_dialects import ResponsesDialect

JSON = dict[str, Any]


def events(whole: JSON, dialect: ResponsesDialect) -> list[bytes]:
    """Return all events of a streamed response, in order; OpenAI's end without ``[DONE]``."""
    made = []
    for number, event in enumerate(_events(whole, dialect)):
        numbered = {**event, "sequence_number": number}
        made.append(encode(f"event: {event['type']}\ndata: {compact(numbered)}\n\n"))
    return made


def _events(whole: JSON, dialect: ResponsesDialect) -> Iterator[JSON]:
    begun = {
        **whole,
        "status": "in_progress",
        "completed_at": None,
        "incomplete_details": None,
        "output": [],
        "usage": None,
    }
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, item in enumerate(whole["output"]):
        yield from _item(item, index, dialect)
    yield {"type": f"response.{whole['status']}", "response": whole}


def _item(item: JSON, index: int, dialect: ResponsesDialect) -> Iterator[JSON]:
    at: JSON = {"item_id": item["id"], "output_index": index}
    place = {"output_index": index}
    if item["type"] == "function_call":
        empty = {**item, "status": "in_progress", "arguments": ""}
        yield {"type": "response.output_item.added", "item": empty, **place}
        yield from _arguments(item, at, dialect)
        return
    if item["type"] == "reasoning":
        yield {"type": "response.output_item.added", "item": {**item, "summary": []}, **place}
        for number, part in enumerate(item["summary"]):
            here = {**at, "summary_index": number}
            yield from _text(part, here, "reasoning_summary_part", "reasoning_summary_text")
    else:
        empty = {**item, "status": "in_progress", "content": []}
        yield {"type": "response.output_item.added", "item": empty, **place}
        for number, part in enumerate(item["content"]):
            yield from _text(part, {**at, "content_index": number}, "content_part", "output_text")
    yield {"type": "response.output_item.done", "item": item, **place}


def _text(part: JSON, at: JSON, container: str, text: str) -> Iterator[JSON]:
    logprobs: JSON = {"logprobs": []} if text == "output_text" else {}
    yield {"type": f"response.{container}.added", **at, "part": {**part, "text": ""}}
    for piece in tokens.groups(part["text"]):
        yield {"type": f"response.{text}.delta", **at, "delta": piece, **logprobs}
    yield {"type": f"response.{text}.done", **at, "text": part["text"], **logprobs}
    yield {"type": f"response.{container}.done", **at, "part": part}


def _arguments(item: JSON, at: JSON, dialect: ResponsesDialect) -> Iterator[JSON]:
    kind = "response.function_call_arguments"
    deltas = [
        {"type": f"{kind}.delta", **at, "delta": piece}
        for piece in tokens.groups(item["arguments"])
    ]
    said = item["arguments"]
    if dialect.early_call_ends:
        said = ""
    elif dialect.other_call_arguments:
        said = said[: len(said) // 2]
    ends = [
        {"type": f"{kind}.done", **at, "arguments": said},
        {
            "type": "response.output_item.done",
            "item": {**item, "arguments": said},
            "output_index": at["output_index"],
        },
    ]
    yield from [*ends, *deltas] if dialect.early_call_ends else [*deltas, *ends]
