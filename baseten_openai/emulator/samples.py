"""Readable values for strings and numbers, chosen by format, by property name and by the prompt."""

from __future__ import annotations

import itertools
import random
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import rstr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .hints import Hints

_PATTERN_TRIES = 40
_VARIANTS = 64

FORMATS: dict[str, tuple[str, ...]] = {
    "date-time": ("2026-01-31T12:00:00Z", "2026-02-28T08:30:00Z"),
    "date": ("2026-01-31", "2026-02-28"),
    "time": ("12:00:00Z", "08:30:00Z"),
    "duration": ("PT1H", "P1D"),
    "email": ("ada@example.com", "alan@example.com"),
    "idn-email": ("ada@example.com", "alan@example.com"),
    "hostname": ("example.com", "www.example.com"),
    "idn-hostname": ("example.com", "www.example.com"),
    "ipv4": ("192.0.2.1", "192.0.2.2"),
    "ipv6": ("2001:db8::1", "2001:db8::2"),
    "uri": ("https://example.com/", "https://example.org/"),
    "uri-reference": ("/example", "/other"),
    "iri": ("https://example.com/", "https://example.org/"),
    "url": ("https://example.com/", "https://example.org/"),
    "uuid": ("123e4567-e89b-42d3-a456-426614174000", "123e4567-e89b-42d3-a456-426614174001"),
    "json-pointer": ("/example", "/other"),
    "relative-json-pointer": ("1/example", "0"),
    "regex": ("^example$", "^other$"),
    "byte": ("ZXhhbXBsZQ==", "b3RoZXI="),
    "binary": ("example", "other"),
    "password": ("example-password", "other-password"),
}
"""Values for the formats of JSON Schema and OpenAPI; documentation addresses and names only."""

SAMPLES: dict[str, tuple[str, ...]] = {
    "name": ("Ada Lovelace", "Alan Turing", "Grace Hopper"),
    "author": ("Ada Lovelace", "Alan Turing"),
    "city": ("Paris", "London", "Tokyo"),
    "location": ("Paris", "London", "Tokyo"),
    "place": ("Paris", "London", "Tokyo"),
    "country": ("France", "Japan", "Canada"),
    "address": ("1 Example Street, Paris", "2 Example Street, London"),
    "email": FORMATS["email"],
    "phone": ("+33 1 99 00 12 34", "+44 20 7946 0000"),
    "url": FORMATS["uri"],
    "link": FORMATS["uri"],
    "date": FORMATS["date"],
    "day": ("Monday", "Tuesday"),
    "time": ("12:00", "08:30"),
    "language": ("English", "French"),
    "currency": ("EUR", "USD"),
    "unit": ("celsius", "fahrenheit"),
    "color": ("blue", "green"),
    "code": ("print('emulated')", "pass"),
    "sql": ("SELECT 1", "SELECT 2"),
    "expression": ("1 + 1", "2 * 3"),
    "id": ("id-1", "id-2"),
}
_NAMED_THINGS = (
    "name author city location place country person people participant attendee guest student"
    " destination origin company team character event"
)
_NAMES_FROM_TEXT = frozenset(_NAMED_THINGS.split())
_WHOLE_TEXT = frozenset(
    ["query", "question", "text", "prompt", "input", "message", "content", "task", "topic"]
)

NUMBERS: dict[str, tuple[float, ...]] = {
    "age": (36, 41),
    "year": (2026, 2027),
    "month": (1, 2),
    "day": (31, 28),
    "latitude": (48.85, 51.5),
    "lat": (48.85, 51.5),
    "longitude": (2.35, -0.12),
    "lon": (2.35, -0.12),
    "lng": (2.35, -0.12),
    "price": (9.99, 19.99),
    "temperature": (21, 18),
    "confidence": (0.9, 0.8),
    "score": (0.9, 0.8),
    "probability": (0.9, 0.8),
    "rating": (4, 5),
}


def strings(schema: dict[str, Any], name: str, hints: Hints) -> Iterator[str]:
    """Yield candidates for a string, the most readable first; the caller validates them."""
    low, high = schema.get("minLength", 0), schema.get("maxLength")
    bases = list(dict.fromkeys(_bases(schema, name, hints)))
    numbered = (f"{bases[-1]} {number}" for number in range(2, _VARIANTS))
    for base in itertools.chain(bases, numbered):
        yield _fit(base, low, high)
    if pattern := schema.get("pattern"):
        yield from _matching(pattern, low, high)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    yield from (_fit(letter, low, high) for letter in letters)
    yield ""


