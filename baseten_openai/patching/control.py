"""``patch()`` and ``unpatch()``: stock clients talk to Baseten, and stop doing so.

wrapt wrappers go around the methods of ``openai.OpenAI`` and ``AsyncOpenAI``, so import order does not matter.
Clients with a ``base_url`` of their own are left alone. Clients of ``baseten_openai``'s classes and of
``bind()`` have their own hooks and are left alone too.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import openai
from openai import _base_client

from .. import deferred
from ..clients.options import PATCH_DEFAULTS, check_names, given, make_settings
from ..credentials import placeholder
from ..errors import IncompatibleOpenAIError
from ..fork_locks import ForkLock
from ..sdk import binding_sources, fast_paths, hooks, stock_clients, verification
from ..settings import FIELDS
from ..usage import left_alone
from . import reimports
from .new_clients import STATE, copy, init
from .patched_method import PatchedMethod
from .status import PatchStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Unpack

    from ..clients.options import PatchOptions
    from ..settings import Settings

logger = logging.getLogger("baseten_openai")

_lock = ForkLock(threading.RLock)
_hooks = hooks.Hooks(binding_sources.PatchBindings(STATE))


def _make_methods() -> tuple[PatchedMethod, ...]:
    methods = []
    for cls, suffix in zip(stock_clients.CLASSES, ("", "_async"), strict=True):
        methods += [PatchedMethod(cls, "__init__", init), PatchedMethod(cls, "copy", copy)]
        methods.append(PatchedMethod(cls, "with_options", copy))
        for method in verification.METHODS:
            hook = method.name.removeprefix("_") + (suffix if method.awaited else "")
            methods.append(PatchedMethod(cls, method.name, getattr(_hooks, hook)))
    return tuple(methods)


def patch(**options: Unpack[PatchOptions]) -> PatchStatus:
    """Make stock ``openai`` clients talk to Baseten, the module-level functions included.

    Applies to clients created afterwards without a base URL or with OpenAI's own, and to any client whose
    base URL is Baseten's. Keywords: ``api_key``, ``base_url``, ``aliases``, ``default_model``,
    ``on_unsupported``, ``catalog``, ``fast`` and ``settings``, as for ``OpenAI()``, and two of its own.
    ``redirect="unset"`` leaves clients alone that name OpenAI's own URL. ``placeholder_key=True`` sets
    ``OPENAI_API_KEY`` to a placeholder if only ``BASETEN_API_KEY`` is set, for code that reads the variable.

    You may call it again, from any thread: the last call's keywords replace the earlier ones, and the log
    says what changed. Without a key, creating a client raises ``MissingAPIKeyError``.

    Raises ``ConfigurationError`` for invalid settings and ``IncompatibleOpenAIError`` for an unsupported
    version of the SDK. In both cases nothing changes.
    """
    check_names(options, function="patch")
    return _patch(given(options), log_replaced=True)


def patch_again(**options: Unpack[PatchOptions]) -> PatchStatus:
    """Do what ``patch()`` does, without a log line about replaced settings: ``%baseten`` means to replace them."""
    check_names(options, function="patch")
    return _patch(given(options))


def _patch(keywords: dict[str, Any], *, log_replaced: bool = False) -> PatchStatus:
    if isinstance(aliases := keywords.get("aliases"), Mapping):
        keywords = {**keywords, "aliases": dict(aliases)}  # the caller may change its own
    with _lock:
        if not is_patched():
            verification.verify()
        _require_current_sdk()
        settings = make_settings(keywords)
        was_patched = is_patched()
        if log_replaced and was_patched and STATE.binding is not None:
            _log_replaced(STATE.binding.settings, settings)
        STATE.keywords = keywords
        STATE.use(settings)
        PATCH_DEFAULTS.load = STATE.load
        if settings.placeholder_key:
            placeholder.put(os.environ)
        if not was_patched:
            _reset_module_client()
        for method in _methods:
            method.install()
        return patch_status()


def unpatch() -> PatchStatus:
    """Restore the SDK. Where another library wrapped a method after us, our wrapper is only disabled.

    Clients created while patched keep Baseten's URL and key. When not patched, this removes disabled wrappers
    that can be removed by now.
    """
    with _lock:
        for method in _methods:
            method.uninstall()
        if is_patched():
            STATE.keywords = STATE.binding = PATCH_DEFAULTS.load = None
            fast_paths.take_out()
            _reset_module_client()
            if STATE.module_url is not None and openai.base_url is None:
                openai.base_url = STATE.module_url
            STATE.module_url = None
        placeholder.remove(os.environ)
        return patch_status()


@contextlib.contextmanager
def patched(**options: Unpack[PatchOptions]) -> Iterator[PatchStatus]:
    """Patch while the block runs, in all threads; then restore the earlier state, patched or not."""
    with _lock:
        block = _Block(STATE.keywords)
        check_names(options, function="patched")
        made = _patch(given(options))
        _blocks.append(block)
    try:
        yield made
    finally:
        with _lock:
            _leave(block)


class _Block:
    """A running ``patched()`` block, and the keywords that its end restores; ``None`` is unpatched."""

    def __init__(self, before: dict[str, Any] | None) -> None:
        self.before = before


_blocks: list[_Block] = []


def _leave(block: _Block) -> None:
    """Restore the earlier state. If a later block still runs, in another thread, its end does so."""
    at = _blocks.index(block)
    del _blocks[at]
    if at < len(_blocks):
        _blocks[at].before = block.before
    elif block.before is None:
        unpatch()
    else:
        _patch(block.before)


@contextlib.contextmanager
def unpatched() -> Iterator[None]:
    """Create clients of the SDK's own in the block, as without ``patch()``; they and their copies stay so.

    Applies to this thread or asyncio task, not to the module-level functions (``openai.chat...``). A client
    without a key raises ``MissingAPIKeyError`` if ``OPENAI_API_KEY`` holds our placeholder.
    """
    with _lock:
        _open_blocks.append(None)
        for method in _methods:
            if method.name == "__init__":
                method.install()  # also when nothing is patched: a later patch() must know these clients
    try:
        with stock_clients.creating("unpatched"):
            yield
    finally:
        with _lock:
            _open_blocks.pop()
            if not is_patched() and not _open_blocks:
                for method in _methods:
                    method.uninstall()


_open_blocks: list[None] = []
"""The ``unpatched()`` blocks that run now."""


def is_patched() -> bool:
    """Return whether ``patch()`` is in effect."""
    return STATE.keywords is not None


def patch_status() -> PatchStatus:
    """Return what is patched, and with which settings; the key is masked."""
    with _lock:
        binding = STATE.binding
        patched = is_patched()
        active = tuple(m.qualified_name for m in _methods if m.is_on and patched)
        return PatchStatus(
            patched=patched and reimports.is_current(),
            settings=binding.settings if binding else None,
            methods=active,
            disabled_methods=tuple(
                method.qualified_name for method in _methods if method.wrappers and not method.is_on
            ),
            left_alone=tuple(left_alone.clients()),
        )


status = patch_status
"""The short name of ``patch_status``."""


def _reset_module_client() -> None:
    """Make the next ``openai.chat...`` call create the module's client again."""
    client, openai._client = openai._client, None  # noqa: SLF001  # what openai's own tests do
    if client is not None and isinstance(openai.http_client, _base_client.SyncHttpxClientWrapper):
        openai.http_client = None  # that client's own, which the SDK stored there


