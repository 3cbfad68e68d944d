"""Compose the emulated model's answer from the request: text, reasoning, JSON or tool calls."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from . import hints as prompt_hints
from . import tokens, tools
from .instances import instance

if TYPE_CHECKING:
    from baseten_openai.models.catalog import Model

    from .dialects import Dialect

JSON = dict[str, Any]

DEFAULT_MAX_TOKENS = 4096
"""The server's default (OpenAPI document; a GLM 5.2 recording stops at exactly 4096)."""
_QUOTE = 300
_STEPS_BY_EFFORT = {"minimal": 1, "low": 1, "medium": 2, "high": 3, "xhigh": 4, "max": 5}
_STEPS = (
    'The user says: "{quote}".',
    "There is no model here, so nothing is to be found out.",
    "The answer quotes the question, so that a test can recognise it.",
    "It depends on the request alone, so the same request gets the same answer.",
    "That is all there is to think about.",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, before a dialect gives it its form. ``tokens`` counts the tokens."""

    content: str = ""
    reasoning: str = ""
    opening: str = ""
    """Content before the reasoning; ``content`` is the text after it."""
    calls: tuple[tools.Call, ...] = ()
    finish: str = "stop"
    stopped: bool = False
    """A stop string was hit."""
    json_mode: bool = False

    @property
    def reasoning_tokens(self) -> int:
        """Return the tokens of the reasoning."""
        return tokens.count(self.reasoning)

    @property
    def completion_tokens(self) -> int:
        """Return the tokens of everything generated."""
        called = sum(tokens.count(call.name + " " + call.arguments) for call in self.calls)
        written = tokens.count(self.opening) + tokens.count(self.content)
        return self.reasoning_tokens + written + called

    @property
    def text(self) -> str:
        """Return all of the content."""
        return self.opening + self.content


def answer(body: JSON, model: Model, dialect: Dialect) -> Answer:
    """Answer a request that passed the checks.

    Raises NoInstanceError when no instance of a schema can be made.
    """
    messages = body["messages"]
    user = last_user_text(messages)
    results = trailing_tool_results(messages)
    called = tuple(tools.calls(body, user, users_turn=messages[-1]["role"] == "user"))
    kind = (body.get("response_format") or {}).get("type", "text")
    json_mode = kind in ("json_object", "json_schema") and not called
    if called:
        suffix = dialect.arguments_suffix
        called = tuple(replace(call, arguments=call.arguments + suffix) for call in called)
        content = ""
    elif json_mode:
        content = _json_content(body, user, results)
    else:
        content = _text(model.slug, user, results)
    reasoning = ""
    if reasons(body, model, dialect, json_mode=json_mode):
        reasoning = _reasoning(body, user, dialect)
    if json_mode and dialect.json_in_reasoning:
        content, reasoning = "", content
    elif reasoning and content:
        content = dialect.content_prefix + content
    finish = "tool_calls" if called else "stop"
    opening = dialect.opening if reasoning else ""
    whole = Answer(content, reasoning, opening, called, finish, json_mode=json_mode)
    return _cut(_stopped(whole, body, dialect), limit(body))


def limit(body: JSON) -> int:
    """Return how many tokens may be generated."""
    given = body.get("max_tokens") or body.get("max_completion_tokens")
    return given if isinstance(given, int) else DEFAULT_MAX_TOKENS


def reasons(body: JSON, model: Model, dialect: Dialect, *, json_mode: bool) -> bool:
    """Return whether the model reasons first (evidence.md#reasoning, and the dialect's habits)."""
    choice = body.get("tool_choice")
    required = choice == "required" or isinstance(choice, dict)
    never = (
        not dialect.reasons
        or (json_mode and (dialect.json_in_reasoning or not dialect.reasons_in_json_modes))
        or (required and not dialect.reasons_when_tool_required)
    )
    if never or model.reasoning in (None, "unsupported"):
        return False
    return model.reasoning == "always_on" or _wants_reasoning(body, model)


def _wants_reasoning(body: JSON, model: Model) -> bool:
    effort = body.get("reasoning_effort") if model.reasoning_efforts else None
    enabled = (body.get("chat_template_args") or {}).get("enable_thinking")
    if effort == "none" or enabled is False:
        return False
    if model.reasoning == "default_on":
        return (body.get("thinking") or {}).get("type") != "disabled"
    return bool(effort or enabled)


def message_text(message: JSON) -> str:
    """Return the text of a message, with its parts joined."""
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(part["text"] for part in content if part.get("type") == "text")
    return content or ""


def last_user_text(messages: list[JSON]) -> str:
    """Return the text of the last user message, or ``""``."""
    texts = (message_text(message) for message in reversed(messages) if message["role"] == "user")
    return next(texts, "")


def trailing_tool_results(messages: list[JSON]) -> list[tuple[str, str]]:
    """Return (tool, result) of the tool messages that end the conversation, in order."""
    names: dict[str, str] = {}
    for message in messages:
        for call in message.get("tool_calls") or ():
            names[call["id"]] = call["function"]["name"]
    found: list[tuple[str, str]] = []
    for message in reversed(messages):
        if message["role"] != "tool":
            break
        found.insert(0, (names.get(message["tool_call_id"], "tool"), message_text(message)))
    return found


def _text(slug: str, user: str, results: list[tuple[str, str]]) -> str:
    if results:
        told = "; ".join(f'{name} returned "{_quote(result)}"' for name, result in results)
        return f"Emulated answer of {slug}: {told}."
    return f'Emulated answer of {slug}: you said "{_quote(user)}".'


def _json_content(body: JSON, user: str, results: list[tuple[str, str]]) -> str:
    response_format = body["response_format"]
    if response_format["type"] == "json_schema":
        text = "\n".join([user, *(result for _, result in results)])
        made = instance(response_format["json_schema"]["schema"], prompt_hints.read(text))
    else:
        made = {"emulated": True, "quote": _quote(user)}
        if results:
            made["tool_results"] = [_quote(result) for _, result in results]
    return json.dumps(made, ensure_ascii=False)


def _reasoning(body: JSON, user: str, dialect: Dialect) -> str:
    count = _STEPS_BY_EFFORT.get(str(body.get("reasoning_effort")), 2)
    text = " ".join(_STEPS[:count]).replace("{quote}", _quote(user))
    # recorded for gpt-oss: the first word is lost, and the text begins with the blank after it
    return text.removeprefix("The") if dialect.drops_first_reasoning_word else text


def _quote(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _QUOTE else flat[: _QUOTE - 1] + "…"


def _stopped(whole: Answer, body: JSON, dialect: Dialect) -> Answer:
    """Cut at the first stop string. It also matches in reasoning (recorded)."""
    given = body.get("stop") or []
    stops = [given] if isinstance(given, str) else given
    keep = dialect.keeps_stop_text or body.get("include_stop_str_in_output") is True
    if dialect.stops_in_reasoning and (cut := _before(whole.reasoning, stops, keep=keep)):
        return Answer("", cut[0], whole.opening, stopped=True, json_mode=whole.json_mode)
    if not whole.calls and (cut := _before(whole.content, stops, keep=keep)):
        return replace(whole, content=cut[0], stopped=True)
    return whole


def _before(text: str, stops: list[str], *, keep: bool) -> tuple[str] | None:
    hits = [(text.find(stop), stop) for stop in stops if stop in text]
    if not hits:
        return None
    start, stop = min(hits)
    return (text[: start + len(stop) * keep],)


def _cut(whole: Answer, limit: int) -> Answer:
    """Cut at ``limit`` tokens; reasoning counts too."""
    if whole.completion_tokens <= limit:
        return whole
    opening = tokens.pieces(whole.opening)[:limit]
    reasoning = tokens.pieces(whole.reasoning)[: limit - len(opening)]
    left = limit - len(opening) - len(reasoning)
    content = tokens.pieces(whole.content)[:left]
    left -= len(content)
    calls: list[tools.Call] = []
    for call in whole.calls:
        left -= tokens.count(call.name)
        if left < 0:
            break
        arguments = tokens.pieces(call.arguments)[:left]
        left -= len(arguments)
        calls.append(replace(call, arguments="".join(arguments)))
    return replace(
        whole,
        content="".join(content),
        reasoning="".join(reasoning),
        opening="".join(opening),
        calls=tuple(calls),
        finish="length",
        stopped=False,
    )
