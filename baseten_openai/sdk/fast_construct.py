"""The SDK's ``construct``, compiled once for a class: the same objects in a fraction of the time.

The SDK builds each answer and each chunk without validation, and finds out anew for each one what the
annotations of its class mean. ``Compiler`` reads the annotations of a class once, and keeps one function
for each field. The functions do what ``BaseModel.construct`` and ``construct_type`` do: they take values
of simple types as they are, build nested models, and let Pydantic validate unions. What they do not
know (an alias, a date, a union that does not validate) they hand to the SDK's ``construct_type``; a class
that is not what is expected is left to the SDK as a whole.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin

import pydantic
from openai import _models as sdk
from openai.types.chat.chat_completion import Choice

if TYPE_CHECKING:
    from collections.abc import Callable

    Step = Callable[[Any], Any]
    """Makes a value from JSON, ``None`` included."""
    Build = Callable[[dict[str, Any]], Any]
    """Makes an object from a JSON object."""

_models: Any = sdk  # names that it imports, too
_put = object.__setattr__
_CONTROL = frozenset(("_fields_set", "__cls", "_BaseModel__cls"))
"""JSON keys that ``construct(**values)`` would take for its own parameters."""
_CONSTANTS = (type(None), str, int, float, bool)
"""Types of defaults that the SDK need not copy for each object."""
_SIMPLE = (str, int, bool, object, Any)


class UnknownError(Exception):
    """The SDK's own way must be taken."""


class Compiler:
    """Makes functions that build objects of the SDK's classes from JSON."""

    def __init__(self) -> None:
        """Find the SDK's functions. Raises an exception where one is missing or takes other parameters."""
        self.construct_type = _models.construct_type
        self._construct = _models.BaseModel.__dict__["construct"].__func__
        self._fields = _models.get_model_fields
        self._default = _models.field_get_default
        self._adapter = getattr(_models, "TypeAdapter", pydantic.TypeAdapter)
        self._is_alias = _models.is_type_alias_type
        self._extra_type = getattr(_models, "_get_extra_fields_type", lambda _cls: None)
        parameters = inspect.signature(self.construct_type).parameters
        if next(iter(parameters), "") != "value" or "type_" not in parameters:
            message = "construct_type() takes other parameters"
            raise UnknownError(message)
        self._takes_metadata = "metadata" in parameters
        self._builds: dict[type, Build] = {}

    def step(self, kind: Any, metadata: tuple[Any, ...] = ()) -> Step | None:  # noqa: PLR0911  # the order of construct_type
        """Return what ``construct_type`` does with a value of type ``kind``; ``None``: nothing."""
        sdks = self._sdks(kind, metadata)
        if self._is_alias(kind):
            return sdks
        if not metadata and hasattr(kind, "__metadata__"):
            kind, metadata = kind.__origin__, kind.__metadata__
        origin: Any = get_origin(kind) or kind
        if _models.is_union(origin):
            return _Union(self, kind, sdks)
        if origin is dict:
            return self._dict(kind, sdks)
        if isinstance(origin, type) and issubclass(origin, _models.BaseModel):
            return self._model_or_list(origin, sdks) if origin is kind else sdks
        if origin is list:
            return self._list(kind, sdks)
        if origin is float:
            return _float(sdks)
        simple = kind in _SIMPLE or origin is Literal or isinstance(kind, TypeVar)
        return None if simple else sdks

    def build(self, cls: type) -> Build:
        """Return a function that does as ``cls.construct(**values)``.

        Raises ``UnknownError`` for a class that only the SDK can construct.
        """
        known = self._builds.get(cls)
        if known is None:
            known = self._builds[cls] = self._build(cls)
        return known

    def _build(self, cls: Any) -> Build:
        if (
            cls.construct.__func__ is not self._construct
            or cls.__new__ is not object.__new__
            or self._extra_type(cls) is not None
        ):
            raise UnknownError
        template: dict[str, Any] = {}
        steps: dict[str, Step | None] = {}
        for name, field in self._fields(cls).items():
            template[name] = default = self._default(field)
            if field.alias is not None or type(default) not in _CONSTANTS or not field.annotation:
                raise UnknownError
            steps[name] = self._lazy(steps, name, field)

        def build(values: dict[str, Any]) -> Any:
            made = object.__new__(cls)
            held = template.copy()
            names = set()
            extra = {}
            for key, value in values.items():
                if key in steps:
                    names.add(key)
                    if value is not None:
                        step = steps[key]
                        held[key] = value if step is None else step(value)
                elif key in _CONTROL:
                    raise UnknownError
                else:
                    extra[key] = value
            _put(made, "__dict__", held)
            _put(made, "__pydantic_private__", None)
            _put(made, "__pydantic_extra__", extra)
            _put(made, "__pydantic_fields_set__", names)
            return made

        return build

    def _lazy(self, steps: dict[str, Step | None], name: str, field: Any) -> Step:
        """Return a step that is replaced by the field's own when a value is first there."""

        def first(value: Any) -> Any:
            metadata = tuple(field.metadata) if self._takes_metadata else ()
            step = self.step(field.annotation, metadata)
            steps[name] = step
            return value if step is None else step(value)

        return first

    def _sdks(self, kind: Any, metadata: tuple[Any, ...]) -> Step:
        more = {"metadata": list(metadata)} if metadata else {}

        def step(value: Any) -> Any:
            return self.construct_type(value=value, type_=kind, **more)

        return step

    def _dict(self, kind: Any, sdks: Step) -> Step:
        args = get_args(kind)
        if len(args) != 2:  # noqa: PLR2004  # bare containers: a matter of the SDK's version
            return sdks
        item = self.step(args[1])

        def step(value: Any) -> Any:
            if type(value) is not dict:
                return sdks(value)
            return value.copy() if item is None else {k: item(v) for k, v in value.items()}

        return step

    def _list(self, kind: Any, sdks: Step) -> Step:
        args = get_args(kind)
        if not args:
            return sdks
        item = self.step(args[0])

        def step(value: Any) -> Any:
            if type(value) is not list:
                return sdks(value)
            return value.copy() if item is None else [item(one) for one in value]

        return step

    def _model_or_list(self, cls: type, sdks: Step) -> Step:
        try:
            build = self.build(cls)
        except UnknownError:
            return sdks

        def step(value: Any) -> Any:
            return build(value) if type(value) is dict else sdks(value)

        return step

    def validator(self, kind: Any) -> Step:
        """Return Pydantic's function that validates a union, as the SDK's ``validate_type`` does."""
        validate: Step = self._adapter(kind).validator.validate_python
        return validate

    def model_validator(self, cls: Any) -> Step:
        """Return Pydantic's function that validates one model."""
        cls.model_rebuild()  # the SDK defers it
        validate: Step = cls.__pydantic_validator__.validate_python
        return validate


