"""Wrap one method of the SDK and restore it, also when other libraries wrap the same method."""

from __future__ import annotations

import inspect
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple

import wrapt

if TYPE_CHECKING:
    from collections.abc import Callable


class _Wrapper(NamedTuple):
    """One installed wrapper, held weakly, and what it replaced."""

    found: weakref.ref[Any]
    original: Any
    inherited: bool
    switch: list[bool]  # empty is disabled; wrapt checks a list without a call


class PatchedMethod:
    """One method of one class: wrapped, restored, or disabled where others wrapped it afterwards."""

    def __init__(self, cls: type, name: str, hook: Callable[..., Any]) -> None:
        """Store what to wrap; ``hook`` has the signature of a wrapt wrapper."""
        self.cls, self.name, self.hook = cls, name, hook
        # all but the last are disabled, below another library's closure
        self._wrappers: list[_Wrapper] = []

    @property
    def qualified_name(self) -> str:
        """Class and method."""
        return f"{self.cls.__name__}.{self.name}"

    @property
    def wrappers(self) -> list[_Wrapper]:
        """The installed wrappers that still exist."""
        self._wrappers = [one for one in self._wrappers if one.found() is not None]
        return self._wrappers

    @property
    def is_on(self) -> bool:
        """Whether calls pass through an enabled wrapper."""
        return any(one.switch for one in self.wrappers)

    def install(self) -> None:
        """Wrap the method, or enable the wrapper that is there already."""
        for last in self.wrappers[-1:]:
            if _is_below(last.found(), self.cls.__dict__.get(self.name)):
                last.switch[:] = [True]
                return
            last.switch.clear()
        switch: Any = [True]
        inherited = self.name not in self.cls.__dict__
        original = inspect.getattr_static(self.cls, self.name)  # not another wrapper's binding
        wrapper = wrapt.FunctionWrapper(original, self.hook, enabled=switch)
        self._wrappers.append(_Wrapper(weakref.ref(wrapper), original, inherited, switch))
        setattr(self.cls, self.name, wrapper)

    def uninstall(self) -> None:
        """Restore the method; below another library's wrapper, only disable ours."""
        for last in reversed(tuple(self.wrappers)):  # a later one may wrap an earlier one
            last.switch.clear()
            if _is(last.found(), self.cls.__dict__.get(self.name)):
                if last.inherited:
                    delattr(self.cls, self.name)
                else:
                    setattr(self.cls, self.name, last.original)
                self._wrappers.remove(last)


def _is(wrapper: Any, found: Any) -> bool:
    """Return whether ``found`` is our wrapper, or the bound copy that another library put back.

    ddtrace, for one, unwraps by ``cls.name = cls.name.__wrapped__``.
    """
    if type(found) is wrapt.BoundFunctionWrapper:
        found = found._self_parent  # noqa: SLF001  # wrapt's name for the original
    return found is wrapper


def _is_below(wrapper: Any, found: Any) -> bool:
    while found is not None:
        if found is wrapper:
            return True
        found = getattr(found, "__wrapped__", None)
    return False
