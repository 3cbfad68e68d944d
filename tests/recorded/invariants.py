"""Compare what user code got with what the bytes say. Every rule has a row that says why."""

from __future__ import annotations

import collections
import json
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import openai

if TYPE_CHECKING:
    from .exchanges import Exchange
    from .expected import Facts
    from .seen import Message, Seen

Weight = Literal["breaks", "degrades", "derived", "ours"]


class Rule(NamedTuple):
    """One invariant. ``noticed`` says what happens to OpenAI code when it does not hold.

    ``breaks``: OpenAI's own traffic guarantees it and code that relies on it goes wrong.
    ``degrades``: the same, but what is lost is only for support and logs.
    ``derived``: as ``breaks``, but for a request that was not recorded.
    ``ours``: a promise beyond OpenAI's. Only ``breaks`` counts in the headline figure.
    """

    name: str
    weight: Weight
    noticed: str


RULES: tuple[Rule, ...] = (
    Rule("call", "breaks", "the call raises what OpenAI's would not"),
    Rule("content", "breaks", "the text differs, or a structured answer is not in content"),
    Rule("parsed", "breaks", ".parsed is None or another document"),
    Rule("role", "breaks", "role is not 'assistant': .stream() gave 'assistantassistant...'"),
    Rule("role_once", "breaks", "code that starts a message at each role starts many"),
    Rule("tool_count", "breaks", "calls are lost or made up"),
    Rule("tool_name", "breaks", "the call goes to no function"),
    Rule("tool_name_once", "breaks", "code that takes the latest non-null name gets ''"),
    Rule("tool_arguments", "breaks", "the arguments differ"),
    Rule("tool_id", "breaks", "the id is not the server's first, or two calls share one"),
    Rule("tool_id_once", "breaks", "code that starts a call at each id starts many"),
    Rule("tool_index_once", "breaks", "two deltas of one call in one chunk: .stream() raises"),
    Rule("finish_reason", "breaks", "the finish reason is missing or another"),
    Rule("finish_once", "breaks", "more or less than one chunk says that the answer is finished"),
    Rule("finish_last", "breaks", "code that stops at finish_reason loses the text after it"),
    Rule("usage", "breaks", "the tokens differ from the last count the server gave"),
    Rule("usage_once", "breaks", "code that adds up usage over-counts; OpenAI sends it once, last"),
    Rule("usage_unasked", "derived", "chunk.choices[0] raises IndexError; usage nobody asked for"),
    Rule("error_class", "breaks", "the except clause for this failure does not catch it"),
    Rule("error_status", "breaks", "status_code is another"),
    Rule("error_text", "breaks", "the server's words are not in the exception"),
    Rule("bytes", "breaks", "raw bytes or lines differ from what was received"),
    Rule("models", "breaks", "models.list() lost or changed a model"),
    Rule("request_id", "degrades", "_request_id is None although the server sent one"),
    Rule("reasoning", "ours", "reasoning_content differs from what the server sent"),
    Rule("fields", "ours", "content or reasoning_content is not even an attribute"),
)

BY_NAME = {rule.name: rule for rule in RULES}

ERROR_CLASSES: dict[int, tuple[type[Exception], ...]] = {
    400: (openai.BadRequestError,),
    403: (openai.AuthenticationError, openai.PermissionDeniedError),
}
"""Every class that must catch a recorded error. Baseten says 403 to a wrong key where OpenAI says
401, so existing code catches AuthenticationError, and code written for Baseten the other."""


class Violation(NamedTuple):
    """One rule that did not hold on one route."""

    route: str
    rule: str
    detail: str

    @property
    def weight(self) -> Weight:
        """What it counts as."""
        return BY_NAME[self.rule].weight


class _Findings:
    def __init__(self, route: str) -> None:
        self.route = route
        self.found: list[Violation] = []

    def equal(self, rule: str, got: object, wanted: object) -> None:
        if got != wanted:
            self.add(rule, f"got {_short(got)}, the bytes say {_short(wanted)}")

    def add(self, rule: str, detail: str) -> None:
        self.found.append(Violation(self.route, BY_NAME[rule].name, detail))


def violations(  # noqa: C901  # one branch a route
    exchange: Exchange, facts: Facts, seen: Seen
) -> list[Violation]:
    """List every rule that ``seen`` breaks."""
    findings = _Findings(seen.route)
    if exchange.kind == "error":
        _check_error(exchange, facts, seen, findings)
        return findings.found
    if seen.error is not None:
        findings.add("call", f"raised {seen.error!r}")
        return findings.found
    if seen.message is not None:
        _check_message(exchange, facts, seen.message, findings)
        if seen.asked_usage and seen.sees_usage:
            findings.equal("usage", seen.message.usage, facts.usage)
    if seen.chunks is not None:
        _check_chunks(seen, findings)
    elif seen.message is not None:
        _check_fields(seen.message, findings)
    if seen.told is not None:
        findings.equal("content", seen.told, facts.told(structured=exchange.structured))
    if seen.parsed is not None:
        got = seen.parsed[0] and seen.parsed[0].model_dump()
        findings.equal("parsed", got, json.loads(facts.told(structured=True)))
    if seen.request_id is not None and exchange.request_id:
        findings.equal("request_id", seen.request_id[0], exchange.request_id)
    if seen.raw is not None:
        findings.equal("bytes", seen.raw, exchange.body)
    if seen.lines is not None:
        findings.equal("bytes", seen.lines, exchange.body.decode().splitlines())
    if seen.models is not None:
        findings.equal("models", seen.models, facts.models)
    return findings.found


