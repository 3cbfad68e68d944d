"""Activation when ``openai`` is imported, for the runner and by environment variable.

``AUTOWRAPT_BOOTSTRAP=baseten_openai`` lets autowrapt (extra ``auto``) find this by the entry point
of the package when an interpreter starts, and call ``patch_openai`` when ``openai`` has been
imported. Imports nothing until then.
"""

from __future__ import annotations

import sys

from .. import deferred

TYPE_CHECKING = False  # importing typing would cost every interpreter that starts
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

VARIABLE = "AUTOWRAPT_BOOTSTRAP"
GROUP = "baseten_openai"

_guarded: dict[Any, tuple[Any, Any]] = {}  # class -> its __init__, and the guard in its place


def patch_openai(openai: ModuleType) -> None:
    """Patch, with the settings of the environment. An unusable setting fails the import of openai.

    Where openai was imported by a module of ours, that one is half there and cannot be used to patch:
    it is done when ``patching`` is there, or else with the first client.
    """
    for cls in (openai.OpenAI, openai.AsyncOpenAI):
        _guard(cls)
    if _is_half_imported():
        deferred.when_ready(finish)
    else:
        finish()


def finish() -> None:
    """Patch now if that is still to be done. Until it has worked no client can be made."""
    from ..patching.control import patch  # noqa: PLC0415  # openai is there only now; calls this when loaded

    waiting = dict(_guarded)
    if not waiting:
        return
    _guarded.clear()
    for cls, (original, guard) in waiting.items():
        if cls.__dict__["__init__"] is guard:  # else another library has wrapped it since
            cls.__init__ = original
    try:
        patch()
    except BaseException:
        for cls in waiting:
            _guard(cls)
        raise


def _guard(cls: Any) -> None:
    """Let the first client patch: none must talk to OpenAI because an import was tried twice."""
    if cls in _guarded:
        return
    from functools import wraps  # noqa: PLC0415  # openai has imported it

    original = cls.__init__

    @wraps(original)
    def guard(client: Any, *args: Any, **keywords: Any) -> None:
        if cls in _guarded:
            finish()
            cls.__init__(client, *args, **keywords)
        else:
            original(client, *args, **keywords)

    cls.__init__ = guard
    _guarded[cls] = (original, guard)


def _is_half_imported() -> bool:
    return any(
        getattr(getattr(module, "__spec__", None), "_initializing", False)
        for name, module in tuple(sys.modules.items())
        if name.startswith("baseten_openai.")
    )


def pass_on(environ: dict[str, str]) -> bool:
    """Let child processes be patched too, where autowrapt is installed; tell whether it is."""
    from importlib.util import find_spec  # noqa: PLC0415  # not at interpreter start

    if find_spec("autowrapt") is None:
        return False
    groups = [name.strip() for name in environ.get(VARIABLE, "").split(",") if name.strip()]
    if GROUP not in groups:
        environ[VARIABLE] = ",".join([*groups, GROUP])
    return True
