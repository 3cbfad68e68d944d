"""Where translation and checks write what they did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..call_notes import Note, Refusal


@dataclass(slots=True)
class TranslationLog:
    """The notes and refusals of one request.

    ``user_names`` maps a parameter that was renamed to the name the user wrote: refusals use that name.
    """

    notes: list[Note] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    user_names: dict[str, str] = field(default_factory=dict)
