"""What translating a request leaves for its answer, and the data that the steps share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ..call_notes import Note
from ..chat.request_context import RequestContext
from ..routing.endpoints import RESPONSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

JSON = dict[str, Any]

SENT = "sent anyway"
"""What is done with most of what is refused, where the policy is not to raise."""


class Refusal(NamedTuple):
    """What a request asks for that cannot be had.

    ``otherwise`` says what is done where the policy is not to raise; ``None`` raises under every policy.
    """

    param: str
    feature: str
    message: str
    hint: str
    otherwise: str | None = SENT


class GivenTool(NamedTuple):
    """A tool as the user described it, which is sent as a function of another form or name."""

    kind: str  # "function" or "custom"
    name: str
    namespace: str | None = None


class Repair(NamedTuple):
    """What the user is told of a repair, and why it is needed."""

    message: str
    evidence: str


class Remembered(Protocol):
    """What the steps ask of the memory."""

    def conversation(self, response_id: str) -> list[JSON] | None:
        """Return the items of a response's conversation, its own output included."""

    def item(self, item_id: str) -> JSON | None:
        """Return an output item by its id."""


class ResponsesContext(RequestContext):
    """What repairing and remembering an answer must know of its request.

    ``given_tools`` are the tools that are sent in another form, by the name of the function that is sent;
    ``asked`` is the body that is sent, ``echo`` are fields that the response gives back as asked.
    """

    remembers = False

    def __init__(self, notes: Iterable[Note] = ()) -> None:
        """Start with a request of which nothing else was changed."""
        super().__init__(RESPONSES)
        self.notes.extend(notes)
        self.refusals: list[Refusal] = []
        self.given_tools: dict[str, GivenTool] = {}
        self.asked: JSON = {}
        self.echo: JSON = {}

    def note(self, kind: Any, param: str, message: str) -> None:
        """Add a note, once."""
        made = Note(kind, param, message)
        if made not in self.notes:
            self.notes.append(made)

    def note_repair(self, what: str, repairs: dict[str, Repair]) -> None:
        """Note a repair, the first time it happens in a call."""
        if what not in self.repaired:
            self.repaired |= {what}
            self.notes.append(Note("repaired", what, repairs[what].message))


def without(body: JSON, *names: str) -> JSON:
    """Return a copy of a dict that lacks ``names``."""
    return {name: value for name, value in body.items() if name not in names}


def changed_items(items: list[Any], change: Callable[[JSON], Any]) -> list[Any]:
    """Apply ``change`` to each dict of a list; return the same list where nothing changed.

    ``change`` returns the dict, a changed copy, or ``None`` to leave it out.
    """
    made: list[Any] = []
    same = True
    for item in items:
        new = change(item) if isinstance(item, dict) else item
        same = same and new is item
        if new is not None or item is None:
            made.append(new)
    return items if same else made
