"""The exceptions of baseten_openai. Each is also a subclass of one of the SDK's exceptions.

::

    openai.OpenAIError
    └── BasetenError                          .hint .partial
        ├── ConfigurationError                also ValueError
        │   ├── MissingAPIKeyError            no BASETEN_API_KEY, no api_key=
        │   └── CredentialError               a key would be sent to a foreign host
        ├── IncompatibleOpenAIError           also RuntimeError; the SDK lacks a method we rely on
        ├── LiveListError                     refresh_catalog() received no list
        ├── StreamInterruptedError            also openai.APIConnectionError
        ├── InvalidResponseError              also openai.APIResponseValidationError
        └── BasetenStatusError                also openai.APIStatusError; .retry_after
            ├── BadRequestError          400  also openai.BadRequestError
            │   └── UnsupportedFeatureError   refused before sending: .model .param .feature
            ├── AuthenticationError      401  also openai.AuthenticationError
            │   └── InvalidAPIKeyError   403  also openai.PermissionDeniedError
            ├── PaymentRequiredError     402
            ├── PermissionDeniedError    403  also openai.PermissionDeniedError
            ├── NotFoundError            404  also openai.NotFoundError
            │   └── UnknownModelError         refused before sending: .model .suggestions
            ├── ConflictError            409  also openai.ConflictError
            ├── UnprocessableEntityError 422  also openai.UnprocessableEntityError
            ├── RateLimitError           429  also openai.RateLimitError
            └── InternalServerError      5xx  also openai.InternalServerError
                └── CapacityError        529

``.message`` is the server's own text; ``str(error)`` adds the status and the hint. Every other status is
a ``BasetenStatusError`` and, where the SDK has a class for it, also of that class. Status errors can be
pickled and copied, unlike the SDK's, without the request's headers, which hold the key. The table in
``sdk.error_conversion`` maps responses to classes and hints.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import openai
from openai import _base_client

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from openai.types.chat import ChatCompletion
    from openai.types.responses import Response

LOCAL_HEADER = "x-baseten-openai"
"""Header on the response of an error that was raised before sending. Value: ``refused-before-sending``."""


class BasetenError(openai.OpenAIError):
    """Base class of this package's exceptions.

    ``hint`` says what to do next. ``partial`` is what a stream had delivered before the error, as one
    response whose ``finish_reason`` is ``None``; it is ``None`` for other errors. The SDK's own errors that
    end a stream, such as ``openai.APITimeoutError``, have ``partial`` too.
    """

    hint: str | None = None
    partial: ChatCompletion | Response | None = None


class ConfigurationError(BasetenError, ValueError):
    """A setting (keyword or environment variable) is invalid."""


class MissingAPIKeyError(ConfigurationError):
    """There is no Baseten key: neither ``api_key=`` nor ``BASETEN_API_KEY`` is set."""


class CredentialError(ConfigurationError):
    """A key would have been sent to another host, or unencrypted. Nothing was sent."""


class IncompatibleOpenAIError(BasetenError, RuntimeError):
    """The installed ``openai`` does not have the methods this package hooks into."""


class LiveListError(BasetenError):
    """``refresh_catalog()`` received no list of models, or an empty one."""


class StreamInterruptedError(BasetenError, openai.APIConnectionError):
    """The stream ended before the response was complete.

    A subclass of ``openai.APIConnectionError``, so code that retries lost connections also retries this.
    """

    def __init__(self, message: str, *, request: Any) -> None:
        """Take the message and the HTTP request of the stream."""
        super().__init__(message=message, request=request)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the request's headers."""
        state = {name: value for name, value in self.__dict__.items() if name != "request"}
        line = _request_line(self.request)
        return _rebuild_interrupted, (self.message, type(self.request), line), state


