"""Find calls of chat and of responses in a Python source, and read their arguments. Nothing is run.

``ast`` only: the source is never imported, compiled to code or run. What only running it would tell
is an ``Unread``, which reads as its own source text.
"""

from __future__ import annotations

import ast
import collections
import contextlib
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS = frozenset({"create", "parse", "stream"})
OTHER_APIS = frozenset(
    {
        "audio.speech.create",
        "audio.transcriptions.create",
        "audio.translations.create",
        "batches.create",
        "beta.assistants.create",
        "beta.threads.create",
        "embeddings.create",
        "fine_tuning.jobs.create",
        "images.edit",
        "images.generate",
        "moderations.create",
        "vector_stores.create",
    }
)
"""Calls of the SDK's of which nothing is translated or checked."""
_TRANSPARENT = frozenset({"with_raw_response", "with_streaming_response"})
_LEFT_OUT = frozenset({"NOT_GIVEN", "not_given", "omit", "NotGiven", "Omit"})
_ENVIRONMENT = frozenset({"os.getenv", "getenv", "os.environ.get", "environ.get"})
_DEEPEST = 20
_LONGEST = 60


class Unread:
    """A value that only running the program would tell."""

    __slots__ = ("_node",)

    def __init__(self, node: ast.AST) -> None:
        """Keep the expression; its text is made when somebody asks."""
        self._node = node

    @property
    def text(self) -> str:
        """The source text, on one line, and not too long of it."""
        text = " ".join(ast.unparse(self._node).split())
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."

    def __repr__(self) -> str:
        """Read as the source."""
        return self.text


LEFT_OUT: Any = object()
"""The value of an argument that is the SDK's way of leaving it out."""


class Argument(NamedTuple):
    """One argument of a call; ``assumed`` says on what condition it has this value.

    Columns count from 1, in bytes of UTF-8, as ``ast`` counts them.
    """

    value: Any
    line: int
    column: int
    assumed: str = ""


class ChatCall(NamedTuple):
    """One call of ``method``: "chat.completions.create", "responses.parse" and so on.

    ``unread`` are its ``**options``.
    """

    method: str
    line: int
    column: int
    arguments: dict[str, Argument]
    unread: list[str]


class OtherCall(NamedTuple):
    """A call of another API of OpenAI's, such as "embeddings.create"."""

    path: str
    line: int
    column: int


def find_calls(source: str | bytes, name: str = "<source>") -> list[ChatCall]:
    """Return the calls of chat and of responses in ``source``, in order. Raises ``SyntaxError``, ``ValueError``."""
    return read_calls(source, name)[0]


