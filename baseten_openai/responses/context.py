"""What translating a request leaves for its answer, and the data that the steps share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ..call_notes import Note

if TYPE_CHECKING:
    from collections.abc import Callable

JSON = dict[str, Any]


class Refusal(NamedTuple):
    """What cannot be had; becomes an error, a warning or nothing, by the policy.

    ``otherwise`` says what is done where the policy is no error; ``None`` makes it an error always.
    """

    param: str
    feature: str
    message: str
    hint: str
    otherwise: str | None = "sent all the same"


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


class ResponsesContext:
    """What repairing and remembering an answer must know of its request."""

    __slots__ = ("asked", "echo", "given_tools", "notes", "refusals", "remembers", "repaired")

    def __init__(self, notes: list[Note]) -> None:
        """Start with a request of which nothing was changed."""
        self.notes = notes
        self.refusals: list[Refusal] = []
        self.repaired: frozenset[str] = frozenset()
        self.given_tools: dict[str, GivenTool] = {}  # by the name of the function that is sent
        self.asked: JSON = {}  # the body that is sent
        self.echo: JSON = {}  # fields that the response gives back as they were asked for
        self.remembers = True

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
