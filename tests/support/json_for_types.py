"""Strategies for JSON that fits a type of the SDK's, mostly, and JSON that does not."""

from __future__ import annotations

import functools
from typing import Any, Literal, get_args, get_origin

from hypothesis import strategies as st
from openai import _compat, _models

ODD_NUMBERS = st.sampled_from([2**53 + 1, -(2**63) - 1, 1.0, 0, True, float("inf")])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(["1", "1.5", "true", "2026-11-27", "2026-11-27T10:00:00Z"])
    | ODD_NUMBERS
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)
EXTRA_KEYS = st.sampled_from(
    ["reasoning", "stop_reason", "type", "_fields_set", "model_extra", "__cls"]
)


@functools.cache
def json_for(kind: Any) -> st.SearchStrategy[Any]:
    """Make JSON for a type's annotation: seven times in eight what fits, else anything."""
    return st.integers(0, 7).flatmap(lambda n: ANY_JSON if n == 0 else _fitting(kind))


def _fitting(kind: Any) -> st.SearchStrategy[Any]:
    if hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    origin, args = get_origin(kind) or kind, get_args(kind)
    if _compat.is_union(origin):
        return st.sampled_from(args).flatmap(json_for)
    if origin is Literal:
        return st.sampled_from(args)
    if origin is list and args:
        return st.lists(json_for(args[0]), max_size=2)
    if origin is dict and args:
        return st.dictionaries(st.text(max_size=3), json_for(args[1]), max_size=2)
    if isinstance(origin, type) and issubclass(origin, _models.BaseModel):
        return json_for_model(origin)
    simple = {
        str: st.text(max_size=5),
        int: st.integers(),
        float: st.floats(allow_nan=False) | st.integers(),
    }
    return simple.get(origin, ANY_JSON)


@functools.cache
def json_for_model(cls: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Make a JSON object for a class of the SDK's: most required fields, some others, some unknown ones."""
    fields = _compat.get_model_fields(cls)
    required = {n: f for n, f in fields.items() if f.is_required()}
    optional = {n: f for n, f in fields.items() if not f.is_required()}

    def build(names: list[str], *, whole: bool) -> st.SearchStrategy[dict[str, Any]]:
        chosen = {**(required if whole else {}), **{n: optional[n] for n in names}}
        fitting = {f.alias or n: json_for(f.annotation) for n, f in chosen.items()}
        return st.tuples(
            st.fixed_dictionaries(fitting), st.dictionaries(EXTRA_KEYS, ANY_JSON, max_size=1)
        ).map(lambda pair: {**pair[1], **pair[0]})

    names = (
        st.lists(st.sampled_from(sorted(optional)), max_size=3, unique=True)
        if optional
        else st.just([])
    )
    return st.tuples(names, st.integers(0, 7)).flatmap(lambda t: build(t[0], whole=t[1] > 0))
