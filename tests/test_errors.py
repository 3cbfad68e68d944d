"""The tree of errors is the one drawn, each error survives pickle and copy, none takes the key along."""

from __future__ import annotations

import builtins
import copy
import functools
import gzip
import pickle
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import openai
import pytest

import baseten_openai
from baseten_openai import errors
from baseten_openai.sdk import error_conversion

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "abcd1234.of-baseten"
URL = "https://inference.baseten.co/v1/chat/completions"
BODY = {"message": "Temperature must be between 0 and 2, got 3", "type": "Bad Request", "code": 400}


class Drawn(NamedTuple):
    """A line of the drawing."""

    name: str
    above: str
    status: str  # "" where none is drawn
    also: str  # the other base that is drawn, dotted
    attributes: tuple[str, ...]


LINE = re.compile(r"^ {4}(?P<branch>[ │├└─]*)(?P<name>[\w.]+)(?P<rest>.*)$", re.MULTILINE)


def read_drawing() -> list[Drawn]:
    """Read the tree in the docstring of ``errors``: each step to the right is a level."""
    drawing = (errors.__doc__ or "").partition("::\n")[2].partition("``.message``")[0]
    path: dict[int, str] = {}
    drawn = []
    for line in LINE.finditer(drawing):
        level, name, rest = len(line["branch"]), line["name"], line["rest"]
        above = [path[other] for other in sorted(path) if other < level]
        path = {other: path[other] for other in path if other < level} | {level: name}
        status, also = re.search(r"\b[1-5](?:\d\d|xx)\b", rest), re.search(r"also ([\w.]+)", rest)
        attributes = tuple(re.findall(r"(?<![\w.])\.(\w+)", rest))
        one = Drawn(
            name,
            above[-1] if above else "",
            status[0] if status else "",
            also[1] if also else "",
            attributes,
        )
        drawn.append(one)
    return drawn


ROOT, *TREE = read_drawing()
EACH = pytest.mark.parametrize("drawn", TREE, ids=lambda drawn: drawn.name)


def class_of(name: str) -> type:
    home: Any = errors
    if name.startswith("openai."):
        home, name = openai, name.removeprefix("openai.")
    elif not hasattr(errors, name):
        home = builtins
    cls: type = getattr(home, name)
    return cls


def test_the_drawing_has_each_class_of_the_module_once() -> None:
    own = [
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and value.__module__ == errors.__name__
    ]
    assert sorted(drawn.name for drawn in TREE) == sorted(own)
    assert Drawn("openai.OpenAIError", "", "", "", ()) == ROOT


@EACH
def test_the_bases_are_the_ones_drawn(drawn: Drawn) -> None:
    bases = [class_of(name) for name in (drawn.above, drawn.also) if name]
    assert list(class_of(drawn.name).__bases__) == bases


@EACH
def test_each_is_public_and_explained(drawn: Drawn) -> None:
    assert drawn.name in baseten_openai.__all__
    cls = getattr(baseten_openai, drawn.name)
    assert cls is class_of(drawn.name)
    assert cls.__doc__


@pytest.mark.parametrize(
    "drawn", [d for d in TREE if d.status], ids=lambda drawn: f"{drawn.status}-{drawn.name}"
)
def test_an_answer_with_the_status_drawn_becomes_the_class(drawn: Drawn) -> None:
    text = "please check the api-key you provided" if drawn.name == "InvalidAPIKeyError" else "x"
    rule = error_conversion.find_rule(int(drawn.status.replace("xx", "00")), text)
    assert rule is not None
    assert rule.error is class_of(drawn.name)


# One instance of each class, as it comes about.


def http_response(status: int, **options: Any) -> Any:
    http = errors.http_library()
    headers = {"Authorization": f"Bearer {KEY}", "X-Extra": KEY}
    request = http.Request("POST", URL, headers=headers, json={"model": "a/b"})
    given = {"headers": {"X-Baseten-Request-Id": "req-1"}, "json": BODY} | options
    return http.Response(status, request=request, **given)