def _require_current_sdk() -> None:
    """Raise an error if a program would get other classes of the SDK than those that we patch."""
    if reimports.is_current():
        return
    error = IncompatibleOpenAIError(
        "openai was imported again, from another place or in another version, after baseten_openai: clients "
        "of that copy would talk to OpenAI. Nothing was changed."
    )
    error.hint = "restart the program, or import baseten_openai after the last import of openai"
    raise error


def _log_replaced(before: Settings, after: Settings) -> None:
    """Log what an earlier ``patch()`` had set and this one sets otherwise; adding a setting replaces none."""
    changed = [
        f"{name} ({_replaced(name, getattr(before, name), getattr(after, name))})"
        for name in FIELDS
        if getattr(before, name) and getattr(before, name) != getattr(after, name)
    ]
    if changed:
        logger.warning("patch() replaced settings of an earlier patch(): %s", ", ".join(changed))


def _replaced(name: str, before: Any, after: Any) -> str:
    if name in {"api_key", "catalog"}:
        return "changed"  # a key must not be shown, and a catalogue is long
    if name == "aliases":
        before, after = dict(before), dict(after)
    return f"was {before!r}, is {after!r}"


_methods = _make_methods()
reimports.install()
deferred.run()  # activation waits if openai was imported by one of our own modules
