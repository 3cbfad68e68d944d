"""Streams of the Responses API as OpenAI sends them, built by hand from the documented order.

Nothing here is recorded, and nothing comes from the code under test: ``stream`` follows the order in which
OpenAI sends events, and ``problems`` says what of it a stream violates.
"""

from __future__ import annotations

from typing import Any, NamedTuple

JSON = dict[str, Any]

TERMINAL = ("response.completed", "response.incomplete", "response.failed")


class Message(NamedTuple):
    """A message, as the pieces of its text."""

    pieces: tuple[str, ...]


class Reasoning(NamedTuple):
    """Reasoning, as the pieces of its one summary."""

    pieces: tuple[str, ...]


class Call(NamedTuple):
    """A function call, as the pieces of its arguments."""

    name: str
    pieces: tuple[str, ...]


Spec = Message | Reasoning | Call


def response(**fields: Any) -> JSON:
    """Return a response with every field that OpenAI's have."""
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_780_000_000,
        "status": "completed",
        "background": False,
        "completed_at": None,
        "error": None,
        "frequency_penalty": 0.0,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": None,
        "max_tool_calls": None,
        "model": "zai-org/GLM-5.3",
        "output": [],
        "parallel_tool_calls": True,
        "presence_penalty": 0.0,
        "previous_response_id": None,
        "prompt_cache_key": None,
        "reasoning": {"effort": None, "summary": None},
        "safety_identifier": None,
        "service_tier": "default",
        "store": False,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_logprobs": 0,
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": None,
        "user": None,
        "metadata": {},
        **fields,
    }


USAGE = {
    "input_tokens": 9,
    "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
    "output_tokens": 5,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 14,
}


def message(text: str, item_id: str = "msg_1", status: str = "completed") -> JSON:
    """Return a whole message item."""
    part = {"type": "output_text", "annotations": [], "logprobs": [], "text": text}
    content = [part] if status == "completed" else []
    return {
        "id": item_id,
        "type": "message",
        "status": status,
        "content": content,
        "role": "assistant",
    }


def call(name: str, arguments: str, number: int = 1, status: str = "completed") -> JSON:
    """Return a whole function call item."""
    return {
        "id": f"fc_{number}",
        "type": "function_call",
        "status": status,
        "arguments": arguments if status == "completed" else "",
        "call_id": f"call_{number}",
        "name": name,
    }


def _text_events(
    pieces: tuple[str, ...], at: JSON, part_of: tuple[str, str], part: JSON
) -> list[JSON]:
    container, text = part_of
    logprobs = {"logprobs": []} if text == "output_text" else {}
    whole = "".join(pieces)
    return [
        {"type": f"response.{container}.added", **at, "part": {**part, "text": ""}},
        *({"type": f"response.{text}.delta", **at, "delta": piece, **logprobs} for piece in pieces),
        {"type": f"response.{text}.done", **at, "text": whole, **logprobs},
        {"type": f"response.{container}.done", **at, "part": {**part, "text": whole}},
    ]


def _item_events(spec: Spec, index: int) -> tuple[list[JSON], JSON]:
    number = index + 1
    if isinstance(spec, Call):
        item = call(spec.name, "".join(spec.pieces), number)
        added = call(spec.name, "", number, "in_progress")
        at: JSON = {"item_id": item["id"], "output_index": index}
        inner: list[JSON] = [
            *(
                {"type": "response.function_call_arguments.delta", **at, "delta": piece}
                for piece in spec.pieces
            ),
            {"type": "response.function_call_arguments.done", **at, "arguments": item["arguments"]},
        ]
    elif isinstance(spec, Reasoning):
        part = {"type": "summary_text", "text": "".join(spec.pieces)}
        item = {"id": f"rs_{number}", "type": "reasoning", "summary": [part]}
        added = {**item, "summary": []}
        at = {"item_id": item["id"], "output_index": index, "summary_index": 0}
        inner = _text_events(
            spec.pieces,
            at,
            ("reasoning_summary_part", "reasoning_summary_text"),
            {"type": "summary_text"},
        )
    else:
        item = message("".join(spec.pieces), f"msg_{number}")
        added = message("", item["id"], "in_progress")
        at = {"item_id": item["id"], "output_index": index, "content_index": 0}
        inner = _text_events(
            spec.pieces, at, ("content_part", "output_text"), message("")["content"][0]
        )
    return [
        {"type": "response.output_item.added", "item": added, "output_index": index},
        *inner,
        {"type": "response.output_item.done", "item": item, "output_index": index},
    ], item


