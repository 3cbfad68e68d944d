"""Code written for the ``openai`` SDK runs on Baseten's Model APIs after one line.

``baseten_openai.patch()``, or ``from baseten_openai import OpenAI``. The way a request takes stands
in ``request``, the way an answer takes in ``response``, both as seen from the SDK in ``hooks``.

Names are imported when they are first used: this module itself imports neither ``openai`` nor
pydantic.
"""

from __future__ import annotations

import importlib

from ._version import __version__

TYPE_CHECKING = False  # type checkers take it as true; importing typing costs more than all of this
if TYPE_CHECKING:
    from typing import Any

    from .call_notes import BasetenWarning, Note, notes
    from .chat.extras import extra_body, reasoning, thinking, top_k
    from .clients.bound import bind
    from .clients.classes import AsyncOpenAI, OpenAI
    from .clients.live_catalog import refresh_catalog, refresh_catalog_async
    from .errors import (
        AuthenticationError,
        BadRequestError,
        BasetenError,
        BasetenStatusError,
        CapacityError,
        ConfigurationError,
        CredentialError,
        IncompatibleOpenAIError,
        InternalServerError,
        InvalidAPIKeyError,
        InvalidResponseError,
        LiveListError,
        MissingAPIKeyError,
        NotFoundError,
        PaymentRequiredError,
        PermissionDeniedError,
        RateLimitError,
        StreamInterruptedError,
        UnknownModelError,
        UnsupportedFeatureError,
    )
    from .models.catalog import Catalog, Model
    from .patching.control import is_patched, patch, patched, status, unpatch
    from .settings import Settings
    from .usage.costs import Cost, cost
    from .usage.ledger import Ledger, track
    from .usage.report import Report, report

    catalog: Catalog

__all__ = [
    "AsyncOpenAI",
    "AuthenticationError",
    "BadRequestError",
    "BasetenError",
    "BasetenStatusError",
    "BasetenWarning",
    "CapacityError",
    "Catalog",
    "ConfigurationError",
    "Cost",
    "CredentialError",
    "IncompatibleOpenAIError",
    "InternalServerError",
    "InvalidAPIKeyError",
    "InvalidResponseError",
    "Ledger",
    "LiveListError",
    "MissingAPIKeyError",
    "Model",
    "NotFoundError",
    "Note",
    "OpenAI",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "RateLimitError",
    "Report",
    "Settings",
    "StreamInterruptedError",
    "UnknownModelError",
    "UnsupportedFeatureError",
    "__version__",
    "bind",
    "catalog",
    "cost",
    "extra_body",
    "is_patched",
    "notes",
    "patch",
    "patched",
    "reasoning",
    "refresh_catalog",
    "refresh_catalog_async",
    "report",
    "status",
    "thinking",
    "top_k",
    "track",
    "unpatch",
]

_HOME = {
    "clients.bound": ("bind",),
    "clients.live_catalog": ("refresh_catalog", "refresh_catalog_async"),
    "clients.classes": ("AsyncOpenAI", "OpenAI"),
    "models.catalog": ("Catalog", "Model"),
    "usage.costs": ("Cost", "cost"),
    "chat.extras": ("extra_body", "reasoning", "thinking", "top_k"),
    "usage.ledger": ("Ledger", "track"),
    "notebook": ("load_ipython_extension", "unload_ipython_extension"),
    "usage.report": ("Report", "report"),
    "call_notes": ("BasetenWarning", "Note", "notes"),
    "patching.control": ("is_patched", "patch", "patched", "status", "unpatch"),
    "settings": ("Settings",),
}
_MODULES = {name: module for module, names in _HOME.items() for name in names}


def __getattr__(name: str) -> Any:
    if name == "catalog":
        from .models.catalog import Catalog  # noqa: PLC0415  # when first used, as everything here

        value: Any = Catalog.bundled()
    elif name in __all__ or name in _MODULES:
        value = getattr(importlib.import_module(f".{_MODULES.get(name, 'errors')}", __name__), name)
    else:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
