"""Find values for arguments in a prompt: numbers, names and quotations.

A real model reads "the weather in Paris" and calls ``get_weather(city="Paris")``. The emulator
only looks for capitalised words, numbers and quoted text, so that demos and tests have plausible values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_QUOTED = re.compile(r"\"([^\"\n]{1,80})\"|`([^`\n]{1,80})`|“([^”\n]{1,80})”")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w]|\.\d)")
_NAME = re.compile(r"\b[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)*")
_DAYS = frozenset(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"])
_OPENERS = (
    "A An And Answer Are As At Be But By Calculate Call Can Compute Could Create Did Do Does"
    " Extract Fetch Find For From Get Give Has Have Hello Hi How I If In Is It Its JSON Let List"
    " Look Make My Now Of On Or Please Reply Return Say Search Send Should Show Since So Tell The"
    " Their Then There These They This To Translate Use Using Was We Were What When Where Which"
    " Who Why Will With Would Write You Your"
)
_NOT_NAMES = frozenset(_OPENERS.split())


@dataclass(frozen=True, slots=True)
class Hints:
    """The values found in ``text``, in order of appearance."""

    text: str = ""
    numbers: tuple[int | float, ...] = ()
    names: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    days: tuple[str, ...] = ()

    def mentions(self, word: str) -> bool:
        """Return whether the text contains ``word``, in any case."""
        return bool(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", self.text, re.IGNORECASE))

    @property
    def has_values(self) -> bool:
        """Return whether any value was found."""
        return bool(self.numbers or self.names or self.quoted)


def read(text: str) -> Hints:
    """Collect the hints in ``text``."""
    quoted = tuple(next(filter(None, groups)) for groups in _QUOTED.findall(text))
    names: list[str] = []
    days: list[str] = []
    for found in _NAME.findall(text):
        words = found.split()
        while words and words[0].removesuffix("'s") in _NOT_NAMES:
            del words[0]
        name = " ".join(words).removesuffix("'s")
        if name in _DAYS:
            days.append(name)
        elif name and name not in names:
            names.append(name)
    numbers = tuple(
        float(number) if "." in number else int(number) for number in _NUMBER.findall(text)
    )
    return Hints(text.strip(), numbers, tuple(names), quoted, tuple(days))
