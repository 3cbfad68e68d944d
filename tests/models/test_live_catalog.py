"""``refresh_catalog()``: reading the live list, keeping it on disk, and doing without either."""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import client_factories
import openai
import pytest
from listing_server import ListingServer, listing, row

from baseten_openai import (
    Catalog,
    ConfigurationError,
    InvalidAPIKeyError,
    MissingAPIKeyError,
    Model,
    refresh_catalog,
    refresh_catalog_async,
)
from baseten_openai.errors import LiveListError
from baseten_openai.models.live_list import LiveCatalog, cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baseten_openai import emulator

CATALOG = Catalog.bundled()
NEW = "new-lab/Model-9"
KEY = "a-key-that-must-not-be-written-down"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder the lists are kept in; it does not exist yet."""
    variable = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME"
    monkeypatch.setenv(variable, str(tmp_path / "cache"))
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    return tmp_path / "cache" / "baseten-openai"


@pytest.fixture
def lists() -> Iterator[ListingServer]:
    with listing() as running:
        running.serve_json({"data": [row(NEW)]})
        yield running


def refreshing(client: Any, **options: Any) -> Any:
    is_async = isinstance(client, openai.AsyncOpenAI)
    return (refresh_catalog_async if is_async else refresh_catalog)(client, **options)


async def refreshed(
    url: str, *, is_async: bool = False, base: Catalog = CATALOG, **options: Any
) -> LiveCatalog:
    client = client_factories.subclass(is_async=is_async, base_url=url, max_retries=0)
    catalog: LiveCatalog = await client_factories.settled(
        refreshing(client, catalog=base, **options)
    )
    return catalog


def kept_file(cache: Path) -> Path:
    (path,) = cache.iterdir()
    return path


def kept_files(cache: Path) -> int:
    return len(list(cache.iterdir())) if cache.exists() else 0


def age(cache: Path, read_at: str) -> None:
    """Let the list on disk be from another time."""
    path = kept_file(cache)
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | {"read_at": read_at}))


@pytest.mark.anyio
@pytest.mark.parametrize("is_async", [False, True])
async def test_the_list_is_read_over_the_catalogue(
    server: emulator.EmulatorServer, *, is_async: bool
) -> None:
    catalog = await refreshed(server.base_url, is_async=is_async)
    assert [(request.method, request.path) for request in server.requests] == [
        ("GET", "/v1/models")
    ]
    assert {model.slug for model in catalog.values()} == {model.slug for model in CATALOG.values()}
    glm, spec = catalog.get("zai-org/GLM-4.7"), CATALOG.get("zai-org/GLM-4.7")
    assert glm is not None
    assert spec is not None
    assert (spec.status, glm.status) == ("unlisted", "listed")  # the emulator lists every model
    assert glm.price == spec.price
    assert catalog.provenance(glm.slug)["status"].layer == "live"
    assert catalog.provenance(glm.slug)["price.input"].layer == "specification"
    assert (catalog.from_cache, catalog.problem, catalog.url) == (False, "", server.base_url)
    assert CATALOG.get("zai-org/GLM-4.7") is spec  # the catalogue itself has not changed


@pytest.mark.anyio
@pytest.mark.parametrize(
    "factory", [client_factories.stock, client_factories.bound, client_factories.patched]
)
@pytest.mark.parametrize("is_async", [False, True])
async def test_any_client_of_the_sdk_will_do(
    lists: ListingServer, factory: Any, monkeypatch: pytest.MonkeyPatch, *, is_async: bool
) -> None:
    monkeypatch.setenv("BASETEN_BASE_URL", lists.url)
    options = {"api_key": KEY, "base_url": lists.url} if factory is client_factories.stock else {}
    catalog = await client_factories.settled(refreshing(factory(is_async=is_async, **options)))
    assert catalog.get(NEW).context_tokens == 777_000


def test_without_a_client_one_is_made_from_the_settings(
    lists: ListingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_BASE_URL", lists.url)
    assert NEW in refresh_catalog()
    assert lists.asked == ["/v1/models"]


def test_without_a_client_and_a_key_the_error_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("BASETEN_API_KEY")
    with pytest.raises(MissingAPIKeyError):
        refresh_catalog()


def test_what_is_no_client_is_refused() -> None:
    wrong: Any = "https://inference.baseten.co/v1"
    with pytest.raises(ConfigurationError, match="not str"):
        refresh_catalog(wrong)


@pytest.mark.anyio
async def test_a_refreshed_catalogue_is_one_for_a_client(lists: ListingServer) -> None:
    catalog = await refreshed(lists.url)
    client = client_factories.subclass(is_async=False, base_url=lists.url, catalog=catalog)
    assert client.baseten_settings.catalog is catalog
    model = catalog.resolve("model-9")
    assert model.slug == NEW
    assert model.price is not None
    assert model.price.input == Decimal(7)


@pytest.mark.anyio
async def test_the_user_comes_last(lists: ListingServer) -> None:
    catalog = Catalog([*(await refreshed(lists.url)).values(), Model(NEW, vision=True)])
    model = catalog.get(NEW)
    assert model is not None
    assert (model.vision, model.context_tokens) == (True, None)


@pytest.mark.anyio
async def test_a_list_is_never_laid_over_another(lists: ListingServer) -> None:
    first = await refreshed(lists.url)
    lists.serve_json({"data": [row("other-lab/Model-1")]})
    second = await refreshed(lists.url, base=first, max_age=0)
    assert NEW not in second
    assert "other-lab/Model-1" in second


@pytest.mark.anyio
@pytest.mark.parametrize("is_async", [False, True])
async def test_a_recent_list_is_taken_from_disk(lists: ListingServer, *, is_async: bool) -> None:
    first = await refreshed(lists.url, is_async=is_async)
    second = await refreshed(lists.url, is_async=is_async)
    assert len(lists.asked) == 1
    assert (first.from_cache, second.from_cache) == (False, True)
    assert second.read_at == first.read_at
    assert list(second) == list(first)
    assert second.notes == first.notes


@pytest.mark.anyio
@pytest.mark.parametrize("is_async", [False, True])
async def test_zero_reads_anew(lists: ListingServer, cache: Path, *, is_async: bool) -> None:
    await refreshed(lists.url, is_async=is_async)
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30)  # the clock was put back a little
    age(cache, soon.isoformat())
    assert not (await refreshed(lists.url, is_async=is_async, max_age=0)).from_cache
    assert len(lists.asked) == 2


@pytest.mark.anyio
@pytest.mark.parametrize("read_at", ["2020-01-01T00:00:00+00:00", "2999-01-01T00:00:00+00:00"])
async def test_a_list_that_is_too_old_or_from_the_future_is_read_anew(
    lists: ListingServer, cache: Path, read_at: str
) -> None:
    await refreshed(lists.url)
    age(cache, read_at)
    assert not (await refreshed(lists.url)).from_cache


@pytest.mark.anyio
@pytest.mark.parametrize("is_async", [False, True])
async def test_offline_the_list_on_disk_will_do_however_old(cache: Path, *, is_async: bool) -> None:
    with listing() as server:
        server.serve_json({"data": [row(NEW)]})
        await refreshed(server.url)
    age(cache, "2020-01-01T00:00:00+00:00")
    catalog = await refreshed(server.url, is_async=is_async)
    assert NEW in catalog
    assert catalog.from_cache
    assert catalog.read_at.year == 2020
    assert "could not be read" in catalog.problem


@pytest.mark.anyio
@pytest.mark.parametrize("is_async", [False, True])
async def test_offline_without_a_list_on_disk_the_failure_stands(*, is_async: bool) -> None:
    with listing() as server:
        pass
    with pytest.raises(openai.APIConnectionError):
        await refreshed(server.url, is_async=is_async)


@pytest.mark.anyio
@pytest.mark.parametrize("is_async", [False, True])
async def test_while_the_service_fails_the_list_on_disk_will_do(
    lists: ListingServer, *, is_async: bool
) -> None:
    await refreshed(lists.url)
    for status in (429, 503):
        lists.status = status
        catalog = await refreshed(lists.url, is_async=is_async, max_age=0)
        assert str(status) in catalog.problem


@pytest.mark.anyio
async def test_a_wrong_key_is_the_users_to_know(server: emulator.EmulatorServer) -> None:
    await refreshed(server.base_url)
    client = client_factories.subclass(
        is_async=False, base_url=server.base_url, api_key="wrong-key"
    )
    with pytest.raises(InvalidAPIKeyError):
        refresh_catalog(client, max_age=0)


NO_LISTS = [
    b"",
    b"<html>",
    b"[]",
    b"{}",
    b'{"data": {}}',
    b'{"data": []}',
    b'{"data": [{"id": 1}]}',
]


@pytest.mark.anyio
@pytest.mark.parametrize("body", NO_LISTS)
@pytest.mark.parametrize("is_async", [False, True])
async def test_what_is_no_list_is_refused_and_not_kept(
    lists: ListingServer, cache: Path, body: bytes, *, is_async: bool
) -> None:
    lists.body = body
    with pytest.raises(LiveListError):
        await refreshed(lists.url, is_async=is_async)
    assert kept_files(cache) == 0


@pytest.mark.anyio
@pytest.mark.parametrize("body", NO_LISTS)
async def test_what_is_no_list_does_not_replace_the_one_on_disk(
    lists: ListingServer, cache: Path, body: bytes
) -> None:
    await refreshed(lists.url)
    before = kept_file(cache).read_bytes()
    lists.body = body
    catalog = await refreshed(lists.url, max_age=0)
    assert NEW in catalog
    assert catalog.problem
    assert kept_file(cache).read_bytes() == before


@pytest.mark.anyio
@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"format": 1}', '{"format": 99, "url": "URL"}', "[" * 100_000],
)
async def test_a_broken_file_is_as_good_as_none(
    lists: ListingServer, cache: Path, content: str
) -> None:
    await refreshed(lists.url)
    kept_file(cache).write_text(content.replace("URL", lists.url))
    assert not (await refreshed(lists.url)).from_cache
    assert (await refreshed(lists.url)).from_cache


@pytest.mark.anyio
async def test_a_kept_list_without_models_is_as_good_as_none(
    lists: ListingServer, cache: Path
) -> None:
    await refreshed(lists.url)
    path = kept_file(cache)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"list": {"data": []}}))
    assert not (await refreshed(lists.url)).from_cache


def test_what_is_kept_is_for_its_user_only_and_holds_no_key(
    lists: ListingServer, cache: Path
) -> None:
    cache.mkdir(parents=True)
    cache.chmod(0o755)
    refresh_catalog(client_factories.subclass(is_async=False, base_url=lists.url))
    path = kept_file(cache)
    assert KEY not in path.read_text()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(cache.stat().st_mode) == 0o700


@pytest.mark.anyio
async def test_each_base_url_has_a_list_of_its_own(lists: ListingServer, cache: Path) -> None:
    await refreshed(lists.url)
    with listing() as other:
        other.serve_json({"data": [row("other-lab/Model-1")]})
        assert NEW not in await refreshed(other.url)
    assert kept_files(cache) == 2
    assert NEW in await refreshed(f"{lists.url}/")


@pytest.mark.anyio
async def test_a_cache_that_cannot_be_written_is_no_error(
    lists: ListingServer, cache: Path
) -> None:
    cache.parent.write_text("a file where the folder should be")
    assert NEW in await refreshed(lists.url)


def test_many_at_once_leave_one_whole_file(lists: ListingServer, cache: Path) -> None:
    client = client_factories.subclass(is_async=False, base_url=lists.url)
    found: list[bool] = []

    def work() -> None:
        found.extend(NEW in refresh_catalog(client, max_age=0) for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 20
    assert json.loads(kept_file(cache).read_text())["url"] == lists.url


def test_nothing_is_read_at_import_or_by_the_bundled_catalogue(cache: Path) -> None:
    code = (
        "import sys, baseten_openai; baseten_openai.catalog.resolve('glm-4.7')\n"
        "assert 'openai' not in sys.modules\n"
        "baseten_openai.patch(); import openai; openai.OpenAI()\n"
        "assert not [name for name in sys.modules if 'live_' in name and 'baseten' in name]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert not cache.exists()


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        ("linux", {}, "/home/ada/.cache/baseten-openai"),
        ("linux", {"XDG_CACHE_HOME": "/fast"}, "/fast/baseten-openai"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "/home/ada/.cache/baseten-openai"),
        ("darwin", {}, "/home/ada/Library/Caches/baseten-openai"),
        ("win32", {}, "/home/ada/AppData/Local/baseten-openai"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/baseten-openai"),
    ],
)
def test_the_folder_is_the_platforms(platform: str, environ: dict[str, str], folder: str) -> None:
    home = Path("/home/ada")
    assert cache_folder(environ, platform=platform, home=lambda: home) == Path(folder)


def test_without_a_home_nothing_is_kept() -> None:
    def no_home() -> Path:
        raise RuntimeError

    assert cache_folder({}, platform="linux", home=no_home) is None
