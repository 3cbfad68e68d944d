"""``baseten-openai models`` in a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from listing_server import row

from baseten_openai import Catalog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Ended
    from listing_server import ListingServer

    from baseten_openai import emulator
    from baseten_openai.models.catalog import Feature

CATALOG = Catalog.bundled()
NEW, KIMI_K3 = "new-lab/Model-9", "moonshotai/Kimi-K3"


def cells(ended: Ended) -> dict[str, dict[str, str]]:
    """The table's rows by slug; each line has as many words as the first."""
    titles = ended.lines[0].split()
    rows = [line.split() for line in ended.lines[1:]]
    assert all(len(row) == len(titles) for row in rows)
    return {row[0]: dict(zip(titles, row, strict=True)) for row in rows}


def test_every_model_has_a_line_of_words_in_columns(process: Callable[..., Ended]) -> None:
    ended = process("models")
    assert (ended.code, ended.err) == (0, "")
    rows = cells(ended)
    assert list(rows) == [model.slug for model in CATALOG.values()]
    # see evidence.md#specification
    assert rows["moonshotai/Kimi-K2.5"] == {
        "slug": "moonshotai/Kimi-K2.5",
        "context": "262000",
        "max_output": "262000",
        "usd_in": "0.60",
        "usd_out": "3.00",
        "usd_cached": "0.12",
        "json": "yes",
        "schema": "yes",
        "reasoning": "opt-in",
        "vision": "yes",
        "tools": "yes",
        "status": "retired",
    }
    assert rows["deepseek-ai/DeepSeek-V3.1"]["json"] == "no"
    assert rows["zai-org/GLM-5"]["reasoning"] == "no"
    assert rows["reflection/Beam-1.0"]["vision"] == "?"


@pytest.mark.parametrize(
    ("option", "feature"),
    [
        ("--vision", "vision"),
        ("--json-mode", "json_mode"),
        ("--structured-outputs", "structured_outputs"),
        ("--reasoning", "reasoning"),
        ("--tools", "tools"),
    ],
)
def test_a_filter_leaves_those_known_to_have_it(
    cli: Callable[..., Ended], option: str, feature: Feature
) -> None:
    expected = [model.slug for model in CATALOG.values() if model.supports(feature)]
    assert list(cells(cli("models", option))) == expected


def test_filters_add_up(cli: Callable[..., Ended]) -> None:
    rows = cells(cli("models", "--vision", "--reasoning", "--status", "listed"))
    assert KIMI_K3 in rows
    assert {row["status"] for row in rows.values()} == {"listed"}
    assert {row["vision"] for row in rows.values()} == {"yes"}


