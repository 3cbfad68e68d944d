"""An example of a report for docs/report.md: invented calls, with the catalog's prices."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from baseten_openai.chat.repair import REPAIRS
from baseten_openai.usage import recorder, report, report_text

START = dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.UTC)


def build() -> str:
    """Return the report as a terminal without colours shows it."""
    tally = recorder.Tally()
    chat = tally.model("gpt-4o", "zai-org/GLM-5.2")
    chat.calls, chat.streams, chat.changed, chat.retries = 412, 180, 412, 3
    chat.counted, chat.input, chat.cached, chat.output = 412, 1_204_377, 803_200, 96_113
    chat.latency.extend([2.4, 2.9, 3.1])
    chat.first_chunk.extend([0.31, 0.34, 0.52])
    small = tally.model("gpt-4o-mini", "openai/gpt-oss-120b")
    small.calls, small.changed, small.failed = 2_051, 2_051, 1
    small.counted, small.input, small.output = 2_050, 3_310_022, 120_908
    small.latency.extend([0.6, 0.7, 1.2])
    extract = tally.model("gpt-oss-120b", "openai/gpt-oss-120b")
    extract.calls = extract.refused = 12
    for kind, param, message, places in (
        ("converted", "messages.role", "role 'developer' is sent as 'system'", {("app/chat.py", 31): 412, ("app/tag.py", 12): 2_051}),
        ("renamed", "max_completion_tokens", "max_completion_tokens is sent as max_tokens", {("app/chat.py", 31): 412}),
        ("dropped", "store", "store is not sent: Baseten has no such parameter", {("app/chat.py", 31): 412}),
        ("repaired", "usage", REPAIRS["usage"].message, {("app/chat.py", 31): 180}),
    ):  # fmt: skip
        counter = tally.changes.setdefault(recorder.ChangeKey(kind, param, message), Counter())
        counter.update(places)
    refused = recorder.ErrorKey(
        "UnsupportedFeatureError", None, refused=True,
        message="openai/gpt-oss-120b does not support image input (asked for by messages[0].content[0])",
        hint="leave the image out, or use a model that can: zai-org/GLM-5.2, deepseek-ai/DeepSeek-V4.1-Flash, ...",
    )  # fmt: skip
    late = recorder.ErrorKey(
        "APITimeoutError", None, refused=False, message="Request timed out.", hint=""
    )
    tally.errors[refused] = Counter({("app/extract.py", 58): 12})
    tally.errors[late] = Counter({("app/tag.py", 12): 1})
    made = report.make_report(tally, ["app.py"])
    ended = START + dt.timedelta(seconds=1843.2)
    fixed = made.model_copy(update={"started": START, "ended": ended, "openai": "3.54.0"})
    return report_text.to_text(fixed).rstrip()
