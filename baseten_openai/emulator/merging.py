"""Convert a JSON schema to simple ones: no ``$ref``, ``allOf``, ``anyOf``, ``oneOf``, ``if``.

``flatten`` yields the alternatives, the most likely first. Keywords of both sides are intersected where
that is simple. Elsewhere the result is an approximation; the caller validates every instance against the
original schema.
"""

from __future__ import annotations

from math import lcm
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Schema = dict[str, Any]
Lookup = Any  # a Callable[[str], Any] that resolves a $ref within the document

_COMBINING = frozenset({"$ref", "allOf", "anyOf", "oneOf", "if", "then", "else"})
_SCHEMAS = frozenset(
    {"additionalProperties", "items", "propertyNames", "contains", "unevaluatedProperties"}
)
_COUNTS = frozenset(
    end + what for end in ("min", "max") for what in ("Length", "Items", "Properties", "Contains")
)
_MAX_ALTERNATIVES = 256


def flatten(
    schema: Any, lookup: Lookup, *, deep: bool = False, seen: tuple[str, ...] = ()
) -> Iterator[Schema]:
    """Yield simple schemas that together are equal to ``schema``; nothing for ``False``.

    ``deep``: prefer choices that end a recursion (null, then scalars).
    """
    if schema is True:
        yield {}
    if not isinstance(schema, dict):
        return
    base = {
        key: int(value) if key in _COUNTS else value  # 2.0 is a valid count
        for key, value in schema.items()
        if key not in _COMBINING
    }
    groups: list[list[Any]] = [[part] for part in schema.get("allOf", ())]
    groups += [_ordered(schema[key], deep=deep) for key in ("anyOf", "oneOf") if schema.get(key)]
    if "if" in schema:
        groups.append(
            [
                {"allOf": [schema["if"], schema.get("then", True)]},
                schema.get("else", True),
            ]
        )
    starts: Iterator[Schema] = iter([base])
    if reference := schema.get("$ref"):
        if reference in seen:
            return
        starts = _merged(
            base, flatten(lookup(reference), lookup, deep=deep, seen=(*seen, reference))
        )
    for start in starts:
        yield from _pick(start, groups, lookup, deep=deep, seen=seen)


def _pick(
    base: Schema, groups: list[list[Any]], lookup: Lookup, *, deep: bool, seen: tuple[str, ...]
) -> Iterator[Schema]:
    if not groups:
        yield base
        return
    for alternative in groups[0]:
        for merged in _merged(base, flatten(alternative, lookup, deep=deep, seen=seen)):
            yield from _pick(merged, groups[1:], lookup, deep=deep, seen=seen)


def _merged(base: Schema, others: Iterator[Schema]) -> Iterator[Schema]:
    for _, other in zip(range(_MAX_ALTERNATIVES), others, strict=False):
        if (merged := merge(base, other)) is not None:
            yield merged


def _ordered(alternatives: list[Any], *, deep: bool) -> list[Any]:
    if deep:
        return sorted(alternatives, key=_cost)
    return sorted(alternatives, key=lambda part: _cost(part) == 0)


def _cost(schema: Any) -> int:
    """Rank how much an alternative adds: null 0, scalars 1, arrays 2, the rest 3."""
    kind = schema.get("type") if isinstance(schema, dict) else None
    if kind == "null":
        return 0
    if kind in ("string", "integer", "number", "boolean") or (
        isinstance(schema, dict) and schema.keys() & {"const", "enum"}
    ):
        return 1
    return 2 if kind == "array" else 3


def merge(left: Schema, right: Schema) -> Schema | None:
    """Return a simple schema for both, or None if obviously no instance satisfies both."""
    result = {**right, **left}
    for key in left.keys() & right.keys():
        mine, theirs = left[key], right[key]
        if key == "type":
            both = _common_types(mine, theirs)
        elif key == "enum":
            both = [value for value in mine if value in theirs]
        elif key == "const":
            both = [mine] if mine == theirs else []
        else:
            result[key] = _both(key, mine, theirs)
            continue
        if not both:
            return None
        result[key] = both[0] if key == "const" else both
    return result


def _both(key: str, mine: Any, theirs: Any) -> Any:
    """Return the value of a keyword that combines both values; the first for an unknown keyword."""
    for matches, join in _JOINS:
        if matches(key):
            return join(mine, theirs)
    return mine


def _join_schemas(mine: Any, theirs: Any) -> Any:
    return mine if mine == theirs else {"allOf": [mine, theirs]}


def _join_named(mine: Schema, theirs: Schema) -> Schema:
    shared = {name: _join_schemas(mine[name], theirs[name]) for name in mine if name in theirs}
    return {**mine, **theirs, **shared}


def _join_multiples(mine: float, theirs: float) -> float:
    if isinstance(mine, int) and isinstance(theirs, int):
        return lcm(mine, theirs)
    return mine  # fractions are left to the validation


_JOINS: tuple[tuple[Callable[[str], bool], Callable[[Any, Any], Any]], ...] = (
    (lambda key: key in ("properties", "patternProperties"), _join_named),
    (lambda key: key == "required", lambda mine, theirs: list(dict.fromkeys([*mine, *theirs]))),
    (lambda key: key in _SCHEMAS, _join_schemas),
    (lambda key: key.startswith(("min", "exclusiveMin")), max),
    (lambda key: key.startswith(("max", "exclusiveMax")), min),
    (lambda key: key == "multipleOf", _join_multiples),
    (lambda key: key.startswith("depend"), lambda mine, theirs: {**theirs, **mine}),
)


def _common_types(mine: str | list[str], theirs: str | list[str]) -> list[str]:
    left = [mine] if isinstance(mine, str) else mine
    right = [theirs] if isinstance(theirs, str) else theirs
    common = [kind for kind in left if kind in right]
    if "integer" not in common and {"integer", "number"} <= {*left, *right}:
        common.append("integer")
    return common
