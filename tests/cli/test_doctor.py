"""``baseten-openai doctor``: what it finds, what it sends, and what it never shows."""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING

import openai
import pytest

from baseten_openai import Catalog, __version__
from baseten_openai.sdk import fast_paths

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Ended
    from listing_server import ListingServer

    from baseten_openai import emulator

KEY = "a-key-of-thirty-two-characters-z"


def found(ended: Ended) -> dict[str, tuple[str, str]]:
    """State and text of each check, by section and name."""
    return {
        f"{check['section']}: {check['name']}": (check["state"], check["text"])
        for check in ended.json["checks"]
    }


def test_all_is_well(
    process: Callable[..., Ended], configured: dict[str, str], server: emulator.EmulatorServer
) -> None:
    ended = process("doctor")
    assert ended.code == 0
    assert ended.err == "no problems, no warnings\n"
    assert ended.lines[0].split() == ["state", "section", "check", "found"]
    rows = {tuple(line.split(maxsplit=3)[:3]): line.split(maxsplit=3)[3] for line in ended.lines}
    assert rows["ok", "versions", "baseten-openai"] == __version__
    assert rows["ok", "versions", "openai"] == openai.__version__
    assert rows["ok", "versions", "python"].startswith(".".join(map(str, sys.version_info[:3])))
    assert rows["ok", "settings", "base-URL"] == f"{server.base_url} (BASETEN_BASE_URL)"
    assert rows["ok", "settings", "key"] == f"set ({len(KEY)} characters, ends in rs-z)"
    assert rows["-", "default-client", "openai.OpenAI()"].startswith("https://api.openai.com/v1")
    assert rows["ok", "default-client", "after-patch()"].rstrip("/") == server.base_url
    assert rows["ok", "default-client", "baseten_openai.OpenAI()"].rstrip("/") == server.base_url
    assert rows["ok", "network", "reachable"] == server.base_url
    assert rows["ok", "network", "key-accepted"].startswith("yes (404 ")
    assert configured["BASETEN_API_KEY"] == KEY


@pytest.mark.usefixtures("configured")
def test_the_key_is_checked_with_one_request_that_can_bill_nothing(
    cli: Callable[..., Ended], server: emulator.EmulatorServer
) -> None:
    cli("doctor")
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/v1/chat/completions")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.json["model"] not in Catalog.bundled()
    assert request.json["max_tokens"] == 1
    assert request.json["messages"][0]["role"] == "user"


@pytest.mark.usefixtures("configured")
def test_offline_asks_nothing(cli: Callable[..., Ended], server: emulator.EmulatorServer) -> None:
    ended = cli("doctor", "--offline", "--json")
    assert ended.code == 0
    assert server.requests == []
    assert not [name for name in found(ended) if name.startswith("network")]


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    ("fault", "code", "state", "said"),
    [
        # see evidence.md#order-of-validation: 404 good, 401 and 403 bad
        ("403", 1, "problem", "no: 403"),
        ("402", 1, "problem", "no credit"),
        ("429", 0, "warning", "cannot tell: 429"),
        ("400", 0, "warning", "cannot tell: 400"),
        ("500", 1, "problem", "the service fails: 500"),
        ("502-html", 1, "problem", "the service fails: 502"),
        ("529", 1, "problem", "the service fails: 529"),
    ],
)
def test_what_an_answer_says_about_the_key(
    cli: Callable[..., Ended],
    server: emulator.EmulatorServer,
    fault: str,
    code: int,
    state: str,
    said: str,
) -> None:
    server.fault(fault)
    ended = cli("doctor", "--json")
    assert ended.code == code
    accepted = found(ended)["network: key accepted"]
    assert accepted[0] == state
    assert said in accepted[1]
    assert found(ended)["network: reachable"][0] == "ok"
    assert len(server.requests) == 1  # no retries


def test_a_wrong_key_is_a_problem(
    process: Callable[..., Ended], server: emulator.EmulatorServer
) -> None:
    ended = process(
        "doctor", "--json", BASETEN_BASE_URL=server.base_url, BASETEN_API_KEY="wrong-key"
    )
    assert ended.code == 1
    assert found(ended)["network: key accepted"][0] == "problem"
    assert "wrong-key" not in ended.out


@pytest.mark.usefixtures("configured")
def test_a_server_that_is_not_there_is_a_problem(
    cli: Callable[..., Ended], server: emulator.EmulatorServer
) -> None:
    server.stop()
    ended = cli("doctor", "--json")
    assert ended.code == 1
    assert found(ended)["network: reachable"][0] == "problem"
    assert found(ended)["network: key accepted"] == ("-", "not asked: nobody answers")


def test_a_server_that_answers_for_any_model_is_not_trusted(
    cli: Callable[..., Ended], lists: ListingServer
) -> None:
    lists.serve_json({"id": "x", "object": "chat.completion", "choices": [], "model": "x"})
    ended = cli("doctor", "--json")
    state, text = found(ended)["network: key accepted"]
    assert state == "warning"
    assert "is this Baseten?" in text


def test_a_404_that_is_not_about_the_model_does_not_pass_for_a_good_key(
    cli: Callable[..., Ended], lists: ListingServer
) -> None:
    lists.status, lists.body = 404, b'{"error": "no such page"}'
    state, text = found(cli("doctor", "--json"))["network: key accepted"]
    assert state == "warning"
    assert "is the base URL right?" in text


