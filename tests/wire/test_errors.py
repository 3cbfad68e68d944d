"""Each error answer on the wire becomes the SDK's class, with the server's text and a hint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import openai
import pytest

import baseten_openai

from .conftest import all_of, settle

if TYPE_CHECKING:
    from .conftest import Ask, Wire

pytestmark = [pytest.mark.vcr, pytest.mark.anyio]

IMAGE = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]


class Case(NamedTuple):
    """How an error is provoked, which of our classes it becomes, and which of the SDK's that is."""

    error: type[baseten_openai.BasetenStatusError]
    caught_as: type[openai.APIStatusError]
    hint: str
    options: dict[str, Any]
    content: Any = "Hello"
    client: dict[str, Any] = {}  # noqa: RUF012  # a row of a table, never changed


def fault(kind: str) -> dict[str, Any]:
    """Options that make the emulator fail in the way of ``kind``."""
    return {"extra_headers": {"x-emulate-fault": kind}}


# Statuses and classes: evidence.md#specification, evidence.md#error-bodies.
ON_DEMAND = {
    "error_400": Case(
        baseten_openai.BadRequestError,
        openai.BadRequestError,
        "this model takes text only",
        {},
        IMAGE,
        {"on_unsupported": "ignore"},
    ),
    "error_401": Case(
        baseten_openai.AuthenticationError,
        openai.AuthenticationError,
        "set BASETEN_API_KEY",
        {"extra_headers": {"Authorization": openai.Omit()}},
    ),
    "error_403": Case(
        baseten_openai.InvalidAPIKeyError,
        openai.AuthenticationError,
        "check BASETEN_API_KEY",
        {},
        client={"api_key": "wrong-key"},
    ),
    "error_404": Case(
        baseten_openai.NotFoundError,
        openai.NotFoundError,
        "enabled in the dashboard",
        {"model": "no-such/model"},
    ),
}
EMULATED = {
    "error_402": Case(
        baseten_openai.PaymentRequiredError, openai.APIStatusError, "add credit", fault("402")
    ),
    "error_429": Case(
        baseten_openai.RateLimitError,
        openai.RateLimitError,
        "max_retries=",
        fault("429; retry-after=3"),
    ),
    "error_500": Case(
        baseten_openai.InternalServerError,
        openai.InternalServerError,
        "Retry later",
        fault("500"),
    ),
    "error_529": Case(
        baseten_openai.CapacityError, openai.InternalServerError, "no capacity", fault("529")
    ),
}
ROWS = [
    *(
        pytest.param(name, case, id=name, marks=pytest.mark.default_cassette(name))
        for name, case in ON_DEMAND.items()
    ),
    *(
        pytest.param(
            name,
            case,
            id=name,
            marks=[pytest.mark.default_cassette(name), pytest.mark.emulated_only],
        )
        for name, case in EMULATED.items()
    ),
]


def server_text(body: str, parsed: Any) -> str:
    """The server's words in a body of any recorded form (evidence.md#error-bodies)."""
    if parsed is None:
        return body
    inner = parsed.get("error", parsed)
    text: str = inner if isinstance(inner, str) else inner["message"]
    return text


@pytest.mark.parametrize(("name", "case"), ROWS)
async def test_error(name: str, case: Case, client: Any, wire: Wire) -> None:
    changed = client.with_options(**case.client)
    options = {"model": "gpt-oss-120b", "max_tokens": 100, **case.options}
    messages = [{"role": "user", "content": case.content}]

    async def call() -> None:
        await settle(changed.chat.completions.create(messages=messages, **options))

    with pytest.raises(case.caught_as) as caught:
        await call()
    error: Any = caught.value
    assert type(error) is case.error
    assert error.status_code == int(name.removeprefix("error_"))
    body = wire.text()
    assert error.message == server_text(body, wire.received() if body.startswith("{") else None)
    assert case.hint in error.hint
    assert error.message in str(error)
    assert error.hint in str(error)
    assert error.request_id == wire.header("x-baseten-request-id")
    retry_after = wire.header("retry-after")
    assert error.retry_after == (None if retry_after is None else float(retry_after))


@pytest.mark.emulated_only
async def test_error_in_stream(ask: Ask, wire: Wire) -> None:
    stream = await ask("Hello", stream=True, **fault("error-event-flat; after=3"))
    with pytest.raises(openai.InternalServerError) as caught:
        await all_of(stream)
    assert isinstance(caught.value, baseten_openai.InternalServerError)
    event = wire.chunks()[-1]
    assert (caught.value.status_code, caught.value.message) == (event["code"], event["message"])


@pytest.mark.emulated_only
async def test_stream_cut_short(ask: Ask, wire: Wire) -> None:
    stream = await ask("Hello", stream=True, **fault("cut; after=3"))
    with pytest.raises(openai.APIConnectionError) as caught:
        await all_of(stream)
    assert isinstance(caught.value, baseten_openai.StreamInterruptedError)
    assert len(wire.chunks()) == 3
    assert "[DONE]" not in wire.text()
