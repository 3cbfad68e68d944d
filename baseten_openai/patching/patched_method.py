"""One method that ``patch()`` wraps, and how it is put back under and over other people's wrappers."""

from __future__ import annotations

import inspect
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple

import wrapt

if TYPE_CHECKING:
    from collections.abc import Callable


class _Wrapper(NamedTuple):
    """One wrapper that was put on a method, for as long as anybody has it; what was there before it."""

    found: weakref.ref[Any]
    original: Any
    inherited: bool
    switch: list[bool]  # off when empty: wrapt asks a list without a call


class Site:
    """One method of one class: wrapped, restored, or switched off where others wrapped it since."""

    def __init__(self, cls: type, name: str, hook: Callable[..., Any]) -> None:
        """Wrap nothing yet; ``hook`` has wrapt's signature."""
        self.cls, self.name, self.hook = cls, name, hook
        # all but the last are out of sight, below a closure that names nothing, and off
        self._put_on: list[_Wrapper] = []

    @property
    def qualified_name(self) -> str:
        """Class and method."""
        return f"{self.cls.__name__}.{self.name}"

    @property
    def put_on(self) -> list[_Wrapper]:
        """Those that are somewhere still: not taken off, nor thrown out by another library."""
        self._put_on = [one for one in self._put_on if one.found() is not None]
        return self._put_on

    @property
    def is_on(self) -> bool:
        """Tell whether calls are handled here."""
        return any(one.switch for one in self.put_on)

    def put(self) -> None:
        """Wrap the method, or switch on the wrapper that is there."""
        for last in self.put_on[-1:]:
            if _is_below(last.found(), self.cls.__dict__.get(self.name)):
                last.switch[:] = [True]
                return
            last.switch.clear()
        switch: Any = [True]
        inherited = self.name not in self.cls.__dict__
        original = inspect.getattr_static(self.cls, self.name)  # not another wrapper's binding
        wrapper = wrapt.FunctionWrapper(original, self.hook, enabled=switch)
        self._put_on.append(_Wrapper(weakref.ref(wrapper), original, inherited, switch))
        setattr(self.cls, self.name, wrapper)

    def take(self) -> None:
        """Put back what was there; under somebody else's wrapper, switch ours off."""
        for last in reversed(tuple(self.put_on)):  # a later one may be on an earlier
            last.switch.clear()
            if _is(last.found(), self.cls.__dict__.get(self.name)):
                if last.inherited:
                    delattr(self.cls, self.name)
                else:
                    setattr(self.cls, self.name, last.original)
                self._put_on.remove(last)


def _is(wrapper: Any, found: Any) -> bool:
    """Tell our wrapper, or the bound copy of it that a library put back which was above it.

    Such a library, ddtrace for one, unwraps by ``cls.name = cls.name.__wrapped__``.
    """
    if type(found) is wrapt.BoundFunctionWrapper:
        found = found._self_parent  # noqa: SLF001  # wrapt's name for what it is a copy of
    return found is wrapper


def _is_below(wrapper: Any, found: Any) -> bool:
    while found is not None:
        if found is wrapper:
            return True
        found = getattr(found, "__wrapped__", None)
    return False