def _float(sdks: Step) -> Step:
    def step(value: Any) -> Any:
        return value if type(value) is float else sdks(value)

    return step


class _Union:
    """The step of a union: validated by Pydantic, and constructed by the SDK where that fails.

    Two short cuts leave Pydantic no choice. A value whose own type is a member of the union is taken as
    it is. A JSON object with a ``type`` that only one member has is validated against that member alone:
    all others would fail.
    """

    def __init__(self, compiler: Compiler, kind: Any, sdks: Step) -> None:
        """Compile nothing before a value is there: most fields of an answer never have one."""
        self._compiler, self._kind, self._sdks = compiler, kind, sdks
        args = get_args(kind)
        self._exact: set[type] = {one for one in (str, bool, float) if one in args}
        if int in args and float not in args:
            self._exact.add(int)
        texts = [get_args(one) for one in args if get_origin(one) is Literal]
        self._texts = {text for group in texts for text in group if type(text) is str}
        others = [one for one in args if get_origin(one) is not Literal]
        if set(others) <= {type(None)} and all(type(t) is str for group in texts for t in group):
            self._exact.add(str)  # a text that is none of the literals is constructed as it is
        self._members: dict[str, Any] | None = None
        self._validate: Step | None = None
        self._by_type: dict[str, Step] = {}

    def __call__(self, value: Any) -> Any:
        """Make the value."""
        kind = type(value)
        if kind in self._exact or (kind is str and value in self._texts):
            return value
        try:
            if kind is dict:
                tag = value.get("type")
                known = self._by_type.get(tag) if type(tag) is str else None
                if known is not None:
                    return known(value)
            return self._validator_for(value)(value)
        except Exception:  # noqa: BLE001  # as the SDK does, which goes on from here
            return self._sdks(value)

    def _validator_for(self, value: Any) -> Step:
        tag = value.get("type") if type(value) is dict else None
        if type(tag) is str:
            if self._members is None:
                self._members = _members(get_args(self._kind))
            if tag in self._members:
                made = self._compiler.model_validator(self._members[tag])
                self._by_type[tag] = made
                return made
        if self._validate is None:
            self._validate = self._compiler.validator(self._kind)
        return self._validate


