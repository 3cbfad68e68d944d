"""``%load_ext baseten_openai``: magics, cell summaries, completion and short errors in a notebook.

``magics`` has the commands, ``cell_summary`` the summaries of ``%%baseten`` cells, ``short_errors`` the form
of exceptions, and ``completion`` tab completion.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..patching import control
from ..usage import report_text
from . import cell_summary, completion, short_errors
from .magics import BasetenMagics

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

WITHOUT_KEY = (
    "baseten_openai is loaded, and not yet at work: BASETEN_API_KEY is not set.\n"
    "  %baseten login        asks for a key, and keeps it in memory only\n"
    "                        (keys: https://app.baseten.co/settings/api_keys)\n"
    "  %baseten emulator on  plays offline, with made-up answers"
)

_loaded: dict[
    int, Any
] = {}  # by id of the shell: its magics, and the functions that undo the changes


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Patch the kernel if a key is set, and add ``%baseten`` and ``%%baseten``."""
    if id(shell) in _loaded:
        return
    magics = BasetenMagics(shell)
    shell.register_magics(magics)
    takers = [part.add(shell) for part in (cell_summary, completion, short_errors)]
    _loaded[id(shell)] = magics, takers
    report_text.cells = getattr(shell.compile, "_filename_map", {})
    if control.is_patched():
        magics.say()
    elif os.environ.get("BASETEN_API_KEY", "").strip():
        magics.on()
    else:
        print(WITHOUT_KEY)  # noqa: T201  # a notebook's output


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Undo all changes to the kernel."""
    found = _loaded.pop(id(shell), None)
    if found is None:
        return
    magics, takers = found
    magics.off()
    for take_back in takers:
        take_back()
    for kind in ("line", "cell"):
        registered = shell.magics_manager.magics[kind].get("baseten")
        if getattr(registered, "__self__", None) is magics:
            del shell.magics_manager.magics[kind]["baseten"]
