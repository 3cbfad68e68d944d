"""Each status, in each shape of body: the SDK's class, the server's words, what to do about it."""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import pickle
from typing import TYPE_CHECKING, Any, NamedTuple

import client_factories
import openai
import pytest
from chat_routes import CHUNKED, WHOLE
from client_factories import SYNC_AND_ASYNC
from raw_server import JSON_HEADERS, Answer, RawServer, running

import baseten_openai
from baseten_openai import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("clients_are_closed")]

KEY = "abcd1234.of-baseten"
WRONG_KEY = "please check the api-key you provided"  # verbatim, evidence.md#error-bodies


class Row(NamedTuple):
    """A status, both classes it becomes (evidence.md#sdk-error-classes), and part of the hint."""

    status: int
    ours: type[errors.BasetenStatusError]
    sdk: type[openai.APIStatusError]
    hint: str
    text: str


ROWS = {
    "400": Row(
        400, errors.BadRequestError, openai.BadRequestError, "change it before", "Invalid body"
    ),
    "401": Row(
        401,
        errors.AuthenticationError,
        openai.AuthenticationError,
        "set BASETEN_API_KEY",
        "No Authorization header provided",
    ),
    "402": Row(402, errors.PaymentRequiredError, openai.APIStatusError, "credit", "pay"),
    "403 wrong key": Row(
        403,
        errors.InvalidAPIKeyError,
        openai.PermissionDeniedError,
        "check BASETEN_API_KEY",
        WRONG_KEY,
    ),
    "403": Row(
        403, errors.PermissionDeniedError, openai.PermissionDeniedError, "scopes", "not for you"
    ),
    "404": Row(
        404,
        errors.NotFoundError,
        openai.NotFoundError,
        "enabled in the dashboard",
        "please check the model you provided",
    ),
    "413": Row(413, errors.BasetenStatusError, openai.APIStatusError, "100 MB", "too big"),
    "429": Row(429, errors.RateLimitError, openai.RateLimitError, "max_retries", "slow down"),
    "500": Row(
        500,
        errors.InternalServerError,
        openai.InternalServerError,
        "Retry later",
        "Internal Server Error",
    ),
    "502": Row(
        502, errors.InternalServerError, openai.InternalServerError, "Retry later", "no luck"
    ),
    "503": Row(
        503, errors.InternalServerError, openai.InternalServerError, "Retry later", "draining"
    ),
    "504": Row(
        504, errors.InternalServerError, openai.InternalServerError, "Retry later", "too late"
    ),
    "529": Row(529, errors.CapacityError, openai.InternalServerError, "no capacity", "all busy"),
}


class Body(NamedTuple):
    """The bytes, their type, and the words in them."""

    content: bytes
    content_type: str
    words: str


def of_json(value: object, words: str) -> Body:
    return Body(json.dumps(value).encode(), "application/json", words)


def model_fields(row: Row) -> dict[str, Any]:
    return {"message": row.text, "type": "Bad Request", "code": row.status}


PAGE = (
    b'<html lang="en"><head>\n<TITLE>502 Server Error</TITLE></head><body><h1>Oh</h1></body></html>'
)
REASON = "Said In The Status Line"

# The forms of evidence.md#error-bodies, and what an unknown server might send instead.
SHAPES: dict[str, Callable[[Row], Body]] = {
    "string": lambda row: of_json({"error": row.text}, row.text),
    "enveloped": lambda row: of_json({"error": model_fields(row)}, row.text),
    "flat": lambda row: of_json(model_fields(row), row.text),
    "detail": lambda row: of_json({"detail": row.text}, row.text),
    "enveloped detail": lambda row: of_json({"error": {"detail": row.text}}, row.text),
    "details": lambda row: of_json(
        {"detail": [{"loc": ["body", "n"], "msg": row.text}]},
        f'[{{"loc": ["body", "n"], "msg": "{row.text}"}}]',
    ),
    "JSON string": lambda row: of_json(row.text, row.text),
    "text": lambda row: Body(row.text.encode(), "text/plain", row.text),
    "HTML": lambda _: Body(PAGE, "text/html; charset=UTF-8", "502 Server Error"),
    "empty": lambda _: Body(b"", "application/json", REASON),
    "invalid JSON": lambda row: Body(
        f'{{"error": "{row.text}'.encode(), "application/json", f'{{"error": "{row.text}'
    ),
}
EVERY_ROW = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
EVERY_SHAPE = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def answer(row: Row, body: Body, **headers: str) -> Answer:
    named = {"Content-Type": body.content_type} | headers
    return Answer((body.content,), row.status, tuple(named.items()), reason=REASON)