def read_calls(
    source: str | bytes, name: str = "<source>"
) -> tuple[list[ChatCall], list[OtherCall]]:
    """Return the same calls, and those of other APIs; otherwise as ``find_calls``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the user's string escapes and the like
        tree = ast.parse(source, name)
    finder = _Finder(tree)
    finder.visit(tree)
    return sorted(finder.calls, key=lambda call: (call.line, call.column)), finder.others


class _Scope:
    """The names a body binds, and the value of those that are bound once and simply."""

    def __init__(
        self,
        body: list[ast.stmt],
        parameters: dict[str, ast.expr | None],
        *,
        is_class: bool = False,
    ) -> None:
        self.is_class = is_class
        self.parameters = frozenset(parameters)
        times = collections.Counter(list(parameters))
        values = dict(parameters)
        for node in _walk(body):
            times.update(_bound(node))
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                values |= {t.id: node.value for t in targets if isinstance(t, ast.Name)}
        self.names = {name: values.get(name) if n == 1 else None for name, n in times.items()}


class _Finder(ast.NodeVisitor):
    """Walk the tree with the scopes it is in."""

    def __init__(self, tree: ast.Module) -> None:
        self.calls: list[ChatCall] = []
        self.others: list[OtherCall] = []
        self._changed = _changed_names(tree)
        module = _Scope(tree.body, {})
        for node in ast.walk(tree):
            if isinstance(node, ast.Global):  # a function may set it
                module.names |= dict.fromkeys(node.names)
        self._scopes = [module]
        self._assumed: list[str] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._enter(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._enter(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._enter(node)

    def _enter(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        for decorator in getattr(node, "decorator_list", ()):
            self.visit(decorator)
        self.visit(node.args)
        body: list[ast.stmt]
        body = [ast.Expr(node.body)] if isinstance(node, ast.Lambda) else node.body
        self._inside(_Scope(body, _parameters(node.args)), body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for outer in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(outer)
        self._inside(_Scope(node.body, {}, is_class=True), node.body)

    def _inside(self, scope: _Scope, body: list[ast.stmt]) -> None:
        before = self._scopes
        self._scopes = [*(outer for outer in before if not outer.is_class), scope]
        for statement in body:
            self.visit(statement)
        self._scopes = before

    def visit_Call(self, node: ast.Call) -> None:
        method = self._method(node.func)
        if method is None:  # partial(client.chat.completions.create, ...), asyncio.to_thread(...)
            method = next(filter(None, map(self._method, node.args)), None)
        if method is not None:
            arguments, unread = self._arguments(node)
            call = ChatCall(method, node.lineno, node.col_offset + 1, arguments, unread)
            self.calls.append(call)
        else:
            self._note_other(node)
        self.generic_visit(node)

    def _method(self, node: ast.expr) -> str | None:
        """Return "chat.completions.create" for an expression that ends so, whatever it starts with.

        Likewise "responses.create".
        """
        parts = [part for part in self._chain(node) if part not in _TRANSPARENT]
        if parts[-2:-1] == ["responses"] and parts[-1] in METHODS:
            return ".".join(parts[-2:])
        if len(parts) < 3 or parts[-3:-1] != ["chat", "completions"] or parts[-1] not in METHODS:  # noqa: PLR2004  # chat, completions and the method
            return None
        return ".".join(parts[-4:] if parts[-4:-3] == ["beta"] else parts[-3:])

    def _chain(self, node: ast.expr, depth: int = 0) -> list[str]:
        """Return the attributes of ``client.a.b.c``, through names for the beginning of it."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if isinstance(node, ast.Name) and depth < _DEEPEST:
            bound = self._lookup(node.id)
            if isinstance(bound, ast.Attribute):  # completions = client.chat.completions
                return [*self._chain(bound, depth + 1), *parts]
        return parts

    def _note_other(self, node: ast.Call) -> None:
        parts = [part for part in self._chain(node.func) if part not in _TRANSPARENT]
        ends = (".".join(parts[-length:]) for length in (3, 2))
        if (path := next((end for end in ends if end in OTHER_APIS), None)) is not None:
            self.others.append(OtherCall(path, node.lineno, node.col_offset + 1))

    def _arguments(self, node: ast.Call) -> tuple[dict[str, Argument], list[str]]:
        arguments: dict[str, Argument] = {}
        unread: list[str] = []
        for keyword in node.keywords:
            if keyword.arg is not None:
                self._add(arguments, keyword.arg, keyword.value)
            else:
                self._spread(keyword.value, arguments, unread)
        return arguments, unread

    def _add(self, arguments: dict[str, Argument], name: str, node: ast.expr) -> None:
        self._assumed = []
        value = self._value(node)
        if value is not LEFT_OUT:
            assumed = ", ".join(dict.fromkeys(self._assumed))
            arguments[name] = Argument(value, node.lineno, node.col_offset + 1, assumed)

    def _spread(self, node: ast.expr, arguments: dict[str, Argument], unread: list[str]) -> None:
        """Read ``**options`` where it is a dict literal, or a name for one that nobody changes."""
        for _ in range(_DEEPEST):
            if not isinstance(node, ast.Name) or (bound := self._container(node.id)) is None:
                break
            node = bound
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if key is None:
                    self._spread(value, arguments, unread)
                elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                    self._add(arguments, key.value, value)
                else:
                    unread.append(Unread(key).text)
        elif isinstance(node, ast.Call) and _dotted(node.func) == "dict" and not node.args:
            more, beyond = self._arguments(node)
            arguments |= more
            unread += beyond
        else:
            unread.append(f"**{Unread(node)}")

    def _lookup(self, name: str) -> ast.expr | None:
        for scope in reversed(self._scopes):
            if name in scope.names:
                found = scope.names[name]
                if found is not None and name in scope.parameters:
                    self._assumed.append(f"where {name} is left at its default")
                return found
        return None

    def _container(self, name: str) -> ast.expr | None:
        return None if name in self._changed else self._lookup(name)

    def _value(self, node: ast.expr, depth: int = 0) -> Any:
        """Return the value of a literal, or of a name for one; else an ``Unread``."""
        value: Any = Unread(node)
        if depth > _DEEPEST:
            return value
        if isinstance(node, ast.Name | ast.Attribute | ast.Call):
            return self._named(node, depth)
        if isinstance(node, ast.List | ast.Tuple):
            value = [self._value(item, depth + 1) for item in node.elts]
        elif isinstance(node, ast.Dict):
            keys = [self._value(key, depth + 1) if key else None for key in node.keys]
            if all(isinstance(key, str) for key in keys):
                values = [self._value(item, depth + 1) for item in node.values]
                value = dict(zip(keys, values, strict=True))
        elif isinstance(node, ast.Constant | ast.UnaryOp):
            with contextlib.suppress(ValueError, TypeError):
                literal = ast.literal_eval(node)
                value = literal if isinstance(literal, str | int | float | None) else value
        return value

    def _named(self, node: ast.Name | ast.Attribute | ast.Call, depth: int) -> Any:
        """Return the value of a name, or of one of the few calls whose result can be told."""
        dotted = _dotted(node.func if isinstance(node, ast.Call) else node)
        value: Any = Unread(node)
        if dotted.rpartition(".")[2] in _LEFT_OUT:
            value = LEFT_OUT
        elif isinstance(node, ast.Name):
            bound = self._container(node.id)
            found = value if bound is None else self._value(bound, depth + 1)
            value = value if isinstance(found, Unread) else found
        elif isinstance(node, ast.Call) and dotted in _ENVIRONMENT and len(node.args) == 2:  # noqa: PLR2004  # its name and its default
            self._assumed.append(f"where {Unread(node.args[0])} is not set")
            value = self._value(node.args[1], depth + 1)
        elif isinstance(node, ast.Call) and dotted == "dict" and not node.args:
            pairs = {keyword.arg: keyword.value for keyword in node.keywords}
            if None not in pairs:
                value = {name: self._value(item, depth + 1) for name, item in pairs.items()}
        return value


