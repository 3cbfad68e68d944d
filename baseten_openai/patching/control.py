"""``patch()`` and ``unpatch()``: stock clients talk to Baseten, and stop doing so.

wrapt wrappers go around the methods of ``openai.OpenAI`` and ``AsyncOpenAI``, so import order does not matter.
Clients with a ``base_url`` of their own are left alone. Clients of ``baseten_openai``'s classes and of
``bind()`` have their own hooks and are left alone too.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import openai
from openai import _base_client

from .. import deferred
from ..clients.options import check_names, given, make_settings
from ..fork_locks import ForkLock
from ..sdk import binding_sources, fast_paths, hooks, verification
from .new_clients import STATE, init
from .patched_method import PatchedMethod
from .status import PatchStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Unpack

    from ..clients.options import Options

_lock = ForkLock(threading.RLock)
_hooks = hooks.Hooks(binding_sources.PatchBindings(STATE))


def _make_methods() -> tuple[PatchedMethod, ...]:
    methods = []
    for cls, suffix in ((openai.OpenAI, ""), (openai.AsyncOpenAI, "_async")):
        methods.append(PatchedMethod(cls, "__init__", init))
        for method in verification.METHODS:
            hook = method.name.removeprefix("_") + (suffix if method.awaited else "")
            methods.append(PatchedMethod(cls, method.name, getattr(_hooks, hook)))
    return tuple(methods)


def patch(**options: Unpack[Options]) -> PatchStatus:
    """Make stock ``openai`` clients talk to Baseten, the module-level functions included.

    Applies to clients created afterwards without ``base_url`` (and without ``OPENAI_BASE_URL``), and to any
    client whose base URL is Baseten's. Keywords: ``api_key``, ``base_url``, ``aliases``, ``default_model``,
    ``on_unsupported``, ``catalog`` and ``settings``, as for ``OpenAI()``. You may call it again, from any
    thread: the last call's keywords replace the earlier ones. Without a key, creating a client raises
    ``MissingAPIKeyError``.

    Raises ``ConfigurationError`` for invalid settings and ``IncompatibleOpenAIError`` for an unsupported
    version of the SDK. In both cases nothing changes.
    """
    check_names(options, function="patch")
    return _patch(given(options))


def _patch(keywords: dict[str, Any]) -> PatchStatus:
    if isinstance(aliases := keywords.get("aliases"), Mapping):
        keywords = {**keywords, "aliases": dict(aliases)}  # the caller may change its own
    with _lock:
        if not is_patched():
            verification.verify()
        settings = make_settings(keywords)
        was_patched = is_patched()
        STATE.keywords = keywords
        STATE.use(settings)
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
            STATE.keywords = STATE.binding = None
            fast_paths.take_out()
            _reset_module_client()
        return patch_status()


@contextlib.contextmanager
def patched(**options: Unpack[Options]) -> Iterator[PatchStatus]:
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


def is_patched() -> bool:
    """Return whether ``patch()`` is in effect."""
    return STATE.keywords is not None


def patch_status() -> PatchStatus:
    """Return what is patched, and with which settings; the key is masked."""
    with _lock:
        binding = STATE.binding
        active = tuple(method.qualified_name for method in _methods if method.is_on)
        return PatchStatus(
            patched=is_patched(),
            settings=binding.settings if binding else None,
            methods=active,
            disabled_methods=tuple(
                method.qualified_name for method in _methods if method.wrappers and not method.is_on
            ),
        )


status = patch_status
"""The short name of ``patch_status``."""


def _reset_module_client() -> None:
    """Make the next ``openai.chat...`` call create the module's client again."""
    client, openai._client = openai._client, None  # noqa: SLF001  # what openai's own tests do
    if client is not None and isinstance(openai.http_client, _base_client.SyncHttpxClientWrapper):
        openai.http_client = None  # that client's own, which the SDK stored there


_methods = _make_methods()
deferred.run()  # activation waits if openai was imported by one of our own modules
