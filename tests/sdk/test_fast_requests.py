"""Bodies copied by ``FastTransform`` are those that the SDK's ``transform`` makes."""

from __future__ import annotations

import asyncio
import datetime as dt
import enum
import pathlib
import types
from typing import TYPE_CHECKING, Annotated, Any

import openai
import pytest
from depth import AT_RANDOM, examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai._types import NotGiven
from openai._utils import PropertyInfo, _transform
from openai.types.chat import ChatCompletionMessage, completion_create_params
from openai.types.responses import ResponseOutputMessage, response_create_params
from typing_extensions import TypedDict

from baseten_openai.sdk import fast_paths
from baseten_openai.sdk.fast_requests import FastTransform, NotPlainError, copy_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

fast_paths.take_out()  # another test's client
SDKS, SDKS_ASYNC = _transform.transform, _transform.async_transform
CHAT = completion_create_params.CompletionCreateParamsNonStreaming
UNION = completion_create_params.CompletionCreateParams
RESPONSES = response_create_params.ResponseCreateParamsNonStreaming
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}


class Text(str):
    __slots__ = ()


class Role(str, enum.Enum):  # noqa: UP042  # what programs have
    USER = "user"


class Mapped(dict[str, Any]):
    pass


def sdk_objects() -> list[Any]:
    """Objects that programs put into bodies beside JSON."""
    asking: Any = {"role": "assistant", "content": "a", "tool_calls": [CALL]}
    asks = ChatCompletionMessage.model_validate(asking)
    text = {"type": "output_text", "text": "a", "annotations": []}
    message = {"id": "m", "type": "message", "role": "assistant", "status": "completed"}
    return [
        asks,
        *(asks.tool_calls or ()),
        ChatCompletionMessage.model_construct(role="assistant", content=None, reasoning="r"),
        ResponseOutputMessage.model_validate({**message, "content": [text]}),
        Text("text"),
        Role.USER,
        Mapped(role="user", content="a"),
        ("a", "b"),
        {1: 2},
        dt.date(2026, 11, 27),
        NotGiven(),
        b"bytes",
        {"role": "user", "content": "a", "name": NotGiven()},
        {"role": "user", "content": ({"type": "text", "text": "a"},)},
        pathlib.PurePath("a"),
        float("nan"),
    ]


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
values = st.recursive(
    plain | st.sampled_from(range(len(sdk_objects()))).map(lambda n: sdk_objects()[n]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["role", "content", "type", "text", "tool_calls", "function", "name", "x"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
KEYS = ["messages", "tools", "model", "input", "logit_bias", "stop", "metadata", "response_format"]
bodies = st.dictionaries(st.sampled_from([*KEYS, "text", "unknown"]), values, max_size=5)


@pytest.fixture(autouse=True)
def _sdks_own() -> None:
    fast_paths.take_out()


@pytest.fixture
def fast() -> Iterator[FastTransform]:
    made = FastTransform(_transform)
    made.install()
    yield made
    made.uninstall()
    assert _transform.transform is SDKS
    assert _transform.async_transform is SDKS_ASYNC


def state(made: Any) -> Any:
    """Everything in a body, with its types; ``repr`` tells NaN from NaN."""
    if isinstance(made, dict):
        return type(made), [(key, state(value)) for key, value in made.items()]
    if isinstance(made, list | tuple):
        return type(made), [state(value) for value in made]
    if isinstance(made, openai.NotGiven):
        return type(made)
    return type(made), repr(made)


def outcome(function: Any, *args: Any) -> Any:
    try:
        return state(function(*args))
    except Exception as error:  # noqa: BLE001  # compared
        return type(error), str(error)


def run(body: Any, kind: Any, function: Any) -> Any:
    return asyncio.run(function(body, kind))


@pytest.mark.parametrize("kind", [CHAT, UNION, RESPONSES])
@settings(
    deadline=None,
    max_examples=examples(150),
    derandomize=not AT_RANDOM,
    suppress_health_check=[*HealthCheck],
)
@given(body=bodies)
def test_any_body(kind: Any, body: dict[str, Any]) -> None:
    fast = FastTransform(_transform)
    fast.install()
    try:
        ours = outcome(_transform.maybe_transform, body, kind)
        ours_async = outcome(run, body, kind, _transform.async_maybe_transform)
    finally:
        fast.uninstall()
    assert ours == outcome(SDKS, body, kind)
    assert ours_async == outcome(run, body, kind, SDKS_ASYNC)


@pytest.mark.parametrize("index", range(len(sdk_objects())))
def test_an_object_among_messages(index: int, fast: FastTransform) -> None:
    one = sdk_objects()[index]
    body = {"model": "m", "messages": [{"role": "user", "content": "a"}, one], "user": NotGiven()}
    assert fast.installed
    assert outcome(_transform.transform, body, CHAT) == outcome(SDKS, body, CHAT)
    assert outcome(_transform.transform, {"model": one}, CHAT) == outcome(
        SDKS, {"model": one}, CHAT
    )


def test_a_generator_is_read_once(fast: FastTransform) -> None:
    message = {"role": "user", "content": "a"}
    made = _transform.transform({"messages": (one for one in [message, message])}, CHAT)
    assert made == {"messages": [message, message]}
    assert fast.installed


def test_plain_json_does_not_reach_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = FastTransform(_transform)
    monkeypatch.setattr(_transform, "_transform_recursive", None)
    fast.install()
    try:
        body = {
            "model": "m",
            "messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}],
        }
        assert _transform.transform(body, CHAT) == body
    finally:
        fast.uninstall()


def test_the_users_containers_are_copied(fast: FastTransform) -> None:
    """Whoever changes the body on its way, such as a tracer, does not change the program's."""
    messages = [{"role": "user", "content": [{"type": "text", "text": "a"}]}]
    made: Any = _transform.transform({"messages": messages}, CHAT)
    made["messages"][0]["content"].append(1)
    made["messages"].append(1)
    assert messages == [{"role": "user", "content": [{"type": "text", "text": "a"}]}]
    assert fast.installed


class Inner(TypedDict, total=False):
    first_name: Annotated[str, PropertyInfo(alias="firstName")]


class Outer(TypedDict, total=False):
    plain: str
    inner: list[Inner]
    own_alias: Annotated[int, PropertyInfo(alias="ownAlias")]
    when: Annotated[dt.date, PropertyInfo(format="iso8601")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"plain": "a", "own_alias": 1, "z": 2}, {"plain": "a", "ownAlias": 1, "z": 2}),
        ({"inner": [{"first_name": "a"}]}, {"inner": [{"firstName": "a"}]}),
        ({"when": dt.date(2026, 11, 27)}, {"when": "2026-11-27"}),
        ({"when": "2026-11-27"}, {"when": "2026-11-27"}),
    ],
)
def test_an_alias_or_a_format_goes_the_sdks_way(
    body: dict[str, Any], expected: dict[str, Any], fast: FastTransform
) -> None:
    made = _transform.transform(body, Outer)
    assert list(made.items()) == list(expected.items())
    assert fast.installed


