"""What an instrumentor's spans say beside the patch, compared with what they say without it."""

from __future__ import annotations

from typing import Any

from cell import CALLED, OK, SLUG

NONE = "none with the bare SDK either"
CALLS = ("plain", "async", "stream", "tools", "structured")
_MODELS = {CALLED, SLUG, SLUG.partition("/")[2]}

Results = dict[str, Any]


def of(found: Results, bare: Results) -> dict[str, str]:
    """Return the verdict by column for one order; the results of both are as ``telemetry`` has them."""
    if "all" in found:
        return {"all": found["all"]}
    if "all" in bare:
        return {"all": f"on the bare SDK: {bare['all']}"}
    verdict = {name: _call(found[name], bare[name]) for name in CALLS}
    verdict["model"] = _all(_models(found[name], bare[name]) for name in CALLS)
    verdict["tokens"] = _all(_tokens(found[name], bare[name]) for name in CALLS)
    verdict["after one"] = found["after one"]["call"]
    both = found["after both"]
    left = sorted({*both["changed"]} - {*bare["after both"]["changed"]})
    verdict["after both"] = both["call"] if both["call"] != OK or not left else _left(left)
    return verdict


def _left(names: list[str]) -> str:
    return f"calls are OpenAI's again, but a switched-off wrapper stays on {', '.join(names)}"


def _call(found: Results, bare: Results) -> str:
    if found["call"] != OK and bare["call"] != OK:
        return f"fails on the bare SDK too: {bare['call']}"
    return str(found["call"])


def _models(found: Results, bare: Results) -> str:
    """Every span that names a model on the bare SDK names one that the program or Baseten uses."""
    named = [_names(span) for span in found["spans"] if _names(span)]
    wanted = [span for span in bare["spans"] if _names(span)]
    if not wanted:
        return NONE
    if len(named) != len(wanted):
        return f"{len(named)} spans name a model, {len(wanted)} with the bare SDK"
    strange = {name for names in named for name in names} - _MODELS
    return f"a span names {sorted(strange)}" if strange else OK


def _names(span: Results) -> set[str]:
    return {span[key] for key in ("model", "response_model") if span.get(key)}


def _tokens(found: Results, bare: Results) -> str:
    """Where the bare SDK's spans count what the answers used, so must these."""
    if not _counted(bare):
        return NONE
    if sorted(_counted(bare)) != sorted(map(tuple, bare["used"])):
        return f"wrong with the bare SDK too: {_counted(bare)} of {bare['used']}"
    if sorted(_counted(found)) != sorted(map(tuple, found["used"])):
        return f"spans count {_counted(found)}, the answers used {found['used']}"
    return OK


def _counted(result: Results) -> list[tuple[int, int]]:
    spans = result["spans"]
    return [(s["input"], s["output"]) for s in spans if s.get("input") is not None]


def _all(verdicts: Any) -> str:
    """Return the first complaint; else OK if there was anything to see."""
    seen = list(verdicts)
    return next((v for v in seen if v not in (OK, NONE)), OK if OK in seen else NONE)
