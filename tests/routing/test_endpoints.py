"""Endpoints beside chat: the key and the model's name are Baseten's, a 404 names the alternative."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import openai
import pytest
from client_factories import EACH_FACTORY, SYNC_AND_ASYNC, settled
from raw_server import JSON_HEADERS, Answer, RawServer, running

import baseten_openai
from baseten_openai import errors
from baseten_openai.routing import endpoints
from baseten_openai.sdk import error_conversion
from baseten_openai.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from baseten_openai.emulator import EmulatorServer

    Call = Callable[[Any], Any]

pytestmark = pytest.mark.anyio

KEY = "key-of-baseten"
OPENAI_KEY = "sk-of-openai"
GLM = "zai-org/GLM-4.7"
MODEL_HINT = "enabled in the dashboard"
TELLING = "do not document"

RESPONSES: dict[str, tuple[str, Callable[[Any, str], Any]]] = {
    "responses": ("/v1/responses", lambda c, m: c.responses.create(model=m, input="Hello")),
    "responses, streamed": (
        "/v1/responses",
        lambda c, m: c.responses.create(model=m, input="Hello", stream=True),
    ),
}
NAMED: dict[str, tuple[str, Callable[[Any, str], Any]]] = {
    "completions": ("/v1/completions", lambda c, m: c.completions.create(model=m, prompt="Hello")),
    "embeddings": ("/v1/embeddings", lambda c, m: c.embeddings.create(model=m, input="Hello")),
}
"""Calls that name a model, and the path they take."""

UNNAMED: dict[str, Call] = {
    "images": lambda c: c.images.generate(prompt="a cat"),
    "moderations": lambda c: c.moderations.create(input="Hello"),
    "audio": lambda c: c.audio.speech.create(model="tts-1", voice="alloy", input="Hello"),
    "files": lambda c: c.files.retrieve("file-1"),
    "batches": lambda c: c.batches.retrieve("batch-1"),
    "fine_tuning": lambda c: c.fine_tuning.jobs.retrieve("job-1"),
    "vector_stores": lambda c: c.vector_stores.retrieve("store-1"),
}
INSTEAD = {
    "completions": "client.chat.completions",
    "embeddings": "deploy an embedding model",
    "images": "deploy an image model",
    "moderations": "ask a chat model",
    "audio": "deploy a speech model",
    "files": "into the messages of chat.completions",
    "batches": "AsyncOpenAI",
    "fine_tuning": "deploy your own model",
    "vector_stores": "search in your own program",
}
CALLS = pytest.mark.parametrize(("path", "call"), NAMED.values(), ids=NAMED)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", OPENAI_KEY)


@pytest.fixture
def raw() -> Iterator[RawServer]:
    with running() as server:
        yield server


@pytest.mark.parametrize(
    ("path", "call"), [*RESPONSES.values(), *NAMED.values()], ids=[*RESPONSES, *NAMED]
)
@SYNC_AND_ASYNC
@EACH_FACTORY
@pytest.mark.parametrize("name", ["glm-4.7", "GLM 4.7", "baseten/glm-4.7", "our-model"])
async def test_the_key_and_the_models_name_are_basetens(
    name: str,
    make: Callable[..., Any],
    is_async: bool,
    path: str,
    call: Callable[[Any, str], Any],
    server: EmulatorServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)
    monkeypatch.setenv("BASETEN_OPENAI_ALIASES", "our-model=glm-4.7")
    if path == "/v1/responses":
        await settled(call(make(is_async=is_async), name))
    else:
        with pytest.raises(openai.NotFoundError):
            await settled(call(make(is_async=is_async), name))
    (request,) = server.requests
    assert (request.path, request.json["model"]) == (path, GLM)
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert OPENAI_KEY not in str(request.headers)


@CALLS
@SYNC_AND_ASYNC
@EACH_FACTORY
async def test_a_404_names_the_alternative(
    make: Callable[..., Any],
    is_async: bool,
    path: str,
    call: Callable[[Any, str], Any],
    server: EmulatorServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)
    with pytest.raises(errors.NotFoundError) as caught:
        await settled(call(make(is_async=is_async), "glm-4.7"))
    endpoint = path.rpartition("/")[2]
    assert f"/{endpoint}" in str(caught.value)
    assert INSTEAD[endpoint] in str(caught.value)
    assert MODEL_HINT not in str(caught.value)


@SYNC_AND_ASYNC
@pytest.mark.parametrize("endpoint", UNNAMED)
async def test_a_404_of_what_names_no_model_of_basetens_does_so_too(
    endpoint: str, is_async: bool, server: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)
    kind: Any = baseten_openai.AsyncOpenAI if is_async else baseten_openai.OpenAI
    client = kind()
    with pytest.raises(errors.NotFoundError) as caught:
        await settled(UNNAMED[endpoint](client))
    assert INSTEAD[endpoint] in str(caught.value.hint)
    assert [r.headers["authorization"] for r in server.requests] == [f"Bearer {KEY}"]
    await settled(client.close())


@SYNC_AND_ASYNC
@pytest.mark.parametrize("name", ["text-embedding-3-small", "gpt-4o", "no-such-model"])
async def test_an_unknown_embedding_model_is_refused_with_the_alternative(
    name: str, is_async: bool, server: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)
    kind: Any = baseten_openai.AsyncOpenAI if is_async else baseten_openai.OpenAI
    client = kind()
    with pytest.raises(errors.UnknownModelError) as caught:
        await settled(client.embeddings.create(model=name, input="Hello"))
    assert INSTEAD["embeddings"] in str(caught.value)
    assert name in str(caught.value)
    assert server.requests == []
    await settled(client.close())


def test_no_default_model_stands_in_for_openais_embedding_models(server: EmulatorServer) -> None:
    client = baseten_openai.OpenAI(base_url=server.base_url, default_model="gpt-oss-120b")
    with pytest.raises(errors.UnknownModelError):
        client.embeddings.create(model="text-embedding-3-small", input="Hello")
    assert server.requests == []


def test_a_404_about_the_model_says_both(raw: RawServer) -> None:
    raw.prepare(_not_found(b'{"error":"please check the model you provided"}'))
    client = baseten_openai.OpenAI(base_url=raw.base_url)
    with pytest.raises(errors.NotFoundError) as caught:
        client.completions.create(model="glm-4.7", prompt="Hello")
    assert INSTEAD["completions"] in str(caught.value)
    assert MODEL_HINT in str(caught.value)


def test_a_404_of_responses_names_the_model_and_chat(raw: RawServer) -> None:
    raw.prepare(_not_found(b'{"error":"not here"}'))
    client = baseten_openai.OpenAI(base_url=raw.base_url)
    with pytest.raises(errors.NotFoundError) as caught:
        client.responses.create(model="glm-4.7", input="Hello")
    assert MODEL_HINT in str(caught.value)
    assert "client.chat.completions works with every model" in str(caught.value)
    assert TELLING not in str(caught.value)


def test_a_404_of_chat_names_no_alternative(raw: RawServer) -> None:
    raw.prepare(_not_found(b'{"error":"not here"}'))
    with pytest.raises(errors.NotFoundError) as caught:
        baseten_openai.OpenAI(base_url=raw.base_url).chat.completions.create(
            model=GLM, messages=[{"role": "user", "content": "Hello"}]
        )
    assert MODEL_HINT in str(caught.value)
    assert TELLING not in str(caught.value)


def test_a_404_of_one_model_names_no_alternative(server: EmulatorServer) -> None:
    with pytest.raises(errors.NotFoundError) as caught:
        baseten_openai.OpenAI(base_url=server.base_url).models.retrieve("a/b")
    assert MODEL_HINT in str(caught.value)
    assert TELLING not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "told"),
    [("inference.baseten.co", True), ("model-abcd1234.api.baseten.co", False)],
)
def test_of_a_dedicated_deployment_nothing_is_said(host: str, told: bool) -> None:
    http = errors.http_library()
    request = http.Request("POST", f"https://{host}/v1/embeddings", json={"model": "a/b"})
    response = http.Response(404, request=request, json={"error": "not here"})
    error = openai.NotFoundError("", response=response, body={"error": "not here"})
    made = error_conversion.convert(error, Settings.load(api_key=KEY))
    assert isinstance(made, errors.NotFoundError)
    assert (TELLING in str(made.hint)) is told


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://inference.baseten.co/v1/responses/compact", "responses/compact"),
        ("https://inference.baseten.co/v1/responses/input_tokens", "responses/input_tokens"),
        ("https://inference.baseten.co/v1/responses", None),
        ("https://inference.baseten.co/v1/responses/resp_1", None),
        ("https://inference.baseten.co/v1/fine_tuning/jobs?limit=2", "fine_tuning"),
        ("https://gateway.example/files/v1/embeddings", "embeddings"),
        ("/completions", "completions"),
        ("https://inference.baseten.co/v1/chat/completions", None),
        ("https://inference.baseten.co/v1/chat/completions/id/messages", None),
        ("https://inference.baseten.co/v1/models/openai/gpt-oss-120b", None),
        ("https://inference.baseten.co/v1/new_thing", None),
    ],
)
def test_the_endpoint_is_read_from_the_url(url: str, endpoint: str | None) -> None:
    found = endpoints.alternative(url)
    assert (found is None) == (endpoint is None)
    if endpoint is not None:
        assert f"/{endpoint};" in str(found)


def test_an_endpoint_that_works_gives_what_it_gave(raw: RawServer) -> None:
    vector = base64.b64encode(b"\0\0\x80?\0\0\0@").decode()  # 1.0 and 2.0, as little-endian floats
    raw.prepare(
        Answer(
            (
                b'{"object":"list","model":"a/b","data":[{"object":"embedding","index":0,'
                b'"embedding":"' + vector.encode() + b'"}],'
                b'"usage":{"prompt_tokens":1,"total_tokens":1}}',
            ),
            200,
            JSON_HEADERS,
        )
    )
    client = baseten_openai.OpenAI(base_url=raw.base_url)
    answer = client.embeddings.create(model="a/b", input="Hello")
    assert list(answer.data[0].embedding) == [1.0, 2.0]


def _not_found(body: bytes) -> Answer:
    return Answer((body,), 404, JSON_HEADERS)


def test_the_tokens_of_embeddings_and_completions_are_counted(raw: RawServer) -> None:
    usage = b'"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}'
    choice = b'{"text":"Hi","index":0,"finish_reason":"stop","logprobs":null}'
    completion = (
        b'{"id":"c","object":"text_completion","created":1,"model":"a/b","choices":['
        + choice
        + b"],"
        + usage
        + b"}"
    )
    embedding = b'{"object":"list","model":"a/b","data":[],' + usage + b"}"
    client = baseten_openai.OpenAI(base_url=raw.base_url)
    with baseten_openai.track() as ledger:
        raw.prepare(Answer((completion,), 200, JSON_HEADERS))
        made = client.completions.create(model="a/b", prompt="Hello")
        raw.prepare(Answer((b"data: " + completion + b"\n\ndata: [DONE]\n\n",)))
        list(client.completions.create(model="a/b", prompt="Hello", stream=True))
        raw.prepare(Answer((embedding,), 200, JSON_HEADERS))
        client.embeddings.create(model="a/b", input="Hello", encoding_format="float")
    (used,) = ledger.report().models
    assert (used.calls, used.tokens.input, used.tokens.output) == (3, 21, 6)
    assert made.choices[0].text == "Hi"