@pytest.fixture(scope="module")
def _server() -> Iterator[RawServer]:
    with running() as server:
        yield server


@pytest.fixture
def server(_server: RawServer) -> RawServer:
    _server.prepare()
    return _server


class Clients(NamedTuple):
    """Ours, and the SDK without us as the judge of what it would do."""

    ours: openai.OpenAI
    bare: openai.OpenAI


@pytest.fixture(scope="module")
def clients(_server: RawServer) -> Iterator[Clients]:
    options: Any = {"api_key": KEY, "base_url": _server.base_url, "max_retries": 0}
    with baseten_openai.OpenAI(**options) as ours, openai.OpenAI(**options) as bare:
        yield Clients(ours, bare)


def client_of(server: RawServer, *, is_async: bool) -> Any:
    return client_factories.subclass(
        is_async=is_async, api_key=KEY, base_url=server.base_url, max_retries=0
    )


async def failing(client: Any, **options: Any) -> Any:
    with pytest.raises(openai.APIStatusError) as caught:
        await WHOLE["create"](client, **options)
    return caught.value


@EVERY_SHAPE
@EVERY_ROW
async def test_the_error_is_the_sdks_own_class_with_the_servers_words(
    row: Row, shape: Callable[[Row], Body], server: RawServer, clients: Clients
) -> None:
    body = shape(row)
    server.prepare(answer(row, body))
    error, bare = await failing(clients.ours), await failing(clients.bare)

    told = row.text in body.words
    ours = row.ours if told or row.text != WRONG_KEY else errors.PermissionDeniedError
    assert type(error) is ours  # without Baseten's words no 403 is known for a wrong key
    assert isinstance(error, type(bare))
    assert isinstance(error, row.sdk)
    assert error.message == body.words
    same = ("status_code", "body", "code", "param", "type")
    assert [getattr(error, name) for name in same] == [getattr(bare, name) for name in same]
    assert error.response.content == body.content
    assert str(error) == f"Error code: {row.status} - {body.words}\nHint: {error.hint}"


@EVERY_ROW
async def test_the_hint_says_what_to_do(row: Row, server: RawServer, clients: Clients) -> None:
    server.prepare(answer(row, SHAPES["string"](row)))
    error = await failing(clients.ours)
    assert row.hint in error.hint


HINTS_BY_TEXT = [
    # the recorded messages of evidence.md#error-bodies
    ("image_url is not supported", "takes text only"),
    ("This model does not support multimodal (image/video/audio) inputs.", "takes text only"),
    ("returning log probs is not supported", "leave out logprobs"),
    (
        "This model does not support logprobs > 1 due to advanced speculative decoding.",
        "leave out logprobs",
    ),
    ("Validation: `response_format.json_schema.name` cannot be empty", 'a non-empty "name"'),
    ("Validation: Temperature must be between 0 and 2, got 3", "change it before"),
    (
        "Invalid request: ['max_completion_tokens (8): Extra inputs are not permitted']",
        "change it before",
    ),
    # words of ours which only look like one of those
    ("messages[1] in the dialog is empty", "change it before"),
    ("the image could not be fetched", "change it before"),
]


@pytest.mark.parametrize(("text", "hint"), HINTS_BY_TEXT)
async def test_a_400_has_the_hint_for_its_text(
    text: str, hint: str, server: RawServer, clients: Clients
) -> None:
    row = ROWS["400"]._replace(text=text)
    for shape in ("enveloped", "flat"):
        server.prepare(answer(row, SHAPES[shape](row)))
        error = await failing(clients.ours)
        assert type(error) is errors.BadRequestError
        assert error.message == text
        assert hint in error.hint


@pytest.mark.filterwarnings("ignore::baseten_openai.BasetenWarning")
@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("zai-org/GLM-4.6x", "zai-org/GLM-4.6"),  # closest
        (
            "deepseek-ai/DeepSeek-V3-0324",
            "deepseek-ai/DeepSeek-V3.1",
        ),  # see evidence.md#retired-models
        ("zai-org/GLM-4.6", "zai-org/GLM-4.7"),
    ],
)
async def test_a_404_names_the_closest_slug_or_the_replacement(
    model: str, said: str, server: RawServer, clients: Clients
) -> None:
    server.prepare(answer(ROWS["404"], SHAPES["string"](ROWS["404"])))
    error = await failing(clients.ours, model=model)
    assert said in error.hint.replace(model, "")


# Request id and Retry-After