class BasetenStatusError(BasetenError, openai.APIStatusError):
    """An error response from Baseten, or a request that was refused before sending.

    ``message`` is the server's text. ``hint`` says what to do. ``retry_after`` is the value of the
    ``Retry-After`` header in seconds, or ``None``. ``request_id`` is Baseten's id of the request.
    """

    retry_after: float | None = None

    def __init__(
        self,
        message: str,
        *,
        response: Any,
        body: object | None,
        hint: str | None = None,
        **details: Any,
    ) -> None:
        """Take the SDK's arguments, the hint, and the attributes of a subclass (``details``)."""
        super().__init__(message, response=response, body=body)
        self.hint = hint
        for name, value in details.items():
            setattr(self, name, value)

    def __str__(self) -> str:
        """Return the status, the server's text and the hint."""
        text = f"Error code: {self.status_code} - {self.message}"
        return f"{text}\nHint: {self.hint}" if self.hint else text

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by value: the response without its request's headers, which hold the key."""
        state = {
            name: value
            for name, value in self.__dict__.items()
            if name not in {"response", "request"}
        }
        response = self.response
        wire = (
            type(response),
            response.status_code,
            response.headers.multi_items(),
            _content(response),
            type(self.request),
            _request_line(self.request),
        )
        return _rebuild_status, (type(self), state, wire)


class BadRequestError(BasetenStatusError, openai.BadRequestError):
    """400: Baseten refused the request."""


class InvalidResponseError(BasetenError, openai.APIResponseValidationError):
    """The status is 2xx, but the body is not JSON: it is empty, cut off, or a proxy's page.

    A subclass of ``openai.APIResponseValidationError``, which the SDK raises here only with its strict
    validation. By default the SDK raises ``json.JSONDecodeError`` or returns the text.
    """

    def __init__(self, message: str, *, response: Any, body: object | None, hint: str) -> None:
        """Take the message, the response, its body and the hint."""
        super().__init__(response=response, body=body, message=message)
        self.hint = hint

    __str__ = BasetenStatusError.__str__
    __reduce__ = BasetenStatusError.__reduce__


class UnsupportedFeatureError(BadRequestError):
    """The model does not support a feature that the request uses. Raised before sending.

    ``model`` is the slug, ``param`` the argument to change, ``feature`` the missing feature.
    """

    model: str
    param: str | None
    feature: str

    def __str__(self) -> str:
        """Return the message and the hint, without a status: nothing was sent."""
        return f"{self.message}\nHint: {self.hint}" if self.hint else self.message


class AuthenticationError(BasetenStatusError, openai.AuthenticationError):
    """401: no key reached Baseten."""


class InvalidAPIKeyError(AuthenticationError, openai.PermissionDeniedError):  # type: ignore[misc]  # status_code is 401 in one base and 403 in the other
    """403: Baseten does not know the key. OpenAI answers 401 in this case, so this is both classes."""


class PaymentRequiredError(BasetenStatusError):
    """402: no credit, or billing is not set up."""


class PermissionDeniedError(BasetenStatusError, openai.PermissionDeniedError):
    """403: the key is valid, but is not allowed to do this."""


class NotFoundError(BasetenStatusError, openai.NotFoundError):
    """404: the model does not exist, or is not enabled in this workspace."""


class ConflictError(BasetenStatusError, openai.ConflictError):
    """409: the request conflicts with another; the SDK has already retried."""


class UnprocessableEntityError(BasetenStatusError, openai.UnprocessableEntityError):
    """422: the request is well formed, but was refused."""


class UnknownModelError(NotFoundError):
    """The model's name is unknown. Raised before sending.

    ``model`` is the name in the request, ``suggestions`` are the closest slugs.
    """

    model: str
    suggestions: Sequence[str]

    def __init__(
        self,
        message: str,
        *,
        model: str = "",
        suggestions: Sequence[str] = (),
        hint: str | None = None,
        response: Any = None,
        body: object | None = None,
    ) -> None:
        """Take the message, the name and the suggestions; make a response if none is given."""
        super().__init__(
            message,
            response=response or local_response(404),
            body=body or {"message": message, "param": "model", "code": "model_not_found"},
            hint=hint,
            model=model,
            suggestions=tuple(suggestions),
        )

    __str__ = UnsupportedFeatureError.__str__


class RateLimitError(BasetenStatusError, openai.RateLimitError):
    """429: the limit of requests or tokens per minute is exceeded."""


