"""Repair a stream of the Responses API, event by event: OpenAI's order of things out of any engine's.

``StreamRepair.feed`` takes each event's JSON and returns the events to give on. Pure: nothing given is
changed, and an event that is right passes as the same object. The order is that of OpenAI's recorded
streams: one item after the other, each with one id and one index from its ``added`` to its ``done``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .context import ResponsesContext
from .custom_stream import CustomCalls
from .repair import REPAIRS, complete_response, give_back, repair_response
from .silent_messages import SilentMessages
from .stream_output import StreamOutput

if TYPE_CHECKING:
    from .stream_items import Item

JSON = dict[str, Any]

CREATED, IN_PROGRESS = "response.created", "response.in_progress"
LIFECYCLE = (CREATED, "response.queued", IN_PROGRESS)
TERMINAL = {
    "response.completed": "completed",
    "response.incomplete": "incomplete",
    "response.failed": "failed",
    "response.cancelled": "cancelled",
}
"""The last events, and the status that each stands for."""


class StreamRepair:
    """The state of one stream."""

    __slots__ = (
        "context",
        "custom",
        "next_number",
        "output",
        "response",
        "silent",
        "started",
        "terminal",
    )

    def __init__(self, context: ResponsesContext) -> None:
        """Start before the first event."""
        self.context = context
        self.custom = CustomCalls(context.given_tools) if context.given_tools else None
        self.silent = SilentMessages(context)
        self.output = StreamOutput(context)
        self.response: JSON = {}
        self.started: set[str] = set()
        self.terminal: JSON | None = None
        self.next_number: int | None = None

    @property
    def complete(self) -> bool:
        """Tell whether the terminal event has come."""
        return self.terminal is not None

    @property
    def held(self) -> list[JSON]:
        """The events that wait for others, as they came."""
        return [*self.silent.held, *self.output.deferred]

    @property
    def usage(self) -> Any:
        """The usage that came, in the terminal event or before it."""
        return (self.terminal or self.response).get("usage")

    def feed(self, event: JSON) -> list[JSON]:
        """Take the next event; return those to give on, often one, at times none or several."""
        if self.next_number is None:
            first = event.get("sequence_number")
            self.next_number = first if isinstance(first, int) else 0
        taken = self.silent.feed(event)
        if len(taken) == 1:  # most often
            made = self._feed(taken[0])
        else:
            made = [out for one in taken for out in self._feed(one)]
        return [self._finished(out) for one in made for out in self._restored(one)]

    def _feed(self, event: JSON) -> list[JSON]:
        kind = event.get("type")
        if self.terminal is not None or not isinstance(kind, str):
            return []  # nothing follows the end
        if kind in LIFECYCLE:
            return self._lifecycle(event, kind)
        if kind in TERMINAL:
            return self._end(event, kind)
        return [*self._begin({}), *self.output.feed(event, kind)]

    def partial(self) -> JSON | None:
        """Return the response as far as it had come, or nothing; ``status`` is ``in_progress``."""
        if not self.started:
            return None
        quiet = ResponsesContext([])
        quiet.asked, quiet.echo = self.context.asked, self.context.echo
        quiet.given_tools = self.context.given_tools
        items = [_so_far(item) for item in self.output.items]
        return repair_response({**self.response, "output": items}, quiet)

    def _lifecycle(self, event: JSON, kind: str) -> list[JSON]:
        if kind in self.started or IN_PROGRESS in self.started:
            self.context.note_repair("order", REPAIRS)
            return []
        given = event.get("response")
        made = [] if kind == CREATED else self._begin(given, upto=CREATED)
        response = self._whole(given if isinstance(given, dict) else {}, "in_progress")
        self._know(response)
        self.started.add(kind)
        return [*made, event if response is given else {**event, "response": response}]

    def _begin(self, given: Any, *, upto: str = IN_PROGRESS) -> list[JSON]:
        """Make the events that every stream begins with, where they did not come."""
        if upto in self.started:
            return []
        made: list[JSON] = []
        for kind in (CREATED, IN_PROGRESS):
            if kind not in self.started and (kind == CREATED or upto == IN_PROGRESS):
                self.context.note_repair("order", REPAIRS)
                known = self.response or (given if isinstance(given, dict) else {})
                empty: JSON = {"status": "in_progress", "output": [], "usage": None, "error": None}
                whole = self._whole({**known, **empty, "incomplete_details": None}, "in_progress")
                self._know(whole)
                self.started.add(kind)
                made.append({"type": kind, "response": whole})
        return made

    def _know(self, response: JSON) -> None:
        self.response = response
        self.output.response_id = str(response["id"])

    def _whole(self, given: JSON, status: str) -> JSON:
        """Return a response of the stream's with every field, and with the id of the first."""
        base = given if isinstance(given.get("output"), list) else {**given, "output": []}
        if base.get("status") != status:
            base = {**base, "status": status}
        if self.response:
            if base.get("id") != self.response["id"]:
                if base.get("id") is not None:
                    self.context.note_repair("ids", REPAIRS)
                base = {**base, "id": self.response["id"]}
            if base.get("created_at") is None:
                base = {**base, "created_at": self.response["created_at"]}
        return complete_response(base, self.context)

    def _end(self, event: JSON, kind: str) -> list[JSON]:
        given = event.get("response")
        given = given if isinstance(given, dict) else {}
        made = self._begin(given)
        status = str(given.get("status"))
        if status not in TERMINAL.values():
            status = TERMINAL[kind]
        named = next(name for name, value in TERMINAL.items() if value == status)
        if status != given.get("status") or named != kind:
            self.context.note_repair("status", REPAIRS)
        output = given.get("output")
        output = output if isinstance(output, list) else []
        made += self.output.end(output, "completed" if status == "completed" else "incomplete")
        final = self.output.final(output)
        if final != output or "output" not in given:
            given = {**given, "output": final}
        response = self._whole(given, status)
        self.terminal = response
        if response is event.get("response") and named == kind:
            return [*made, event]
        return [*made, {**event, "type": named, "response": response}]

    def _restored(self, event: JSON) -> list[JSON]:
        """Give calls and responses back in the form that was asked for."""
        response = event.get("response")
        if isinstance(response, dict):
            restored = give_back(response, self.context)
            if response is self.terminal:
                self.terminal = restored
            return [event if restored is response else {**event, "response": restored}]
        return [event] if self.custom is None else self.custom.convert(event)

    def _finished(self, event: JSON) -> JSON:
        """Give an event its number: one more than the event before."""
        number = self.next_number or 0
        self.next_number = number + 1
        if event.get("sequence_number") == number:
            return event
        return {**event, "sequence_number": number}


def _so_far(item: Item) -> JSON:
    return item.final if item.closed else item.snapshot("in_progress")