@pytest.mark.parametrize(
    ("headers", "request_id"),
    [
        ({"X-Baseten-Request-Id": "req-of-baseten"}, "req-of-baseten"),
        ({"X-Baseten-Request-Id": "req-of-baseten", "X-Request-Id": "req-1"}, "req-1"),
        ({"X-Baseten-Accepted-At": "1782162065000"}, None),  # 2.3: often all there is
    ],
)
@SYNC_AND_ASYNC
async def test_the_request_id_is_basetens(
    is_async: bool, headers: dict[str, str], request_id: str | None, server: RawServer
) -> None:
    row = ROWS["400"]
    server.prepare(answer(row, SHAPES["enveloped"](row), **headers))
    error = await failing(client_of(server, is_async=is_async))
    assert error.request_id == request_id


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("0", 0.0), ("-3", 0.0), ("soon", None), ("", None), (None, None)],
)
@pytest.mark.parametrize("name", ["429", "503", "529"])
async def test_retry_after_in_seconds(
    name: str, value: str | None, seconds: float | None, server: RawServer, clients: Clients
) -> None:
    headers = {} if value is None else {"Retry-After": value}
    server.prepare(answer(ROWS[name], SHAPES["string"](ROWS[name]), **headers))
    error = await failing(clients.ours)
    assert error.retry_after == seconds


@pytest.mark.parametrize(("days", "least", "most"), [(2, 86400, 2 * 86400), (-2, 0, 0)])
async def test_retry_after_as_a_date(
    days: int, least: int, most: int, server: RawServer, clients: Clients
) -> None:
    when = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    date = email.utils.format_datetime(when, usegmt=True)
    server.prepare(answer(ROWS["429"], SHAPES["string"](ROWS["429"]), **{"Retry-After": date}))
    error = await failing(clients.ours)
    assert least <= error.retry_after <= most


# Every route


async def check_on_every_route(server: RawServer, client: Any) -> None:
    for row in ROWS.values():
        body = SHAPES["string"](row)
        server.prepare(answer(row, body, **{"X-Baseten-Request-Id": "req-1"}))
        for name, route in (WHOLE | CHUNKED).items():
            given: list[Any] = [[]] if name in CHUNKED else []
            with pytest.raises(row.sdk) as caught:
                await route(client, *given)
            error: Any = caught.value
            assert type(error) is row.ours, name
            assert (error.status_code, error.message) == (row.status, row.text), name
            assert row.hint in error.hint, name
            assert error.request_id == "req-1", name
            assert given in ([], [[]]), name
        assert len(server.paths) == len(WHOLE | CHUNKED)  # each has asked this server


@SYNC_AND_ASYNC
async def test_errors_on_every_route(is_async: bool, server: RawServer) -> None:
    await check_on_every_route(server, client_of(server, is_async=is_async))


async def test_errors_on_every_route_of_the_module(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai, "max_retries", 0)
    baseten_openai.patch(api_key=KEY, base_url=server.base_url)
    await check_on_every_route(server, openai)


@SYNC_AND_ASYNC
@pytest.mark.parametrize("path", ["/embeddings", "/responses", "/nowhere"])
async def test_errors_of_other_endpoints(path: str, is_async: bool, server: RawServer) -> None:
    row = ROWS["402"]
    server.prepare(answer(row, SHAPES["string"](row)))
    client = client_of(server, is_async=is_async)
    with pytest.raises(errors.PaymentRequiredError) as caught:
        await client_factories.settled(
            client.post(path, cast_to=object, body={"model": "openai/gpt-oss-120b"})
        )
    assert caught.value.message == row.text


@pytest.mark.parametrize(
    "status", [405, 406, 408, 409, 410, 415, 418, 422, 423, 425, 428, 451, 499]
)
async def test_every_status_is_ours_and_the_sdks(
    status: int, server: RawServer, clients: Clients
) -> None:
    body = of_json({"error": {"message": f"no, {KEY}"}}, "")
    server.prepare(Answer((body.content,), status, JSON_HEADERS))
    error, bare = await failing(clients.ours), await failing(clients.bare)
    assert isinstance(error, errors.BasetenStatusError)
    assert isinstance(error, type(bare))
    assert (error.status_code, error.message) == (status, "no, <key>")
    assert error.hint
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own pickle
    assert (type(again), str(again)) == (type(error), str(error))


def test_a_class_that_only_a_newer_sdk_has_is_kept_and_pickles() -> None:
    made = errors.status_class(NewerError)
    assert made is errors.status_class(NewerError)
    assert issubclass(made, errors.BasetenStatusError)
    error = made("no", response=errors.local_response(418), body=None, hint="do that")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own pickle
    assert isinstance(again, NewerError)
    assert (again.hint, str(again)) == ("do that", str(error))


class NewerError(openai.APIStatusError):
    """A class for a status that the installed SDK has none for."""
