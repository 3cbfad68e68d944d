"""Say what would become of a program's calls of chat and of responses on Baseten, without running it.

The calls are read by ``source_calls``; what becomes of each is asked of the steps a real request
takes (``translate``, ``check``), so that the two cannot differ. Pure: source in, findings out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ..chat.check import check
from ..chat.translate import translate
from ..chat.translation_log import TranslationLog
from ..models.catalog import Model
from ..responses.context import ResponsesContext
from ..responses.request import translate_request
from .source_calls import Argument, ChatCall, Unread, read_calls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..models.catalog import Catalog

Kind = Literal[
    "resolved",
    "renamed",
    "converted",
    "dropped",
    "advice",
    "retired",
    "unread",
    "not chat",
    "refused",
    "unknown model",
    "unreadable",
]
FAILING: frozenset[Kind] = frozenset({"refused", "unknown model", "unreadable"})
"""Kinds that keep a program from running as it is; unless it depends on what was not read."""

_FOR_ALL_MODELS: frozenset[Kind] = frozenset({"renamed", "dropped", "unread"})
_NOT_SENT = frozenset(
    {"extra_headers", "extra_query", "timeout", "max_retries", "idempotency_key", "event_handler"}
)
_NOT_CHAT_HINT = (
    "for what Baseten does not offer, keep a client with OpenAI's base_url: patch() leaves it alone"
)
_SCHEMA_NAME = "answer"
_RESPONSES_HELPERS = ("response_id", "starting_after", "parse_as", "verbosity")


class _AnyMemory:
    """A memory that has every response: which ones there are is known when the program runs."""

    def conversation(self, response_id: str) -> list[dict[str, Any]]:
        """Return no items."""
        del response_id
        return []

    def item(self, item_id: str) -> dict[str, Any]:
        """Return an item that says nothing."""
        del item_id
        return {"type": "message", "role": "user", "content": ""}


class Finding(NamedTuple):
    """One thing about one call. ``model`` is the name in the code, ``slug`` what it means.

    ``depends_on`` is the source text of a value that only running the program would tell, where the
    finding holds for some such values; ``call_line`` is where the call begins.
    """

    file: str
    line: int
    column: int
    kind: Kind
    message: str
    param: str = ""
    hint: str = ""
    call: str = ""
    model: str = ""
    slug: str = ""
    depends_on: str = ""
    call_line: int = 0

    @property
    def fails(self) -> bool:
        """Tell whether the call cannot work as it is written."""
        return self.kind in FAILING and not self.depends_on


class Checked(NamedTuple):
    """What was found in one file, and in how many calls."""

    calls: int
    findings: list[Finding]


def check_source(
    source: str | bytes,
    file: str,
    *,
    catalog: Catalog,
    aliases: Mapping[str, str] | None = None,
    default_model: str | None = None,
) -> Checked:
    """Check one source. What cannot be parsed is a finding, too."""
    try:
        calls, others = read_calls(source, file)
    except SyntaxError as error:
        message = f"no valid Python: {error.msg}"
        where = (error.lineno or 1, error.offset or 1)
        return Checked(0, [Finding(file, *where, "unreadable", message)])
    except (ValueError, RecursionError, MemoryError) as error:
        message = f"cannot be parsed: {error or type(error).__name__}"
        return Checked(0, [Finding(file, 1, 1, "unreadable", message)])
    found = dict.fromkeys(
        finding
        for call in calls
        for finding in _Judge(file, call, catalog).findings(aliases, default_model)
    )
    found |= dict.fromkeys(
        Finding(
            file,
            other.line,
            other.column,
            "not chat",
            f"{other.path} is neither chat nor responses: a patched client takes it to Baseten too, "
            "untranslated",
            hint=_NOT_CHAT_HINT,
            call=other.path,
            call_line=other.line,
        )
        for other in others
    )
    return Checked(len(calls), sorted(found, key=lambda f: (f.line, f.column)))


class _Judge:
    """One call on its way."""

    def __init__(self, file: str, call: ChatCall, catalog: Catalog) -> None:
        self.file, self.call, self.catalog = file, call, catalog
        self.where = dict(call.arguments)
        self.unread = list(call.unread)
        self.body = self._body()
        self.named = self.slug = ""

    def findings(
        self, aliases: Mapping[str, str] | None, default_model: str | None
    ) -> Iterator[Finding]:
        """Take the call the way of a request."""
        for text in self.unread:
            yield self._finding("unread", f"{text} is not read: what is in it is not checked")
        model, found = self._resolve(aliases, default_model)
        yield from found
        log: TranslationLog | ResponsesContext
        if self.call.method.startswith("responses."):
            log = ResponsesContext()
            translate_request(self.body, model, self.catalog, _AnyMemory(), log)
        else:
            log = TranslationLog()
            check(translate(self.body, model, log), model, self.catalog, log)
        for note in log.notes:
            if note.kind != "unsupported" and note.kind != "repaired":  # noqa: PLR1714  # narrows; both are made elsewhere
                yield self._finding(note.kind, note.message, note.param)
        for refusal in log.refusals:
            yield self._finding("refused", refusal.message, refusal.param, refusal.hint)

    def _body(self) -> dict[str, Any]:
        """Build the body that the SDK would: ``extra_body`` over the rest."""
        given = {name: argument.value for name, argument in self.call.arguments.items()}
        extra = given.pop("extra_body", None)
        body = {name: value for name, value in given.items() if name not in _NOT_SENT}
        if self.call.method.startswith("responses."):
            self._put_text_format(body)
        wanted = body.get("response_format")
        is_class = isinstance(wanted, Unread) and not self.call.method.endswith("create")
        if is_class:  # parse() and stream() make a schema of a class
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": _SCHEMA_NAME, "schema": wanted, "strict": True},
            }
        if isinstance(extra, dict):
            at = self.call.arguments["extra_body"]
            self.where |= {n: Argument(value, at.line, at.column) for n, value in extra.items()}
            body |= extra
        elif isinstance(extra, Unread):
            self.unread.append(f"extra_body={extra}")
        return body

    def _put_text_format(self, body: dict[str, Any]) -> None:
        """Make a schema of a class, as ``parse()`` and ``stream()`` do."""
        for name in _RESPONSES_HELPERS:
            if name in body:
                body.pop(name)
        wanted = body.pop("text_format", None)
        if wanted is not None:
            schema = {"type": "json_schema", "name": _SCHEMA_NAME, "schema": wanted, "strict": True}
            text = body.get("text")
            body["text"] = {**(text if isinstance(text, dict) else {}), "format": schema}
            self.where.setdefault("text", self.where["text_format"])

    def _resolve(
        self, aliases: Mapping[str, str] | None, default_model: str | None
    ) -> tuple[Model, list[Finding]]:
        name = self.body.get("model")
        if not isinstance(name, str):
            anywhere = "" if name is None else f" ({name!r})"
            message = f"the model is not known{anywhere}: checked for what holds for all models"
            found = [self._finding("unread", message, "model")]
            return Model.unknown("this model"), found if name is not None else found[
                : not self.unread
            ]
        from ..errors import UnknownModelError  # noqa: PLC0415  # imports openai

        self.named = name
        try:
            model = self.catalog.resolve(name, aliases=aliases, default_model=default_model)
        except UnknownModelError as error:
            hint = error.hint or ""
            return Model.unknown("this model"), [
                self._finding("unknown model", error.message, "model", hint)
            ]
        self.slug = model.slug
        found = []
        if model.slug != name:
            found.append(self._finding("resolved", f"model {name!r} is {model.slug}", "model"))
        if model.status == "retired":
            message = f"{model.slug} was retired on {model.retired_on}"
            hint = f"use {model.replacement}" if model.replacement else ""
            found.append(self._finding("retired", message, "model", hint))
        return model, found

    def _finding(self, kind: Kind, message: str, param: str = "", hint: str = "") -> Finding:
        """Make a finding at the line of its parameter, with the conditions it depends on."""
        root = re.split(r"[.\[]", param)[0]
        at = self.where.get(root)
        unread = self._unread(param) if kind != "unread" else None
        by_model = None if kind in _FOR_ALL_MODELS else self.where.get("model")
        conditions = {a.assumed for a in (at, by_model) if a and a.assumed}
        if conditions and kind != "unread":
            message = f"{message} ({', '.join(sorted(conditions))})"
        line, column = (at.line, at.column) if at else (self.call.line, self.call.column)
        return Finding(
            self.file,
            line,
            column,
            kind,
            message,
            param,
            hint,
            self.call.method,
            self.named,
            self.slug,
            unread.text if unread else "",
            self.call.line,
        )

    def _unread(self, param: str) -> Unread | None:
        """Return the value on the way to ``param`` that was not read, if there is one."""
        rivals = ("max_tokens", "max_completion_tokens")
        value: Any = self.body
        for step in re.findall(r"\w+", param):
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            if isinstance(value, Unread):
                return value
        if param in rivals:  # a contradiction may lie in the other
            others = (self.body.get(name) for name in rivals)
            return next((other for other in others if isinstance(other, Unread)), None)
        return None
