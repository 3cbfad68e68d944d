"""``baseten-openai cost FILE``: logged usages, priced."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Ended

USAGE: Any = {
    "prompt_tokens": 1_000_000,
    "completion_tokens": 500_000,
    "total_tokens": 1_500_000,
    "prompt_tokens_details": {"cached_tokens": 400_000},
}
# GLM 4.7 in USD per million: 0.60 in, 0.12 cached, 2.20 out (evidence.md#specification)
COST = Decimal("0.6") * Decimal("0.60") + Decimal("0.4") * Decimal("0.12") + Decimal("1.10")
COMPLETION = {"object": "chat.completion", "model": "zai-org/GLM-4.7", "usage": USAGE}


@pytest.fixture
def logged(tmp_path: Path) -> Callable[..., str]:
    def logged(*records: Any) -> str:
        file = tmp_path / "usage.jsonl"
        lines = [r if isinstance(r, str) else json.dumps(r) for r in records]
        file.write_text("\n".join(lines) + "\n")
        return str(file)

    return logged


@pytest.mark.parametrize(
    "record",
    [
        COMPLETION,
        {"object": "chat.completion.chunk", "choices": [], "model": "GLM 4.7", "usage": USAGE},
        {"model": "glm-4.7", "usage": USAGE},
        {"model": "glm-4.7", **USAGE},
        {"model": "GLM-4.7", "usage": {"input_tokens": 1_000_000, "output_tokens": 500_000,
                                       "input_tokens_details": {"cached_tokens": 400_000}}},
        {"custom_id": "1", "response": {"status_code": 200, "body": COMPLETION}},
        {"model": "glm-4.7", "response": {"usage": USAGE}},
    ],
)  # fmt: skip
def test_each_shape_of_a_line(
    record: Any, logged: Callable[..., str], cli: Callable[..., Ended]
) -> None:
    ended = cli("cost", logged(record), "--json")
    assert ended.code == 0, ended
    document = json.loads(ended.out)
    (one,) = document["models"]
    assert one["model"] == "zai-org/GLM-4.7"
    assert (one["calls"], one["input_tokens"], one["cached_tokens"]) == (1, 1_000_000, 400_000)
    assert Decimal(one["total"]) == Decimal(document["total"]) == COST
    assert document["not_counted"] == []


def test_a_table_with_a_total(logged: Callable[..., str], cli: Callable[..., Ended]) -> None:
    file = logged(COMPLETION, COMPLETION, {**COMPLETION, "model": "gpt-oss-120b"}, "")
    ended = cli("cost", file)
    assert ended.code == 0
    assert [line.split()[0] for line in ended.lines] == [
        "model", "zai-org/GLM-4.7", "gpt-oss-120b", "total",
    ]  # fmt: skip
    gpt = Decimal("0.10") + Decimal("0.25")  # cached input costs as much there
    assert ended.lines[1].split()[-2:] == [f"{2 * COST:.4f}", "2026-11-23"]
    assert ended.lines[3].split()[-1] == f"{2 * COST + gpt:.4f}"


def test_openai_names_are_priced_as_mapped_or_unknown(
    logged: Callable[..., str], cli: Callable[..., Ended]
) -> None:
    file = logged({**COMPLETION, "model": "gpt-4o"})
    assert cli("cost", file).lines[1].split()[-2:] == ["?", "unknown"]
    mapped = json.loads(cli("cost", file, "--json", "--alias", "gpt-4o=glm-4.7").out)
    assert Decimal(mapped["total"]) == COST
    assert json.loads(cli("cost", file, "--json").out)["total"] is None


def test_lines_that_say_nothing_are_named(
    logged: Callable[..., str], cli: Callable[..., Ended]
) -> None:
    file = logged(COMPLETION, "no JSON", {"usage": USAGE}, {"model": "glm-4.7"}, [1])
    ended = cli("cost", file)
    assert ended.code == 1
    assert ended.lines[1].startswith("zai-org/GLM-4.7")
    assert ended.err.splitlines() == [
        f"{file}:2: is no JSON",
        f"{file}:3: names no model; --model names that of all such lines",
        f"{file}:4: has no usage",
        f"{file}:5: has no usage",
    ]
    named = json.loads(cli("cost", file, "--json", "--model", "glm-4.7").out)
    assert sum(model["calls"] for model in named["models"]) == 2


def test_a_file_that_is_not_there(cli: Callable[..., Ended], tmp_path: Path) -> None:
    ended = cli("cost", str(tmp_path / "none.jsonl"))
    assert (ended.code, ended.out) == (2, "")
    assert "No such file" in ended.err
    assert len(ended.err.splitlines()) == 1
