"""The switch of the fast paths: what is set up, for which clients, and what ``doctor`` says of it.

``fast_requests`` replaces a function of the SDK, so it serves all clients of the process, with the same
result for all. ``fast_construct`` is used in our hooks: for our clients, and for all while patched. Each is
set up when first needed; where the installed SDK does not fit, the SDK's own functions are used, without an error.

``BASETEN_OPENAI_FAST=off`` and ``fast=False`` turn both off. The function that requests pass through does
not know its client: it is the SDK's for all clients while any client with ``fast=False`` exists.
"""

from __future__ import annotations

import weakref
from types import MethodType
from typing import TYPE_CHECKING, Any

from openai import _base_client
from openai._utils import _transform

from .fast_construct import FastConstruct
from .fast_requests import FastTransform

if TYPE_CHECKING:
    from collections.abc import Callable

    from .bindings import Binding

_PROCESS_DATA: Any = _base_client.BaseClient.__dict__.get("_process_response_data")
_names = vars(_base_client)
_CONSTRUCT_TYPE: Any = _names.get("construct_type")


class _Lazy:
    """Something that is made once; ``None`` where making it fails."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self.made: Any = None
        self.reason: str | None = None

    def get(self) -> Any:
        if self.made is None and self.reason is None:
            try:
                self.made = self._make()
            except Exception as error:  # noqa: BLE001  # an SDK that does not fit: its own way is right
                self.reason = f"{type(error).__name__}: {error}"
        return self.made


_requests = _Lazy(lambda: FastTransform(_transform, _allowed))
_responses = _Lazy(FastConstruct)
_refusing: weakref.WeakSet[Binding] = weakref.WeakSet()
"""The bindings of living clients with ``fast=False``."""


def _allowed() -> bool:
    return not _refusing


def requests() -> FastTransform | None:
    """Return the replacement of the SDK's ``transform``, not installed yet; ``None`` if it does not fit."""
    made: FastTransform | None = _requests.get()
    return made


def use(binding: Binding) -> None:
    """Install the fast paths, or turn them off, as the settings of a new client or of ``patch()`` say."""
    if not binding.settings.fast:
        _refusing.add(binding)
    elif (made := requests()) is not None:
        made.install()


def take_out() -> None:
    """Put the SDK's function back. The next client of ours installs ours again."""
    if _requests.made is not None:
        _requests.made.uninstall()


def builder(wrapped: Callable[..., Any], client: Any) -> Callable[..., Any]:
    """Return ``process_data`` with the parameters of ``wrapped``."""
    return lambda **kw: process_data(wrapped, client, kw)


def process_data(wrapped: Any, client: Any, kw: dict[str, Any]) -> Any:
    """Do as ``wrapped``, the SDK's ``_process_response_data``, does with ``kw``; faster where it is the SDK's own."""
    data = kw.get("data")
    if (
        type(data) is dict
        and type(wrapped) is MethodType  # not another library's wrapper
        and wrapped.__func__ is _PROCESS_DATA
        and _names["construct_type"] is _CONSTRUCT_TYPE
        and not client._strict_response_validation  # noqa: SLF001  # the SDK asks it, too
    ):
        responses = _responses.made or _responses.get()
        step = None if responses is None else responses.step(kw["cast_to"])
        if step is not None:
            try:
                return step(data)
            except Exception:  # noqa: BLE001, S110  # the SDK's result, or its error
                pass
    return wrapped(**kw)


def describe(*, fast: bool) -> tuple[bool, str]:
    """Return whether the fast paths can be used as the setting ``fast`` says, and a line that says which are."""
    if not fast or _refusing:
        return True, "off: the SDK's own code prepares requests and builds responses"
    parts = {"requests": _requests, "responses": _responses}
    own = [
        f"not for {name}: the installed openai does not fit ({part.reason})"
        for name, part in parts.items()
        if part.get() is None
    ]
    return not own, "; ".join(own) or "for requests and responses"