def from_the_wire(cls: type[errors.BasetenStatusError], status: int) -> Callable[[], Exception]:
    def make() -> Exception:
        response = http_response(status)
        error_conversion.copy_request_id(response)
        return cls(
            "the server's words", response=response, body=BODY, hint="do that", retry_after=1.5
        )

    return make


def configuration(cls: type[errors.BasetenError]) -> Callable[[], Exception]:
    def make() -> Exception:
        error = cls("what is wrong")
        error.hint = "do that"
        return error

    return make


def interrupted() -> Exception:
    return errors.StreamInterruptedError("the stream ended", request=http_response(200).request)


def unsupported() -> Exception:
    return errors.unsupported(
        "GLM 5 cannot see",
        model="zai-org/GLM-5",
        param="messages",
        feature="vision",
        hint="do that",
    )


def unknown_model() -> Exception:
    close = ["zai-org/GLM-5", "zai-org/GLM-4.7"]
    return errors.UnknownModelError("no glm-9", model="glm-9", suggestions=close, hint="do that")


def invalid_response() -> Exception:
    return error_conversion.invalid_response(http_response(200))


SAMPLES: dict[str, Callable[[], Exception]] = {
    "BasetenError": configuration(errors.BasetenError),
    "ConfigurationError": configuration(errors.ConfigurationError),
    "MissingAPIKeyError": configuration(errors.MissingAPIKeyError),
    "CredentialError": configuration(errors.CredentialError),
    "IncompatibleOpenAIError": configuration(errors.IncompatibleOpenAIError),
    "LiveListError": configuration(errors.LiveListError),
    "StreamInterruptedError": interrupted,
    "InvalidResponseError": invalid_response,
    "BasetenStatusError": from_the_wire(errors.BasetenStatusError, 413),
    "BadRequestError": from_the_wire(errors.BadRequestError, 400),
    "UnsupportedFeatureError": unsupported,
    "AuthenticationError": from_the_wire(errors.AuthenticationError, 401),
    "InvalidAPIKeyError": from_the_wire(errors.InvalidAPIKeyError, 403),
    "PaymentRequiredError": from_the_wire(errors.PaymentRequiredError, 402),
    "PermissionDeniedError": from_the_wire(errors.PermissionDeniedError, 403),
    "NotFoundError": from_the_wire(errors.NotFoundError, 404),
    "UnknownModelError": unknown_model,
    "RateLimitError": from_the_wire(errors.RateLimitError, 429),
    "InternalServerError": from_the_wire(errors.InternalServerError, 500),
    "ConflictError": from_the_wire(errors.ConflictError, 409),
    "UnprocessableEntityError": from_the_wire(errors.UnprocessableEntityError, 422),
    "CapacityError": from_the_wire(errors.CapacityError, 529),
}
KINDS = {d.name: SAMPLES[d.name] for d in TREE if d.name in SAMPLES}
OF_EACH = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)


def pickled(error: Any, protocol: int | None = None) -> Any:
    """Pickle and load again."""
    return pickle.loads(pickle.dumps(error, protocol))  # noqa: S301  # what we have just pickled


WAYS: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"pickle-{protocol}": functools.partial(pickled, protocol=protocol)
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
}
NOT_COMPARED = {"response", "request"}  # their classes do not compare; see below


def test_there_is_a_sample_of_each_class() -> None:
    assert sorted(SAMPLES) == sorted(drawn.name for drawn in TREE)
    for name, make in SAMPLES.items():
        assert type(make()).__name__ == name


@EACH
def test_each_has_the_attributes_drawn_above_it(drawn: Drawn) -> None:
    error, by_name = SAMPLES[drawn.name](), {d.name: d for d in TREE}
    above: Drawn | None = drawn
    wanted: list[str] = []
    while above is not None:
        wanted += above.attributes
        above = by_name.get(above.above)
    assert "hint" in wanted
    assert [name for name in wanted if not hasattr(error, name)] == []


