"""Keys that the program gives itself, which no variable holds: as an argument, by a function, later."""

from __future__ import annotations

import pickle
import secrets
from typing import TYPE_CHECKING, Any

import client_factories
import openai
import pytest
from chat_routes import create_stream
from client_factories import SYNC_AND_ASYNC, settled
from listeners import Elsewhere, listening
from raw_server import JSON_HEADERS, Answer, running

import baseten_openai
from baseten_openai import BasetenError, ConfigurationError, CredentialError, OpenAI, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("clients_are_closed")]

KEY = "abcd1234.given-by-the-program"
ANSWER = Answer((b'{"choices": []}',), headers=JSON_HEADERS)


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BASETEN_API_KEY", raising=False)


def chat(client: Any) -> Any:
    return client.chat.completions.create(model="openai/gpt-oss-120b", messages=[])


def moved(client: Any, url: str) -> Any:
    client.base_url = url
    return chat(client)


WAYS: dict[str, Callable[[Any, str], Any]] = {
    "base_url set": moved,
    "with_options": lambda client, url: chat(client.with_options(base_url=url)),
    "an absolute URL": lambda client, url: client.post(f"{url}/x", cast_to=object, body={}),
}


def given(key: str, way: str, *, is_async: bool) -> Any:
    if way == "string":
        return key
    if not is_async:
        return lambda: key

    async def get() -> str:
        return key

    return get


