"""Compare an object that we build with the one that the SDK builds."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import openai
import pydantic
from openai import _models

from baseten_openai.sdk.fast_construct import FastConstruct

FAST = FastConstruct()


def state(made: Any) -> Any:
    """Everything that an object holds, at any depth, with the types."""
    if isinstance(made, list):
        return [state(one) for one in made]
    if isinstance(made, dict):
        return [(key, state(value)) for key, value in made.items()]
    if not isinstance(made, pydantic.BaseModel):
        return type(made), repr(made)
    return (
        type(made),
        state(made.__dict__),
        state(made.__pydantic_extra__),
        made.model_fields_set,
        made.__pydantic_private__,
    )


def sdks(kind: Any, value: Any) -> Any:
    """What the SDK makes, or the type of its error."""
    try:
        return _models.construct_type(type_=kind, value=copy.deepcopy(value))
    except Exception as error:  # noqa: BLE001  # compared
        return type(error)


def ours(kind: Any, value: Any) -> Any:
    """What we make; the SDK's own where we leave it to the SDK, as the hook does."""
    step = FAST.step(kind)
    assert step is not None
    try:
        return step(copy.deepcopy(value))
    except Exception:  # noqa: BLE001  # as the hook does
        return sdks(kind, value)


def assert_same(kind: Any, value: Any) -> None:
    theirs, made = sdks(kind, value), ours(kind, value)
    assert state(made) == state(theirs)
    if not isinstance(theirs, openai.BaseModel):
        return
    assert pickle.loads(pickle.dumps(made)) == theirs  # noqa: S301  # our own
    for options in (
        {},
        {"mode": "json"},
        {"exclude_unset": True},
        {"exclude_none": True},
        {"by_alias": True},
    ):
        assert dumped(made, options) == dumped(theirs, options)
    assert repr(made) == repr(theirs)


def dumped(made: Any, options: dict[str, Any]) -> Any:
    try:
        return repr(made.model_dump(warnings=False, **options))
    except Exception as error:  # noqa: BLE001  # values that Pydantic cannot write
        return type(error)
