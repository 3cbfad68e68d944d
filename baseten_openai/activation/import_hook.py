"""Activation when ``openai`` is imported, for the runner and by environment variable.

With ``AUTOWRAPT_BOOTSTRAP=baseten_openai``, autowrapt (extra ``auto``) finds the package's entry point when an
interpreter starts and calls ``patch_openai`` after ``openai`` was imported. This module imports nothing before.
"""

from __future__ import annotations

import os
import sys

from .. import deferred
from ..credentials import placeholder

TYPE_CHECKING = False  # importing typing would cost every interpreter that starts
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

VARIABLE = "AUTOWRAPT_BOOTSTRAP"
GROUP = "baseten_openai"
GROUPS = (GROUP, "baseten-openai", "baseten")
"""The names that ``AUTOWRAPT_BOOTSTRAP`` takes for this package: its groups of entry points."""

_guarded: dict[Any, tuple[Any, Any]] = {}  # class -> its __init__ and the guard that replaces it


def at_start(_: ModuleType) -> None:
    """Put the placeholder into ``OPENAI_API_KEY``, for programs that read it before they import openai."""
    placeholder.put_unless_off(os.environ)


def patch_openai(openai: ModuleType) -> None:
    """Patch with the settings of the environment. An invalid setting makes the import of openai fail.

    If one of our own modules imports openai, that module is only half imported and cannot patch yet. Then
    ``patching`` does it at the end of its import, or the first client does.
    """
    placeholder.put_unless_off(os.environ)  # the program may have read its .env file only now
    client = sys.modules.get("openai._client", openai)  # not a name that another library replaced
    for cls in (client.OpenAI, client.AsyncOpenAI):
        _guard(cls)
    if _is_half_imported():
        deferred.when_ready(finish)
    else:
        finish()


def finish() -> None:
    """Patch now unless it is done. Until it succeeds, no client can be created."""
    from ..patching.control import patch  # noqa: PLC0415  # only now is openai imported; patching calls this when imported

    waiting = dict(_guarded)
    if not waiting:
        return
    _guarded.clear()
    for cls, (original, guard) in waiting.items():
        if cls.__dict__["__init__"] is guard:  # otherwise another library has wrapped it
            cls.__init__ = original
    try:
        patch()
    except BaseException:
        for cls in waiting:
            _guard(cls)
        raise


def _guard(cls: Any) -> None:
    """Make the first client patch: no client may talk to OpenAI because an import was retried."""
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
    """Have child processes patched too, if autowrapt is installed; return whether it is."""
    from importlib.util import find_spec  # noqa: PLC0415  # not at interpreter start

    if find_spec("autowrapt") is None:
        return False
    groups = [name.strip() for name in environ.get(VARIABLE, "").split(",") if name.strip()]
    if not set(groups) & set(GROUPS):
        environ[VARIABLE] = ",".join([*groups, GROUP])
    return True
