"""The rules for keys, one by one: which URL may be configured, which host may get which key."""

from __future__ import annotations

import pytest

from baseten_openai import ConfigurationError, CredentialError, MissingAPIKeyError, Settings
from baseten_openai.credentials.base_url import check_base_url, check_own_host
from baseten_openai.credentials.hosts import is_baseten, is_dedicated, is_loopback, origin_of
from baseten_openai.credentials.keys import (
    clean_key,
    is_foreign_key,
    may_receive,
    require_key,
    without_foreign_headers,
)
from baseten_openai.credentials.outgoing import check_request
from baseten_openai.errors import http_library

KEY = "abcd1234.baseten"
SETTINGS = Settings.load(api_key=KEY, base_url="https://gateway.test:8443/v1", environ={})
DEDICATED = "https://model-abcd1234.api.baseten.co"

LOOK_ALIKES = [
    "inference.baseten.co.evil.test",
    "evil-baseten.co",
    "xinference.baseten.co",
    "inference.baseten.co.",
    "inference.baseten.com",
    "inference-baseten.co",
    "inference.baseten.c0",
    "inference.baseten.co-evil.test",
    "baseten.co",
    "api.baseten.co",
    "api.baseten.co.evil.test",
    "evilapi.baseten.co",
    "model-abcd1234.api.baseten.co.evil.test",
    "model-abcd1234.xapi.baseten.co",
    "inference.b\u0430seten.co",  # a Cyrillic a
    "\u0131nference.baseten.co",  # an i without its dot
    "inference\u3002baseten\u3002co",  # full stops that IDNA maps to dots
]
LOOPBACK = ["localhost", "127.0.0.1", "127.0.0.2", "127.255.255.254", "::1", "[::1]"]
NOT_LOOPBACK = [
    "localhost.evil.test",
    "127.0.0.1.evil.test",
    "evil.localhost.test",
    "0.0.0.0",
    "128.0.0.1",
    "10.0.0.1",
    "::",
    "2130706433",
    "127.1",
    "",
]


@pytest.mark.parametrize("host", LOOK_ALIKES)
def test_a_host_that_looks_like_basetens_is_not(host: str) -> None:
    assert not is_baseten(host)
    assert not may_receive(("https", host, None), SETTINGS)


def test_basetens_hosts() -> None:
    assert is_baseten("inference.baseten.co")
    assert not is_dedicated("inference.baseten.co")
    for host in ("model-abcd1234.api.baseten.co", "model-abcd1234-staging.api.baseten.co"):
        assert is_baseten(host)
        assert is_dedicated(host)


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", NOT_LOOPBACK)
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://inference.baseten.co/v1", True),
        ("HTTPS://INFERENCE.BASETEN.CO/v1", True),
        ("https://inference.baseten.co:443/v1", True),
        ("wss://inference.baseten.co/v1", True),
        ("http://inference.baseten.co/v1", False),
        ("ws://inference.baseten.co/v1", False),
        ("ftp://inference.baseten.co/v1", False),
        ("https://inference.baseten.co@evil.test/v1", False),
        ("https://evil.test/inference.baseten.co/v1", False),
        ("https://evil.test/?inference.baseten.co", False),
        ("https://evil.test#inference.baseten.co", False),
        ("https://gateway.test:8443/other/path", True),
        ("https://gateway.test/v1", False),
        ("https://gateway.test:8444/v1", False),
        ("http://gateway.test:8443/v1", False),
        ("https://sub.gateway.test:8443/v1", False),
        ("http://127.0.0.1:5000/v1", True),
        ("http://LOCALHOST:5000/v1", True),
        ("http://[::1]:5000/v1", True),
        ("https://localhost.evil.test/v1", False),
    ],
)
def test_where_the_key_may_go(url: str, allowed: bool) -> None:
    assert may_receive(origin_of(url), SETTINGS) is allowed