@SYNC_AND_ASYNC
@pytest.mark.parametrize("kind", ["string", "function"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("url", ["https://evil.test/v1", "http://inference.baseten.co/v1"])
@pytest.mark.parametrize("other", [False, True], ids=["no variable", "another in the variable"])
async def test_a_patched_client_sends_it_to_baseten_only(
    kind: str, way: str, url: str, other: bool, is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "function" and not hasattr(openai.OpenAI, "_refresh_api_key"):
        pytest.skip(f"openai {openai.VERSION} takes no function as api_key")
    if other:
        monkeypatch.setenv("BASETEN_API_KEY", "efgh5678.of-the-variable")
    elsewhere = Elsewhere()
    key = given(KEY, kind, is_async=is_async)
    with baseten_openai.patched():
        client = client_factories.stock(
            is_async=is_async, api_key=key, http_client=elsewhere.client(is_async=is_async)
        )
        with pytest.raises(openai.NotFoundError):
            await settled(chat(client))
        assert elsewhere.arrived[0].keys == [f"Bearer {KEY}"]
        elsewhere.arrived.clear()
        for one in (client, client_factories.stock(is_async=is_async, api_key=key, max_retries=0)):
            with pytest.raises(CredentialError) as caught:
                await settled(WAYS[way](one, url))
            assert KEY not in str(caught.value)
    assert elsewhere.arrived == []


@SYNC_AND_ASYNC
@pytest.mark.parametrize("way", WAYS)
async def test_a_functions_key_is_kept_home_from_the_first_call_on(
    way: str, is_async: bool
) -> None:
    if not hasattr(openai.OpenAI, "_refresh_api_key"):
        pytest.skip(f"openai {openai.VERSION} takes no function as api_key")
    elsewhere = Elsewhere()
    key = given(f"{secrets.token_hex(8)}.never-sent-yet", "function", is_async=is_async)
    with baseten_openai.patched():
        client = client_factories.stock(
            is_async=is_async, api_key=key, http_client=elsewhere.client(is_async=is_async)
        )
        with pytest.raises(CredentialError):
            await settled(WAYS[way](client, "https://evil.test/v1"))
    assert elsewhere.arrived == []


@SYNC_AND_ASYNC
async def test_a_key_set_on_a_client_is_known_once_it_went_to_baseten(is_async: bool) -> None:
    elsewhere = Elsewhere()
    with baseten_openai.patched(api_key="efgh5678.first"):
        client = client_factories.stock(
            is_async=is_async, http_client=elsewhere.client(is_async=is_async)
        )
        client.api_key = KEY
        with pytest.raises(openai.NotFoundError):
            await settled(chat(client))
        client.base_url = "https://evil.test/v1"
        with pytest.raises(CredentialError):
            await settled(chat(client))
    assert [one.keys for one in elsewhere.arrived] == [[f"Bearer {KEY}"]]


@SYNC_AND_ASYNC
async def test_another_hosts_function_is_its_own(is_async: bool) -> None:
    if not hasattr(openai.OpenAI, "_refresh_api_key"):
        pytest.skip(f"openai {openai.VERSION} takes no function as api_key")
    elsewhere = Elsewhere()
    with baseten_openai.patched(api_key=KEY):
        client = client_factories.stock(
            is_async=is_async,
            api_key=given("of-gateway", "function", is_async=is_async),
            base_url="https://gateway.test/v1",
            http_client=elsewhere.client(is_async=is_async),
        )
        with pytest.raises(openai.NotFoundError):
            await settled(chat(client))
    assert [one.keys for one in elsewhere.arrived] == [["Bearer of-gateway"]]


@SYNC_AND_ASYNC
@pytest.mark.parametrize("way", ["function", "attribute"])
async def test_a_line_break_in_it_is_told_without_it(
    way: str, is_async: bool, caplog: pytest.LogCaptureFixture
) -> None:
    if way == "function" and not hasattr(openai.OpenAI, "_refresh_api_key"):
        pytest.skip(f"openai {openai.VERSION} takes no function as api_key")
    caplog.set_level("DEBUG")
    with running() as server:
        server.prepare(ANSWER)
        key = given(f"{KEY}\n", way, is_async=is_async) if way == "function" else KEY
        client = client_factories.subclass(is_async=is_async, api_key=key, base_url=server.base_url)
        if way == "attribute":
            client.api_key = f"{KEY}\n"
        with pytest.raises(ConfigurationError, match="line break") as caught:
            await settled(chat(client))
        assert server.paths == []
    assert KEY not in str(caught.value)
    assert KEY not in caplog.text


# Proxies: what counts is what the HTTP client does, which reads the environment when it is made


@SYNC_AND_ASYNC
async def test_a_proxy_that_came_between_is_not_sent_the_key(
    is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with running() as home, listening() as proxy:
        home.prepare(ANSWER)
        options: dict[str, Any] = {"is_async": is_async, "api_key": KEY, "base_url": home.base_url}
        earlier = client_factories.subclass(**options)
        assert (await settled(chat(earlier))).choices == []
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
        assert (await settled(chat(earlier))).choices == []  # goes where it went
        later = client_factories.subclass(**options, max_retries=0)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")  # too late: it is made
        with pytest.raises(CredentialError, match="before the client is made"):
            await settled(chat(later))
        assert (await settled(chat(client_factories.subclass(**options)))).choices == []
        assert proxy.arrived == []


@SYNC_AND_ASYNC
async def test_no_proxy_is_read_as_the_http_client_reads_it(
    is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running() as home, listening() as proxy:
        home.prepare(ANSWER)
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
        monkeypatch.setenv("NO_PROXY", ".localhost")  # Python's own reading lets localhost pass
        url = home.base_url.replace("127.0.0.1", "localhost")
        client = client_factories.subclass(
            is_async=is_async, api_key=KEY, base_url=url, max_retries=0
        )
        with pytest.raises(CredentialError):
            await settled(chat(client))
        assert proxy.arrived == []


# Words of a server that repeats it, cut or not; and of pydantic's

REPEATS = {
    "where a page is cut": Answer((b"y" * 480 + KEY.encode(),), 502),
    "where words are cut": Answer(
        (b'{"error":{"message":{"a":"%s"}}}' % (b"y" * 470 + KEY.encode()),),
        400,
        headers=JSON_HEADERS,
    ),
    "in a plain answer": Answer((b"<p>" + KEY.encode(),), headers=(("Content-Type", "text/html"),)),
    "in the content type": Answer((b"<p>",), headers=(("Content-Type", f"text/html; k={KEY}"),)),
    "in the reason": Answer(status=502, reason=KEY),
}


@pytest.mark.parametrize("answer", REPEATS.values(), ids=REPEATS)
@SYNC_AND_ASYNC
async def test_no_part_of_it_is_shown(answer: Answer, is_async: bool) -> None:
    with running() as server:
        server.prepare(answer)
        client = client_factories.subclass(
            is_async=is_async, api_key=KEY, base_url=server.base_url, max_retries=0
        )
        with pytest.raises(BasetenError) as caught:
            await settled(chat(client))
    assert KEY[:10] not in str(caught.value)


@SYNC_AND_ASYNC
async def test_no_part_of_it_is_shown_where_an_event_is_cut(is_async: bool) -> None:
    with running() as server:
        server.prepare(Answer((b"data: " + b"x" * 170 + KEY.encode() + b"\n\n",)))
        client = client_factories.subclass(is_async=is_async, api_key=KEY, base_url=server.base_url)
        with pytest.raises(BasetenError) as caught:
            await create_stream(client, [])
    assert KEY[:10] not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [{"api_key": KEY + "\u00fc"}, {"catalog": KEY}, {"default_model": 5}, {"temperature": 1}],
)
def test_settings_that_are_wrong_do_not_show_it(wrong: Any) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        Settings(**{"api_key": KEY, **wrong})
    assert KEY[:10] not in str(caught.value)
    settings: Any = Settings.load(api_key=KEY)
    with pytest.raises(AttributeError, match="cannot assign") as frozen:
        settings.api_key = KEY
    assert KEY[:10] not in str(frozen.value)


@pytest.mark.parametrize(
    "wrong",
    [{"api_key": 5}, {"api_key": b"abc"}, {"base_url": 5}, {"default_model": 5}, {"catalog": "x"}],
    ids=str,
)
def test_settings_of_another_type_are_refused(wrong: Any) -> None:
    name = next(iter(wrong))
    with pytest.raises(ConfigurationError, match=f"^{name}= must be|^{name}= must name"):
        Settings.load(**wrong)
    if name != "base_url":  # of which the client makes a string, as the SDK does
        with pytest.raises(ConfigurationError, match=f"^{name}= must"):
            OpenAI(**{"api_key": KEY, **wrong})


LOOK_ALIKES = [
    "https://inference.b\u0430seten.co/v1",
    "https://inference.baseten.c\u03bf/v1",
    "https://inference.xn--bseten-4ve.co/v1",
    "https://model-abcd1234.api.b\u0430seten.co/v1",
    "https://evil-baseten.co/v1",
]


@pytest.mark.parametrize("url", LOOK_ALIKES)
def test_no_look_alike_is_taken_even_with_a_key(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CredentialError, match="looks like"):
        OpenAI(api_key=KEY, base_url=url)
    monkeypatch.setenv("BASETEN_BASE_URL", url)
    with pytest.raises(CredentialError, match="looks like"):
        OpenAI(api_key=KEY)


def test_a_gateway_of_another_script_may_be_used() -> None:
    assert OpenAI(api_key=KEY, base_url="https://gateway.b\u00fccher.example/v1").api_key == KEY


@pytest.mark.parametrize(
    "url", ["https://inference.baseten.co/\x01v1", "https://" + "\u00fc" * 70 + ".test/v1"]
)
def test_what_is_no_url_is_told_of(url: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        OpenAI(api_key=KEY, base_url=url)


# What is left on clients


def test_no_way_leads_from_another_hosts_client_to_it() -> None:
    elsewhere = Elsewhere()
    with baseten_openai.patched(api_key=KEY):
        client = client_factories.stock(
            is_async=False,
            api_key="theirs",
            base_url="https://gateway.test/v1",
            http_client=elsewhere.client(is_async=False),
        )
        with pytest.raises(openai.NotFoundError):
            chat(client)
    added = [value for name, value in vars(client).items() if name.startswith("_baseten")]
    assert added
    for value in added:
        assert pickle.loads(pickle.dumps(value)) is None  # noqa: S301  # our own bytes
        held = [getattr(value, name) for name in type(value).__slots__]
        assert not any(isinstance(one, Settings) or hasattr(one, "settings") for one in held)


@SYNC_AND_ASYNC
def test_other_hosts_clients_are_made_when_the_environment_went_wrong(
    is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with baseten_openai.patched(api_key=None):
        for name, value in (
            ("BASETEN_API_KEY", "sk-oops"),
            ("BASETEN_BASE_URL", "http://plain.example/v1"),
            ("BASETEN_OPENAI_ON_UNSUPPORTED", "nope"),
        ):
            monkeypatch.setenv(name, value)
            client = client_factories.stock(
                is_async=is_async, api_key="k", base_url="https://o.example/v1"
            )
            assert client.api_key == "k"
            with pytest.raises((ConfigurationError, CredentialError)):
                client_factories.stock(is_async=is_async)
            monkeypatch.delenv(name)
