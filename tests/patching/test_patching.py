"""``patch()``: unmodified programs talk to Baseten; what is not meant for it stays as it was."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import anyio
import openai
import pytest
from client_factories import SYNC_AND_ASYNC, made, settled, stock
from listeners import Elsewhere, Listener, listening

import baseten_openai
from baseten_openai import (
    ConfigurationError,
    CredentialError,
    MissingAPIKeyError,
    UnsupportedFeatureError,
    notes,
    patch,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from baseten_openai.emulator import EmulatorServer

    Ask = Callable[..., Awaitable[Any]]

pytestmark = pytest.mark.anyio

KEY = "abcd1234.of-baseten"
GLM = "zai-org/GLM-4.7"
ALIASES = {"mine": "glm-4.7"}
# What would be translated, or refused, if it were for Baseten.
OPENAIS_OWN: dict[str, Any] = {
    "model": "gpt-4o",
    "max_completion_tokens": 5,
    "store": True,
    "n": 2,
    "messages": [{"role": "developer", "content": "Hello"}],
}


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch, server: EmulatorServer) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as other:
        yield other


CALL = 'chat.completions.create(model="mine", messages=[{"role": "user", "content": "Hi"}])'
PROGRAMS = {
    "patched first": f"PATCH\nfrom openai import OpenAI\nOpenAI().{CALL}",
    "imported first": f"from openai import OpenAI\nPATCH\nOpenAI().{CALL}",
    "subclassed before": f"import openai\nclass Own(openai.OpenAI): pass\nPATCH\nOwn().{CALL}",
    "module": f"PATCH\nimport openai\nopenai.{CALL}",
    "module, imported first": f"import openai\nPATCH\nopenai.{CALL}",
    "module, with a key": f"import openai\nopenai.api_key = 'sk-x'\nPATCH\nopenai.{CALL}",
    "async": "from openai import AsyncOpenAI\nPATCH\nimport asyncio\n"
    f"async def main():\n    async with AsyncOpenAI() as client: await client.{CALL}\n"
    "asyncio.run(main())",
    "in another thread": "PATCH\nimport openai, threading\n"
    f"thread = threading.Thread(target=lambda: openai.OpenAI().{CALL})\n"
    "thread.start()\nthread.join()",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
async def test_an_unmodified_program_talks_to_baseten(
    program: str, server: EmulatorServer, tmp_path: Path
) -> None:
    one_line = "import baseten_openai; baseten_openai.patch(aliases={'mine': 'glm-4.7'})"
    path = tmp_path / "program.py"
    path.write_text(program.replace("PATCH", one_line), encoding="utf-8")
    await anyio.run_process([sys.executable, "-W", "error", str(path)])
    (request,) = server.requests
    assert request.json["model"] == GLM
    assert request.headers["authorization"] == f"Bearer {KEY}"


@SYNC_AND_ASYNC
async def test_clients_copies_and_subclasses(
    is_async: bool, ask: Ask, server: EmulatorServer
) -> None:
    patch(aliases=ALIASES)
    base: Any = openai.AsyncOpenAI if is_async else openai.OpenAI
    own: Any = type("Own", (base,), {"baseten": "an attribute that we have too"})
    for client in (made(base()), made(own()), made(base(base_url=server.base_url))):
        for one in (client, client.with_options(timeout=9), client.copy().copy()):
            assert type(one) is type(client)
            answer = await ask(one, model="mine")
            assert server.requests[-1].json["model"] == GLM
            assert len(notes(answer)) == 1
            with pytest.raises(UnsupportedFeatureError):
                await ask(one, n=2)


async def test_the_module_itself(ask: Ask, server: EmulatorServer) -> None:
    patch(aliases=ALIASES)
    answer = await ask(openai, model="mine")
    assert server.requests[-1].json["model"] == GLM
    assert len(notes(answer)) == 1
    with pytest.raises(UnsupportedFeatureError):
        await ask(openai, n=2)
    assert list(await ask(openai, stream=True))
    openai.models.list()
    assert server.requests[-1].path == "/v1/models"


@SYNC_AND_ASYNC
async def test_clients_made_before(is_async: bool, ask: Ask, server: EmulatorServer) -> None:
    elsewhere = Elsewhere()
    openais = stock(is_async=is_async, http_client=elsewhere.client(is_async=is_async))
    basetens = stock(is_async=is_async, base_url=server.base_url, api_key=KEY)
    patch(aliases=ALIASES)
    await ask(basetens, model="mine")
    assert server.requests[-1].json["model"] == GLM
    with pytest.raises(openai.NotFoundError) as caught:
        await ask(openais, model="mine")
    assert not isinstance(caught.value, baseten_openai.BasetenError)
    (request,) = elsewhere.arrived
    assert request.url == "https://api.openai.com/v1/chat/completions"
    assert request.keys == ["Bearer sk-of-openai"]
    assert b'"mine"' in request.body


def azure(url: str, *, is_async: bool) -> Any:
    cls = openai.AsyncAzureOpenAI if is_async else openai.AzureOpenAI
    root = url.removesuffix("/v1")
    return cls(api_key="azure", api_version="2024-10-21", azure_endpoint=root, max_retries=0)


def with_url(url: str, *, is_async: bool) -> Any:
    return stock(is_async=is_async, base_url=url, max_retries=0, organization="org")


def with_variable(url: str, *, is_async: bool) -> Any:
    with pytest.MonkeyPatch.context() as patching:
        patching.setenv("OPENAI_BASE_URL", url)
        return stock(is_async=is_async, max_retries=0, project="proj")


def copied(url: str, *, is_async: bool) -> Any:
    client = stock(is_async=is_async, max_retries=0)
    return client.with_options(base_url=url, api_key="of-the-other")


@pytest.mark.parametrize("make", [azure, with_url, with_variable, copied])
@SYNC_AND_ASYNC
async def test_other_clients_send_the_same_bytes(
    make: Any, is_async: bool, listener: Listener
) -> None:
    errors = []
    for patched in (False, True, True):
        if patched:
            patch(aliases={"gpt-4o": "glm-4.7"})
        client = made(make(listener.url, is_async=is_async))
        for one in (client, client.with_options(timeout=9)):
            with pytest.raises(openai.NotFoundError) as caught:
                await settled(one.chat.completions.create(**OPENAIS_OWN))
            errors.append((type(caught.value), str(caught.value)))
    plain, copy, *while_patched = listener.arrived
    assert b"max_completion_tokens" in plain.body
    assert while_patched == [plain, copy] * 2
    assert set(errors) == {errors[0]}
    assert errors[0][0] is openai.NotFoundError


@SYNC_AND_ASYNC
async def test_a_base_url_that_is_no_url_is_the_sdks_to_judge(is_async: bool) -> None:
    for url in ("https://host:port/v1", "no url"):
        outcomes = []
        for patched in (False, True):
            if patched:
                patch()
            try:
                outcomes.append(str(stock(is_async=is_async, base_url=url).base_url))
            except Exception as error:  # noqa: BLE001  # whatever it is, it must be the same
                outcomes.append(repr(error))
        assert outcomes[0] == outcomes[1]
        baseten_openai.unpatch()


async def test_a_module_with_its_own_base_url_sends_the_same_bytes(listener: Listener) -> None:
    openai.base_url = f"{listener.url}/"
    openai.max_retries = 0
    for patched in (False, True):
        if patched:
            patch(aliases={"gpt-4o": "glm-4.7"})
        with pytest.raises(openai.NotFoundError):
            openai.chat.completions.create(**OPENAIS_OWN)
    openai.max_retries = 2
    plain, while_patched = listener.arrived
    assert plain == while_patched
    assert plain.keys == ["Bearer sk-of-openai"]


@SYNC_AND_ASYNC
async def test_the_last_patch_holds(is_async: bool, ask: Ask, server: EmulatorServer) -> None:
    patch(aliases={"mine": "glm-5"}, default_model="glm-5")
    client = stock(is_async=is_async)
    first = patch(aliases={"mine": "glm-5"})
    assert patch(aliases=ALIASES).methods == first.methods
    for one in (client, stock(is_async=is_async)):
        answer = await ask(one, model="mine")
        assert server.requests[-1].json["model"] == GLM
        assert len(notes(answer)) == 1
        with pytest.raises(openai.NotFoundError):
            await ask(one, model="gpt-4")  # the default model is gone


@SYNC_AND_ASYNC
async def test_what_cannot_be_used_changes_nothing(
    is_async: bool, ask: Ask, server: EmulatorServer
) -> None:
    wrong: list[dict[str, Any]] = [
        {"on_unsupported": "panic"},
        {"aliases": {"a": ""}},
        {"base_url": "ftp://a"},
        {"api_key": "two words"},
    ]
    for settings in wrong:
        with pytest.raises(ConfigurationError):
            patch(**settings)
        assert not baseten_openai.is_patched()
    patch(aliases=ALIASES)
    for settings in wrong:
        with pytest.raises(ConfigurationError):
            patch(**settings)
    await ask(stock(is_async=is_async), model="mine")
    assert server.requests[-1].json["model"] == GLM


@SYNC_AND_ASYNC
async def test_a_key_that_is_set_later(
    is_async: bool, ask: Ask, server: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BASETEN_API_KEY")
    assert "missing: set BASETEN_API_KEY" in str(patch())
    with pytest.raises(MissingAPIKeyError, match="BASETEN_API_KEY"):
        stock(is_async=is_async)
    with pytest.raises(MissingAPIKeyError, match="BASETEN_API_KEY"):
        openai.models.list()
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    await ask(stock(is_async=is_async))
    await ask(openai)
    assert {r.headers["authorization"] for r in server.requests} == {f"Bearer {KEY}"}


@SYNC_AND_ASYNC
async def test_a_dedicated_deployments_predict_url_in_the_program(is_async: bool) -> None:
    patch()
    url = "https://model-abcd1234.api.baseten.co/environments/production"
    client = stock(is_async=is_async, base_url=f"{url}/predict")
    assert client.base_url == f"{url}/sync/v1/"  # see evidence.md#predict-urls


@SYNC_AND_ASYNC
async def test_a_users_client_with_basetens_key_for_another_host_is_refused(
    is_async: bool, listener: Listener
) -> None:
    patch()
    with pytest.raises(CredentialError, match=r"evil\.test"):
        stock(is_async=is_async, base_url="https://evil.test/v1", api_key=KEY)
    local = stock(is_async=is_async, base_url=listener.url, api_key=KEY, max_retries=0)
    with pytest.raises(openai.NotFoundError):
        await settled(local.chat.completions.create(**OPENAIS_OWN))
    assert listener.arrived[0].keys == [f"Bearer {KEY}"]


async def test_status(server: EmulatorServer) -> None:
    versions = f"(baseten-openai {baseten_openai.__version__}, openai {openai.VERSION})"
    assert str(baseten_openai.patch_status()) == f"not patched {versions}"
    assert not baseten_openai.patch_status().patched
    status = patch(aliases=ALIASES, default_model="glm-5", on_unsupported="warn")
    assert str(status).splitlines() == [
        f"patched {versions}",
        f"base URL: {server.base_url}",
        "key: set",
        "aliases: {'mine': 'glm-4.7'}",
        "default model: glm-5",
        "on unsupported: warn",
    ]
    assert status == baseten_openai.patch_status()
    assert status.patched
    assert baseten_openai.is_patched()
    assert status.settings is not None
    assert status.settings.aliases == ALIASES
    classes = {method.partition(".")[0] for method in status.methods}
    assert classes == {"OpenAI", "AsyncOpenAI"}
    assert not status.disabled_methods
    assert baseten_openai.unpatch() == baseten_openai.patch_status()
    assert not baseten_openai.is_patched()
    assert os.environ["BASETEN_API_KEY"] not in repr(status)