def test_an_origin_is_the_same_from_text_and_from_the_sdks_urls() -> None:
    for url in (
        "https://Inference.Baseten.co/v1",
        "https://gateway.test:443/",
        "http://127.0.0.1:80",
        "http://[::1]:99/v1",
    ):
        assert origin_of(url) == origin_of(http_library().URL(url))


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("https://inference.baseten.co/v1", "https://inference.baseten.co/v1"),
        ("  https://inference.baseten.co/v1\n", "https://inference.baseten.co/v1"),
        ("https://gateway.test:8443/v1/", "https://gateway.test:8443/v1/"),
        ("http://127.0.0.1:5000/predict", "http://127.0.0.1:5000/predict"),
        # see evidence.md#predict-urls: /predict and /sync are rewritten to /sync/v1
        (f"{DEDICATED}/environments/production/predict", "/environments/production/sync/v1"),
        (f"{DEDICATED}/environments/production/sync", "/environments/production/sync/v1"),
        (f"{DEDICATED}/environments/production/sync/v1", "/environments/production/sync/v1"),
        (f"{DEDICATED}/production/predict/", "/production/sync/v1"),
        (f"{DEDICATED}/deployment/dep123/predict", "/deployment/dep123/sync/v1"),
    ],
)
def test_a_base_url_is_brought_into_form(given: str, made: str) -> None:
    assert check_base_url(given) == (DEDICATED + made if made.startswith("/") else made)


@pytest.mark.parametrize(
    "url",
    [
        "inference.baseten.co/v1",
        "//inference.baseten.co/v1",
        "https:///v1",
        "ftp://inference.baseten.co/v1",
        "file:///etc/passwd",
        "https://host:port/v1",
        "https://host:99999/v1",
        "https://[::1/v1",
        "https://two words.test/v1",
        "https://evil.test\n.baseten.co/v1",
        "https://evil.test\t/v1",
    ],
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="MY_URL"):
        check_base_url(url, name="MY_URL")


@pytest.mark.parametrize(
    "url",
    [
        "http://inference.baseten.co/v1",
        "http://gateway.test/v1",
        "http://localhost.evil.test/v1",
        "http://0.0.0.0:8000/v1",
        "https://inference.baseten.co@evil.test/v1",
        "https://inference.baseten.co:443@evil.test/v1",
        "https://user:secret@inference.baseten.co/v1",
        "https://@evil.test/v1",
        "https://evil.test\\@inference.baseten.co/v1",
        "https://inference.baseten.co\\.evil.test/v1",
        *[f"https://{host}/v1" for host in LOOK_ALIKES if "baseten.co" in host],
    ],
)
def test_a_url_that_a_key_must_not_go_to_is_refused(url: str) -> None:
    with pytest.raises(CredentialError) as caught:
        check_base_url(url, name="MY_URL")
    assert str(caught.value).startswith("MY_URL")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["https://user:secret@[bad/v1", "ftp://user:secret@host/v1"])
def test_what_stands_before_the_at_is_not_shown(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_base_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "configured", "allowed"),
    [
        ("https://inference.baseten.co/v1", None, True),
        (f"{DEDICATED}/environments/production/sync/v1", None, True),
        ("http://127.0.0.1:5000/v1", None, True),
        ("https://gateway.test/v1", "https://gateway.test/other", True),
        ("https://gateway.test/v1", None, False),
        ("https://gateway.test/v1", "https://other.test/v1", False),
        ("https://gateway.test:8443/v1", "https://gateway.test/v1", False),
        *[(f"https://{host}/v1", None, False) for host in LOOK_ALIKES],
    ],
)
def test_the_key_of_the_environment_goes_to_hosts_the_environment_names(
    url: str, configured: str | None, allowed: bool
) -> None:
    if allowed:
        check_own_host(url, configured, name="base_url=")
    else:
        with pytest.raises(CredentialError, match="base_url="):
            check_own_host(url, configured, name="base_url=")


@pytest.mark.parametrize(
    ("given", "clean"),
    [(f"  {KEY}\n", KEY), (KEY, KEY), ("", None), (" \t\n", None), (None, None)],
)
def test_a_key_is_trimmed_and_an_empty_one_is_missing(given: str | None, clean: str | None) -> None:
    assert clean_key(given, name="MY_KEY") == clean


@pytest.mark.parametrize("given", ["abc\ndef", "abc def", "abc\r\nX-Header: x", "schl\u00fcssel"])
def test_a_key_that_no_header_can_hold_is_refused_and_not_shown(given: str) -> None:
    with pytest.raises(ConfigurationError, match="MY_KEY") as caught:
        clean_key(given, name="MY_KEY")
    assert given not in str(caught.value)


@pytest.mark.parametrize("given", ["sk-abc", "sk-proj-abc", "sk-admin-abc", "  sk-abc\n"])
def test_a_key_of_openais_is_refused_and_not_shown(given: str) -> None:
    with pytest.raises(CredentialError, match="MY_KEY") as caught:
        clean_key(given, name="MY_KEY")
    assert given.strip() not in str(caught.value)