def test_without_a_key_it_says_so_and_still_looks_whether_anybody_answers(
    cli: Callable[..., Ended], server: emulator.EmulatorServer
) -> None:
    ended = cli("doctor", "--json", BASETEN_BASE_URL=server.base_url)
    assert ended.code == 1
    checks = found(ended)
    assert checks["settings: key"] == ("problem", "none: set BASETEN_API_KEY")
    assert checks["network: reachable"][0] == "ok"
    assert [request.method for request in server.requests] == ["GET"]
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BASETEN_API_KEY", "sk-an-openai-key-of-some-length"),
        ("BASETEN_BASE_URL", "http://example.com/v1"),
        ("BASETEN_OPENAI_ALIASES", "nonsense"),
    ],
)
def test_an_unusable_setting_is_one_finding_among_others(
    cli: Callable[..., Ended], variable: str, value: str
) -> None:
    ended = cli("doctor", "--json", **{variable: value})
    assert ended.code == 1
    state, text = found(ended)["settings: settings"]
    assert (state, variable in text) == ("problem", True)
    assert found(ended)["versions: openai"][0] == "ok"
    assert "sk-an-openai-key" not in ended.out


@pytest.mark.usefixtures("configured")
def test_an_alias_for_no_model_is_a_problem(cli: Callable[..., Ended]) -> None:
    ended = cli("doctor", "--offline", "--json", BASETEN_OPENAI_ALIASES="gpt-4o=glm-4.77")
    assert ended.code == 1
    state, text = found(ended)["settings: aliases"]
    assert state == "problem"
    assert "gpt-4o" in text


@pytest.mark.usefixtures("configured")
def test_openais_variables_are_named_and_never_shown(cli: Callable[..., Ended]) -> None:
    ended = cli(
        "doctor",
        "--offline",
        "--json",
        OPENAI_API_KEY="sk-secret-of-openai",
        OPENAI_ORG_ID="org-secret",
        OPENAI_BASE_URL="https://user:password@proxy.example/v1",
        HTTPS_PROXY="http://user:password@proxy.example:3128",
    )
    assert ended.code == 0
    checks = found(ended)
    assert checks["default client: OpenAI's variables"][1].endswith("OPENAI_ORG_ID, OPENAI_API_KEY")
    state, text = checks["default client: after patch()"]
    assert state == "warning"
    assert "OPENAI_BASE_URL is set, which patch() leaves alone" in text
    for secret in ("sk-secret", "org-secret", "password"):
        assert secret not in ended.out


@pytest.mark.usefixtures("configured")
def test_a_misspelt_variable_is_a_warning(cli: Callable[..., Ended]) -> None:
    ended = cli("doctor", "--offline", "--json", BASETEN_OPENAI_ALIAS="gpt-4o=glm-4.7")
    assert ended.code == 0
    assert found(ended)["settings: variables"][0] == "warning"


@pytest.mark.usefixtures("configured")
def test_a_short_key_is_not_shown_even_in_part(cli: Callable[..., Ended]) -> None:
    ended = cli("doctor", "--offline", "--json", BASETEN_API_KEY="abcdefgh")
    assert found(ended)["settings: key"] == ("ok", "set (8 characters)")


@pytest.mark.usefixtures("configured")
def test_other_instrumentors_are_named(process: Callable[..., Ended], tmp_path: Path) -> None:
    for name in ("langfuse", "sentry_sdk", "some_other"):
        folder = tmp_path / f"{name}-9.8.dist-info"
        folder.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 9.8\n"
        (folder / "METADATA").write_text(metadata)
    checks = found(process("doctor", "--offline", "--json", PYTHONPATH=str(tmp_path)))
    assert checks["instrumentors: langfuse"] == ("-", "Langfuse 9.8")
    assert checks["instrumentors: sentry-sdk"] == ("-", "Sentry 9.8")
    assert not [name for name in checks if "some" in name]


@pytest.mark.usefixtures("configured")
def test_patching_by_environment_is_seen(process: Callable[..., Ended]) -> None:
    variables = {"AUTOWRAPT_BOOTSTRAP": "baseten_openai"}
    checks = found(process("doctor", "--offline", "--json", **variables))
    state, text = checks["patch: by environment"]
    if checks["versions: extra auto"][0] == "ok":
        assert (state, "is patched" in text) == ("ok", True)
    else:
        assert (state, "install the extra auto" in text) == ("problem", True)


def test_json_counts(cli: Callable[..., Ended]) -> None:
    document = cli("doctor", "--offline", "--json").json
    assert (document["problems"], document["warnings"]) == (1, 0)  # there is no key


@pytest.mark.parametrize(
    ("variable", "text"), [("on", "for requests and responses"), ("off", "off: the SDK's own code")]
)
@pytest.mark.usefixtures("configured")
def test_the_fast_paths_in_use_are_named(
    cli: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch, variable: str, text: str
) -> None:
    monkeypatch.setattr(fast_paths, "_refusing", weakref.WeakSet())  # without other tests' clients
    ended = cli("doctor", "--json", BASETEN_OPENAI_FAST=variable)
    state, said = found(ended)["settings: fast paths"]
    assert state == "ok"
    assert said.startswith(text)


def test_a_variable_that_matches_nothing_is_a_problem(cli: Callable[..., Ended]) -> None:
    ended = cli("doctor", "--offline", "--json", AUTOWRAPT_BOOTSTRAP="basetenopenai")
    texts = {check["name"]: (check["state"], check["text"]) for check in ended.json["checks"]}
    state, text = texts["by environment"]
    assert state == "problem"
    assert "'basetenopenai'" in text


def test_a_key_of_openais_is_a_warning(cli: Callable[..., Ended]) -> None:
    ended = cli("doctor", "--offline", "--json", OPENAI_API_KEY="sk-of-openai")
    texts = {check["name"]: (check["state"], check["text"]) for check in ended.json["checks"]}
    state, text = texts["missed activation"]
    assert state == "warning"
    assert "sk-of-openai" not in text
