"""Read the recorded exchanges, which live outside the project and may be absent."""

from __future__ import annotations

import functools
import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "recordings"
"""``../shared/recordings`` from the project root; see its README for the format."""

ABSENT = f"the recordings of real traffic are not part of the project: no {FOLDER}"

Kind = Literal["plain", "stream", "error", "models"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One recorded request and its answer, bytes as received."""

    name: str
    method: str
    request: dict[str, Any]
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def kind(self) -> Kind:
        """Which routes fit: a plain answer, an event stream, an error, or the list of models."""
        if self.status >= 400:  # HTTP's errors
            return "error"
        if self.method == "GET":
            return "models"
        return "stream" if self.request.get("stream") else "plain"

    @property
    def request_id(self) -> str | None:
        """Baseten's own id for the request, which some routes never send (evidence.md#response-headers)."""
        return dict(self.headers).get("x-baseten-request-id")

    @property
    def format(self) -> str | None:
        """``json_schema`` or ``json_object`` when the request asked for structured output."""
        asked = self.request.get("response_format") or {}
        return asked.get("type") if asked.get("type") != "text" else None

    @property
    def structured(self) -> bool:
        """Tell whether the answer must be a JSON document."""
        return self.format is not None


@functools.cache
def load() -> tuple[Exchange, ...]:
    """Return every recorded exchange, in the order of the files; empty when they are absent."""
    found: list[Exchange] = []
    taken: set[str] = set()
    for path in sorted(FOLDER.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                name = _unique(f"{path.name.removesuffix('.jsonl.gz')}:{_label(row)}", taken)
                found.append(
                    Exchange(
                        name=name,
                        method=row["method"],
                        request=row["request"] or {},
                        status=row["status"],
                        headers=tuple(row["headers"].items()),
                        body=row["body"].encode(),
                    )
                )
    return tuple(found)


def of_kind(*kinds: Kind) -> list[Exchange]:
    """Return the exchanges of these kinds."""
    return [exchange for exchange in load() if exchange.kind in kinds]


def _label(row: dict[str, Any]) -> str:
    """Make a short readable name: the last parts of the case, and when it was committed."""
    parts = row["case"].split("/")
    tail = parts[-2:] if "errors" in row["case"] else parts[-1:]
    return f"{'.'.join(tail)}@{row['committed']}"


def _unique(name: str, taken: set[str]) -> str:
    number = 2
    candidate = name
    while candidate in taken:
        candidate, number = f"{name}#{number}", number + 1
    taken.add(candidate)
    return candidate
