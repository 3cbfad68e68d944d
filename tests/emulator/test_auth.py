"""Keys and the order of validation: evidence.md#authentication, evidence.md#order-of-validation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from baseten_openai import emulator

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[..., Any]

GOOD = {"model": "zai-org/GLM-4.6", "messages": [{"role": "user", "content": "Hi"}]}
UNKNOWN = {**GOOD, "model": "bad model"}
WRONG = {"error": "please check the api-key you provided"}


@pytest.mark.parametrize(
    ("body", "key", "status", "text"),
    [
        pytest.param(b"", None, 400, '{"error":"Invalid request body"}', id="no body"),
        pytest.param(b"{", "Bearer sk-x", 400, '{"error":"Invalid request body"}', id="not JSON"),
        pytest.param({}, "Bearer sk-x", 400, '{"error":"Invalid request body"}', id="empty object"),
        pytest.param([1], "Bearer k", 400, '{"error":"Invalid request body"}', id="a list"),
        pytest.param(GOOD, None, 401, "No Authorization header provided", id="no header"),
        pytest.param(
            GOOD, "Bearer sk-x", 403, '{"error":"please check the api-key you provided"}', id="sk-"
        ),
        pytest.param(
            GOOD, "Basic a", 403, '{"error":"please check the api-key you provided"}', id="Basic"
        ),
        pytest.param(
            UNKNOWN,
            "Bearer wrong-key",
            403,
            '{"error":"please check the api-key you provided"}',
            id="the key comes before the model",
        ),
        pytest.param(
            UNKNOWN,
            "Bearer k",
            404,
            '{"error":"please check the model you provided"}',
            id="unknown model",
        ),
        pytest.param(
            {**GOOD, "model": "ZAI-org/glm-4.6"},
            "Bearer k",
            404,
            '{"error":"please check the model you provided"}',
            id="slugs are case-sensitive",
        ),
    ],
)
def test_refusals(post: Ask, body: Any, key: str | None, status: int, text: str) -> None:
    got = post(body, key=key)
    assert got.status == status
    assert got.body.decode().strip() == text


@pytest.mark.parametrize("key", ["Bearer k", "Api-Key k", "bearer k"])
def test_both_schemes_are_accepted(post: Ask, key: str | None) -> None:
    assert post(GOOD, key=key).status == 200


def test_empty_bearer_gives_the_proxys_page(post: Ask) -> None:
    got = post(GOOD, key="Bearer ")
    assert got.status == 502
    assert b"<title>502 Server Error</title>" in got.body
    assert got.headers["content-type"].startswith("text/html")


def test_wrong_key_is_the_recorded_body(post: Ask, recorded: Ask) -> None:
    case = recorded("bad-model")[0]
    got = post(case["request"], key="Api-Key wrong-key")
    assert (got.status, got.body.decode()) == (case["status"], case["body"])
    assert got.headers["content-type"] == case["headers"]["content-type"]
    assert not [name for name in got.headers if name.startswith("x-baseten")]


def test_the_missing_header_is_told_as_plain_text(post: Ask) -> None:
    assert post(GOOD, key=None).headers["content-type"].startswith("text/plain")


def test_with_a_key_of_its_own_every_other_is_wrong(fetch: Ask) -> None:
    with emulator.serve(api_key="the one") as server:
        assert fetch(server.base_url, GOOD, key="Bearer the one").status == 200
        assert fetch(server.base_url, GOOD, key="Bearer other").json == WRONG
        assert fetch(
            server.base_url, None, key="Bearer other", path="/models", method="GET"
        ).json == (WRONG)


def test_every_response_says_it_is_emulated(post: Ask) -> None:
    answers = [
        post(GOOD),
        post(GOOD, key=None),
        post({**GOOD, "stream": True}),
        post(None, path="/models", method="GET"),
        post({}, path="/embeddings"),
    ]
    assert [answer.status for answer in answers] == [200, 401, 200, 200, 404]
    for answer in answers:
        assert answer.headers["x-emulated-by"].startswith("baseten-openai-emulator/")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/embeddings"), ("POST", "/models"), ("GET", "/chat/completions")]
)
def test_there_is_nothing_else(post: Ask, method: str, path: str) -> None:
    assert post(GOOD, method=method, path=path).status == 404