def _check_message(exchange: Exchange, facts: Facts, message: Message, findings: _Findings) -> None:
    findings.equal("content", message.content or "", facts.told(structured=exchange.structured))
    moved = facts.told(structured=exchange.structured) != facts.content
    if not (moved and not message.reasoning):  # text that became content may leave reasoning
        findings.equal("reasoning", message.reasoning or "", facts.reasoning)
    findings.equal("role", message.role, "assistant")
    findings.equal("finish_reason", message.finish_reason, facts.finish_reason)
    findings.equal("tool_count", len(message.calls), len(facts.calls))
    ids = [call[0] for call in message.calls]
    if len(set(ids)) != len(ids):
        findings.add("tool_id", f"shared by parallel calls: {ids}")
    for number, (got, wanted) in enumerate(zip(message.calls, facts.calls, strict=False)):
        repeats = wanted.id in [call.id for call in facts.calls[:number]]
        if not (repeats and got[0]):  # a repeated id is made distinct; the first keeps its own
            findings.equal("tool_id", got[0], wanted.id)
        findings.equal("tool_name", got[1], wanted.name)
        findings.equal("tool_arguments", got[2], wanted.arguments)


def _check_fields(message: Message, findings: _Findings) -> None:
    if message.lacks:
        findings.add("fields", f"not on the message: {', '.join(message.lacks)}")


def _check_chunks(seen: Seen, findings: _Findings) -> None:
    """Check what OpenAI guarantees of the sequence: each thing said once, in its place."""
    chunks = seen.chunks or []
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    _once(findings, "role_once", ["role" for c in choices if c["delta"].get("role")])
    finishes = [i for i, c in enumerate(choices) if c.get("finish_reason")]
    _once(findings, "finish_once", finishes)
    late = [c["delta"] for c in choices[finishes[0] + 1 :]] if finishes else []
    if any(d.get("content") or d.get("tool_calls") or d.get("reasoning_content") for d in late):
        findings.add("finish_last", f"after finish_reason: {_short(late)}")
    ids: collections.Counter[int] = collections.Counter()
    names: collections.Counter[int] = collections.Counter()
    for choice in choices:
        parts = choice["delta"].get("tool_calls") or []
        indices = [part["index"] for part in parts]
        if len(set(indices)) != len(indices):
            findings.add("tool_index_once", f"indices in one chunk: {indices}")
        ids.update(part["index"] for part in parts if part.get("id") is not None)
        names.update(p["index"] for p in parts if p.get("function", {}).get("name") is not None)
    for rule, counter in (("tool_id_once", ids), ("tool_name_once", names)):
        for index, count in counter.items():
            _once(findings, rule, [index] * count)
    _check_usage(seen, chunks, findings)


def _check_usage(seen: Seen, chunks: list[dict[str, Any]], findings: _Findings) -> None:
    with_usage = [i for i, chunk in enumerate(chunks) if chunk.get("usage")]
    empty = [i for i, chunk in enumerate(chunks) if not chunk["choices"]]
    wanted = [len(chunks) - 1]
    if not seen.asked_usage:
        if with_usage or empty:
            detail = f"{len(with_usage)} chunks with usage, {len(empty)} without choices"
            findings.add("usage_unasked", detail)
    elif with_usage != wanted or empty != wanted:
        findings.add(
            "usage_once",
            f"{len(with_usage)} of {len(chunks)} chunks have usage, without choices: {empty}",
        )


def _once(findings: _Findings, rule: str, said: list[Any]) -> None:
    if len(said) != 1:
        findings.add(rule, f"said {len(said)} times")


def _check_error(exchange: Exchange, facts: Facts, seen: Seen, findings: _Findings) -> None:
    error = seen.error
    if not isinstance(error, openai.APIStatusError):
        findings.add("call", f"raised {error!r} for a {exchange.status}")
        return
    missing = [c.__name__ for c in ERROR_CLASSES[exchange.status] if not isinstance(error, c)]
    if missing:
        findings.add("error_class", f"{type(error).__name__} is no {', no '.join(missing)}")
    findings.equal("error_status", error.status_code, exchange.status)
    for place, text in (("str(error)", str(error)), ("error.message", error.message)):
        if facts.error not in text:
            findings.add("error_text", f"{place} is {_short(text)}, without {facts.error!r}")
    if exchange.request_id:
        findings.equal("request_id", error.request_id, exchange.request_id)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 160 else f"{text[:100]}...{text[-50:]}"  # one line
