"""The chat rules need no ``openai``: they run in a process where it cannot be imported."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
sys.modules["openai"] = None  # importing it raises ImportError
import importlib, pkgutil
import baseten_openai.chat
names = {module.name for module in pkgutil.iter_modules(baseten_openai.chat.__path__)}
for name in names:
    importlib.import_module(f"baseten_openai.chat.{name}")
assert {"prepare", "translate", "check", "repair", "stream_repair"} <= names

from baseten_openai.chat.prepare import prepare
from baseten_openai.chat.repair import repair_completion
from baseten_openai.chat.stream_repair import StreamRepair
from baseten_openai.models.catalog import Catalog

catalog = Catalog.bundled()
model = catalog.resolve("deepseek-ai/DeepSeek-V3.1")
hello = [{"role": "developer", "content": "Hello"}]
asked = {"model": model.slug, "messages": hello, "max_completion_tokens": 5, "store": True}

sent = prepare(asked, model, catalog=catalog)
assert dict(sent) == {
    "model": "deepseek-ai/DeepSeek-V3.1",
    "messages": [{"role": "system", "content": "Hello"}],
    "max_tokens": 5,
}, sent
assert sent.refusals == ()
assert [(note.kind, note.param) for note in sent.context.notes] == [
    ("dropped", "store"), ("renamed", "max_completion_tokens"), ("converted", "messages.role"),
]

refused = prepare({**asked, "response_format": {"type": "json_object"}, "n": 2}, model, catalog=catalog)
assert [(r.param, r.feature) for r in refused.refusals] == [("response_format", "json_mode"), ("n", "n")]
malformed = prepare({"messages": "Hello"}, None, catalog=catalog, on_unsupported="ignore")
assert [(r.param, r.malformed) for r in malformed.refusals] == [("messages", True)]
limit = prepare({**asked, "max_completion_tokens": 10**9}, model, catalog=catalog)
assert [r.param for r in limit.refusals] == ["max_completion_tokens"]  # as the user wrote it

completion = {"choices": [{"index": 0, "message": {"content": "Hi"}}]}
(choice,) = repair_completion(completion, sent.context)["choices"]
assert choice["finish_reason"] == "stop" and choice["message"]["role"] == "assistant"
repair = StreamRepair(sent.context)
chunks = [*repair.feed({"choices": [{"index": 0, "delta": {"content": "Hi"}}]}), *repair.finish()]
assert [c["choices"][0].get("finish_reason") for c in chunks] == [None, "stop"]
assert sys.modules["openai"] is None
print("ran")
"""


def test_the_chat_rules_run_where_openai_cannot_be_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout == "ran\n"