def _members(kinds: tuple[Any, ...]) -> dict[str, Any]:
    """Return the models of a union by the value of ``type`` that no other member takes.

    Empty where a member may take a JSON object whatever its ``type`` says.
    """
    found: dict[str, Any] = {}
    shared = set()
    for kind in kinds:
        plain = getattr(kind, "__origin__", kind) if hasattr(kind, "__metadata__") else kind
        if plain in (type(None), str, int, bool, float) or get_origin(plain) is Literal:
            continue
        tags = _tags(plain)
        if not tags:
            return {}
        for tag in tags:
            if tag in found:
                shared.add(tag)
            found[tag] = plain
    return {tag: model for tag, model in found.items() if tag not in shared}


def _tags(kind: Any) -> tuple[str, ...]:
    """Return the values that a model's ``type`` may have; none where it is not a literal of texts."""
    if not (isinstance(kind, type) and issubclass(kind, _models.BaseModel)):
        return ()
    cls: Any = kind
    own = cls.__get_pydantic_core_schema__.__func__
    decorators = cls.__pydantic_decorators__
    if (
        own is not pydantic.BaseModel.__get_pydantic_core_schema__.__func__  # type: ignore[attr-defined]  # a class method
        or decorators.field_validators
        or decorators.model_validators
        or decorators.root_validators
        or decorators.validators
    ):
        return ()
    field = cls.model_fields.get("type")
    if field is None or field.alias is not None or field.validation_alias is not None:
        return ()
    kinds = (
        get_args(field.annotation)
        if _models.is_union(get_origin(field.annotation))
        else (field.annotation,)
    )
    literals = [kind for kind in kinds if kind is not type(None)]
    if any(get_origin(kind) is not Literal for kind in literals):
        return ()
    tags = tuple(tag for kind in literals for tag in get_args(kind))
    return tags if all(type(tag) is str for tag in tags) else ()


class FastConstruct:
    """Steps by the type that the SDK is asked to make: those that were asked for are kept."""

    _MOST = 200

    def __init__(self) -> None:
        """Compile nothing yet. Raises an exception where the installed SDK does not fit."""
        self._compiler = Compiler()
        _verify(self._compiler)
        self._steps: dict[int, tuple[Any, Step | None]] = {}

    def step(self, cast_to: Any) -> Step | None:
        """Return what makes ``cast_to`` from a JSON object; ``None`` where the SDK must."""
        known = self._steps.get(id(cast_to))  # a union's hash takes longer than the rest
        if known is not None:
            return known[1]
        made = None
        try:
            if not hasattr(cast_to, "build"):  # the SDK asks such a class to make itself
                made = self._compiler.step(cast_to)
        except Exception:  # noqa: BLE001  # a type that only the SDK knows
            made = None
        if len(self._steps) < self._MOST:
            self._steps[id(cast_to)] = (cast_to, made)  # held, so that its id stays its own
        return made


def _verify(compiler: Compiler) -> None:
    """Raise ``UnknownError`` unless the SDK constructs what we would, on one value of each kind."""
    kinds: tuple[Any, ...] = (*_SIMPLE, Literal["x"], float, list[float], dict[str, float])
    values: tuple[Any, ...] = ("x", "1", 1, 2**53 + 1, 1.5, True, None, [1, "x"], {"x": 1})
    for kind in kinds:
        step = compiler.step(kind)
        for value in values:
            theirs = compiler.construct_type(value=value, type_=kind)
            ours = value if step is None else step(value)
            if repr(theirs) != repr(ours):
                raise UnknownError
    _verify_models(compiler)


def _verify_models(compiler: Compiler) -> None:
    cls: Any = (
        Choice  # every chat completion has one: what is prepared for it is not prepared in vain
    )
    build = compiler.build(cls)
    message = {"content": "x", "refusal": 1, "more": [1]}
    for value in ({}, {"index": "0", "more": None, "message": message}, {"message": [message, 1]}):
        theirs, ours = cls.construct(**value), build(value)
        if _state(theirs) != _state(ours):
            raise UnknownError


def _state(made: Any) -> Any:
    """Return what an object of the SDK's holds, at any depth, as comparable data."""
    if isinstance(made, list):
        return [_state(one) for one in made]
    if not isinstance(made, pydantic.BaseModel):
        return made
    extra = made.__pydantic_extra__
    held = {name: _state(value) for name, value in made.__dict__.items()}
    return (
        type(made),
        list(held.items()),
        extra,
        made.__pydantic_fields_set__,
        made.__pydantic_private__,
    )
