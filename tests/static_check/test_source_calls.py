"""Which calls are found in a source, and which of their arguments can be read."""

from __future__ import annotations

from typing import Any

import pytest

from baseten_openai.static_check.source_calls import ChatCall, Unread, find_calls


def only(source: str) -> ChatCall:
    (call,) = find_calls(source)
    return call


def read(source: str) -> dict[str, Any]:
    """The arguments of the one call in ``source``; an ``Unread`` as its text in angle brackets."""
    return {name: shown(argument.value) for name, argument in only(source).arguments.items()}


def shown(value: Any) -> Any:
    if isinstance(value, Unread):
        return f"<{value!r}>"
    if isinstance(value, list):
        return [shown(item) for item in value]
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    return value


CREATE = "client.chat.completions.create(model='m')"


@pytest.mark.parametrize(
    ("source", "method"),
    [
        (CREATE, "chat.completions.create"),
        ("openai.chat.completions.create()", "chat.completions.create"),
        ("OpenAI().chat.completions.stream()", "chat.completions.stream"),
        ("self.clients[0].chat.completions.parse()", "chat.completions.parse"),
        ("client.beta.chat.completions.parse()", "beta.chat.completions.parse"),
        ("client.with_options(timeout=1).chat.completions.create()", "chat.completions.create"),
        ("c.chat.completions.with_raw_response.create()", "chat.completions.create"),
        ("c.chat.completions.with_streaming_response.create()", "chat.completions.create"),
        ("async def f(): await c.chat.completions.create()", "chat.completions.create"),
        ("with c.chat.completions.stream() as s: pass", "chat.completions.stream"),
        ("x = [c.chat.completions.create() for _ in y]", "chat.completions.create"),
        ("f = lambda: c.chat.completions.create()", "chat.completions.create"),
        ("@retry(c.chat.completions.create())\nclass A: pass", "chat.completions.create"),
        ("chat = c.chat.completions\nchat.create()", "chat.completions.create"),
        ("ask = c.chat.completions.create\nask()", "chat.completions.create"),
        ("c = self.c\nchat = c.chat\nchat.completions.create()", "chat.completions.create"),
        ("partial(c.chat.completions.create, model='m')", "chat.completions.create"),
        ("asyncio.to_thread(c.chat.completions.create)", "chat.completions.create"),
        ("print(c.chat.completions.create().choices[0])", "chat.completions.create"),
    ],
)
def test_a_call_is_found(source: str, method: str) -> None:
    assert only(source).method == method


@pytest.mark.parametrize(
    "source",
    [
        "",
        "client.completions.create()",
        "client.chat.create()",
        "client.chat.completions.list()",
        "chat.completions",
        "create()",
        "'client.chat.completions.create()'",
        "# client.chat.completions.create()",
        "x = x.y\nx.create()",
    ],
)
def test_what_is_no_chat_call_is_not(source: str) -> None:
    assert find_calls(source) == []


def test_calls_come_in_order_with_their_places() -> None:
    source = f"def f():\n    return {CREATE}\n\n\nx = {CREATE}\n"
    assert [(call.line, call.column) for call in find_calls(source)] == [(2, 12), (5, 5)]


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("'gpt-4o'", "gpt-4o"),
        ("-1.5", -1.5),
        ("None", None),
        ("True", True),
        ("[{'a': 1}, (2, 3)]", [{"a": 1}, [2, 3]]),
        ("{'a': {'b': name}}", {"a": {"b": "<name>"}}),
        ("dict(a=1, b=[2])", {"a": 1, "b": [2]}),
        ("f'{x}'", "<f'{x}'>"),
        ("name", "<name>"),
        ("config.model", "<config.model>"),
        ("ask( 1,\n 2)", "<ask(1, 2)>"),
        ("{1: 2}", "<{1: 2}>"),
        ("{**more}", "<{**more}>"),
        ("b'bytes'", "<b'bytes'>"),
        ("1 + 1", "<1 + 1>"),
        ("'a' if x else 'b'", "<'a' if x else 'b'>"),
    ],
)
def test_literals_are_read_and_nothing_else(argument: str, value: Any) -> None:
    assert read(f"c.chat.completions.create(x={argument})") == {"x": value}


@pytest.mark.parametrize("way", ["NOT_GIVEN", "openai.NOT_GIVEN", "omit", "openai.Omit()"])
def test_an_argument_left_out_in_the_sdks_way_is_left_out(way: str) -> None:
    assert read(f"c.chat.completions.create(n={way}, stop=None)") == {"stop": None}


