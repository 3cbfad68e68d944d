"""Measure the README's figure: ``python -m tests.recorded.figures`` prints it as JSON.

Sync routes, bytes in one piece, the recorded request. What counts as breaking stands, rule by rule,
in ``invariants``.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from .exchanges import ABSENT, load
from .run import make_bare_client, make_client, measure
from .server import running
from .tally import sentence


def compute() -> dict[str, Any]:
    """Run every exchange with the bare SDK and with ours; raises ``LookupError`` without any."""
    exchanges = load()
    if not exchanges:
        raise LookupError(ABSENT)
    with running() as server:
        with make_bare_client(server.base_url, is_async=False) as client:
            bare = measure(server, client, exchanges)
        with make_client(server.base_url, is_async=False) as client:
            ours = measure(server, client, exchanges)
    return {
        "sentence": sentence(bare, ours),
        "bare_sdk": bare.figures(),
        "with_one_line": ours.figures(),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(compute(), indent=2) + "\n")