@pytest.mark.parametrize("kind", [str, dict, list[Outer], dict[str, Outer], 5, None], ids=repr)
def test_a_type_that_is_no_typed_dict_goes_the_sdks_way(kind: Any, fast: FastTransform) -> None:
    body = {"inner": [{"first_name": "a"}], "plain": {"inner": []}}
    assert outcome(_transform.transform, body, kind) == outcome(SDKS, body, kind)
    assert fast.installed


def test_a_body_that_holds_itself(fast: FastTransform) -> None:
    body: dict[str, Any] = {"metadata": {}}
    body["metadata"]["body"] = body
    made: Any = _transform.transform(body, CHAT)
    assert made["metadata"]["body"] is body
    assert fast.installed


@pytest.mark.parametrize(
    "value", [Text("a"), Role.USER, Mapped(), (1,), {1: 2}, {Text("a"): 1}, b"", [{"a": {1}}]]
)
def test_what_is_not_plain(value: Any) -> None:
    with pytest.raises(NotPlainError):
        copy_plain(value)


def test_another_librarys_wrapper_stays() -> None:
    fast = FastTransform(_transform)
    fast.install()
    ours = _transform.transform

    def wrapper(data: Any, expected_type: Any) -> Any:
        return ours(data, expected_type)

    _transform.transform = wrapper
    try:
        fast.uninstall()
        assert _transform.transform is wrapper
        assert _transform.transform({"model": "m"}, CHAT) == {"model": "m"}
        assert not fast.installed
    finally:
        _transform.transform = SDKS


def test_no_fast_path_over_another_librarys_wrapper(monkeypatch: pytest.MonkeyPatch) -> None:
    def transform(data: Any, expected_type: Any) -> Any:
        return SDKS(data, expected_type)

    monkeypatch.setattr(_transform, "transform", transform)
    with pytest.raises(TypeError):
        FastTransform(_transform)


@pytest.mark.parametrize(
    "name", ["transform", "async_transform", "PropertyInfo", "get_type_hints", "is_typeddict"]
)
def test_no_fast_path_without_a_name_of_the_sdk(name: str) -> None:
    names = {n: v for n, v in vars(_transform).items() if n != name}
    with pytest.raises(AttributeError):
        FastTransform(types.SimpleNamespace(**names))