class InternalServerError(BasetenStatusError, openai.InternalServerError):
    """5xx: Baseten failed, also when the SDK retried."""


class CapacityError(InternalServerError):
    """529: the model has no capacity right now; you are within your limits."""


def status_class(sdk_class: type[openai.APIStatusError]) -> type[BasetenStatusError]:
    """Return the class of errors that are both ``BasetenStatusError`` and ``sdk_class``.

    One of the classes above, else a class made here: for classes of newer SDKs, and those of a user's client.
    """
    if sdk_class is openai.APIStatusError:
        return BasetenStatusError
    bases = (BasetenStatusError, sdk_class)
    for known in BasetenStatusError.__subclasses__():
        if known.__bases__ == bases:
            return known

    def reduce(self: BasetenStatusError) -> tuple[Any, ...]:
        _, (_, state, wire) = BasetenStatusError.__reduce__(self)
        return _rebuild_composed, (sdk_class, state, wire)

    members = {"__module__": __name__, "__doc__": sdk_class.__doc__, "__reduce__": reduce}
    return type(sdk_class.__name__, bases, members)


def malformed(message: str, *, param: str, hint: str) -> BadRequestError:
    """Return the error for a request that no API accepts. Its response was made in this process."""
    body = {"message": message, "param": param, "type": "invalid_request_error", "code": 400}
    return BadRequestError(message, response=local_response(400), body=body, hint=hint)


def unsupported(
    message: str, *, model: str, param: str | None, feature: str, hint: str
) -> UnsupportedFeatureError:
    """Return the error for a refused feature. Its response was made in this process."""
    body = {"message": message, "param": param, "type": "unsupported_feature", "code": 400}
    return UnsupportedFeatureError(
        message,
        response=local_response(400),
        body=body,
        hint=hint,
        model=model,
        feature=feature,
    )


def local_response(status: int) -> Any:
    """Return a response of the SDK's HTTP library: httpx, or httpx2 from openai 3 on."""
    http = http_library()
    request = http.Request("POST", "https://inference.baseten.co/v1/chat/completions")
    return http.Response(
        status, request=request, headers={LOCAL_HEADER: "refused-before-sending"}, content=b""
    )


def http_library() -> Any:
    """Return the module whose ``Request`` and ``Response`` the installed SDK uses.

    It is taken from the SDK, which has imported it.
    """
    library = getattr(_base_client, "httpx2", None) or getattr(_base_client, "httpx", None)
    return library or sys.modules["httpx"]


def http_libraries() -> tuple[Any, ...]:
    """Return the modules whose responses and exceptions a client may use: the SDK's, and httpx if loaded.

    openai 3 uses httpx2, and accepts a client of httpx too.
    """
    own, other = http_library(), sys.modules.get("httpx")
    return (own,) if other is None or other is own else (own, other)


def _content(response: Any) -> bytes:
    try:
        content: bytes = response.content
    except tuple(library.ResponseNotRead for library in http_libraries()):  # the body was not read
        return b""
    return content


def _request_line(request: Any) -> tuple[str, str]:
    return request.method, str(request.url)


def _rebuild_interrupted(
    message: str, request_class: Callable[..., Any], line: tuple[str, str]
) -> StreamInterruptedError:
    return StreamInterruptedError(message, request=request_class(*line))


def _rebuild_composed(
    sdk_class: type[openai.APIStatusError], state: Mapping[str, Any], wire: tuple[Any, ...]
) -> BasetenStatusError:
    return _rebuild_status(status_class(sdk_class), state, wire)


def _rebuild_status(
    cls: type[BasetenStatusError], state: Mapping[str, Any], wire: tuple[Any, ...]
) -> BasetenStatusError:
    response_class, status, headers, content, request_class, line = wire
    hop = {"content-encoding", "transfer-encoding", "content-length"}  # content is decoded already
    response = response_class(
        status,
        headers=[(name, value) for name, value in headers if name.lower() not in hop],
        content=content,
        request=request_class(*line),
    )
    error = cls.__new__(cls)
    Exception.__init__(error, state["message"])
    error.__dict__.update(state, response=response, request=response.request)
    return error
