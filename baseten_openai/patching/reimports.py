"""Keep the patched classes when a program removes ``openai`` from ``sys.modules`` and imports it again.

Test runners, hot reload and ``mock.patch.dict(sys.modules)`` do so. A second copy of the SDK would have other
classes: its clients would talk to OpenAI, and its ``RateLimitError`` would not catch ours. Such an import acts
as ``importlib.reload(openai)`` instead: the module's globals start anew, and the classes stay the same.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..sdk.stock_clients import CLIENT_MODULE, OpenAI

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec

_ROOT = "openai"
_BELOW = f"{_ROOT}."
_kept: dict[str, ModuleType] = {}


class Finder:
    """An entry of ``sys.meta_path`` for the modules of the SDK that were imported before."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module that is kept; ``None`` for all others."""
        if name != _ROOT and not name.startswith(_BELOW):
            return None
        kept = _kept_module(name)
        if kept is None or (name == _ROOT and name in sys.modules):
            return None  # importlib.reload(openai) does what it should
        spec = _found_by_others(self, name, path, target)
        origin = getattr(kept.__spec__, "origin", None)
        if spec is None or spec.loader is None or spec.origin != origin:
            return None  # uninstalled, or another version
        spec.loader = _Loader(spec.loader, kept)  # type: ignore[assignment]  # it has the methods that are called
        return spec


class _Loader:
    """Returns the module that is kept; runs ``openai/__init__.py`` in it again, and no other module."""

    def __init__(self, loader: Any, kept: ModuleType) -> None:
        self._loader, self._kept = loader, kept

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        del spec
        return self._kept

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        if module.__name__ != _ROOT:
            return
        for name, kept in _kept.items():
            sys.modules.setdefault(name, kept)
        self._loader.exec_module(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


def install() -> None:
    """Keep the modules of the SDK that are imported now, and those that they import later."""
    _keep()
    if not any(type(finder) is Finder for finder in sys.meta_path):
        sys.meta_path.insert(0, _finder)


def is_current() -> bool:
    """Return whether a program that imports ``openai`` now gets the classes that we patch."""
    current = sys.modules.get(CLIENT_MODULE)
    return current is None or getattr(current, "OpenAI", None) is OpenAI


def _keep() -> None:
    for name, module in tuple(sys.modules.items()):
        if name == _ROOT or name.startswith(_BELOW):
            _kept.setdefault(name, module)


def _kept_module(name: str) -> ModuleType | None:
    """Return a module of the SDK that was imported before, also one that was imported later than ours."""
    if name in _kept:
        return _kept[name]
    parent, _, child = name.rpartition(".")
    package = _kept_module(parent) if parent else None
    found = vars(package).get(child) if package else None  # not getattr: the SDK imports on access
    return found if isinstance(found, ModuleType) and found.__name__ == name else None


def _found_by_others(
    finder: Finder, name: str, path: Sequence[str] | None, target: ModuleType | None
) -> ModuleSpec | None:
    for other in tuple(sys.meta_path):
        find: Any = getattr(other, "find_spec", None)
        if other is not finder and find is not None:
            spec: ModuleSpec | None = find(name, path, target)
            if spec is not None:
                return spec
    return None


_finder = Finder()
