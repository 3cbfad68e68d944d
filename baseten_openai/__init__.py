"""Run code written for the ``openai`` SDK on Baseten's Model APIs.

Call ``baseten_openai.patch()`` once, or use ``from baseten_openai import OpenAI``. ``docs/architecture.md``
says how a request is processed.

Names are imported on first use: importing this module imports neither ``openai`` nor pydantic.
"""

from __future__ import annotations

import importlib

from ._version import __version__

TYPE_CHECKING = False  # type checkers take it as true; importing typing costs more than all of this
if TYPE_CHECKING:
    from typing import Any

    from .call_notes import BasetenWarning, Note, notes
    from .clients.bound import bind
    from .clients.classes import AsyncOpenAI, OpenAI
    from .clients.live_catalog import refresh_catalog, refresh_catalog_async
    from .clients.options import Options, PatchOptions
    from .errors import (
        AuthenticationError,
        BadRequestError,
        BasetenError,
        BasetenStatusError,
        CapacityError,
        ConfigurationError,
        ConflictError,
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
        UnprocessableEntityError,
        UnsupportedFeatureError,
    )
    from .extras import extra_body, reasoning, thinking
    from .models.catalog import Catalog, Feature, Model, Price
    from .models.live_list import LiveCatalog
    from .models.live_merge import ListNote, Source
    from .patching.control import (
        is_patched,
        patch,
        patch_status,
        patched,
        status,
        unpatch,
        unpatched,
    )
    from .patching.status import PatchStatus
    from .settings import OnUnsupported, Redirect, Settings
    from .usage.costs import Cost, Money, cost
    from .usage.ledger import Ledger, track
    from .usage.left_alone import ClientLeftAlone
    from .usage.report import Change, Failure, LeftAlone, ModelUse, Place, Report, Seconds, report
    from .usage.tokens import Tokens

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
    "Change",
    "ClientLeftAlone",
    "ConfigurationError",
    "ConflictError",
    "Cost",
    "CredentialError",
    "Failure",
    "Feature",
    "IncompatibleOpenAIError",
    "InternalServerError",
    "InvalidAPIKeyError",
    "InvalidResponseError",
    "Ledger",
    "LeftAlone",
    "ListNote",
    "LiveCatalog",
    "LiveListError",
    "MissingAPIKeyError",
    "Model",
    "ModelUse",
    "Money",
    "NotFoundError",
    "Note",
    "OnUnsupported",
    "OpenAI",
    "Options",
    "PatchOptions",
    "PatchStatus",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "Place",
    "Price",
    "RateLimitError",
    "Redirect",
    "Report",
    "Seconds",
    "Settings",
    "Source",
    "StreamInterruptedError",
    "Tokens",
    "UnknownModelError",
    "UnprocessableEntityError",
    "UnsupportedFeatureError",
    "__version__",
    "bind",
    "catalog",
    "cost",
    "extra_body",
    "is_patched",
    "notes",
    "patch",
    "patch_status",
    "patched",
    "reasoning",
    "refresh_catalog",
    "refresh_catalog_async",
    "report",
    "status",
    "thinking",
    "track",
    "unpatch",
    "unpatched",
]

_HOME = {
    "clients.bound": ("bind",),
    "clients.live_catalog": ("refresh_catalog", "refresh_catalog_async"),
    "clients.classes": ("AsyncOpenAI", "OpenAI"),
    "models.catalog": ("Catalog", "Feature", "Model", "Price"),
    "models.live_list": ("LiveCatalog",),
    "models.live_merge": ("ListNote", "Source"),
    "usage.costs": ("Cost", "Money", "cost"),
    "extras": ("extra_body", "reasoning", "thinking"),
    "usage.ledger": ("Ledger", "track"),
    "usage.left_alone": ("ClientLeftAlone",),
    "notebook": ("load_ipython_extension", "unload_ipython_extension"),
    "usage.report": (
        "Change",
        "Failure",
        "LeftAlone",
        "ModelUse",
        "Place",
        "Report",
        "Seconds",
        "report",
    ),
    "usage.tokens": ("Tokens",),
    "call_notes": ("BasetenWarning", "Note", "notes"),
    "patching.status": ("PatchStatus",),
    "patching.control": (
        "is_patched",
        "patch",
        "patch_status",
        "patched",
        "status",
        "unpatch",
        "unpatched",
    ),
    "clients.options": ("Options", "PatchOptions"),
    "settings": ("OnUnsupported", "Redirect", "Settings"),
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
