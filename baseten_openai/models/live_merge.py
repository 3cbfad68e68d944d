"""Lay the rows of ``GET /v1/models`` over a catalogue. Pure, standard library only.

The list is not the truth about everything in it (evidence.md#unreliable-listed-values): its feature flags lag
behind what the models do, and it has held prices that were plainly wrong. So each field has a rule,
and whatever is not taken as listed becomes a ``ListNote``.
"""

from __future__ import annotations

import dataclasses
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .catalog import Catalog, Model, Price

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .catalog import Feature

ENDPOINT = "GET /v1/models"

SPECIFIED = frozenset(
    {
        "name",
        "context_tokens",
        "max_output_tokens",
        "price.input",
        "price.output",
        "json_mode",
        "structured_outputs",
        "reasoning",
        "vision",
        "tools",
    }
)
"""What the specification says of its eight models. No list changes that (evidence.md#specification)."""

KNOWN_WRONG: dict[tuple[str, str], int] = {
    ("deepseek-ai/DeepSeek-V4-Flash-0731", "max_output_tokens"): 1_048_576,
    ("thinkingmachines/inkling-small", "max_output_tokens"): 32_768,
}
"""Listed values that responses have shown not to be the enforced ones (evidence.md#enforced-limits)."""

_LIVE = f"{ENDPOINT} read "
_SLUG = re.compile(r"[A-Za-z0-9_-]+/[A-Za-z0-9._-]+")
_PARAMETER = re.compile(r"[a-z_]{1,40}")
_FLAGS: tuple[Feature, ...] = ("json_mode", "structured_outputs", "tools")
_MILLION = 1_000_000
_MOST_TOKENS = 100_000_000
_MOST_USD = (
    10_000  # per million tokens; above it somebody listed the price of a million as that of one
)
_LONGEST_NAME = 80
_NO_FLAG = "a missing flag is no evidence: the list's flags lag behind what its models do"


_DECISIONS = "decision-models/"
"""Their slugs in the list, which does not say otherwise that they do not chat (evidence.md#decision-models)."""


class Source(NamedTuple):
    """Where one field of a model comes from."""

    layer: Literal["specification", "bundled", "live", "user"]
    text: str
    as_of: str


class ListNote(NamedTuple):
    """One point where the list and the catalogue under it differ, and what was done about it.

    ``verdict``: "taken" (the list's value holds), "kept" (the catalogue's does) or "refused" (what
    is listed cannot be true; the catalogue's value holds).
    """

    slug: str
    field: str
    verdict: Literal["taken", "kept", "refused"]
    known: Any
    listed: Any
    reason: str

    def __str__(self) -> str:
        """Read as one line."""
        known = "unknown" if self.known is None else self.known
        listed = "nothing" if self.listed is None else self.listed
        if self.verdict == "taken":
            return f"{self.slug} {self.field}: {known} is now {listed} ({self.reason})"
        return f"{self.slug} {self.field}: stays {known}; listed is {listed} ({self.reason})"


class Merged(NamedTuple):
    """The merged models, where their fields come from, and what to know about it."""

    models: list[Model]
    sources: dict[str, dict[str, Source]]
    notes: list[ListNote]
    rows: int


def merge(base: Iterable[Model], rows: Iterable[object], day: str) -> Merged:
    """Lay ``rows``, as listed on ``day``, over the models of ``base``."""
    known = {model.slug: model for model in base}
    notes: list[ListNote] = []
    listed: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        slug = row.get("id") if isinstance(row, dict) else None
        if not isinstance(row, dict) or not isinstance(slug, str) or not _SLUG.fullmatch(slug):
            shown = _printable(repr(slug if isinstance(row, dict) else row))
            notes.append(
                ListNote(shown, "id", "refused", None, shown, "no slug organisation/model")
            )
        elif slug in listed:
            notes.append(
                ListNote(slug, "id", "refused", None, slug, "listed twice; the first holds")
            )
        else:
            listed[slug] = row
    merged = Merged([], {}, notes, len(listed))
    for slug in [*known, *(slug for slug in listed if slug not in known)]:
        merging = _Merging(slug, known.get(slug), day, notes)
        if slug in listed:
            merging.read(listed[slug])
        elif known[slug].status == "listed":
            merging.offer("status", "unlisted", "the list no longer has it")
        merged.models.append(merging.result())
        merged.sources[slug] = merging.sources()
    return merged


