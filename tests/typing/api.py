"""What type checkers see: checked by mypy and pyright, never run.

After ``from baseten_openai import OpenAI`` the SDK's own overloads hold. Each ``type: ignore`` is a call that
both checkers must reject: one that is accepted makes its comment unnecessary, which is an error too.
"""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from decimal import Decimal
from typing import assert_type

import openai
from openai import AsyncStream, Stream
from openai.types.chat import (
    ChatCompletion,
    ChatCompletionChunk,
    ParsedChatCompletion,
)
from pydantic import BaseModel

import baseten_openai
from baseten_openai import AsyncOpenAI, Catalog, Model, OpenAI, Options, PatchStatus, Settings


class Answer(BaseModel):
    """A class for structured output."""

    text: str


class CustomClient(openai.OpenAI):
    """A user's own subclass."""


def sync_client() -> None:
    """Every overload of the SDK's holds on the subclass."""
    client = OpenAI(
        api_key="key",
        aliases={"gpt-4o": "kimi-k2.5"},
        default_model="gpt-oss-120b",
        on_unsupported="warn",
        catalog=baseten_openai.catalog,
        timeout=10,
        max_retries=0,
    )
    assert_type(client.with_options(timeout=1), OpenAI)
    assert_type(client.copy(), OpenAI)
    plain = client.chat.completions.create(
        model="gpt-oss-120b", messages=[{"role": "user", "content": "Hello"}]
    )
    assert_type(plain, ChatCompletion)
    streamed = client.chat.completions.create(
        model="gpt-oss-120b", messages=[{"role": "user", "content": "Hello"}], stream=True
    )
    assert_type(streamed, Stream[ChatCompletionChunk])
    parsed = client.chat.completions.parse(
        model="gpt-oss-120b",
        messages=[{"role": "user", "content": "Hello"}],
        response_format=Answer,
    )
    assert_type(parsed, ParsedChatCompletion[Answer])
    assert_type(parsed.choices[0].message.parsed, Answer | None)
    for note in baseten_openai.notes(plain):
        assert_type(note.message, str)
        assert_type(note.param, str)


async def async_client() -> None:
    """Check the same for the asynchronous client."""
    client = AsyncOpenAI(aliases={}, on_unsupported="ignore")
    assert_type(client.with_options(timeout=1), AsyncOpenAI)
    assert_type(client.copy(), AsyncOpenAI)
    plain = await client.chat.completions.create(
        model="gpt-oss-120b", messages=[{"role": "user", "content": "Hello"}]
    )
    assert_type(plain, ChatCompletion)
    streamed = await client.chat.completions.create(
        model="gpt-oss-120b", messages=[{"role": "user", "content": "Hello"}], stream=True
    )
    assert_type(streamed, AsyncStream[ChatCompletionChunk])
    parsed = await client.chat.completions.parse(
        model="gpt-oss-120b",
        messages=[{"role": "user", "content": "Hello"}],
        response_format=Answer,
    )
    assert_type(parsed, ParsedChatCompletion[Answer])


def sdk_parameters() -> None:
    """The SDK's own parameters keep their types, at the constructors and in copies."""
    client = OpenAI(
        api_key=lambda: "key",
        base_url=None,
        organization=None,
        timeout=openai.Timeout(5),
        max_retries=1,
        default_headers={"X-Own": "1"},
        default_query={"own": 1},
        http_client=openai.DefaultHttpxClient(),
        websocket_base_url=None,
    )
    client.with_options(
        base_url=client.base_url,
        timeout=openai.NOT_GIVEN,
        max_retries=openai.NOT_GIVEN,
        set_default_headers={"X-Own": "2"},
        http_client=openai.DefaultHttpxClient(),
    )
    OpenAI(timeout="10")  # type: ignore[arg-type]
    OpenAI(max_retries="2")  # type: ignore[arg-type]
    OpenAI(default_headers=[("a", "b")])  # type: ignore[arg-type]
    OpenAI(base_url=5)  # type: ignore[arg-type]
    OpenAI(http_client=openai.DefaultAsyncHttpxClient())  # type: ignore[arg-type]
    OpenAI(flavour="mint")  # type: ignore[call-arg]
    AsyncOpenAI(timeout="10")  # type: ignore[arg-type]
    AsyncOpenAI(http_client=openai.DefaultHttpxClient())  # type: ignore[arg-type]
    AsyncOpenAI(api_key=lambda: "key")  # type: ignore[arg-type, return-value]
    client.with_options(timeout="10")  # type: ignore[arg-type]
    client.copy(max_retries="2")  # type: ignore[arg-type]
    client.copy(flavour="mint")  # type: ignore[call-arg]


