"""What is done at each method of the SDK's clients that every route passes: the edge to ``openai``.

A hook has wrapt's signature, so that the subclasses (``client``), ``bind()`` and ``patch()`` share
them. In the order a call meets them:

1. ``request``: the whole call, retries included, is counted (``usage.recorder``)
2. ``prepare_options``: the body is resolved, translated and checked (``chat.prepare``)
3. ``prepare_url``: an endpoint's URL, which the SDK makes anew each time, is kept
4. ``prepare_request``: no key leaves for a host that is not its own (``credentials``)
5. ``make_status_error``: an error answer becomes an exception that says what to do (``error_conversion``)
6. ``process_response``: a stream becomes one that is repaired (``stream``)
7. ``process_response_data``: a plain answer is repaired (``chat.repair``)

The SDK calls 2 to 4 once an attempt; so they are idempotent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, get_args, get_origin
from urllib.parse import urlsplit

import openai
from openai.types.chat import ChatCompletionChunk
from pydantic import BaseModel

from .. import call_notes, internal_errors
from ..chat.prepare import CHAT, NAMED_MODEL_PATHS, Body, Call, prepare
from ..chat.repair import repair_completion
from ..credentials.hosts import is_dedicated
from ..credentials.keys import without_foreign_headers
from ..credentials.outgoing import check_request
from ..errors import BasetenError, http_library
from ..usage import recorder
from . import error_conversion
from .bindings import SERVED, STATE, Binding, Served, base_url_of, is_module_client
from .endpoint_urls import kept_url
from .openai_credentials import authorize, clean, is_clean
from .stream import RepairedAsyncStream, RepairedStream

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..settings import Settings

    Args = tuple[Any, ...]
    Kwargs = dict[str, Any]

_STREAMS: dict[Any, Any] = {
    openai.Stream: RepairedStream,
    openai.AsyncStream: RepairedAsyncStream,
}


class Patch(Protocol):
    """What the hooks ask of ``patch()``."""

    binding: Binding | None
    known: dict[str, Settings]
    """All settings whose keys were handed out, by key."""

    def learn(self, key: str) -> None:
        """Remember a key that was sent to Baseten."""


class Hooks:
    """The hooks: of clients that are Baseten's alone, or of all clients while patched."""

    def __init__(self, patch: Patch | None = None) -> None:
        """Take the binding from each client; or from ``patch`` for those that have none."""
        self._patch = patch

    def _binding(self, client: Any) -> Binding | None:
        """Return the client's binding, or ``None`` where it is none of these hooks' clients."""
        own: Binding | None = client.__dict__.get(STATE)
        if self._patch is None:
            return own
        return (
            self._patch.binding if own is None else None
        )  # one that has its own is hooked already

    def _serving(self, client: Any) -> Binding | None:
        """Return the client's binding if it talks to Baseten. Asked at every step, so remembered."""
        held = client.__dict__
        binding: Binding | None = held.get(STATE)
        if self._patch is not None:  # as _binding does; a call less, for those of other hosts
            if binding is not None:
                return None
            binding = self._patch.binding
        if binding is None:
            return None
        known: Served | None = held.get(SERVED)
        if (
            known is None
            or known.base_url is not client._base_url  # noqa: SLF001  # see base_url_of
            or known.token is not binding.token
        ):
            known = Served(base_url_of(client), binding)
            if not is_module_client(client):  # whose URL is a global of the module's
                held[SERVED] = known
        return binding if known.serves else None

    def request(self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs) -> Any:
        """Count a call."""
        record = self._record(client, args, kw)
        if record is None:
            return wrapped(*args, **kw)
        token = recorder.current.set(record)
        try:
            result = wrapped(*args, **kw)
        except Exception as error:
            _failed(record, error)
            raise
        except BaseException as error:  # a task was cancelled, or Ctrl-C pressed
            recorder.safely(record.failed, error)
            raise
        finally:
            recorder.current.reset(token)
        try:
            record.returned(streamed=bool(kw.get("stream")))
        except Exception as bug:  # noqa: BLE001  # a call uncounted is better than a call broken
            internal_errors.report("recording", bug)
        return result

    async def request_async(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Count an async client's call."""
        record = self._record(client, args, kw)
        if record is None:
            return await wrapped(*args, **kw)
        token = recorder.current.set(record)
        try:
            result = await wrapped(*args, **kw)
        except Exception as error:
            _failed(record, error)
            raise
        except BaseException as error:  # a task was cancelled, or Ctrl-C pressed
            recorder.safely(record.failed, error)
            raise
        finally:
            recorder.current.reset(token)
        try:
            record.returned(streamed=bool(kw.get("stream")))
        except Exception as bug:  # noqa: BLE001  # a call uncounted is better than a call broken
            internal_errors.report("recording", bug)
        return result

    def _record(self, client: Any, args: Args, kw: Kwargs) -> recorder.CallRecord | None:
        if self._serving(client) is None:
            return None
        return recorder.begin(kw["options"] if "options" in kw else args[1])

    def prepare_options(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Edit the options of a call."""
        return self._edit(client, wrapped(*args, **kw))

    async def prepare_options_async(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Edit the options of an async client's call."""
        return self._edit(client, await wrapped(*args, **kw))

    def _edit(self, client: Any, options: Any) -> Any:
        binding = self._serving(client)
        if binding is not None:
            self._edit_own(client, options, binding)
        if options.url.startswith(("ws:", "wss:")):
            self._check_websocket(client, options)
        return options

    def _edit_own(self, client: Any, options: Any, binding: Binding) -> None:
        if self._patch is not None:
            if is_module_client(client):
                authorize(options, binding.settings)
            elif not is_clean(client):  # made before patch()
                clean(client, without_foreign_headers(client._custom_headers))  # noqa: SLF001  # the one place they are kept
        record = recorder.current.get()
        if record is not None:
            record.attempts += 1
        path = options.url if options.url in NAMED_MODEL_PATHS else _path(options.url)
        if path in NAMED_MODEL_PATHS and not isinstance(options.json_data, Body):
            known: Served | None = client.__dict__.get(SERVED)
            dedicated = known.is_dedicated if known else is_dedicated(base_url_of(client).host)
            _edit_body(options, binding.settings, path, record, dedicated=dedicated)

    def prepare_url(self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs) -> Any:
        """Return the URL that the SDK makes of its base URL and an endpoint's path, made once."""
        return kept_url(client.__dict__.get(SERVED), wrapped, client, args, kw)

    def prepare_request(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Check the finished request; after the SDK's own hook, which may be a user's override."""
        result = wrapped(*args, **kw)
        self._check(client, *args, **kw)
        return result

    async def prepare_request_async(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Check an async client's finished request."""
        result = await wrapped(*args, **kw)
        self._check(client, *args, **kw)
        return result

    def _check(self, client: Any, request: Any, *, by_http: bool = True) -> None:
        binding = self._binding(client)
        if binding is not None:
            check_request(
                request.url,
                request.headers,
                binding.settings,
                bound=self._patch is None or _keeps_a_provider(client),
                earlier=tuple(self._patch.known.values()) if self._patch else (),
                learn=self._patch.learn if self._patch else None,
                passed=binding.passed,
                http_client=client._client if by_http else None,  # noqa: SLF001  # its public name is that of the SDK's argument
            )

    def _check_websocket(self, client: Any, options: Any) -> None:
        """Check a handshake: no request is made of it, and its URL may not be that of the client."""
        http = http_library()
        given = options.headers if isinstance(options.headers, dict) else {}
        headers = {**client.auth_headers, **client.default_headers, **given}
        sent = http.Headers({n: v for n, v in headers.items() if isinstance(v, str)})
        self._check(client, http.Request("GET", options.url, headers=sent), by_http=False)

    def make_status_error(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Convert the error that the SDK makes of an error answer."""
        binding = self._serving(client)
        if binding is None:
            return wrapped(*args, **kw)
        error_conversion.copy_request_id(kw["response"])
        error = wrapped(*args, **kw)
        try:
            return error_conversion.convert(error, binding.settings)
        except Exception as bug:  # noqa: BLE001  # the SDK's own error tells enough
            internal_errors.report("error conversion", bug)
            return error

    def process_response(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Let the answer carry its call, and a chat stream be a repaired one."""
        body = kw["options"].json_data
        if not isinstance(body, Body) and self._serving(client) is None:
            return wrapped(*args, **kw)
        call = _begin_response(body, kw)
        try:
            result = wrapped(*args, **kw)
        except error_conversion.NO_JSON as error:
            if error_conversion.is_json(kw["response"]):
                raise
            raise error_conversion.invalid_response(kw["response"]) from error
        return _end_response(call, result, kw)

    async def process_response_async(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Do the same for an async client."""
        body = kw["options"].json_data
        if not isinstance(body, Body) and self._serving(client) is None:
            return await wrapped(*args, **kw)
        call = _begin_response(body, kw)
        try:
            result = await wrapped(*args, **kw)
        except error_conversion.NO_JSON as error:
            if error_conversion.is_json(kw["response"]):
                raise
            raise error_conversion.invalid_response(kw["response"]) from error
        return _end_response(call, result, kw)

    def process_response_data(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Repair a plain chat answer. A stream's chunks come repaired, and pass."""
        if not kw or kw["cast_to"] is ChatCompletionChunk:
            return wrapped(*args, **kw)
        if self._patch is not None and STATE in client.__dict__:
            return wrapped(*args, **kw)  # hooked already
        call: Call | None = kw["response"].extensions.get(call_notes.EXTENSION)
        if call is None or not call.chat or call.streamed or not isinstance(kw["data"], dict):
            return wrapped(*args, **kw)
        if "choices" not in kw["data"] and error_conversion.is_stream_error(kw["data"]):
            raise error_conversion.from_stream_event(kw["data"], kw["response"])
        try:
            data = repair_completion(kw["data"], call)
        except Exception as bug:  # noqa: BLE001  # the answer as received is better than none
            internal_errors.report("response repair", bug)
            data = kw["data"]
        result = wrapped(**{**kw, "data": data})
        if call.record is not None:
            call.record.usage = kw["data"].get("usage")
            if call.record.is_over:  # the user parses a raw response
                recorder.safely(call.record.told)
        if call.notes:
            call_notes.log_repairs(call.notes)
            call_notes.remember(result, call.notes)
        return result


def _keeps_a_provider(client: Any) -> bool:
    """Tell a Baseten client whose key is what a function says, so that no list of keys has it."""
    return client.__dict__.get("_api_key_provider") is not None and is_clean(client)


def _path(url: str) -> str:
    """Reduce a request's URL, relative or absolute, to the end that names the endpoint."""
    path = "/" + urlsplit(url).path.strip("/")
    return next((p for p in (CHAT, *NAMED_MODEL_PATHS) if path.endswith(p)), path)


def _edit_body(
    options: Any,
    settings: Settings,
    path: str,
    record: recorder.CallRecord | None,
    *,
    dedicated: bool,
) -> None:
    given, extra = options.json_data, options.extra_json
    if not isinstance(given, dict) and not (given is None and extra):
        return  # not a JSON object: the SDK's error, or the server's
    merged = {**given, **extra} if given and extra else dict(given or extra or {})
    if openai.Omit in map(type, merged.values()):
        merged = {n: v for n, v in merged.items() if not isinstance(v, openai.Omit)}
    try:
        body = prepare(merged, settings, path=path, dedicated=dedicated)
    except BasetenError:
        raise
    except Exception as bug:  # noqa: BLE001  # sent as it is, it does what the user wrote
        internal_errors.report("request translation", bug)
        if record is not None:
            record.resolved(None, [])
        return
    options.json_data = body
    if extra is not None:
        options.extra_json = None
    call = body.call
    call.record = record
    if record is not None:
        record.resolved(call.model.slug if call.model else None, call.notes)
    if call.notes and (record is None or record.attempts == 1):
        call_notes.announce(call.notes)


def _begin_response(body: object, kw: Kwargs) -> Call | None:
    response = kw["response"]
    error_conversion.copy_request_id(response)
    call = body.call if isinstance(body, Body) else None
    if call is not None:
        response.extensions[call_notes.EXTENSION] = call
        if kw["stream"] and call.chat:
            kw["stream_cls"] = _repaired_stream(kw, call)
    return call


def _repaired_stream(kw: Kwargs, call: Call) -> Any:
    asked = kw["stream_cls"]
    origin: Any = get_origin(asked)
    repaired = _STREAMS.get(asked if origin is None else origin)
    if repaired is None:
        return asked  # a class of the user's own
    call.streamed = True
    return repaired[get_args(asked) or kw["cast_to"]]


def _end_response(call: Call | None, result: Any, kw: Kwargs) -> Any:
    if call is None or call.streamed:
        return result
    if (result is None or isinstance(result, str)) and _is_model(kw["cast_to"]):
        raise error_conversion.invalid_response(kw["response"])
    if call.notes:
        call_notes.remember(result, call.notes)
    return result


def _is_model(cast_to: object) -> bool:
    return isinstance(cast_to, type) and issubclass(cast_to, BaseModel)


def _failed(record: recorder.CallRecord, error: Exception) -> None:
    """Count a call that failed; raise the SDK's own error where it let the HTTP library's pass."""
    known = error_conversion.connection_error(error)
    recorder.safely(record.failed, known)
    if known is not error:
        raise known from error