class _Merging:
    """One model on its way."""

    def __init__(self, slug: str, known: Model | None, day: str, notes: list[ListNote]) -> None:
        bundled = Catalog.bundled().get(slug)
        if known is not None and known.source.startswith(_LIVE):
            known = (
                bundled or known
            )  # from an earlier list: the user added to a refreshed catalogue
        self.known = known or Model(slug, source="", status=None)
        self.is_new = known is None
        self.is_users = known is not None and _is_users(known, bundled)
        self.is_specified = not self.is_users and self.known.source == "specification"
        self.day, self.notes = day, notes
        self.taken: dict[str, Any] = {}

    def value(self, field: str) -> Any:
        """Return what holds so far; ``price.input`` and the like are fields here."""
        return self.taken[field] if field in self.taken else _value(self.known, field)

    def note(
        self, field: str, verdict: Literal["taken", "kept", "refused"], listed: Any, reason: str
    ) -> None:
        known = None if self.is_new else self.value(field)
        self.notes.append(ListNote(self.known.slug, field, verdict, known, listed, reason))

    def offer(self, field: str, listed: Any, reason: str = "the list is newer") -> None:
        """Take a listed value, unless a better source holds the field."""
        value = self.value(field)
        if value == listed and not self.is_new:
            return
        if self.is_specified and field in SPECIFIED:
            self.note(field, "kept", listed, "the specification's value holds")
        elif self.is_users and value is not None:
            self.note(field, "kept", listed, "your own record holds")
        else:
            if not self.is_new:
                self.note(field, "taken", listed, reason)
            self.taken[field] = listed

    def read(self, row: Mapping[str, Any]) -> None:
        """Apply the rule of each field."""
        if self.is_new:
            self.note("slug", "taken", self.known.slug, "in the list only")
            self.taken["name"] = _printable(row.get("name")) or self.known.slug
            self.taken["kind"] = "decisions" if self.known.slug.startswith(_DECISIONS) else "chat"
        self.offer("status", "listed", "the list has it")
        self._read_limits(row)
        self._read_prices(row.get("pricing"))
        self._read_features(row)
        self._read_sampling(row.get("supported_sampling_parameters"))

    def _read_limits(self, row: Mapping[str, Any]) -> None:
        for field, key in (
            ("context_tokens", "context_length"),
            ("max_output_tokens", "max_completion_tokens"),
        ):
            listed = row.get(key)
            context = self.value("context_tokens")
            if listed is None:
                self.note(field, "refused", None, "the list does not say")
            elif type(listed) is not int or not 0 < listed <= _MOST_TOKENS:
                self.note(field, "refused", _printable(repr(listed)), "no count of tokens")
            elif KNOWN_WRONG.get((self.known.slug, field)) == listed and self.value(field):
                self.note(field, "kept", listed, "answers have shown another limit")
            elif field == "max_output_tokens" and context is not None and listed > context:
                self.note(field, "refused", listed, f"more than the context of {context}")
            else:
                self.offer(field, listed)

    def _read_prices(self, pricing: object) -> None:
        prices = pricing if isinstance(pricing, dict) else {}
        before = {part: self.value(f"price.{part}") for part in ("input", "output", "cached_input")}
        for part, key in (("input", "prompt"), ("output", "completion")):
            field = f"price.{part}"
            usd, problem = _per_million(prices.get(key))
            if usd is None:
                self.note(field, "refused", _shown(prices.get(key)), problem)
            elif usd == 0 and before[part]:
                self.note(field, "refused", usd, "free all of a sudden")
            elif part == "input" and _is_cached_price(usd, before):
                self.note(field, "refused", usd, "that is the price of cached input")
            else:
                self.offer(field, usd)
        usd, problem = _per_million(prices.get("input_cache_read"))
        paid = self.value("price.input")
        if usd is None:
            if prices.get("input_cache_read") is not None:
                self.note(
                    "price.cached_input", "refused", _shown(prices["input_cache_read"]), problem
                )
        elif usd > 0:  # "0" means that there is no cached price (evidence.md#model-list)
            if paid is not None and usd > paid:
                self.note(
                    "price.cached_input", "refused", usd, f"more than uncached input ({paid})"
                )
            else:
                self.offer("price.cached_input", usd)

    def _read_features(self, row: Mapping[str, Any]) -> None:
        flags = _strings(row.get("supported_features"))
        for feature in _FLAGS if flags is not None else ():
            if feature in (flags or ()):
                self.offer(feature, listed=True)
            elif self.value(feature):
                self.note(feature, "kept", "no flag", _NO_FLAG)
        modalities = _strings(row.get("input_modalities"))
        if "image" in (modalities or ()) or "vision" in (flags or ()):
            self.offer("vision", listed=True)
        elif modalities is not None:
            if self.value("vision"):
                self.note("vision", "kept", "text input", "the list never takes a yes away")
            else:
                self.offer("vision", listed=False)
        if flags is not None:
            self._read_reasoning(has_flag="reasoning" in flags)

    def _read_reasoning(self, *, has_flag: bool) -> None:
        mode = self.value("reasoning")
        if has_flag and mode == "unsupported":
            reason = "the list says it reasons, and not how: nothing is refused"
            self.offer("reasoning", None, reason)
        elif has_flag and mode is None:
            self.note(
                "reasoning", "kept", "yes", "how it is turned on and off is not said: unknown"
            )
        elif not has_flag and mode not in {None, "unsupported"}:
            self.note("reasoning", "kept", "no flag", _NO_FLAG)

    def _read_sampling(self, listed: object) -> None:
        names = _strings(listed)
        if names is None:
            return
        kept = self.value("sampling") or ()
        more = [name for name in names if name not in kept and _PARAMETER.fullmatch(name)]
        if missing := [name for name in kept if name not in names]:
            self.note("sampling", "kept", tuple(names), f"documented: {', '.join(missing)}")
        if more:
            self.offer("sampling", (*kept, *more))

    def result(self) -> Model:
        """Return the merged record; ``source`` says in words what ``sources`` says by field."""
        if not self.taken:
            return self.known
        changes = {name: value for name, value in self.taken.items() if "." not in name}
        parts = {name.partition(".")[2]: v for name, v in self.taken.items() if "." in name}
        if parts:
            old = self.known.price or Price(None, None)
            changes["price"] = dataclasses.replace(old, **parts)
        if not self.is_specified:  # the specification's models are told by their source
            live = f"{_LIVE}{self.day}"
            fields = ", ".join(self.taken)
            before = self.known.source
            changes["source"] = f"{live}: {fields}; {before}" if before else live
            changes["as_of"] = max(self.day, self.known.as_of)
        return dataclasses.replace(self.known, **changes)

    def sources(self) -> dict[str, Source]:
        """Tell where each field that has a value comes from."""
        return {
            field: self._source(field)
            for field in _fields()
            if field in self.taken or self.value(field) not in (None, ())
        }

    def _source(self, field: str) -> Source:
        if field in self.taken:
            return Source("live", ENDPOINT, self.day)
        known = self.known
        if self.is_specified and field in SPECIFIED:
            return Source("specification", "specification", known.as_of)
        if self.is_users:
            return Source("user", known.source, known.as_of)
        return Source("bundled", "catalog.json" if self.is_specified else known.source, known.as_of)


