"""Ways to make a key leak, tried one by one. Others are in the files beside this one.

Look-alike hosts, redirects, websockets and replaced keys: ``test_keys_stay_home``. Variables and
headers of OpenAI's: ``test_keys``. Errors, reprs and logs at DEBUG: ``test_keys_in_texts``.
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import json
import pickle
import pprint
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import client_factories
import openai
import pytest
from chat_routes import CHUNKED, create
from client_factories import EACH_FACTORY, SYNC_AND_ASYNC
from listeners import Elsewhere, listening
from raw_server import JSON_HEADERS, Answer, running

import baseten_openai
from baseten_openai import (
    BasetenError,
    ConfigurationError,
    CredentialError,
    OpenAI,
    Settings,
    report,
    track,
)
from baseten_openai.errors import http_library

if TYPE_CHECKING:
    from collections.abc import Iterator

    from listeners import Listener
    from raw_server import RawServer

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("clients_are_closed")]

KEY = "abcd1234.of-baseten"
PACKAGE = Path(baseten_openai.__file__).parent


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as server:
        yield server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    with running() as server:
        monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)
        yield server


# Settings, dumped


def test_settings_in_no_form_but_their_own_attribute_hold_the_key() -> None:
    settings = Settings.load()
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == KEY
    names = [field.name for field in dataclasses.fields(settings)]
    values = {name: getattr(settings, name) for name in names}
    shown = [
        *(str(settings), repr(settings), f"{settings}", pprint.pformat(settings)),
        *(repr(values), json.dumps(values, default=str), repr(settings.__reduce_ex__(2))),
        repr(baseten_openai.patch(settings=settings)),
        *(repr(pickle.dumps(settings, protocol)) for protocol in range(2, 6)),
    ]
    for text in shown:
        assert KEY not in text
    again = pickle.loads(pickle.dumps(settings))  # noqa: S301  # our own bytes
    assert again.api_key is None
    assert again.replace(api_key=KEY, catalog=settings.catalog) == settings
    assert len(again.catalog) == len(settings.catalog)
    for made in (copy.copy(settings), copy.deepcopy(settings)):
        assert made == settings


# A server or a proxy that repeats what it was sent

ECHOES = {
    "in JSON": (403, b'{"error": "please check the api-key abcd1234.of-baseten"}'),
    "in a page": (502, b"<title>Bearer abcd1234.of-baseten was refused</title>"),
    "in the event": (200, b'data: {"error": "no such key: abcd1234.of-baseten"}\n\n'),
    "in no JSON": (200, b"data: Authorization: Bearer abcd1234.of-baseten\n\n"),
}


@pytest.mark.parametrize(("status", "body"), ECHOES.values(), ids=ECHOES)
@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_a_key_that_is_repeated_is_masked(
    status: int, body: bytes, make: Any, is_async: bool, server: RawServer, caplog: Any
) -> None:
    caplog.set_level("DEBUG")
    server.prepare(Answer((body,), status))
    client = make(is_async=is_async, max_retries=0)
    with track() as ledger:
        for route in CHUNKED.values():
            with pytest.raises(openai.APIError) as caught:
                await route(client, [])
            assert isinstance(caught.value, BasetenError)
            assert KEY not in caught.value.message
            assert KEY not in "".join(traceback.format_exception(caught.value))
    told = report()
    for text in (str(told), repr(told), told.model_dump_json(), told._repr_html_(), repr(ledger)):
        assert KEY not in text
    assert KEY not in caplog.text


# Proxies


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_no_proxy_is_sent_the_key_in_the_clear(
    variable: str,
    make: Any,
    is_async: bool,
    listener: Listener,
    server: RawServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(variable, listener.url.removesuffix("/v1"))
    client = make(is_async=is_async, max_retries=0)
    with pytest.raises(CredentialError, match=r"NO_PROXY=127\.0\.0\.1"):
        await create(client)
    assert listener.arrived == []
    assert server.paths == []


@SYNC_AND_ASYNC
async def test_a_server_on_this_machine_is_reached_beside_a_proxy(
    is_async: bool, listener: Listener, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", listener.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server.prepare(Answer((b'{"choices": []}',), headers=JSON_HEADERS))
    assert (await create(client_factories.subclass(is_async=is_async))).choices == []
    monkeypatch.delenv("NO_PROXY")
    elsewhere = Elsewhere()  # heeds no variables
    client = client_factories.subclass(
        is_async=is_async, http_client=elsewhere.client(is_async=is_async)
    )
    if not getattr(client._client, "trust_env", True):  # noqa: SLF001  # as the hook reads it
        await create(client)
    assert listener.arrived == []


async def test_a_proxy_for_https_sees_no_more_than_the_host(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", listener.url.removesuffix("/v1"))
    seen: list[tuple[str, list[tuple[str, str]]]] = []
    handler: Any = listener.RequestHandlerClass
    monkeypatch.setattr(
        handler,
        "do_CONNECT",
        lambda self: (seen.append((self.path, self.headers.items())), self.send_error(502)),
        raising=False,
    )
    with pytest.raises(openai.APIConnectionError):
        await create(OpenAI(max_retries=0))
    assert [path for path, _ in seen] == ["inference.baseten.co:443"]
    assert KEY not in repr(seen)


# Hosts and keys that are not what they seem

HOSTS = {
    "Greek omicron": "https://inference.baseten.c\u03bf/v1",
    "Cyrillic a": "https://inference.b\u0430seten.co/v1",
    "full width": "https://\uff49nference.baseten.co/v1",
    "ideographic full stop": "https://inference.baseten\u3002co.evil.test/v1",
    "punycode": "https://inference.xn--bseten-4ve.co/v1",
    "zero-width space": "https://inference.baseten.co\u200b.evil.test/v1",
    "a suffix": "https://inference.baseten.co.evil.test/v1",
    "a prefix": "https://evil-inference.baseten.co/v1",
    "a trailing dot": "https://inference.baseten.co./v1",
    "user name": "https://inference.baseten.co@evil.test/v1",
    "user name and password": "https://inference.baseten.co:443@evil.test/v1",
    "escaped at": "https://inference.baseten.co%40evil.test/v1",
    "backslash": "https://evil.test\\@inference.baseten.co/v1",
    "fragment": "https://evil.test#@inference.baseten.co/v1",
    "query": "https://evil.test?@inference.baseten.co/v1",
    "line break": "https://evil.test\n.inference.baseten.co/v1",
    "tab": "https://inference.baseten.co\t.evil.test/v1",
    "plain http": "http://inference.baseten.co/v1",
    "another address": "http://0.0.0.0:1/v1",
    "loopback as a name": "http://127.0.0.1.evil.test/v1",
    "decimal address": "http://2130706433.evil.test/v1",
}


@pytest.mark.parametrize("url", HOSTS.values(), ids=HOSTS)
@SYNC_AND_ASYNC
async def test_a_host_that_is_not_what_it_seems_gets_nothing(
    url: str, is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere, said = Elsewhere(), []
    for way in ("keyword", "set later", "patch", "OPENAI_BASE_URL", "with_options"):
        http_client = elsewhere.client(is_async=is_async)
        try:
            if way == "keyword":
                client = client_factories.subclass(
                    is_async=is_async, base_url=url, http_client=http_client
                )
            elif way == "patch":
                client = client_factories.patched(
                    is_async=is_async, base_url=url, http_client=http_client
                )
            elif way == "OPENAI_BASE_URL":
                monkeypatch.setenv("OPENAI_BASE_URL", url)
                client = client_factories.patched(is_async=is_async, http_client=http_client)
            else:
                client = client_factories.subclass(is_async=is_async, http_client=http_client)
                if way == "set later":
                    client.base_url = url
                else:
                    client = client.with_options(base_url=url)
            await create(client)
        except (openai.OpenAIError, http_library().InvalidURL) as error:  # refused, or a 404
            said.append(str(error))
    assert len(said) == 5
    assert KEY not in repr(said)
    with_it = {one.url for one in elsewhere.arrived if KEY in repr(one)}
    assert with_it <= {"https://inference.baseten.co/v1/chat/completions"}  # where it may go


@pytest.mark.parametrize("way", ["variable", "keyword"])
@pytest.mark.parametrize(
    "key", [f"{KEY}\r\nX-Injected: 1", f"{KEY}\nHost: evil.test", f"{KEY}\x00", f"{KEY}\u2028X"]
)
@SYNC_AND_ASYNC
def test_a_key_cannot_bring_a_header_along(
    key: str, way: str, is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "variable" and "\x00" not in key:  # which no variable can hold
        monkeypatch.setenv("BASETEN_API_KEY", key)
    given = {"api_key": key} if way == "keyword" or "\x00" in key else {}
    own = client_factories.stock(is_async=False, api_key="k")
    for make in (
        lambda: client_factories.subclass(is_async=is_async, **given),
        lambda: baseten_openai.bind(own, **given),
        lambda: baseten_openai.patch(**given),
    ):
        with pytest.raises(ConfigurationError) as caught:
            make()
        assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASETEN_BASE_URL", "https://inference.baseten.co.evil.test/v1"),
        ("BASETEN_BASE_URL", "http://evil.test/v1"),
        ("BASETEN_API_BASE", "https://user:pass@evil.test/v1"),
        ("BASETEN_API_KEY", "sk-of-openai"),
    ],
)
def test_a_variable_that_would_send_a_key_astray_is_refused(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=name):
        OpenAI()


# The code itself

EXECUTES = {"runner.py", "report_at_exit.py"}
"""The runner runs the user's program; the other re-raises an exception, by a constant."""


def calls() -> Iterator[tuple[str, str]]:
    """All calls in the package by file and name."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield path.name, ast.unparse(node.func)


def test_nothing_is_evaluated_or_unpickled() -> None:
    found = set(calls())
    assert ("runner.py", "exec") in found
    forbidden = {"eval", "exec", "compile", "pickle.load", "pickle.loads", "marshal.loads"}
    forbidden |= {"os.system", "os.popen", "yaml.load", "shelve.open", "tempfile.mktemp"}
    assert {file for file, name in found if name in forbidden - {"compile"}} <= EXECUTES
    assert not [
        file for file, name in found if name.endswith((".loads", ".load")) and "pickle" in name
    ]
