"""The same checks on the SDK alone: they find what docs/evidence.md says, and nothing else.

This guards both ways. A check that fires on what OpenAI code does see correctly would inflate the
figure; a check that never fires proves nothing about ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest

from .cases import over
from .exchanges import load
from .expected import READERS
from .invariants import RULES
from .routes import fitting
from .run import call

if TYPE_CHECKING:
    from .exchanges import Exchange
    from .server import Recorded
    from .tally import Tally

# Tests that need the sum of all exchanges run in one worker of pytest-xdist, after all of them.
pytestmark = pytest.mark.xdist_group("bare_sdk")

EXPLAINED: dict[str, str] = {
    "role": "evidence.md#repeated-role",
    "role_once": "evidence.md#repeated-role",
    "tool_id": "evidence.md#repeated-tool-call-ids",
    "tool_id_once": "evidence.md#repeated-tool-call-ids",
    "tool_name_once": "evidence.md#continuation-names: missing, null or ''",
    "usage_once": "evidence.md#usage-on-every-chunk",
    "usage_unasked": "evidence.md#stream-options: include_usage defaults to true",
    "finish_last": "evidence.md#late-text: text in the chunk after finish_reason",
    "content": "evidence.md#misplaced-content: MiniMax M2.5, structured output",
    "parsed": "evidence.md#misplaced-content: MiniMax M2.5, structured output",
    "error_class": "evidence.md#wrong-key",
    "error_text": "evidence.md#error-text",
    "request_id": "evidence.md#request-id-header",
    "fields": "the SDK makes an attribute of reasoning_content only where the server sent it",
}
"""Rules the bare SDK may break on recorded traffic, and what on the wire is the cause."""

IMPOSSIBLE: dict[str, str] = {
    "call": "every recorded call succeeds or raises a status error",
    "tool_count": "no recording loses a call",
    "tool_name": "the first delta always has the name",
    "tool_arguments": "arguments arrive whole",
    "tool_index_once": "evidence.md#same-index-deltas: none in the recordings",
    "finish_reason": "every recording here has one",
    "finish_once": "and has it once",
    "usage": "the last count is there, however often it comes",
    "error_status": "HTTP's own",
    "bytes": "the SDK hands bytes on",
    "models": "the list is OpenAI's shape",
    "reasoning": "every recording has reasoning_content where it has reasoning",
}
"""Rules no recording breaks, and why; ours must keep them too."""

NEWER_THAN_3_0 = {"error_text"}
"""Explained by what some SDK after 3.0.0 does: until then its message held the whole error body."""


def test_every_rule_is_explained() -> None:
    assert EXPLAINED.keys() | IMPOSSIBLE.keys() == {rule.name for rule in RULES}
    assert not EXPLAINED.keys() & IMPOSSIBLE.keys()


@over(load())
def test_the_bare_sdk_breaks_only_as_explained(
    exchange: Exchange, server: Recorded, bare_client: Any, bare: Tally
) -> None:
    facts = READERS[exchange.kind](exchange.body)
    moved = facts.told(structured=exchange.structured) != facts.content
    for route in fitting(exchange):
        _, found = call(server, bare_client, exchange, route, "whole")
        bare.add(exchange, f"sync {route.__name__}", found)
        rules = {violation.rule for violation in found}
        assert rules <= EXPLAINED.keys(), found
        assert moved or not rules & {"content", "parsed"}, found
        assert exchange.kind == "error" or not rules & {"error_class", "error_text"}, found


def test_every_explanation_is_needed(bare: Tally) -> None:
    if bare.found.keys() != {exchange.name for exchange in load()} or not bare.found:
        pytest.skip("not every recording ran before this test")
    major, minor, *_ = (int(part) for part in openai.VERSION.split(".")[:2])
    not_here = NEWER_THAN_3_0 if (major, minor) < (3, 54) else set()
    assert bare.by_rule().keys() <= EXPLAINED.keys()
    assert EXPLAINED.keys() - bare.by_rule().keys() <= not_here
