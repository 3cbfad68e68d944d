"""``baseten-openai model NAME`` in a pipe."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from listing_server import row

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Ended
    from listing_server import ListingServer

GLM, KIMI = "zai-org/GLM-4.7", "moonshotai/Kimi-K2.5"


def values(ended: Ended) -> dict[str, str]:
    """The names and values at the top."""
    pairs = [line.strip().split("  ", 1) for line in ended.lines if line.startswith("  ")]
    return {name: value.strip() for name, value in (pair for pair in pairs if len(pair) == 2)}


@pytest.mark.parametrize(
    ("name", "options", "slug", "why"),
    [
        (GLM, [], GLM, "its slug"),
        ("ZAI-ORG/glm-4.7", [], GLM, "its slug, in another spelling"),
        ("glm-4.7", [], GLM, "a short form of its name"),
        ("GLM 4.7", [], GLM, "its display name"),
        (
            "Kimi-K2-Instruct-0905",
            [],
            "moonshotai/Kimi-K2-Instruct-0905",
            "its slug without the organisation",
        ),
        (f"baseten/{GLM}", [], GLM, "without the prefix baseten/; its slug"),
        (
            "gpt-4o",
            ["--alias", "gpt-4o=kimi-k2.5"],
            KIMI,
            "your alias gpt-4o=kimi-k2.5; a short form of its name",
        ),
        (
            "gpt-4o",
            ["--default-model", "glm-4.7"],
            GLM,
            "an OpenAI name, and default_model is glm-4.7",
        ),
        (
            "some-lab/New-1",
            [],
            "some-lab/New-1",
            "a whole slug this version does not know: sent as it is",
        ),
    ],
)
def test_it_says_which_model_and_why(
    cli: Callable[..., Ended], name: str, options: list[str], slug: str, why: str
) -> None:
    ended = cli("model", name, *options)
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[1] == slug
    assert values(ended)["is"] == why


def test_aliases_of_the_environment_count(cli: Callable[..., Ended]) -> None:
    ended = cli("model", "gpt-4o", BASETEN_OPENAI_ALIASES=f"gpt-4o={KIMI}")
    assert ended.lines[1] == KIMI


@pytest.mark.parametrize(
    ("name", "said"),
    [("gpt-4o", "BASETEN_OPENAI_ALIASES=gpt-4o="), ("glm-4.77", GLM)],
)
def test_an_unknown_name_ends_with_1_and_says_what_to_do(
    cli: Callable[..., Ended], name: str, said: str
) -> None:
    ended = cli("model", name)
    assert (ended.code, ended.out) == (1, "")
    assert said in ended.err


def test_limits_prices_and_replacement(cli: Callable[..., Ended]) -> None:
    said = values(cli("model", "deepseek-v3-0324"))
    # see evidence.md#specification, evidence.md#retired-models
    assert said["context"] == "163,840"
    assert said["max output"] == "131,072"
    assert said["USD per million"] == "in 0.77, cached in ?, out 0.77"
    assert said["status"] == "retired on 2026-05-01"
    assert said["replacement"] == "deepseek-ai/DeepSeek-V3.1 (recorded notice)"


@pytest.mark.parametrize(
    ("name", "write", "sent"),
    [
        # see evidence.md#reasoning
        ("glm-4.7", 'reasoning_effort="high"', {"chat_template_args": {"enable_thinking": True}}),
        ("glm-4.7", 'reasoning_effort="none"', {"chat_template_args": {"enable_thinking": False}}),
        ("kimi-k3", 'reasoning_effort="medium"', {"reasoning_effort": "low"}),
        ("glm-5", 'reasoning_effort="low"', "refused"),
        ("gpt-oss-120b", 'reasoning_effort="low"', "as written"),
        ("deepseek-v3.1", 'response_format={"type": "json_object"}', "refused"),
        ("kimi-k2.5", 'a part {"type": "image_url", "image_url": {"url": ...}}', "as written"),
        ("glm-4.7", 'a part {"type": "image_url", "image_url": {"url": ...}}', "refused"),
        ("glm-4.7", "max_completion_tokens=N, at most 200000", "max_tokens=N"),
        ("glm-4.7", "logprobs=True", "refused"),
    ],
)
def test_what_a_feature_needs_is_what_would_be_sent(
    cli: Callable[..., Ended], name: str, write: str, sent: object
) -> None:
    needs = {need["write"]: need["sent"] for need in cli("model", name, "--json").json["needs"]}
    assert needs[write] == (sent if isinstance(sent, str) else json.dumps(sent))


def test_refresh_says_where_each_value_is_from(
    cli: Callable[..., Ended], lists: ListingServer
) -> None:
    lists.serve_json({"data": [row(GLM)]})
    ended = cli("model", "glm-4.7", "--refresh")
    after = ended.out.partition("Where each value is from")[2]
    (live,) = [line for line in after.splitlines() if "live: GET /v1/models" in line]
    assert "status" in live
    (specified,) = [line for line in after.splitlines() if "specification" in line]
    assert "price.input" in specified