def test_no_model_at_all_is_said(
    cli: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = Catalog(model for model in CATALOG.values() if not model.vision)
    monkeypatch.setattr(Catalog, "bundled", lambda: blind)
    ended = cli("models", "--vision", "--status", "retired")
    assert (ended.code, ended.out) == (0, "")
    assert "no model" in ended.err


def test_json_has_every_field_with_prices_as_decimal_strings(cli: Callable[..., Ended]) -> None:
    document = cli("models", "--json").json
    assert document["source"] == "bundled"
    (glm,) = [model for model in document["models"] if model["slug"] == "zai-org/GLM-4.7"]
    assert glm["price"] == {"input": "0.60", "output": "2.20", "cached_input": "0.12"}
    assert glm["context_tokens"] == 200_000
    assert glm["source"] == "specification"


def test_without_refresh_nothing_is_asked(cli: Callable[..., Ended], lists: ListingServer) -> None:
    cli("models")
    assert lists.asked == []


def test_refresh_reads_the_live_list(process: Callable[..., Ended], lists: ListingServer) -> None:
    lists.serve_json({"data": [row(NEW), row(KIMI_K3), row("openai/gpt-oss-120b")]})
    ended = process("models", "--refresh")
    rows = cells(ended)
    assert rows[NEW]["context"] == "777000"
    assert rows[KIMI_K3]["usd_in"] == "7.00"
    assert rows["openai/gpt-oss-120b"]["usd_in"] == "0.10"  # the specification's
    assert rows["zai-org/GLM-5.2"]["status"] == "unlisted"
    assert f"live list of {lists.url}, read " in ended.err
    assert lists.asked == ["/v1/models"]


def test_refresh_as_json_says_where_each_value_is_from(
    cli: Callable[..., Ended], lists: ListingServer
) -> None:
    lists.serve_json({"data": [row(KIMI_K3, context_length=0)]})
    document = cli("models", "--refresh", "--json").json
    assert (document["source"], document["url"]) == ("live", lists.url)
    (kimi,) = [model for model in document["models"] if model["slug"] == KIMI_K3]
    assert kimi["provenance"]["price.input"]["layer"] == "live"
    assert kimi["provenance"]["context_tokens"]["layer"] == "bundled"
    (note,) = [
        note
        for note in document["notes"]
        if (note["slug"], note["field"]) == (KIMI_K3, "context_tokens")
    ]
    assert note["verdict"] == "refused"


def test_refresh_reads_anew_though_there_is_a_list_on_disk(
    cli: Callable[..., Ended], lists: ListingServer
) -> None:
    lists.serve_json({"data": [row(NEW)]})
    cli("models", "--refresh")
    cli("models", "--refresh")
    assert len(lists.asked) == 2


def test_offline_the_list_on_disk_will_do(cli: Callable[..., Ended], lists: ListingServer) -> None:
    lists.serve_json({"data": [row(NEW)]})
    cli("models", "--refresh")
    lists.status = 503
    ended = cli("models", "--refresh")
    assert ended.code == 0
    assert NEW in cells(ended)
    assert "from the cache" in ended.err


def test_offline_without_one_it_fails(
    process: Callable[..., Ended], configured: dict[str, str], server: emulator.EmulatorServer
) -> None:
    server.stop()
    ended = process("models", "--refresh")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("baseten-openai: ")
    assert configured["BASETEN_API_KEY"] not in ended.err


def test_refresh_without_a_key_says_so(cli: Callable[..., Ended]) -> None:
    ended = cli("models", "--refresh")
    assert ended.code == 2
    assert "BASETEN_API_KEY" in ended.err


def test_refresh_with_a_wrong_key_fails(
    cli: Callable[..., Ended], server: emulator.EmulatorServer
) -> None:
    ended = cli(
        "models", "--refresh", BASETEN_BASE_URL=server.base_url, BASETEN_API_KEY="wrong-key"
    )
    assert (ended.code, ended.out) == (1, "")
    assert "403" in ended.err


def test_diff_shows_where_list_and_catalogue_disagree(
    cli: Callable[..., Ended], lists: ListingServer
) -> None:
    lists.serve_json({"data": [row(NEW), row(KIMI_K3), row("zai-org/GLM-4.7", context_length=5)]})
    ended = cli("models", "--diff")
    words = [line.split() for line in ended.lines]
    assert words[0] == ["model", "field", "verdict", "bundled", "listed", "reason"]
    assert [NEW, "slug", "taken", "?", NEW, "in", "the", "list", "only"] in words
    shown = [line[:5] for line in words]
    assert [KIMI_K3, "context_tokens", "taken", "1048576", "777000"] in shown
    assert ["zai-org/GLM-4.7", "context_tokens", "kept", "200000", "5"] in shown
    assert ["zai-org/GLM-5.2", "status", "taken", "listed", "unlisted"] in shown


def test_diff_takes_a_recent_list_from_disk(
    cli: Callable[..., Ended], lists: ListingServer, tmp_path: Path
) -> None:
    lists.serve_json({"data": [row(NEW)]})
    cli("models", "--diff")
    assert "from the cache" in cli("models", "--diff").err
    assert len(lists.asked) == 1
    assert list((tmp_path / "cache" / "baseten-openai").iterdir())
