"""The SDK's own client classes, and the circumstances in which one of their objects is created.

The classes come from ``openai._client``: another library may have replaced the names in ``openai`` by a
subclass or a function.
"""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal

from openai._client import AsyncOpenAI, OpenAI

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "CLASSES",
    "CLIENT_MODULE",
    "AsyncOpenAI",
    "OpenAI",
    "creating",
    "creation",
    "is_other_service",
]

CLASSES: tuple[type[OpenAI], type[AsyncOpenAI]] = (OpenAI, AsyncOpenAI)

CLIENT_MODULE = "openai._client"
"""Where the classes are defined; the SDK sets their ``__module__`` to ``openai``."""

Creation = Literal["bind", "unpatched", "copy"]
"""Who creates clients: ``bind()``, a program in an ``unpatched()`` block, or a client that is copied."""

creation: ContextVar[Creation | None] = ContextVar("baseten_openai_creation", default=None)

_OTHER_SERVICES = frozenset(
    {"AzureOpenAI", "AsyncAzureOpenAI", "BedrockOpenAI", "AsyncBedrockOpenAI"}
)


@contextlib.contextmanager
def creating(by: Creation | None) -> Iterator[None]:
    """Say who creates the clients that this thread or task makes in the block."""
    before = creation.get()
    creation.set(by)
    try:
        yield
    finally:
        creation.set(before)  # a token could not be reset in another context


def is_other_service(cls: type[Any]) -> bool:
    """Return whether a class is that of another service's clients: Azure's or Bedrock's."""
    return any(
        base.__name__ in _OTHER_SERVICES and base.__module__.partition(".")[0] == "openai"
        for base in cls.__mro__
    )
