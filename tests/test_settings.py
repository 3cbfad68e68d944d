"""Keywords over environment over defaults, and what is said about values nobody can use."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import openai
import pytest
from pydantic import SecretStr

from baseten_openai import Catalog, ConfigurationError, CredentialError, Model, Settings
from baseten_openai.settings import DEFAULT_BASE_URL, ENVIRONMENT, parse_aliases

ALL = {
    "BASETEN_API_KEY": "environment-key",
    "BASETEN_BASE_URL": "https://gateway.test/v1",
    "BASETEN_API_BASE": "https://older.test/v1",
    "BASETEN_OPENAI_ALIASES": "gpt-4o=kimi-k2.5,mine=glm-4.7",
    "BASETEN_OPENAI_DEFAULT_MODEL": "gpt-oss-120b",
    "BASETEN_OPENAI_ON_UNSUPPORTED": "warn",
    "BASETEN_OPENAI_FAST": "off",
    "BASETEN_OPENAI_REDIRECT": "unset",
    "BASETEN_OPENAI_PLACEHOLDER_KEY": "on",
}


def load(environ: dict[str, str] | None = None, **keywords: Any) -> Settings:
    return Settings.load(**keywords, environ=environ or {})


def key_of(settings: Settings) -> str | None:
    return settings.api_key.get_secret_value() if settings.api_key else None


def test_defaults() -> None:
    settings = load()
    assert settings.base_url == DEFAULT_BASE_URL == "https://inference.baseten.co/v1"
    assert (settings.api_key, settings.aliases, settings.default_model) == (None, {}, None)
    assert settings.on_unsupported == "error"
    assert settings.catalog is Catalog.bundled()
    assert settings.fast is True


def test_the_environment() -> None:
    settings = load(ALL)
    assert key_of(settings) == "environment-key"
    assert settings.base_url == "https://gateway.test/v1"
    assert settings.aliases == {"gpt-4o": "kimi-k2.5", "mine": "glm-4.7"}
    assert settings.default_model == "gpt-oss-120b"
    assert settings.on_unsupported == "warn"
    assert settings.fast is False


def test_all_variables_read_are_documented() -> None:
    of_responses = {  # read where responses are remembered: all clients share the memory
        "BASETEN_OPENAI_RESPONSES",
        "BASETEN_OPENAI_MAX_RESPONSES",
        "BASETEN_OPENAI_MAX_RESPONSE_BYTES",
    }
    assert set(ENVIRONMENT) == set(ALL) | of_responses


def test_keywords_beat_the_environment_and_aliases_are_merged() -> None:
    catalog = Catalog([Model("a/b")])
    settings = load(
        ALL,
        api_key="keyword-key",
        base_url="https://keyword.test/v1",
        aliases={"gpt-4o": "glm-4.6", "yours": "glm-5"},
        default_model="glm-4.7",
        on_unsupported="ignore",
        catalog=catalog,
        fast=True,
    )
    assert key_of(settings) == "keyword-key"
    assert settings.base_url == "https://keyword.test/v1"
    assert settings.aliases == {"gpt-4o": "glm-4.6", "mine": "glm-4.7", "yours": "glm-5"}
    assert settings.default_model == "glm-4.7"
    assert settings.on_unsupported == "ignore"
    assert settings.catalog is catalog
    assert settings.fast is True


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_blank_is_missing(blank: str) -> None:
    settings = load(dict.fromkeys(ALL, blank), api_key=blank, base_url=blank, default_model=blank)
    assert settings == load()


def test_the_older_name_of_the_base_url_is_read_when_the_newer_is_not_set() -> None:
    assert load({**ALL, "BASETEN_BASE_URL": " "}).base_url == "https://older.test/v1"


def test_keys_are_trimmed() -> None:
    assert key_of(load({"BASETEN_API_KEY": " abc.def\n"})) == "abc.def"
    assert key_of(load(api_key="\tabc.def ")) == "abc.def"


@pytest.mark.parametrize(
    ("environ", "keywords", "name"),
    [
        ({"BASETEN_API_KEY": "two words"}, {}, "BASETEN_API_KEY"),
        ({"BASETEN_API_KEY": "line\nbreak"}, {}, "BASETEN_API_KEY"),
        ({}, {"api_key": "schlüssel"}, "api_key="),
        ({"BASETEN_BASE_URL": "inference.baseten.co/v1"}, {}, "BASETEN_BASE_URL"),
        ({"BASETEN_API_BASE": "ftp://inference.baseten.co"}, {}, "BASETEN_API_BASE"),
        ({}, {"base_url": "https://["}, "base_url="),
        ({}, {"base_url": "https://host:port/"}, "base_url="),
        ({"BASETEN_OPENAI_ON_UNSUPPORTED": "panic"}, {}, "BASETEN_OPENAI_ON_UNSUPPORTED"),
        ({}, {"on_unsupported": "panic"}, "on_unsupported="),
        ({}, {"on_unsupported": 5}, "on_unsupported="),
        ({"BASETEN_OPENAI_FAST": "perhaps"}, {}, "BASETEN_OPENAI_FAST"),
        ({}, {"fast": 5}, "fast="),
        ({"BASETEN_OPENAI_REDIRECT": "some"}, {}, "BASETEN_OPENAI_REDIRECT"),
        ({}, {"redirect": "some"}, "redirect="),
        ({"BASETEN_OPENAI_PLACEHOLDER_KEY": "maybe"}, {}, "BASETEN_OPENAI_PLACEHOLDER_KEY"),
        ({}, {"placeholder_key": 5}, "placeholder_key="),
        ({}, {"aliases": {"a": None}}, "aliases="),
        ({}, {"aliases": {"": "glm-4.7"}}, "aliases="),
        ({}, {"aliases": {"a": ""}}, "aliases="),
        ({}, {"aliases": 5}, "aliases="),
        ({}, {"aliases": "gpt-4o=glm-4.7"}, "aliases="),
    ],
)
def test_a_value_nobody_can_use_is_named(
    environ: dict[str, str], keywords: dict[str, Any], name: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(environ, **keywords)
    assert str(caught.value).startswith(name)
    assert isinstance(caught.value, openai.OpenAIError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("environ", "keywords"),
    [
        ({"BASETEN_API_KEY": "sk-proj-123"}, {}),
        ({}, {"api_key": "sk-123"}),
        ({"BASETEN_BASE_URL": "http://gateway.test/v1"}, {}),
        ({"BASETEN_API_KEY": "k"}, {"base_url": "https://elsewhere.test/v1"}),
    ],
)
def test_what_would_send_a_key_where_it_does_not_belong_is_refused(
    environ: dict[str, str], keywords: dict[str, Any]
) -> None:
    with pytest.raises(CredentialError):
        load(environ, **keywords)


@pytest.mark.parametrize(
    ("word", "fast"), [("on", True), ("OFF", False), (" 1 ", True), ("0", False), ("False", False)]
)
def test_the_switch_of_the_fast_paths(word: str, *, fast: bool) -> None:
    assert load({"BASETEN_OPENAI_FAST": word}).fast is fast
    assert load({"BASETEN_OPENAI_FAST": word}, fast=not fast).fast is not fast


@pytest.mark.parametrize("policy", ["error", "warn", "ignore"])
def test_the_policy_is_read_in_any_case(policy: str) -> None:
    assert load({"BASETEN_OPENAI_ON_UNSUPPORTED": policy.upper()}).on_unsupported == policy
    assert load(on_unsupported=policy).on_unsupported == policy


@pytest.mark.parametrize(
    ("text", "aliases"),
    [
        ("", {}),
        (" , ,", {}),
        ("gpt-4o=kimi-k2.5", {"gpt-4o": "kimi-k2.5"}),
        (" gpt-4o = kimi-k2.5 ,\n a=b/C ,", {"gpt-4o": "kimi-k2.5", "a": "b/C"}),
        ("GPT 4o=GLM 4.7", {"GPT 4o": "GLM 4.7"}),
        ("a=b,a=b", {"a": "b"}),
    ],
)
def test_aliases_in_a_variable(text: str, aliases: dict[str, str]) -> None:
    assert parse_aliases(text) == aliases


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("gpt-4o", "'gpt-4o'"),
        ("a=b,gpt-4o:kimi", "'gpt-4o:kimi'"),
        ("=kimi-k2.5", "'=kimi-k2.5'"),
        ("gpt-4o=", "'gpt-4o='"),
        ("gpt-4o==kimi-k2.5", "'gpt-4o==kimi-k2.5'"),
        ("gpt-4o=a gpt-5=b", "'gpt-4o=a gpt-5=b'"),
        ("gpt-4o=kimi-k2.5,gpt-4o=glm-4.7", "'gpt-4o' twice"),
    ],
)
def test_a_malformed_variable_is_refused_with_the_entry_that_is_wrong(
    text: str, wrong: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load({"BASETEN_OPENAI_ALIASES": text})
    assert "BASETEN_OPENAI_ALIASES" in str(caught.value)
    assert wrong in str(caught.value)


def test_settings_are_frozen_and_take_no_unknown_names() -> None:
    for name in ("on_unsupported", "aliases", "temperature"):
        with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
            setattr(load(), name, "warn")
    with pytest.raises(TypeError, match="temperature"):
        Settings(catalog=Catalog.bundled(), temperature=1)  # type: ignore[call-arg]  # that it is refused is tested


def test_aliases_cannot_be_changed() -> None:
    given = {"mine": "glm-4.7"}
    settings = load(aliases=given)
    given["mine"] = "glm-5"
    assert settings.aliases == {"mine": "glm-4.7"}
    aliases: Any = settings.aliases
    with pytest.raises(TypeError):
        aliases["mine"] = "glm-5"
    for method in ("update", "pop", "clear", "setdefault", "popitem"):
        assert not hasattr(aliases, method)


def test_a_copy_is_the_same_object_and_a_pickle_is_equal_but_for_the_key() -> None:
    settings = load(ALL)
    assert copy.copy(settings) is settings
    assert copy.deepcopy(settings) is settings
    again = pickle.loads(pickle.dumps(settings))  # noqa: S301  # our own bytes
    assert again.api_key is None
    for name in ("base_url", "aliases", "default_model", "on_unsupported"):
        assert getattr(again, name) == getattr(settings, name)
    with pytest.raises(TypeError):
        again.aliases["mine"] = "glm-5"


def test_equal_settings_are_equal_and_hash_alike() -> None:
    first, again, other = load(ALL), load(ALL), load(ALL, default_model="glm-5")
    assert first == again
    assert hash(first) == hash(again)
    assert first != other


CHANGED = {
    "api_key": "abcd1234.other",
    "base_url": "https://other.test/v1",
    "aliases": {"mine": "glm-5"},
    "default_model": "glm-5",
    "on_unsupported": "warn",
    "catalog": Catalog([Model("a/b")]),
}


@pytest.mark.parametrize("name", CHANGED)
def test_settings_that_differ_in_one_value_are_not_equal(name: str) -> None:
    assert Settings(**{name: CHANGED[name]}) != Settings()


def test_the_constructor_does_not_read_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ALL.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.base_url == "https://inference.baseten.co/v1"
    assert (settings.api_key, settings.aliases, settings.default_model) == (None, {}, None)
    assert settings.on_unsupported == "error"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"api_key": "two words"}, ConfigurationError),
        ({"api_key": 5}, ConfigurationError),
        ({"api_key": SecretStr("sk-123")}, CredentialError),
        ({"base_url": "ftp://a"}, ConfigurationError),
        ({"base_url": "http://gateway.test/v1"}, CredentialError),
        ({"aliases": {"a": ""}}, ConfigurationError),
        ({"aliases": ["a"]}, ConfigurationError),
        ({"default_model": 5}, ConfigurationError),
        ({"on_unsupported": "panic"}, ConfigurationError),
        ({"catalog": "x"}, ConfigurationError),
    ],
    ids=str,
)
def test_the_constructor_checks_each_value(wrong: dict[str, Any], error: type[Exception]) -> None:
    (name,) = wrong
    for make in (Settings, Settings().replace):
        with pytest.raises(error, match=f"^{name}="):
            make(**wrong)


def test_no_text_shows_the_key() -> None:
    settings = load(api_key="secret-key")
    for text in (repr(settings), str(settings), f"{settings}"):
        assert "secret-key" not in text
        assert "api_key=SecretStr('**********')" in text


def test_replace_changes_what_is_given_and_keeps_the_rest() -> None:
    settings = load(ALL)
    changed = settings.replace(on_unsupported="ignore", aliases={"a": "b"})
    assert (changed.on_unsupported, changed.aliases) == ("ignore", {"a": "b"})
    for name in ("api_key", "base_url", "default_model", "catalog"):
        assert getattr(changed, name) == getattr(settings, name)
    assert settings == load(ALL)


def test_replace_with_none_sets_a_value_back_to_its_default() -> None:
    names = ("aliases", "default_model", "on_unsupported", "base_url", "api_key", "fast")
    names += ("redirect", "placeholder_key")
    assert load(ALL).replace(**dict.fromkeys(names)) == Settings()


def test_replace_checks_as_load_does() -> None:
    with pytest.raises(ConfigurationError, match="on_unsupported="):
        load().replace(on_unsupported="panic")
    with pytest.raises(CredentialError):
        load().replace(api_key="sk-123")


def test_replace_can_change_the_key() -> None:
    assert load(ALL).replace(api_key="other").api_key == SecretStr("other")


def test_replace_takes_the_key_to_no_other_host() -> None:
    settings = load(api_key="abcd1234.one", base_url="https://gateway.test/v1")
    with pytest.raises(CredentialError, match=r"elsewhere\.test"):
        settings.replace(base_url="https://elsewhere.test/v1")
    for url in ("https://gateway.test/v2", "https://model-abcd1234.api.baseten.co/v1"):
        assert key_of(settings.replace(base_url=url)) == "abcd1234.one"
    moved = settings.replace(base_url="https://elsewhere.test/v1", api_key="of-elsewhere")
    assert key_of(moved) == "of-elsewhere"


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_key_is_not_a_key_given_for_another_host(blank: str) -> None:
    with pytest.raises(CredentialError, match=r"elsewhere\.test"):
        load({"BASETEN_API_KEY": "k"}, api_key=blank, base_url="https://elsewhere.test/v1")