def stream(specs: list[Spec], status: str = "completed") -> list[JSON]:
    """Return the events of an answer with these items."""
    begun = response(status="in_progress")
    events: list[JSON] = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
    ]
    output = []
    for index, spec in enumerate(specs):
        made, item = _item_events(spec, index)
        events += made
        output.append(item)
    details = {"reason": "max_output_tokens"} if status == "incomplete" else None
    final = response(status=status, output=output, usage=USAGE, incomplete_details=details)
    return numbered([*events, {"type": f"response.{status}", "response": final}])


def numbered(events: list[JSON]) -> list[JSON]:
    """Number the events."""
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def problems(events: list[JSON]) -> list[str]:
    """Say what of OpenAI's order a stream violates; nothing where all is well."""
    return [*_frame_problems(events), *_Items(events[2:-1]).problems(events[-1])]


def _frame_problems(events: list[JSON]) -> list[str]:
    found: list[str] = []
    numbers = [event.get("sequence_number") for event in events]
    if numbers != list(range(numbers[0], numbers[0] + len(events))):
        found.append(f"sequence numbers {numbers}")
    kinds = [event["type"] for event in events]
    if kinds[:2] != ["response.created", "response.in_progress"]:
        found.append(f"begins with {kinds[:2]}")
    if [kind in TERMINAL for kind in kinds].count(True) != 1 or kinds[-1] not in TERMINAL:
        found.append("no single terminal event at the end")
    if len({event["response"]["id"] for event in events if "response" in event}) != 1:
        found.append("the response has several ids")
    return found


class _Items:
    """The items of a stream, read one event after the other."""

    def __init__(self, events: list[JSON]) -> None:
        self.found: list[str] = []
        self.open: JSON | None = None
        self.done: list[JSON] = []
        self.heard: dict[Any, str] = {}
        for event in events:
            self._read(event)

    def problems(self, last: JSON) -> list[str]:
        ids = [item["id"] for item in self.done]
        self._unless(self.open is None, "an item does not end")
        self._unless(len(set(ids)) == len(ids), f"ids repeat: {ids}")
        output = last.get("response", {}).get("output")
        self._unless(output == self.done, "the last event's output is not that of the items")
        return self.found

    def _unless(self, is_right: bool, problem: str) -> None:
        if not is_right:
            self.found.append(problem)

    def _read(self, event: JSON) -> None:
        kind = event["type"]
        self._unless(event["output_index"] == len(self.done), f"{kind} has another index")
        if kind == "response.output_item.added":
            self._unless(self.open is None, "an item begins before another ends")
            self.open, self.heard = event["item"], {}
            return
        item = self.open or {}
        self._unless(bool(item), f"{kind} outside of an item")
        if kind == "response.output_item.done":
            self._unless(event["item"]["id"] == item.get("id"), "the item ends with another id")
            self.done.append(event["item"])
            self.open = None
            return
        self._unless(event["item_id"] == item.get("id"), f"{kind} has another id than its item")
        slot = (kind.rpartition(".")[0], event.get("content_index"), event.get("summary_index"))
        if kind.endswith(".delta"):
            self.heard[slot] = self.heard.get(slot, "") + event["delta"]
        elif kind in {"response.function_call_arguments.done", "response.output_text.done"}:
            whole = event.get("arguments", event.get("text"))
            self._unless(self.heard.get(slot, "") == whole, f"{kind} differs from its deltas")
