"""Factories of clients that talk to Baseten, with the key of the environment."""

from __future__ import annotations

import inspect
import os
from typing import TYPE_CHECKING, Any

import openai
import pytest

import baseten_openai
from baseten_openai import AsyncOpenAI, OpenAI

if TYPE_CHECKING:
    from collections.abc import Callable

REAL = "https://inference.baseten.co/v1"

opened: list[Any] = []
opened_sync: list[Any] = []
"""The clients made here and not closed yet; ``conftest`` closes them after each test."""


def made(client: Any) -> Any:
    """Let ``client`` be closed at the end of the test.

    A sync one closes itself, but, being part of a cycle, at times after its sockets were collected.
    """
    (opened if isinstance(client, openai.AsyncOpenAI) else opened_sync).append(client)
    return client


def stock(*, is_async: bool, **options: Any) -> Any:
    """The SDK's own client."""
    return made((openai.AsyncOpenAI if is_async else openai.OpenAI)(**options))


def subclass(*, is_async: bool, **options: Any) -> Any:
    """``baseten_openai.OpenAI``."""
    return made((AsyncOpenAI if is_async else OpenAI)(**options))


def bound(*, is_async: bool, **options: Any) -> Any:
    """A stock client, bound."""
    return baseten_openai.bind(stock(is_async=is_async, api_key="sk-foreign-stock", **options))


def patched(*, is_async: bool, **options: Any) -> Any:
    """A stock client made while the SDK is patched."""
    baseten_openai.patch()
    return stock(is_async=is_async, **options)


def made_before_patch(*, is_async: bool, **options: Any) -> Any:
    """A program that was configured for Baseten by hand: its key is right, the rest is OpenAI's."""
    key = os.environ["BASETEN_API_KEY"]
    url = os.environ.get("BASETEN_BASE_URL", REAL)
    own = {"Authorization": f"Bearer {key}"}
    client = stock(is_async=is_async, api_key=key, base_url=url, default_headers=own, **options)
    baseten_openai.patch()
    return client


CLIENT_FACTORIES: dict[str, Callable[..., Any]] = {
    "subclass": subclass,
    "bind": bound,
    "patch": patched,
    "patch-made-before": made_before_patch,
}
EACH_FACTORY = pytest.mark.parametrize("make", CLIENT_FACTORIES.values(), ids=CLIENT_FACTORIES)
SYNC_AND_ASYNC = pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])


async def settled(result: Any) -> Any:
    """Give what a sync client returned, or what an async client's awaitable gives."""
    return await result if inspect.isawaitable(result) else result