def numbers(schema: dict[str, Any], name: str, hints: Hints, *, whole: bool) -> Iterator[float]:
    """Yield candidates for a number within the schema's bounds, the most readable first."""
    low, high = _bound(schema, "inimum", max), _bound(schema, "aximum", min)
    word = _words(name)[-1:]
    preferred: list[float] = [*hints.numbers, *(NUMBERS.get(word[0], ()) if word else ())]
    step = schema.get("multipleOf")
    if isinstance(step, int | float) and not isinstance(step, bool) and step > 0:
        first = -(-low // step) if low is not None else (1 if high is None or high >= step else 0)
        if high is not None and low is None and high < 0:
            first = high // step
        sign = -1 if low is None and high is not None and high < step else 1
        preferred += [(first + sign * index) * step for index in range(_VARIANTS)]
    else:
        preferred += _between(low, high)
    for value in preferred:
        if not whole:
            yield value
        elif float(value).is_integer():
            yield int(value)


def extra_names(schema: dict[str, Any]) -> Iterator[str]:
    """Yield names for an object that requires more properties than it declares."""
    for pattern in schema.get("patternProperties", {}):
        made = list(itertools.islice(_matching(pattern, 0, None), 4))
        yield from made
        yield from (f"{made[0]}{number}" for number in range(1, _VARIANTS) if made)
    names = schema.get("propertyNames")
    if isinstance(names, dict) and "pattern" in names:
        low, high = names.get("minLength", 0), names.get("maxLength")
        yield from itertools.islice(_matching(names["pattern"], low, high), _VARIANTS)
    if isinstance(names, dict) and "enum" in names:
        yield from (name for name in names["enum"] if isinstance(name, str))
    yield from (f"extra_{number}" for number in range(1, _VARIANTS))


def _bases(schema: dict[str, Any], name: str, hints: Hints) -> Iterator[str]:
    yield from FORMATS.get(str(schema.get("format")), ())
    words = _words(name)
    for word in [_singular(word) for word in reversed(words[-1:] + words[:1])]:
        if word in _NAMES_FROM_TEXT:
            yield from hints.names
        if word in ("day", "date"):
            yield from hints.days
        if word in _WHOLE_TEXT and hints.text:
            yield from hints.quoted
            yield hints.text[:80].strip()
    for word in [_singular(word) for word in reversed(words)]:
        yield from SAMPLES.get(word, ())
    if not SAMPLES.keys() & {_singular(word) for word in words}:
        yield from hints.quoted
    yield f"emulated {' '.join(words) or 'text'}"


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word]


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _fit(text: str, low: int, high: int | None) -> str:
    if len(text) < low:
        text = (text + " " if text else "") + "example " * low
        text = text[:low].rstrip().ljust(low, ".")
    return text[:high].rstrip().ljust(low, ".") if high is not None else text


def _matching(pattern: str, low: int, high: int | None) -> Iterator[str]:
    """Yield strings that match a regular expression, also cut or lengthened."""
    for made in _from_pattern(pattern):
        yield made
        if len(made) < low:
            yield made + (made[-1:] or "a") * (low - len(made))
        if high is not None and len(made) > high:
            yield made[:high]


@lru_cache(maxsize=256)
def _from_pattern(pattern: str) -> tuple[str, ...]:
    """Return deterministic strings that match a regular expression; none if it is invalid."""
    try:
        # a seeded generator: the strings are reproducible, and not secret
        seeds = (random.Random(seed) for seed in range(_PATTERN_TRIES))  # noqa: S311
        return tuple(dict.fromkeys(rstr.Rstr(seed).xeger(pattern) for seed in seeds))
    except (re.error, KeyError, IndexError, ValueError, TypeError, RecursionError):
        return ()


def _bound(schema: dict[str, Any], end: str, tighter: Any) -> float | None:
    found = [
        value
        for key in ("m" + end, "exclusiveM" + end)
        if isinstance(value := schema.get(key), int | float) and not isinstance(value, bool)
    ]
    return tighter(found) if found else None


def _between(low: float | None, high: float | None) -> list[float]:
    spread = range(_VARIANTS)
    if low is not None and high is not None:
        middle = (low + high) / 2
        width = high - low
        return [
            *(low + index for index in spread if low + index <= high),
            middle,
            *(low + width * index / _VARIANTS for index in spread),
            float(-(-low // 1)),
            float(high // 1),
            high,
        ]
    if low is not None:
        start = low if low != 0 else 1
        return [*(start + index for index in spread), float(-(-low // 1)), float(low // 1 + 1), low]
    if high is not None:
        return [*(high - index for index in spread), float(high // 1), float(-(-high // 1) - 1)]
    return [index + 1 for index in spread]
