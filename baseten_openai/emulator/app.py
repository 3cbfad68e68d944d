"""The routes: HTTP in, HTTP out; what is between is in ``chat``, ``responses``, ``listing``, ``faults``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from . import chat, faults, listing, responses, shapes

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from baseten_openai.models.catalog import Model

Drop = Callable[[Any], None]  # closes the connection of this peer
Pause = Callable[[float], Awaitable[None]]

Respond = Callable[[dict[str, Any], Mapping[str, "Model"]], "shapes.Reply | chat.StreamReply"]

_DROP_DELAY = 0.02


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints, with the models by slug and the parts of the server that they share."""

    models: Mapping[str, Model]
    api_key: str | None
    queue: faults.FaultQueue
    received: Callable[[Request, bytes], None]
    drop: Drop
    pause: Pause

    async def list_models(self, request: Request) -> Response:
        """Answer ``GET /v1/models``."""
        self.received(request, b"")
        reply = self._injected(request)[1] or self._key(request)
        if reply is None:
            body = shapes.compact(listing.model_list(self.models.values())).encode()
            reply = shapes.Reply(200, body)
        return _response(reply)

    async def chat(self, request: Request) -> Response:
        """Answer ``POST /v1/chat/completions``."""
        return await self._answer(request, chat.respond)

    async def responses(self, request: Request) -> Response:
        """Answer ``POST /v1/responses``."""
        return await self._answer(request, responses.respond)

    async def _answer(self, request: Request, respond: Respond) -> Response:
        raw = await request.body()
        self.received(request, raw)
        fault, reply = self._injected(request)
        if reply is not None:
            return _response(reply)
        body = chat.parse(raw)
        if body is None:
            return _response(chat.refuse_body())
        refusal = self._key(request)
        if refusal is not None:
            return _response(refusal)
        answer = respond(body, self.models)
        return _Sending(answer, fault, self.drop, self.pause)

    async def missing(self, request: Request) -> Response:
        """Answer requests to other paths."""
        self.received(request, await request.body())
        return _response(shapes.Reply(404, shapes.gateway_error("not found (emulated)")))

    def _key(self, request: Request) -> shapes.Reply | None:
        return chat.refuse_key(request.headers.get("authorization"), self.api_key)

    def _injected(self, request: Request) -> tuple[faults.Fault | None, shapes.Reply | None]:
        """Return the fault for this request, and the reply if the fault replaces the answer."""
        try:
            asked = request.headers.get(faults.HEADER)
            fault = faults.from_header(asked) if asked else self.queue.take()
        except ValueError as error:
            text = f"{faults.HEADER}: {error}"
            return None, shapes.Reply(400, shapes.gateway_error(text))
        return fault, faults.reply(fault) if fault else None


class _Sending(Response):
    """Sends an answer piece by piece, and applies the fault if there is one."""

    def __init__(
        self,
        answer: shapes.Reply | chat.StreamReply,
        fault: faults.Fault | None,
        drop: Drop,
        pause: Pause,
    ) -> None:
        self._drops = False
        self._delay = fault.delay if fault and fault.kind == "slow" else 0.0
        self._drop = drop
        self._pause = pause
        headers = dict(answer.headers)
        if isinstance(answer, chat.StreamReply):
            self._parts, status = answer.events, 200
            if fault:
                self._parts, self._drops = faults.spoil(answer.events, fault)
            headers["content-type"] = "text/event-stream"
        else:
            if fault:
                answer, self._drops = faults.spoil_whole(answer, fault)
            self._parts, status = [answer.body], answer.status
            if self._drops:
                self._parts = [answer.body[: len(answer.body) // 2]]
            headers["content-type"] = answer.content_type
            # the full length, even if less is sent
            headers["content-length"] = str(len(answer.body))
        super().__init__(status_code=status, headers=headers)
        if isinstance(answer, chat.StreamReply):
            del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the parts; drop the connection if the fault requires it."""
        del receive
        start = {"type": "http.response.start", "status": self.status_code}
        await send(start | {"headers": self.raw_headers})
        for part in self._parts:
            if self._delay:
                await self._pause(self._delay)
            await send({"type": "http.response.body", "body": part, "more_body": True})
        if self._drops:
            # let the client receive the parts before the connection closes
            await self._pause(_DROP_DELAY)
            self._drop(scope["client"])
            await self._pause(0)
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _response(reply: shapes.Reply) -> Response:
    return Response(
        reply.body,
        reply.status,
        headers={**dict(reply.headers), "content-type": reply.content_type},
    )


def build(endpoints: Endpoints) -> Starlette:
    """Return the ASGI application."""
    return Starlette(
        routes=[
            Route("/v1/models", endpoints.list_models, methods=["GET"]),
            Route("/v1/chat/completions", endpoints.chat, methods=["POST"]),
            Route("/v1/responses", endpoints.responses, methods=["POST"]),
            Route("/{path:path}", endpoints.missing, methods=["GET", "POST", "PUT", "DELETE"]),
        ]
    )
