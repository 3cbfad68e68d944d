"""What became of each test, from the XML that pytest writes."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from cell import OK

SKIPPED = "skipped"
_LONGEST = 200


def outcomes(xml: str) -> dict[str, str]:
    """Return OK, SKIPPED or the reason of a failure in one line, by the test's name."""
    return {case.attrib["name"]: _outcome(case) for case in ET.fromstring(xml).iter("testcase")}  # noqa: S314  # pytest's own


def _outcome(case: ET.Element) -> str:
    for child in case:
        if child.tag in ("failure", "error"):
            text = " ".join(child.attrib.get("message", child.tag).split())
            return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
        if child.tag == "skipped":
            # An expected failure is one that the suite does not count.
            return SKIPPED
    return OK