def our_parameters(client: OpenAI) -> None:
    """Our keywords are typed at every door, and can be set back with ``NOT_GIVEN``."""
    client.with_options(aliases=openai.NOT_GIVEN, default_model=openai.NOT_GIVEN)
    options: Options = {"aliases": {"gpt-4o": "kimi-k2.5"}, "settings": Settings()}
    assert_type(baseten_openai.patch(**options), PatchStatus)
    assert_type(baseten_openai.bind(client, **options), OpenAI)
    assert_type(client.baseten_settings, Settings)
    OpenAI(aliases={"gpt-4o": 5})  # type: ignore[dict-item]
    OpenAI(on_unsupported="panic")  # type: ignore[arg-type]
    AsyncOpenAI(default_model=5)  # type: ignore[arg-type]
    client.with_options(on_unsupported="panic")  # type: ignore[arg-type]
    baseten_openai.patch(on_unsupported="panic")  # type: ignore[arg-type]
    baseten_openai.patch(alias={})  # type: ignore[call-arg]
    baseten_openai.bind(client, catalog="x")  # type: ignore[arg-type]
    with baseten_openai.patched(aliases=5):  # type: ignore[arg-type]
        pass
    client.baseten_settings.aliases["a"] = "b"  # type: ignore[index]
    client.baseten_settings.default_model = "a"  # type: ignore[misc]


def is_a_stock_client(client: OpenAI) -> openai.OpenAI:
    """Pass ours where the SDK's is asked for."""
    return client


def binding() -> None:
    """Bind a client without changing its class."""
    assert_type(baseten_openai.bind(openai.OpenAI()), openai.OpenAI)
    assert_type(baseten_openai.bind(openai.AsyncOpenAI()), openai.AsyncOpenAI)
    assert_type(baseten_openai.bind(CustomClient()), CustomClient)


def patching() -> None:
    """Patch with every keyword."""
    baseten_openai.patch()
    baseten_openai.patch(
        api_key="key",
        base_url="https://inference.baseten.co/v1",
        aliases={"gpt-4o": "kimi-k2.5"},
        default_model="gpt-oss-120b",
        on_unsupported="error",
        catalog=baseten_openai.catalog,
    )
    assert_type(baseten_openai.is_patched(), bool)
    with baseten_openai.patched(default_model="gpt-oss-120b"):
        pass
    baseten_openai.unpatch()


def models() -> None:
    """Look models up."""
    assert_type(baseten_openai.catalog, Catalog)
    assert_type(baseten_openai.catalog.resolve("glm-4.6"), Model)
    assert_type(baseten_openai.catalog.get("zai-org/GLM-4.6"), Model | None)
    assert_type(list(baseten_openai.catalog), list[str])
    assert_type(list(baseten_openai.catalog.values()), list[Model])
    model = baseten_openai.catalog.resolve("glm-4.6")
    assert_type(model.slug, str)
    assert_type(model.context_tokens, int | None)
    assert_type(model.vision, bool | None)
    assert_type(model.supports("vision"), bool | None)
    assert_type(Settings.load(), Settings)


def errors() -> None:
    """Catch errors as the SDK's, and read what ours add."""
    try:
        models()
    except baseten_openai.UnsupportedFeatureError as error:
        assert_type(error.model, str)
        assert_type(error.param, str | None)
        assert_type(error.hint, str | None)
        as_the_sdks: openai.BadRequestError = error
        raise as_the_sdks from None
    except baseten_openai.RateLimitError as error:
        assert_type(error.retry_after, float | None)
        status: int = error.status_code
        raise SystemExit(status) from None


def extras_and_costs(client: OpenAI) -> None:
    """Baseten's extras need no cast."""
    with baseten_openai.track() as ledger:
        answer = client.chat.completions.create(
            model="glm-4.7",
            messages=[{"role": "user", "content": "Hello"}],
            extra_body=baseten_openai.extra_body(thinking=True, top_k=40),
        )
    assert_type(answer, ChatCompletion)
    assert_type(baseten_openai.reasoning(answer.choices[0].message), str | None)
    assert_type(baseten_openai.cost(answer).total, Decimal | None)
    assert_type(ledger.cost, Decimal | None)
    assert_type(ledger.tokens.output, int)