@pytest.mark.parametrize(
    ("before", "value"),
    [
        ("M = 'one'", "one"),
        ("M: str = 'one'", "one"),
        ("N = 'one'\nM = N", "one"),
        ("M = 'one'\ndef f():\n    return M", "one"),
        ("if x:\n    M = 'one'\nelse:\n    M = 'two'", "<M>"),
        ("M = 'one'\nM = 'two'", "<M>"),
        ("M = 'one'\nM += 'two'", "<M>"),
        ("M = 'one'\ndel M", "<M>"),
        ("M = 'one'\nfor M in x: pass", "<M>"),
        ("M = 'one'\ndef f():\n    global M\n    M = 'two'", "<M>"),
        ("M = 'one'\nfrom x import M", "<M>"),
        ("M = 'one'\ntry: pass\nexcept E as M: pass", "<M>"),
        ("M = 'one'\nmatch x:\n    case {'m': M}: pass", "<M>"),
        ("M, N = 'one', 'two'", "<M>"),
        ("M = M", "<M>"),
        ("import M", "<M>"),
        ("class A:\n    M = 'one'", "<M>"),
    ],
)
def test_a_name_is_read_where_it_can_have_one_value_only(before: str, value: str) -> None:
    assert read(f"{before}\nc.chat.completions.create(model=M)") == {"model": value}


def test_a_function_sees_its_own_names_first() -> None:
    source = (
        "M = 'module'\n"
        "def f(n):\n    M = 'function'\n    c.chat.completions.create(model=M, n=n)\n"
        "class A:\n    M = 'class'\n    def f(self): c.chat.completions.create(model=M)\n"
        "    c.chat.completions.create(model=M)\n"
    )
    models = [call.arguments["model"].value for call in find_calls(source)]
    assert models == ["function", "module", "class"]
    assert shown(find_calls(source)[0].arguments["n"].value) == "<n>"


@pytest.mark.parametrize(
    ("source", "value", "assumed"),
    [
        (
            "def f(m='one'): c.chat.completions.create(model=m)",
            "one",
            "where m is left at its default",
        ),
        (
            "def f(*, n=1, m='one', **k): c.chat.completions.create(model=m)",
            "one",
            "where m is left at its default",
        ),
        ("def f(m='one'):\n m = g(m)\n c.chat.completions.create(model=m)", "<m>", ""),
        (
            "c.chat.completions.create(model=os.getenv('M', 'one'))",
            "one",
            "where 'M' is not set",
        ),
        (
            "M = os.environ.get('M', 'one')\nc.chat.completions.create(model=M)",
            "one",
            "where 'M' is not set",
        ),
        (
            "c.chat.completions.create(model=os.environ['M'])",
            "<os.environ['M']>",
            "",
        ),
    ],
)
def test_a_default_is_read_and_said_to_be_one(source: str, value: str, assumed: str) -> None:
    argument = only(source).arguments["model"]
    assert (shown(argument.value), argument.assumed) == (value, assumed)


@pytest.mark.parametrize(
    ("source", "arguments", "unread"),
    [
        ("c.chat.completions.create(**{'n': 2, 'stop': x})", {"n": 2, "stop": "<x>"}, []),
        ("o = {'n': 2}\nc.chat.completions.create(**o)", {"n": 2}, []),
        ("o = {'n': 2}\np = {**o, 'm': 1}\nc.chat.completions.create(**p)", {"n": 2, "m": 1}, []),
        ("c.chat.completions.create(**dict(n=2, **more))", {"n": 2}, ["**more"]),
        ("c.chat.completions.create(**{'n': 2, key: 1})", {"n": 2}, ["key"]),
        ("c.chat.completions.create(**options())", {}, ["**options()"]),
        ("o = {'n': 2}\no['n'] = 1\nc.chat.completions.create(**o)", {}, ["**o"]),
        ("o = {'n': 2}\no.update(x)\nc.chat.completions.create(**o)", {}, ["**o"]),
        ("o = {'n': 2}\ndel o['n']\nc.chat.completions.create(**o)", {}, ["**o"]),
        ("def f(**kw): c.chat.completions.create(**kw)", {}, ["**kw"]),
        ("o = o\nc.chat.completions.create(**o)", {}, ["**o"]),
    ],
)
def test_dicts_are_spread_where_they_are_literals_that_nobody_changes(
    source: str, arguments: dict[str, Any], unread: list[str]
) -> None:
    assert read(source) == arguments
    assert only(source).unread == unread


def test_a_list_that_is_added_to_is_not_read() -> None:
    source = "m = [1]\nm.append(2)\nc.chat.completions.create(messages=m)"
    assert read(source) == {"messages": "<m>"}


def test_an_argument_knows_its_line() -> None:
    source = "O = {\n  'n': 2}\nc.chat.completions.create(\n  model='m',\n  **O)"
    arguments = only(source).arguments
    places = {name: (at.line, at.column) for name, at in arguments.items()}
    assert places == {"model": (4, 9), "n": (2, 8)}


def test_long_source_texts_are_cut() -> None:
    value = only(f"c.chat.completions.create(x={'long_' * 30})").arguments["x"].value
    assert len(repr(value)) < 80


def test_other_encodings_are_read() -> None:
    source = "# coding: latin-1\nc.chat.completions.create(model='é')".encode("latin-1")
    (call,) = find_calls(source)
    assert call.arguments["model"].value == "é"


def test_the_users_string_escapes_raise_no_warning_here() -> None:
    assert only(r"c.chat.completions.create(stop='\d')").arguments["stop"].value == r"\d"
