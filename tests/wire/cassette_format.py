"""What a cassette holds and how it looks: the real host, few headers, bodies as they are read.

Headers are kept by a list of what is wanted, not dropped by a list of what is not: a header that
nobody thought of cannot carry a key or a workspace's name into the repository.
"""

from __future__ import annotations

from typing import Any

import yaml

REAL_URL = "https://inference.baseten.co/v1"
REQUEST_HEADERS = frozenset({"content-type", "x-emulate-fault"})
RESPONSE_HEADERS = frozenset({"content-type", "retry-after", "x-request-id", "x-emulated-by"})
RESPONSE_PREFIXES = ("x-baseten-", "x-ratelimit-")
_LONG = 60

FROM_EMULATOR = "# Recorded from the emulator of baseten-openai, not from Baseten: see README.md.\n"
FROM_BASETEN = f"# Recorded from {REAL_URL}.\n"


def keep_request(request: Any, base_url: str) -> Any:
    """Key a request by the real host, whoever answered it, and keep only the headers wanted."""
    if request.uri.startswith(base_url):
        request.uri = REAL_URL + request.uri.removeprefix(base_url)
    wanted = REQUEST_HEADERS if request.body else REQUEST_HEADERS - {"content-type"}
    request.headers = {
        name.lower(): value for name, value in request.headers.items() if name.lower() in wanted
    }
    return request


def keep_response(response: dict[str, Any]) -> dict[str, Any]:
    """Keep only the headers wanted of a response."""
    kept = {
        name.lower(): values
        for name, values in response["headers"].items()
        if name.lower() in RESPONSE_HEADERS or name.lower().startswith(RESPONSE_PREFIXES)
    }
    return {**response, "headers": kept}


class _Dumper(yaml.SafeDumper):
    """Writes long and many-lined text as literal blocks."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT002  # PyYAML's signature
        """Indent the items of a list below its name."""
        super().increase_indent(flow, indentless=False)

    def analyze_scalar(self, scalar: str) -> Any:
        """Allow tabs in literal blocks, as YAML does and PyYAML does not: recorded errors have them."""
        if "\t" not in scalar or "\n" not in scalar:
            return super().analyze_scalar(scalar)
        analysis = super().analyze_scalar(scalar.replace("\t", "-"))
        analysis.scalar = scalar
        analysis.allow_flow_plain = analysis.allow_block_plain = False
        analysis.allow_single_quoted = False
        return analysis


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text or len(text) > _LONG else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def serialize(cassette: dict[str, Any]) -> str:
    """Write a cassette, with its source in the first line."""
    emulated = any(
        "x-emulated-by" in interaction["response"]["headers"]
        for interaction in cassette["interactions"]
    )
    text: str = yaml.dump(
        cassette, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=float("inf")
    )
    return (FROM_EMULATOR if emulated else FROM_BASETEN) + text


def deserialize(text: str) -> Any:
    """Read a cassette."""
    return yaml.safe_load(text)
