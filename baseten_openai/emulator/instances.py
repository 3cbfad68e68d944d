"""Make a deterministic instance of any JSON schema, and validate it with ``jsonschema``.

Why not a library: in a test of November 2026 with 24 satisfiable schemas, hypothesis-jsonschema
0.23 made 1 (objects fail with today's hypothesis), jsf 0.11 and fences 1.4 13 each, faker-jsonschema
1.0 21, one of them in two minutes; jsf draws from the process's random state. So candidates are
built here (``merging`` removes combinators, ``samples`` has the values), and only those that
``jsonschema`` accepts are used.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING, Any

import referencing.exceptions
from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import SchemaError
from referencing import Registry

from . import samples
from .hints import Hints
from .merging import flatten

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEP = 4
_TOO_DEEP = 24
_STEPS = 10_000
_OBJECT_VARIANTS = 8
_ARRAY_VARIANTS = 2
_LIST_LENGTHS = (2, 2, 2, 1)
_SCALARS: dict[str, tuple[Any, ...]] = {"boolean": (True, False), "null": (None,)}
_INFERRED = (
    ("object", {"properties", "required", "additionalProperties", "minProperties"}),
    ("array", {"items", "prefixItems", "minItems", "contains", "uniqueItems"}),
    ("string", {"minLength", "maxLength", "pattern", "format"}),
    ("number", {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
)


class NoInstanceError(ValueError):
    """The schema is invalid or has an unresolvable reference, or no instance was found."""


def instance(schema: Any, hints: Hints | None = None) -> Any:
    """Return a valid instance of ``schema``, filled from ``hints`` where they fit.

    Raises NoInstanceError.
    """
    if (problem := schema_problem(schema)) is not None:
        raise NoInstanceError(problem)
    try:
        for value in _Maker(schema, hints or Hints()).instances(schema, "", 0):
            return value
    except re.error as error:
        message = f"a pattern is no Python regular expression: {error}"
        raise NoInstanceError(message) from error
    except referencing.exceptions.Unresolvable as error:
        message = f"cannot resolve {error.ref!r}"
        raise NoInstanceError(message) from error
    except RecursionError as error:
        message = "too deeply nested"
        raise NoInstanceError(message) from error
    message = "no instance of this schema was found"
    raise NoInstanceError(message)


def schema_problem(schema: Any) -> str | None:
    """Return the error that the metaschema finds in a JSON schema, or None."""
    if isinstance(schema, bool):
        return None
    if not isinstance(schema, dict):
        return f"{schema!r} is not a JSON schema"
    try:
        validators.validator_for(schema, default=Draft202012Validator).check_schema(schema)
    except SchemaError as error:
        return f"{'.'.join(map(str, error.absolute_path)) or 'schema'}: {error.message}"
    return None


class _Maker:
    """Builds candidates for one schema document and validates each."""

    def __init__(self, root: Any, hints: Hints) -> None:
        cls: Any = validators.validator_for(root, default=Draft202012Validator)
        # with an empty registry, an unknown $ref is an error, not a download
        self._validator: Any = cls(root, registry=Registry(), format_checker=cls.FORMAT_CHECKER)
        # under "not" and "if" the result depends on whether formats are checked: test both
        self._lenient: Any = cls(root, registry=Registry())
        self._hints = hints
        self._steps = _STEPS

    def instances(self, schema: Any, name: str, depth: int) -> Iterator[Any]:
        """Yield distinct valid instances; ``name`` is the property they are for."""
        if depth > _TOO_DEEP:
            return
        validator = self._validator.evolve(schema=schema)
        seen: set[str] = set()
        for flat in flatten(schema, self._lookup, deep=depth >= _DEEP):
            for value in self._candidates(flat, name, depth):
                self._spend()
                key = json.dumps(value, sort_keys=True)
                if key in seen or not validator.is_valid(value):
                    continue
                if depth or self._lenient.is_valid(value):
                    seen.add(key)
                    yield value

    def _spend(self) -> None:
        """Count a step. The limit ends long searches without a clock."""
        self._steps -= 1
        if self._steps < 0:
            message = "the schema is too complicated for the emulator"
            raise NoInstanceError(message)

    def _lookup(self, reference: str) -> Any:
        return self._validator._resolver.lookup(reference).contents  # noqa: SLF001

    def _candidates(self, flat: dict[str, Any], name: str, depth: int) -> Iterator[Any]:
        if "const" in flat:
            yield flat["const"]
            return
        if "enum" in flat:
            yield from sorted(
                flat["enum"],
                key=lambda value: not (isinstance(value, str) and self._hints.mentions(value)),
            )
            return
        yield from flat.get("examples", ())
        for kind in _kinds(flat):
            if kind == "object":
                yield from self._objects(flat, depth)
            elif kind == "array":
                yield from self._arrays(flat, name, depth)
            elif kind == "string":
                yield from samples.strings(flat, name, self._hints)
            elif kind in ("integer", "number"):
                yield from samples.numbers(flat, name, self._hints, whole=kind == "integer")
            else:
                yield from _SCALARS.get(kind, ())

    def _objects(self, flat: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
        declared = flat.get("properties", {})
        required = [*flat.get("required", ())]
        every = [*declared, *(name for name in required if name not in declared)]
        choices = [required] if depth >= _DEEP else [every, required]
        children: dict[str, _Lazy] = {}
        for variant, wanted in itertools.product(range(_OBJECT_VARIANTS), choices):
            made: dict[str, Any] = {}
            names = [*wanted, *_dependents(flat, wanted)]
            extra = samples.extra_names(flat)
            while names or len(made) < flat.get("minProperties", 0):
                name = names.pop(0) if names else next(extra, None)
                if name is None:
                    break
                self._spend()
                if name in made or (
                    name not in required and len(made) >= flat.get("maxProperties", len(made) + 1)
                ):
                    continue
                if name not in children:
                    schema = _property_schema(flat, name)
                    children[name] = _Lazy(self.instances(schema, name, depth + 1))
                found, value = children[name].get(variant)
                if found:
                    made[name] = value
                elif name in required:
                    return
            yield made

    def _arrays(self, flat: dict[str, Any], name: str, depth: int) -> Iterator[list[Any]]:
        prefix, rest = _item_schemas(flat)
        low, high = flat.get("minItems", 0), flat.get("maxItems")
        wanted = max(low, len(prefix), 0 if depth >= _DEEP else _LIST_LENGTHS[depth])
        contained = flat.get("minContains", 1) if "contains" in flat else 0
        wanted = max(wanted, contained)
        lengths = [wanted if high is None else min(wanted, high), low, low + 1, len(prefix)]
        for length, variant in itertools.product(dict.fromkeys(lengths), range(_ARRAY_VARIANTS)):
            made: list[Any] = []
            for index in range(length):
                schema = prefix[index] if index < len(prefix) else rest
                if length - index <= contained:
                    schema = {"allOf": [schema, flat["contains"]]}
                items = self.instances(schema, name, depth + 1)
                if flat.get("uniqueItems"):
                    items = (item for item in items if item not in made)
                # later items take later instances, so that the items of a list differ
                offset = variant if index < len(prefix) else variant + index
                found, value = _Lazy(items).get(0 if flat.get("uniqueItems") else offset)
                if not found:
                    break
                made.append(value)
            yield made


class _Lazy:
    """The first instances of an iterator. Past the end, the last one is repeated."""

    def __init__(self, source: Iterator[Any]) -> None:
        self._source = source
        self._kept: list[Any] = []

    def get(self, index: int) -> tuple[bool, Any]:
        """Return (True, the index-th or last instance), or (False, None) when there is none."""
        missing = index + 1 - len(self._kept)
        if missing > 0:
            self._kept += itertools.islice(self._source, missing)
        if not self._kept:
            return False, None
        return True, self._kept[min(index, len(self._kept) - 1)]


def _kinds(flat: dict[str, Any]) -> list[str]:
    kind = flat.get("type")
    if kind is None:
        inferred = [kind for kind, keys in _INFERRED if flat.keys() & keys]
        return [*inferred, *(other for other in ("string", "object", "null") if not inferred)]
    kinds = [kind] if isinstance(kind, str) else list(kind)
    return sorted(kinds, key=lambda one: one == "null")


def _dependents(flat: dict[str, Any], names: list[str]) -> list[str]:
    rules = {**flat.get("dependencies", {}), **flat.get("dependentRequired", {})}
    found: list[str] = []
    queue = list(names)
    while queue:
        needed = rules.get(queue.pop(), ())
        for other in needed if isinstance(needed, list) else ():
            if other not in found:
                found.append(other)
                queue.append(other)
    return found


def _property_schema(flat: dict[str, Any], name: str) -> Any:
    found = [flat["properties"][name]] if name in flat.get("properties", {}) else []
    found += [
        schema
        for pattern, schema in flat.get("patternProperties", {}).items()
        if re.search(pattern, name)
    ]
    if not found:
        return flat.get("additionalProperties", True)
    return found[0] if len(found) == 1 else {"allOf": found}


def _item_schemas(flat: dict[str, Any]) -> tuple[list[Any], Any]:
    items = flat.get("items", True)
    if isinstance(items, list):  # drafts before 2020-12
        return items, flat.get("additionalItems", True)
    return flat.get("prefixItems", []), items