def _value(model: Model, field: str) -> Any:
    """Return a field of a model; ``price.input`` and the like are fields here."""
    group, _, part = field.partition(".")
    value = getattr(model, group)
    return getattr(value, part) if part and value is not None else value


def _is_users(known: Model, bundled: Model | None) -> bool:
    """Tell a record of the user's own from a bundled one, with an earlier list over it or not."""
    if known == bundled or known.source.startswith(_LIVE):
        return False
    same = bundled is not None and known.source == bundled.source == "specification"
    return not same or any(_value(known, f) != _value(bundled, f) for f in SPECIFIED if bundled)


def _fields() -> list[str]:
    """Name the fields that have a source: those of a price one by one, and none about sources."""
    about = {"slug", "source", "as_of", "note", "price"}
    names = [field.name for field in dataclasses.fields(Model) if field.name not in about]
    return [*names, *(f"price.{field.name}" for field in dataclasses.fields(Price))]


def _per_million(listed: object) -> tuple[Decimal | None, str]:
    """Read USD per token, as a string or a number; return USD per million, or what is wrong."""
    if listed is None or listed == "":
        return None, "the list gives no price"
    try:
        usd = Decimal(str(listed).strip()) * _MILLION
    except InvalidOperation:
        usd = Decimal("NaN")
    if not usd.is_finite() or isinstance(listed, bool):
        return None, "no price"
    if usd < 0:
        return None, "a negative price"
    if usd > _MOST_USD:
        return None, f"more than {_MOST_USD} USD per million tokens"
    cents = Decimal("0.01")
    return (usd.quantize(cents) if usd == usd.quantize(cents) else usd.normalize()), ""


def _is_cached_price(usd: Decimal, before: Mapping[str, Decimal | None]) -> bool:
    """Recognise a mistake that was listed for weeks (REC, evidence.md#unreliable-listed-values)."""
    cached, paid = before["cached_input"], before["input"]
    return cached is not None and paid is not None and usd == cached < paid


def _strings(listed: object) -> list[str] | None:
    if not isinstance(listed, list):
        return None
    return [item for item in listed if isinstance(item, str)]


def _printable(text: object) -> str:
    """Keep what a terminal may be shown of a text from the network."""
    if not isinstance(text, str):
        return ""
    return "".join(char for char in text if char.isprintable())[:_LONGEST_NAME].strip()


def _shown(listed: object) -> str | None:
    return None if listed is None else _printable(str(listed))
