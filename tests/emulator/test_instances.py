"""Every instance fulfils its schema, is always the same, and reads sensibly."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, validators

from baseten_openai.emulator.hints import read
from baseten_openai.emulator.instances import NoInstanceError, instance

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[..., Any]

PERSON = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
NODE = {
    "type": "object",
    "properties": {
        "value": {"type": "string"},
        "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
    },
    "required": ["value", "children"],
    "additionalProperties": False,
}
LINK = {
    "type": "object",
    "properties": {"next": {"anyOf": [{"$ref": "#/$defs/Link"}, {"type": "null"}]}},
    "required": ["next"],
}


def valid(schema: Any, value: Any) -> bool:
    kind = validators.validator_for(schema, default=Draft202012Validator)
    return kind(schema, format_checker=kind.FORMAT_CHECKER).is_valid(value)


def objects(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


SCHEMAS = {
    "true": True,
    "empty": {},
    "closed object": objects(a={"type": "string"}, n={"type": "integer"}),
    "ref": {"$defs": {"P": PERSON}, **objects(p={"$ref": "#/$defs/P"})},
    "ref with siblings": {
        "$defs": {"S": {"type": "string"}},
        **objects(a={"$ref": "#/$defs/S", "minLength": 20}),
    },
    "old definitions": {"definitions": {"P": PERSON}, "$ref": "#/definitions/P"},
    "anchor": {"$defs": {"P": {"$anchor": "p", **PERSON}}, **objects(p={"$ref": "#p"})},
    "tree": {"$defs": {"Node": NODE}, "$ref": "#/$defs/Node"},
    "linked list": {"$defs": {"Link": LINK}, "$ref": "#/$defs/Link"},
    "root recursion": objects(kids={"type": "array", "items": {"$ref": "#"}}),
    "optional recursion": {"type": "object", "properties": {"next": {"$ref": "#"}}},
    "nullable": objects(a={"type": ["null", "integer"]}),
    "anyOf": objects(a={"anyOf": [{"type": "integer", "minimum": 5}, {"type": "null"}]}),
    "oneOf that overlaps": objects(
        a={"oneOf": [{"type": "integer"}, {"type": "number", "multipleOf": 0.5}]}
    ),
    "allOf": {"allOf": [PERSON, objects(name={"minLength": 30})]},
    "not": {"type": "string", "not": {"pattern": "e"}},
    "if then": {
        "type": "object",
        "properties": {"kind": {"enum": ["a", "b"]}},
        "required": ["kind"],
        "if": {"properties": {"kind": {"const": "a"}}},
        "then": {"required": ["x"]},
        "else": {"required": ["y"]},
    },
    "enum of many kinds": {"enum": [{"a": [1]}, None, "x"]},
    "const": objects(c={"const": {"deep": [1, None]}}),
    "pattern": {"type": "string", "pattern": r"^[A-Z]{3}-\d{4}$"},
    "pattern and length": {"type": "string", "pattern": "^[a-z]+$", "minLength": 5, "maxLength": 7},
    "formats": objects(
        **{
            name: {"type": "string", "format": name}
            for name in ("date-time", "date", "time", "email", "uuid", "uri", "ipv4", "ipv6")
        }
    ),
    "exclusive bounds": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.01},
    "whole number between fractions": {"type": "integer", "minimum": 1.2, "maximum": 2.9},
    "multiples": {"type": "integer", "multipleOf": 7, "minimum": 50, "maximum": 60},
    "negative multiples": {"type": "integer", "multipleOf": 7, "maximum": -50},
    "fractions": {"type": "number", "multipleOf": 0.01, "minimum": 3},
    "only a maximum": {"type": "number", "exclusiveMaximum": -3},
    "far away": {"type": "integer", "minimum": 10**15},
    "empty string": {"type": "string", "maxLength": 0},
    "exact length": {"type": "string", "minLength": 41, "maxLength": 41},
    "unique items": {
        "type": "array",
        "items": {"enum": [1, 2, 3]},
        "uniqueItems": True,
        "minItems": 3,
    },
    "unique objects": {"type": "array", "items": PERSON, "uniqueItems": True, "minItems": 4},
    "empty array": {"type": "array", "items": {"type": "string"}, "maxItems": 0},
    "array of nothing": {"type": "array", "items": False},
    "tuple": {
        "type": "array",
        "prefixItems": [{"type": "string"}, {"type": "integer"}],
        "items": False,
        "minItems": 2,
    },
    "old tuple": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "array",
        "items": [{"type": "string"}, {"type": "null"}],
        "additionalItems": False,
        "minItems": 2,
    },
    "contains": {"type": "array", "items": {"type": "integer"}, "contains": {"const": 7}},
    "nested arrays": {"type": "array", "items": {"type": "array", "items": {"type": "array"}}},
    "map": {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 3},
    "map with patterns": {
        "type": "object",
        "patternProperties": {"^x_": {"type": "integer"}},
        "additionalProperties": False,
        "minProperties": 2,
    },
    "map with named keys": {
        "type": "object",
        "propertyNames": {"pattern": "^[a-z]{3}$"},
        "minProperties": 2,
    },
    "few properties": {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "maxProperties": 1,
    },
    "dependent": {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "required": ["a"],
        "dependentRequired": {"a": ["b"], "b": ["c"]},
    },
    "required but undeclared": {"type": "object", "required": ["ghost"]},
    "union by tag": {
        "$defs": {"Cat": objects(kind={"const": "cat"}), "Dog": objects(kind={"const": "dog"})},
        "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
        "discriminator": {"propertyName": "kind"},
    },
    "no type": {"properties": {"a": {"minimum": 3}}, "required": ["a"]},
    "numbers written as fractions": {
        "type": "array",
        "minItems": 2.0,
        "maxItems": 3.0,
        "items": {"type": "string", "minLength": 3.0, "maxLength": 9.0},
    },
    "deep": json.loads('{"type":"array","minItems":1,"items":' * 12 + "{}" + "}" * 12),
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_instances_are_valid(name: str) -> None:
    made = instance(SCHEMAS[name])
    assert valid(SCHEMAS[name], made)
    assert made == instance(SCHEMAS[name])


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        pytest.param(False, "no instance", id="false"),
        pytest.param({"type": "integer", "minimum": 2, "maximum": 1}, "no instance", id="empty"),
        pytest.param({"allOf": [{"type": "string"}, {"type": "null"}]}, "no instance", id="clash"),
        pytest.param({"enum": [], "type": "string"}, "no instance", id="empty enum"),
        pytest.param({"type": "nonsense"}, "nonsense", id="invalid"),
        pytest.param({"type": "string", "pattern": "("}, "regex", id="invalid pattern"),
        pytest.param(
            {"type": "string", "pattern": r"^\p{L}$"}, "regex|regular", id="not a Python pattern"
        ),
        pytest.param({"$ref": "#/nowhere"}, "nowhere", id="dangling"),
        pytest.param({"$ref": "#"}, "no instance", id="a loop"),
        pytest.param(objects(next={"$ref": "#"}), "no instance|complicated", id="endless"),
        pytest.param([], "not a JSON schema", id="a list"),
    ],
)
def test_what_cannot_be_made_is_said(schema: Any, reason: str) -> None:
    with pytest.raises(NoInstanceError, match=reason):
        instance(schema)


def test_remote_references_are_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: Any) -> None:
        pytest.fail("tried to connect")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(NoInstanceError, match="cannot resolve"):
        instance({"$ref": "https://example.com/schema.json"})


def test_complicated_schemas_come_to_an_end() -> None:
    clash = [
        {"type": "object", "required": [f"p{n}"], "properties": {f"p{n}": False}} for n in range(8)
    ]
    with pytest.raises(NoInstanceError):
        instance({"allOf": [{"anyOf": clash} for _ in range(4)]})


def test_another_process_makes_the_same() -> None:
    names = ["tree", "pattern", "union by tag", "map with named keys", "unique objects"]
    code = (
        "import json,sys; from baseten_openai.emulator.instances import instance;"
        "print(json.dumps([instance(s) for s in json.load(sys.stdin)]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps([SCHEMAS[name] for name in names]),
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)},
    )
    assert json.loads(ran.stdout) == [instance(SCHEMAS[name]) for name in names]


@pytest.mark.parametrize(
    ("text", "schema", "expected"),
    [
        (
            "Alice and Bob are going to a science fair on Friday.",
            objects(
                day={"type": "string"}, participants={"type": "array", "items": {"type": "string"}}
            ),
            {"day": "Friday", "participants": ["Alice", "Bob"]},
        ),
        (
            "What is the weather in San Francisco?",
            objects(location={"type": "string"}, unit={"enum": ["celsius", "fahrenheit"]}),
            {"location": "San Francisco", "unit": "celsius"},
        ),
        (
            "In fahrenheit, please",
            objects(u={"enum": ["celsius", "fahrenheit"]}),
            {"u": "fahrenheit"},
        ),
        ("Square root of 132413", objects(number={"type": "number"}), {"number": 132413}),
        ('Search for "blue shoes"', objects(query={"type": "string"}), {"query": "blue shoes"}),
    ],
)
def test_values_come_from_the_text(text: str, schema: Any, expected: Any) -> None:
    assert instance(schema, read(text)) == expected


# Schemas that something fulfils, by construction.
NAMES = st.sampled_from(["name", "city", "age", "tags", "date", "x"])
PATTERNS = ["^[a-z]{2,5}$", r"\d", "^(yes|no)$", r"^[A-Z]\w*-\d{1,3}$", "^.+$"]
FORMATS = ["date", "date-time", "email", "uuid", "uri", "ipv4"]


@st.composite
def bounded(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    low = draw(st.integers(-1000, 1000))
    schema: dict[str, Any] = {"type": kind}
    if draw(st.booleans()):
        schema["minimum"] = low
    if draw(st.booleans()):
        schema["maximum"] = low + draw(st.integers(0, 20))
    if "minimum" not in schema and draw(st.booleans()):
        schema["multipleOf"] = draw(st.integers(1, 9))
    return schema


@st.composite
def texts(draw: st.DrawFn) -> dict[str, Any]:
    low = draw(st.integers(0, 30))
    return draw(
        st.sampled_from(
            [
                {"type": "string"},
                {"type": "string", "minLength": low, "maxLength": low + draw(st.integers(0, 9))},
                {"type": "string", "pattern": draw(st.sampled_from(PATTERNS))},
                {"type": "string", "format": draw(st.sampled_from(FORMATS))},
                {"type": "string", "enum": draw(st.lists(st.text(max_size=5), min_size=1))},
            ]
        )
    )


SCALARS = (
    texts()
    | bounded("integer")
    | bounded("number")
    | st.sampled_from([{"type": "boolean"}, {"type": "null"}, {"type": ["string", "null"]}, {}])
    | st.builds(lambda value: {"const": value}, st.none() | st.integers() | st.text())
    | st.just({"$ref": "#/$defs/Node"})
    | st.just({"anyOf": [{"$ref": "#/$defs/Link"}, {"type": "null"}]})
)


@st.composite
def arrays(draw: st.DrawFn, items: st.SearchStrategy[Any]) -> dict[str, Any]:
    low = draw(st.integers(0, 3))
    high = draw(st.integers(0, 3))
    return {"type": "array", "items": draw(items), "minItems": low, "maxItems": low + high}


@st.composite
def records(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> dict[str, Any]:
    properties = draw(st.dictionaries(NAMES, values, max_size=4))
    names = sorted(properties)
    required = draw(st.lists(st.sampled_from(names), unique=True)) if names else []
    schema = {"type": "object", "properties": properties, "required": required}
    return schema | draw(st.sampled_from([{}, {"additionalProperties": False}]))


GENERATED = st.recursive(
    SCALARS,
    lambda inner: (
        arrays(inner)
        | records(inner)
        | st.builds(lambda parts: {"anyOf": parts}, st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda part: {"allOf": [part, {"description": "twice"}]}, inner)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(inner=GENERATED)
def test_generated_schemas(inner: Any) -> None:
    schema = {**objects(answer=inner), "$defs": {"Node": NODE, "Link": LINK}}
    assert valid(schema, instance(schema))


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(inner=GENERATED)
def test_generated_schemas_over_the_wire(chat: Ask, inner: Any) -> None:
    schema = {**objects(answer=inner), "$defs": {"Node": NODE, "Link": LINK}}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    content = chat("zai-org/GLM-5.2", response_format=wanted).json["choices"][0]["message"][
        "content"
    ]
    assert valid(schema, json.loads(content))
    tool = {"type": "function", "function": {"name": "f", "parameters": schema}}
    got = chat("zai-org/GLM-5.2", tools=[tool], tool_choice="required").json
    (call,) = got["choices"][0]["message"]["tool_calls"]
    assert valid(schema, json.loads(call["function"]["arguments"]))
