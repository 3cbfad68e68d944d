"""``docs/evidence.md`` and the code that cites it: every citation leads to a section or a row."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from baseten_openai.chat.parameters import PARAMETERS
from baseten_openai.chat.repair import REPAIRS
from baseten_openai.emulator.checks import CHECKS
from baseten_openai.emulator.dialects import DIALECTS
from baseten_openai.sdk.error_conversion import RULES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
FOLDERS = ("baseten_openai", "tests", "tools", "benchmarks", "examples", "docs")
ENDINGS = {".py", ".md", ".json"}
CITATION = re.compile(r"(?<![-\w])evidence\.md#([\w-]+)")
ELSEWHERE = re.compile(
    r"(baseten-api|model-apis|responses-api|catalogue-2026-11|design)\.md|\bfact sheet\b"
    r"|\b(DOC|REC|SPEC|KIN|3P|OFF),? sections? \d",
)
"""Documents that are not in the repository."""
OUR_OWN = "our own conversion"


def sources() -> dict[str, str]:
    """Return the text of every file that may cite, by its path from the root."""
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*"))]
    paths = [path for path in paths if path.suffix in ENDINGS and path != Path(__file__)]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def anchors(page: str) -> Counter[str]:
    """Return the anchors of a page: its headings as GitHub and MkDocs spell them, and ``<a id>``."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    spelled = [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]
    return Counter([*spelled, *re.findall(r'<a id="([^"]+)"></a>', page)])


SOURCES = sources()
ANCHORS = anchors(PAGE)


def test_anchors_are_read_as_a_browser_finds_them() -> None:
    page = 'Text.\n## One & two\n| <a id="a-row"></a>A `row` | # no heading |\n### `three`: 3\n'
    assert anchors(page) == Counter(["one--two", "a-row", "three-3"])


def test_every_anchor_is_there_once() -> None:
    assert [anchor for anchor, times in ANCHORS.items() if times > 1] == []


def test_every_citation_leads_to_an_anchor() -> None:
    cited = [(name, anchor) for name, text in SOURCES.items() for anchor in CITATION.findall(text)]
    assert {name.split("/")[0] for name, _ in cited} >= {"baseten_openai", "tests", "benchmarks"}
    assert [(name, anchor) for name, anchor in cited if anchor not in ANCHORS] == []


def test_every_link_within_the_page_leads_to_an_anchor() -> None:
    linked = re.findall(r"\]\(#([^)]*)\)", PAGE)
    assert linked
    assert [anchor for anchor in linked if anchor not in ANCHORS] == []


def test_nothing_cites_a_document_that_is_not_in_the_repository() -> None:
    found = {name: ELSEWHERE.search(text) for name, text in SOURCES.items()}
    assert {name: match[0] for name, match in found.items() if match} == {}


@pytest.mark.parametrize("what", REPAIRS)
def test_every_repair_cites_the_fact_that_makes_it_necessary(what: str) -> None:
    evidence = REPAIRS[what].evidence
    assert CITATION.search(evidence) or OUR_OWN in evidence


def test_every_tag_that_a_table_uses_is_explained() -> None:
    listed = PAGE.partition("## Kinds of evidence")[2].partition("\n## ")[0]
    explained = set(re.findall(r"^\| (\w+) \|", listed, re.MULTILINE))
    rows = (*PARAMETERS, *RULES, *CHECKS, *DIALECTS.values())
    used = {tag for row in rows for tag in re.findall(r"(?<!-)\b(?:[A-Z]{3,4}|3P)\b", row.evidence)}
    named = {"GLM", "JSON"}  # no tags
    assert {"SPEC", "REC", "DOC", "3P"} <= used
    assert used - named <= explained
