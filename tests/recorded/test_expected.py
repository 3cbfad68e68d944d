"""The independent reader, on small responses in the forms of evidence.md#chat-completions."""

from __future__ import annotations

import json

import pytest

from .expected import Call, events, read_error, read_plain, read_stream
from .server import Reply, _pieces


def _event(delta: dict[str, object], **more: object) -> bytes:
    choice = {"index": 0, "delta": delta, **more}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def test_events_are_joined_lines_and_need_their_empty_line() -> None:
    assert events(b"data: a\r\ndata:b\r\n\r\n: ping\n\ndata: c\n\ndata: lost") == ["a\nb", "c"]


def test_a_stream_is_added_up() -> None:
    part = {"index": 1, "id": "x", "function": {"name": "f", "arguments": '{"a":'}}
    again = {"index": 1, "id": "y", "function": {"name": "", "arguments": "1}"}}
    facts = read_stream(
        _event({"role": "assistant", "reasoning": "hm"})
        + _event({"content": "é", "tool_calls": [part]})
        + _event({"content": None, "tool_calls": [again]}, finish_reason="tool_calls")
        + b'data: {"choices": [], "usage": {"total_tokens": 3}}\n\n'
    )
    assert (facts.content, facts.reasoning, facts.finish_reason) == ("é", "hm", "tool_calls")
    assert facts.calls == [Call("x", "f", '{"a":1}')]
    assert facts.usage == {"total_tokens": 3}
    assert facts.ended


@pytest.mark.parametrize(
    ("end", "ended", "reason"),
    [
        (b"", False, None),
        (b"data: [DONE]\n\n", True, "stop"),
        (b'data: {"choices": []}\n\n', True, "stop"),
        (b"data: [DONE]", False, None),
    ],
)
def test_the_end_of_a_stream(end: bytes, ended: bool, reason: str | None) -> None:  # a column
    facts = read_stream(_event({"content": "a"}) + end)
    assert (facts.ended, facts.finish_reason) == (ended, reason)


@pytest.mark.parametrize(
    ("content", "reason", "structured", "told"),
    [
        (None, "stop", True, "{}"),
        (None, "stop", False, ""),
        (None, "length", True, ""),
        ("[]", "stop", True, "[]"),
    ],
)
def test_structured_text_is_wanted_in_content(
    content: str | None,
    reason: str,
    structured: bool,  # a column
    told: str,
) -> None:
    message = {"role": "assistant", "content": content, "reasoning_content": "{}"}
    choice = {"index": 0, "message": message, "finish_reason": reason}
    facts = read_plain(json.dumps({"choices": [choice]}).encode())
    assert facts.told(structured=structured) == told


@pytest.mark.parametrize(
    "body", [b'{"error": "no"}', b'{"error": {"message": "no"}}', b'{"message": "no", "code": 400}']
)
def test_the_text_of_an_error(body: bytes) -> None:
    assert read_error(body).error == "no"


def test_a_split_reply_is_the_same_bytes_in_repeatable_pieces() -> None:
    reply = Reply(200, (), bytes(range(256)) * 40, "split", seed="s")
    pieces = _pieces(reply)
    assert pieces == _pieces(reply)
    assert len(pieces) > 10  # cut, not merely chunked
    assert _unchunked(b"".join(pieces)) == reply.body


def _unchunked(message: bytes) -> bytes:
    body = b""
    while message:
        size, _, rest = message.partition(b"\r\n")
        length = int(size, 16)
        body, message = body + rest[:length], rest[length + 2 :]
    return body