def test_a_missing_key_is_explained() -> None:
    with pytest.raises(MissingAPIKeyError) as caught:
        require_key(Settings.load(environ={}))
    assert "BASETEN_API_KEY" in str(caught.value)
    assert "https://app.baseten.co/settings/api_keys" in str(caught.value)


@pytest.mark.parametrize("variable", ["OPENAI_API_KEY", "OPENAI_ADMIN_KEY"])
def test_a_key_that_openais_variables_hold_is_openais(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_foreign_key("of-any-form", SETTINGS)
    monkeypatch.setenv(variable, "of-any-form\n")
    assert is_foreign_key("of-any-form", SETTINGS)
    monkeypatch.setenv(variable, KEY)  # one Baseten key, exported under both names
    assert not is_foreign_key(KEY, SETTINGS)


def test_headers_of_openais_variable_are_told_from_the_users_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = "Authorization: Bearer x\n x-foreign :  a:b \nno colon\n"
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", lines)
    headers = {"authorization": "Bearer x", "X-Foreign": "a:b", "X-Own": "1", "x-foreign": "mine"}
    assert without_foreign_headers(headers) == {"X-Own": "1", "x-foreign": "mine"}


@pytest.mark.parametrize(
    ("url", "headers", "bound"),
    [
        ("https://evil.test/v1", {"Authorization": f"Bearer {KEY}"}, False),
        ("https://evil.test/v1", {"X-Api-Key": KEY}, False),
        ("https://evil.test/v1", {"X-Auth": f'key="{KEY}"; a=b'}, False),
        ("https://evil.test/v1", {"X-Auth": f"user:{KEY}"}, False),
        ("https://evil.test/v1", {"Authorization": "Bearer another"}, True),
        ("http://inference.baseten.co/v1", {"Authorization": f"Bearer {KEY}"}, False),
        ("https://inference.baseten.co/v1", {"Authorization": "Bearer sk-abc"}, False),
        ("https://inference.baseten.co/v1", {"Authorization": "bearer  sk-abc"}, True),
        ("https://inference.baseten.co/v1", {"Authorization": "Api-Key sk-abc"}, True),
        ("https://inference.baseten.co/v1", {"Authorization": "sk-abc"}, True),
        ("https://inference.baseten.co/v1", {"Authorization": f"Bearer sk-a, Bearer {KEY}"}, True),
        ("http://inference.baseten.co/v1", {"Authorization": "Bearer sk-abc"}, False),
        ("https://gateway.test:8443/v1", {"Authorization": "Bearer sk-abc"}, False),
        ("http://127.0.0.1:5000/v1", {"Authorization": "Bearer sk-abc"}, True),
    ],
)
def test_the_last_gate_refuses(url: str, headers: dict[str, str], bound: bool) -> None:
    http = http_library()
    with pytest.raises(CredentialError) as caught:
        check_request(http.URL(url), http.Headers(headers), SETTINGS, bound=bound)
    assert "Nothing was sent" in str(caught.value)
    assert not [value for value in headers.values() if value.split()[-1] in str(caught.value)]


@pytest.mark.parametrize(
    ("url", "headers", "bound"),
    [
        ("https://inference.baseten.co/v1", {"Authorization": f"Bearer {KEY}"}, True),
        ("https://inference.baseten.co/v1", {"Authorization": "Bearer another.baseten"}, True),
        ("https://gateway.test:8443/v1", {"Authorization": f"Bearer {KEY}"}, False),
        ("https://api.openai.com/v1", {"Authorization": "Bearer sk-abc"}, False),
        ("http://127.0.0.1:5000/v1", {"Authorization": "Bearer sk-abc"}, False),
        ("https://evil.test/v1", {}, True),
        ("https://evil.test/v1", {"X-Other": f"more-than-{KEY}"}, False),
    ],
)
def test_the_last_gate_lets_pass(url: str, headers: dict[str, str], bound: bool) -> None:
    http = http_library()
    sent = http.Headers(headers)
    check_request(http.URL(url), sent, SETTINGS, bound=bound)
    assert sent == http.Headers(headers)


@pytest.mark.parametrize("key", ["k", "with:colon=", "(a|b)*", "-dashed-"])
def test_the_last_gate_knows_keys_of_any_form(key: str) -> None:
    http = http_library()
    settings = Settings.load(api_key=key, environ={})
    url = http.URL("https://evil.test/v1")
    for value in (key, f"Bearer {key}", f'x;key="{key}"'):
        with pytest.raises(CredentialError):
            check_request(url, http.Headers({"X": value}), settings, bound=False)
    check_request(url, http.Headers({"X": f"a{key}b token"}), settings, bound=False)
