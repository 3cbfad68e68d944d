"""The JSON of responses and their items, in the form of OpenAI's recorded ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .shapes import CREATED, ids

if TYPE_CHECKING:
    from .answers import Answer

JSON = dict[str, Any]

_ECHOED: JSON = {
    "instructions": None,
    "max_output_tokens": None,
    "parallel_tool_calls": True,
    "temperature": 1.0,
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "user": None,
}
"""Fields of the request that the response repeats, and their defaults (OAI)."""

_CONSTANT: JSON = {
    "background": False,
    "error": None,
    "frequency_penalty": 0.0,
    "max_tool_calls": None,
    "metadata": {},
    "presence_penalty": 0.0,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "safety_identifier": None,
    "service_tier": "default",
    "store": False,
    "truncation": "disabled",
}


def response(body: JSON, answer: Answer, input_tokens: int) -> JSON:
    """Return the whole response."""
    cut = answer.finish == "length"
    reasoning = body.get("reasoning") or {}
    form = (body.get("text") or {}).get("format") or {"type": "text"}
    return {
        "id": f"resp_{ids(body).make('response')}",
        "object": "response",
        "created_at": CREATED,
        "status": "incomplete" if cut else "completed",
        "completed_at": None if cut else CREATED,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "model": body["model"],
        "output": items(body, answer),
        "reasoning": {"effort": reasoning.get("effort"), "summary": reasoning.get("summary")},
        "text": {"format": form},
        "usage": usage(answer, input_tokens),
        **_CONSTANT,
        **{name: body.get(name, value) for name, value in _ECHOED.items()},
    }


def usage(answer: Answer, input_tokens: int) -> JSON:
    """Return the usage by the names of the Responses API (3P)."""
    output = answer.completion_tokens
    return {
        "input_tokens": input_tokens,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": answer.reasoning_tokens},
        "total_tokens": input_tokens + output,
    }


def items(body: JSON, answer: Answer) -> list[JSON]:
    """Return the output: reasoning, then text or calls. That reasoning is a summary is a guess."""
    made = ids(body)
    output: list[JSON] = []
    if answer.reasoning:
        summary = [{"type": "summary_text", "text": answer.reasoning}]
        output.append({"id": f"rs_{made.make('rs')}", "type": "reasoning", "summary": summary})
    if answer.text or not answer.calls:
        part = {"type": "output_text", "annotations": [], "logprobs": [], "text": answer.text}
        output.append(
            {
                "id": f"msg_{made.make('msg')}",
                "type": "message",
                "status": "completed",
                "role": "assistant",
                "content": [part],
            }
        )
    for index, call in enumerate(answer.calls):
        output.append(
            {
                "id": f"fc_{made.make(f'fc {index}')}",
                "type": "function_call",
                "status": "completed",
                "arguments": call.arguments,
                "call_id": f"call_{made.make(f'call {index}')}",
                "name": call.name,
            }
        )
    if answer.finish == "length" and output[-1]["type"] != "reasoning":
        output[-1]["status"] = "incomplete"
    return output
