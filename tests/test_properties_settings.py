"""Any text in a setting: it is taken, or refused by the documented error; nothing else is raised."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from depth import AT_RANDOM, examples
from hypothesis import given, settings
from hypothesis import strategies as st

from baseten_openai import Catalog, ConfigurationError, Model, Settings, UnknownModelError
from baseten_openai.credentials.base_url import check_base_url
from baseten_openai.credentials.keys import clean_key
from baseten_openai.sdk.error_conversion import read_retry_after
from baseten_openai.settings import ENVIRONMENT, parse_aliases

if TYPE_CHECKING:
    from collections.abc import Callable

CATALOG = Catalog.bundled()
MARK = "9f8e7d6c"
anything = settings(max_examples=examples(300), deadline=None, derandomize=not AT_RANDOM)
NAMES = ["gpt-4o", "kimi-k2.5", "zai-org/", "GLM-5", "baseten/", "=", ",", "-", "/", "Kimi"]
URLS = [
    "https://",
    "http://",
    "inference.baseten.co",
    "127.0.0.1",
    "[::1]",
    "evil.test",
    "model-x.api.baseten.co",
    "/predict",
    "/v1",
    "@",
    ":",
    "/",
    "#",
    "?",
    "\\",
    "%40",
    "443",
    ".",
]


def joined(words: list[str]) -> st.SearchStrategy[str]:
    """Texts made of these words and of anything."""
    blank = st.sampled_from([*words, " ", "\t", "\n"])
    return st.lists(blank | st.text(max_size=3), max_size=6).map("".join)


names, urls = joined(NAMES), joined(URLS)
variables = st.fixed_dictionaries(
    {}, optional={name: names | urls | st.text(max_size=10) for name in ENVIRONMENT}
)


def made(
    error: type[Exception], make: Callable[..., Any], *args: Any, **kw: Any
) -> tuple[Any, Any]:
    """Return what was made, or the error that was expected instead."""
    try:
        return make(*args, **kw), None
    except error as refused:
        return None, refused


def is_safe(url: str) -> bool:
    """Read the specification's rule anew: https or this machine, and no look-alike of Baseten's hosts."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    basetens = host == "inference.baseten.co" or host.endswith(".api.baseten.co")
    return (parts.scheme == "https" or loopback) and (basetens or "baseten.co" not in host)


@anything
@given(names | st.text())
def test_any_aliases(text: str) -> None:
    aliases, error = made(ConfigurationError, parse_aliases, text)
    if error is not None:
        assert "BASETEN_OPENAI_ALIASES" in str(error)
        return
    again = ",".join(f"{name}={target}" for name, target in aliases.items())
    assert parse_aliases(again) == aliases


@anything
@given(variables, st.text(max_size=5))
def test_any_environment(environ: dict[str, str], ending: str) -> None:
    if "BASETEN_API_KEY" in environ:
        environ["BASETEN_API_KEY"] = MARK + ending
    loaded, error = made(ConfigurationError, Settings.load, environ=environ)
    if error is not None:
        assert any(name in str(error) for name in environ)
        assert MARK not in str(error)
        return
    assert MARK not in repr(loaded)
    assert is_safe(loaded.base_url)


# Each model of these catalogues has names that no other has, so that what a name means is known.
words = st.text("abcXYZ019.-", min_size=1, max_size=6).map(lambda word: f"m{word}x")


@st.composite
def catalogs(draw: st.DrawFn) -> tuple[Catalog, dict[str, str]]:
    """A catalogue of arbitrary models, and the slug that each of their names means."""
    models, meaning = [], {}
    for at, word in enumerate(draw(st.lists(words, min_size=1, max_size=4))):
        short, name, alias = f"{word}-{at}", f"Model {word} No {at}", f"alias-{at}-{word}"
        models.append(Model(f"org-{at}/{short}", name=name, aliases=(alias,)))
        meaning |= dict.fromkeys((f"org-{at}/{short}", short, name, alias), f"org-{at}/{short}")
    return Catalog(models), meaning


in_any_case = st.sampled_from([str, str.lower, str.upper, str.swapcase])
prefixes = st.sampled_from(["", "baseten/", "Baseten/baseten/", " "])


@anything
@given(catalogs(), in_any_case, prefixes, st.data())
def test_any_model_by_any_of_its_names(
    made_catalog: tuple[Catalog, dict[str, str]],
    spell: Callable[[str], str],
    prefix: str,
    data: st.DataObject,
) -> None:
    catalog, meaning = made_catalog
    name = data.draw(st.sampled_from(sorted(meaning)))
    spelled = prefix + spell(name)
    assert catalog.resolve(spelled).slug == meaning[name]
    assert catalog.resolve("mine", aliases={"mine": spelled}).slug == meaning[name]
    assert catalog.resolve("gpt-4o", default_model=spelled).slug == meaning[name]


@anything
@given(
    catalogs(),
    names | st.text(),
    st.dictionaries(names, names, max_size=2),
    st.none() | names,
)
def test_any_model_name(
    made_catalog: tuple[Catalog, dict[str, str]],
    name: str,
    aliases: dict[str, str],
    default: str | None,
) -> None:
    for catalog, slugs in ((CATALOG, None), (made_catalog[0], set(made_catalog[1].values()))):
        options = {"aliases": aliases, "default_model": default}
        model, error = made(UnknownModelError, catalog.resolve, name, **options)
        if error is not None:
            assert error.hint
            continue
        # one of the catalogue's, or one with a slash, which is sent as it is
        assert slugs is None or model.slug in slugs or "/" in model.slug
        assert catalog.resolve(model.slug).slug == model.slug
        assert isinstance(catalog.suggest(name), list)


@anything
@given(urls | st.text())
def test_any_base_url(url: str) -> None:
    checked, error = made(ConfigurationError, check_base_url, url)
    if error is not None:
        return
    assert check_base_url(checked) == checked
    assert is_safe(checked)


@anything
@given(st.text())
def test_any_key(text: str) -> None:
    key, error = made(ConfigurationError, clean_key, MARK + text, name="api_key=")
    if error is not None:
        assert MARK not in str(error)
        return
    assert key.isascii()
    assert key.isprintable()
    assert " " not in key


@anything
@given(st.text() | st.integers().map(str) | st.floats().map(str) | st.datetimes().map(str))
def test_any_retry_after(text: str) -> None:
    seconds = read_retry_after({"retry-after": text})
    assert seconds is None or seconds >= 0