def _walk(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the nodes of a body, but not what is in its functions and classes."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def _bound(node: ast.AST) -> list[str]:
    """Return the names that a node binds (or unbinds) by itself."""
    names: list[str | None] = []
    if isinstance(node, ast.Name):
        names = [node.id] * (not isinstance(node.ctx, ast.Load))
    elif isinstance(node, ast.Global | ast.Nonlocal):
        names = [*node.names, *node.names]  # whatever is assigned here is not the only value
    elif isinstance(node, ast.Import | ast.ImportFrom):
        names = [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
    elif isinstance(node, ast.MatchMapping):
        names = [node.rest]
    elif not isinstance(node, ast.alias):
        names = [getattr(node, "name", None)]  # def, class, except, match
    return [name for name in names if isinstance(name, str)]


def _parameters(arguments: ast.arguments) -> dict[str, ast.expr | None]:
    """Return the parameters of a function, with their defaults."""
    positional = [*arguments.posonlyargs, *arguments.args]
    both = (arguments.vararg, arguments.kwarg)
    every = [*positional, *arguments.kwonlyargs, *(one for one in both if one)]
    found: dict[str, ast.expr | None] = dict.fromkeys(argument.arg for argument in every)
    last = positional[len(positional) - len(arguments.defaults) :]
    found |= {a.arg: default for a, default in zip(last, arguments.defaults, strict=True)}
    pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return found | {argument.arg: default for argument, default in pairs}


def _dotted(node: ast.AST) -> str:
    """Return "os.environ.get" for such an expression, "" for any other."""
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return node.id if isinstance(node, ast.Name) else ""


def _changed_names(tree: ast.Module) -> set[str]:
    """Return the names of containers that the program changes: their literal is only the beginning."""
    changed: set[str] = set()
    for node in ast.walk(tree):
        inner: ast.expr | None = None
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            inner = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            changes = ("append", "clear", "extend", "insert", "pop", "setdefault", "update")
            inner = node.func.value if node.func.attr in changes else None
        while isinstance(inner, ast.Subscript | ast.Attribute):
            inner = inner.value
        if isinstance(inner, ast.Name):
            changed.add(inner.id)
    return changed