@OF_EACH
@pytest.mark.parametrize("way", WAYS)
def test_a_copy_says_all_that_the_error_said(make: Callable[[], Any], way: str) -> None:
    error = make()
    error.add_note("seen by a task of mine")
    made = WAYS[way](error)
    assert made is not error
    assert type(made) is type(error)
    assert str(made) == str(error)
    assert made.args == error.args
    told = {n: v for n, v in vars(error).items() if n not in NOT_COMPARED}
    assert {n: v for n, v in vars(made).items() if n not in NOT_COMPARED} == told
    assert (made.hint, getattr(made, "message", "")) == (error.hint, getattr(error, "message", ""))


@OF_EACH
def test_no_pickle_holds_the_key(make: Callable[[], Any]) -> None:
    error = make()
    request = getattr(error, "request", None)
    if request is not None and not hasattr(error, "feature") and not hasattr(error, "suggestions"):
        assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert KEY.encode() not in pickle.dumps(error)
    request = getattr(pickled(error), "request", None)
    assert request is None or KEY not in repr(request.headers.multi_items())


@OF_EACH
def test_a_copy_has_the_request_line_and_the_response(make: Callable[[], Any]) -> None:
    error = make()
    made = pickled(error)
    if hasattr(error, "request"):
        assert (made.request.method, str(made.request.url)) == ("POST", URL)
    if hasattr(error, "response"):
        assert made.response.status_code == error.response.status_code == error.status_code
        assert made.response.text == error.response.text
        assert made.response.request is made.request
        names = {"x-baseten-request-id", "content-type", errors.LOCAL_HEADER}
        assert [(n, v) for n, v in made.response.headers.multi_items() if n in names] == [
            (n, v) for n, v in error.response.headers.multi_items() if n in names
        ]


def test_a_compressed_answer_can_be_pickled() -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "text/plain"}
    response = http_response(
        500, headers=headers, content=gzip.compress(b"in many words"), json=None
    )
    error = errors.InternalServerError("short", response=response, body=None)
    assert pickled(error).response.text == "in many words"


def test_an_answer_that_nobody_read_can_be_pickled() -> None:
    response = http_response(400, content=iter([b"unread"]), json=None)
    error = errors.BadRequestError("short", response=response, body=None)
    made = pickled(error)
    assert (made.status_code, made.message, made.response.content) == (400, "short", b"")


# What an error says


@pytest.mark.parametrize("hint", [None, "add credit."])
def test_a_status_error_says_its_status_the_servers_words_and_the_hint(hint: str | None) -> None:
    response = http_response(402)
    error = errors.PaymentRequiredError("no credit left", response=response, body=BODY, hint=hint)
    said = ["Error code: 402 - no credit left", *([f"Hint: {hint}"] if hint else [])]
    assert str(error) == "\n".join(said)
    assert (error.message, error.hint, error.retry_after) == ("no credit left", hint, None)


@pytest.mark.parametrize("make", [unsupported, unknown_model])
def test_a_refusal_says_no_status_since_no_server_was_asked(make: Callable[[], Any]) -> None:
    error = make()
    assert str(error) == f"{error.message}\nHint: do that"
    assert error.response.headers[errors.LOCAL_HEADER] == "refused-before-sending"


def test_a_refusal_names_what_was_refused() -> None:
    error: Any = unsupported()
    assert (error.model, error.param, error.feature) == ("zai-org/GLM-5", "messages", "vision")
    assert (error.status_code, error.type) == (400, "unsupported_feature")


def test_an_unknown_model_names_the_closest_slugs() -> None:
    error: Any = unknown_model()
    assert (error.model, error.suggestions) == ("glm-9", ("zai-org/GLM-5", "zai-org/GLM-4.7"))
    assert (error.status_code, error.code, error.param) == (404, "model_not_found", "model")


def test_a_wrong_key_is_caught_as_either_of_the_sdks_classes() -> None:
    # Baseten answers 403 where OpenAI answers 401 (evidence.md#wrong-key).
    error = SAMPLES["InvalidAPIKeyError"]()
    for caught_as in (openai.AuthenticationError, openai.PermissionDeniedError):
        with pytest.raises(caught_as):
            raise error
