"""The way of a call: what we do at each method of the SDK's clients that every route passes.

``OpenAI`` and ``AsyncOpenAI`` of ours, ``bind()`` and ``patch()`` share these hooks, which have wrapt's
signature. A call meets them in this order:

1. ``request`` counts the whole call, retries included (``call_counting``)
2. ``prepare_options`` resolves, translates and checks the body (``request_preparation``)
3. ``prepare_url`` returns an endpoint's URL, which the SDK would make again (``endpoint_urls``)
4. ``prepare_request`` keeps every key on its own hosts (``credentials``)
5. ``make_status_error`` turns an error response into our exception (``error_conversion``)
6. ``process_response`` replaces a stream by a repaired one (``response_processing``, ``stream``)
7. ``process_response_data`` repairs the data of any other response (``response_processing``), and builds the
   object of a response or of a chunk (``fast_paths``)

The SDK calls 2 to 4 once per attempt, so they are idempotent. Each sync hook that the async client
awaits is followed by its async twin. To support another API beside chat: add its rules to
``request_preparation`` and its repairs to ``response_processing``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openai.types.chat import ChatCompletionChunk

from .. import call_notes, internal_errors
from ..chat.request_context import PreparedBody, RequestContext
from ..credentials.hosts import is_dedicated
from ..errors import http_library
from ..routing.endpoints import NAMED_MODEL_PATHS, endpoint_of
from ..usage import recorder
from . import error_conversion, fast_paths, response_processing, responses_memory
from .binding_sources import BindingSource, OwnBindings
from .bindings import (
    BINDING_ATTRIBUTE,
    CACHE_ATTRIBUTE,
    Binding,
    EndpointCache,
    base_url_of,
    is_module_client,
)
from .call_counting import CountedCall
from .endpoint_urls import kept_url
from .request_preparation import prepare_options

if TYPE_CHECKING:
    from collections.abc import Callable

    Args = tuple[Any, ...]
    Kwargs = dict[str, Any]


class Hooks:
    """The hooks of all clients whose bindings come from one source."""

    def __init__(self, source: BindingSource | None = None) -> None:
        """Take the bindings from ``source``, or from the clients themselves."""
        self._source: BindingSource = source or OwnBindings()
        self._binding_of = self._source.binding_of

    def _binding(self, client: Any) -> Binding | None:
        """Return the client's binding if its requests go to Baseten, else ``None``.

        Called at every hook, so the answer is cached on the client until its base URL changes.
        """
        binding = self._binding_of(client)
        if binding is None:
            return None
        held = client.__dict__
        cache: EndpointCache | None = held.get(CACHE_ATTRIBUTE)
        if (
            cache is None
            or cache.base_url is not client._base_url  # noqa: SLF001  # see base_url_of
            or cache.token is not binding.token
        ):
            is_module = is_module_client(client)
            if is_module:
                self._source.redirect_module(binding)
            cache = EndpointCache(base_url_of(client), binding)
            if not is_module:  # its base URL is a global of the module
                held[CACHE_ATTRIBUTE] = cache
            if not cache.serves:
                self._source.leave_alone(client, cache.base_url.host)
        return binding if cache.serves else None

    # 1. the whole call

    def request(self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs) -> Any:
        """Count a call; answer one for a stored response from the memory."""
        record = self._new_record(client, args, kw)
        if record is None:
            stored = self._stored(client, args, kw)
            return wrapped(*args, **kw) if stored is None else client._process_response(**stored)  # noqa: SLF001  # as the SDK calls it
        with CountedCall(record, streamed=bool(kw.get("stream"))):
            return wrapped(*args, **kw)

    async def request_async(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Do the same for an async client."""
        record = self._new_record(client, args, kw)
        if record is None:
            stored = self._stored(client, args, kw)
            if stored is not None:
                return await client._process_response(**stored)  # noqa: SLF001  # as the SDK calls it
            return await wrapped(*args, **kw)
        with CountedCall(record, streamed=bool(kw.get("stream"))):
            return await wrapped(*args, **kw)

    def _new_record(self, client: Any, args: Args, kw: Kwargs) -> recorder.CallRecord | None:
        if self._binding(client) is None:
            return None
        return recorder.begin(kw["options"] if "options" in kw else args[1])

    def _stored(self, client: Any, args: Args, kw: Kwargs) -> Kwargs | None:
        """Return the arguments of ``_process_response`` for a response that the memory answers with."""
        options = kw["options"] if "options" in kw else args[1]
        if "/responses/" not in str(options.url) or self._binding(client) is None:
            return None
        base_url = base_url_of(client)
        if is_dedicated(base_url.host):
            return None  # its engine may store responses
        response = responses_memory.local_response(options, base_url)
        if response is None:
            return None
        return {
            "cast_to": kw["cast_to"] if "cast_to" in kw else args[0],
            "options": options,
            "response": response,
            "stream": False,
            "stream_cls": None,
        }

    # 2. the body of an attempt

    def prepare_options(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Prepare the body of a request."""
        return self._prepare(client, wrapped(*args, **kw))

    async def prepare_options_async(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Prepare the body of an async client's request."""
        return self._prepare(client, await wrapped(*args, **kw))

    def _prepare(self, client: Any, options: Any) -> Any:
        binding = self._binding(client)
        if binding is not None:
            self._source.before_request(client, options, binding)
            record = recorder.current.get()
            if record is not None:
                record.attempts += 1
            path = endpoint_of(options.url)
            if path in NAMED_MODEL_PATHS and not isinstance(options.json_data, PreparedBody):
                cache: EndpointCache | None = client.__dict__.get(CACHE_ATTRIBUTE)
                dedicated = cache.is_dedicated if cache else is_dedicated(base_url_of(client).host)
                prepare_options(options, binding.settings, path, record=record, dedicated=dedicated)
        if options.url.startswith(("ws:", "wss:")):
            self._check_websocket(client, options)
        return options

    # 3. the URL of an attempt

    def prepare_url(self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs) -> Any:
        """Return the URL that the SDK makes of its base URL and a path, made once per client."""
        return kept_url(client.__dict__.get(CACHE_ATTRIBUTE), wrapped, client, *args, **kw)

    # 4. the finished request

    def prepare_request(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Check the keys of a request, after the SDK's own hook, which users may override."""
        result = wrapped(*args, **kw)
        self._check_keys(client, *args, **kw)
        return result

    async def prepare_request_async(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Check the keys of an async client's request."""
        result = await wrapped(*args, **kw)
        self._check_keys(client, *args, **kw)
        return result

    def _check_keys(self, client: Any, request: Any, *, by_http: bool = True) -> None:
        binding = self._binding_of(client)
        if binding is not None:
            binding.requests.check(
                request.url,
                request.headers,
                bound=self._source.is_bound(client),
                known=self._source.known_settings(),
                register_key=self._source.register_key,
                http_client=client._client if by_http else None,  # noqa: SLF001  # no public name
            )

    def _check_websocket(self, client: Any, options: Any) -> None:
        """Check a handshake, which has no request, and whose host may not be that of the client."""
        http = http_library()
        given = options.headers if isinstance(options.headers, dict) else {}
        headers = {**client.auth_headers, **client.default_headers, **given}
        sent = http.Headers({n: v for n, v in headers.items() if isinstance(v, str)})
        self._check_keys(client, http.Request("GET", options.url, headers=sent), by_http=False)

    # 5. an error response

    def make_status_error(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Convert the exception that the SDK makes of an error response."""
        binding = self._binding(client)
        if binding is None:
            return wrapped(*args, **kw)
        error_conversion.copy_request_id(kw["response"])
        error = wrapped(*args, **kw)
        try:
            return error_conversion.convert(error, binding.settings)
        except Exception as bug:  # noqa: BLE001  # the SDK's own exception will do
            internal_errors.log_once("error conversion", bug)
            return error

    # 6. any other response

    def process_response(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Attach the request's context to its response, and repair a chat stream."""
        body = kw["options"].json_data
        if not isinstance(body, PreparedBody) and self._binding(client) is None:
            return wrapped(*args, **kw)
        context = response_processing.begin(body, kw)
        with response_processing.JSONErrors(kw["response"]):
            result = wrapped(*args, **kw)
        return response_processing.end(context, result, kw)

    async def process_response_async(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Do the same for an async client."""
        body = kw["options"].json_data
        if not isinstance(body, PreparedBody) and self._binding(client) is None:
            return await wrapped(*args, **kw)
        context = response_processing.begin(body, kw)
        with response_processing.JSONErrors(kw["response"]):
            result = await wrapped(*args, **kw)
        return response_processing.end(context, result, kw)

    # 7. the data of a response

    def process_response_data(
        self, wrapped: Callable[..., Any], client: Any, args: Args, kw: Kwargs
    ) -> Any:
        """Repair a chat completion or a response, and count tokens.

        Streams are repaired and counted before they get here.
        """
        if not kw:
            return wrapped(*args)
        # clients of other hosts, too: the result is the same, and the hook itself would cost them 1 %;
        # and those with hooks of their own, which pass the call on to those of patch()
        binding = self._binding_of(client) or client.__dict__.get(BINDING_ATTRIBUTE)
        fast = binding is not None and binding.settings.fast and not args
        context: RequestContext | None = None
        if kw["cast_to"] is not ChatCompletionChunk:
            context = kw["response"].extensions.get(call_notes.EXTENSION)
        if (
            context is None
            or context.streamed
            or not isinstance(kw["data"], dict)
            or self._binding_of(client) is None  # the hooks of the client itself did it
        ):
            return fast_paths.process_data(wrapped, client, kw) if fast else wrapped(*args, **kw)
        if fast:
            wrapped = fast_paths.builder(wrapped, client)
        if context.path in response_processing.REPAIRED:
            return response_processing.repaired_data(wrapped, context, kw)
        return response_processing.counted_data(wrapped, context, kw)
