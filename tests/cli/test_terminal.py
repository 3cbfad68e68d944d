"""In a real terminal: tables that fit, colours that can be turned off, progress, Ctrl-C."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals on Windows", allow_module_level=True)

import pexpect

if TYPE_CHECKING:
    from collections.abc import Callable

    from listing_server import ListingServer

SCRIPT = str(Path(sys.executable).with_name("baseten-openai"))
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7]m")
KEY = "a-key-of-thirty-two-characters-z"


@pytest.fixture
def typed(environ: dict[str, str], tmp_path: Path) -> Callable[..., Any]:
    """Type a command in a terminal of so many columns; returns what pexpect sees of it."""

    def start(*arguments: str, columns: int = 80, **variables: str) -> Any:
        return pexpect.spawn(
            SCRIPT,
            list(arguments),
            env={**environ, "TERM": "xterm-256color", **variables},
            cwd=str(tmp_path),
            dimensions=(40, columns),
            encoding="utf-8",
            timeout=30,
        )

    return start


def seen(child: Any) -> str:
    """All that was written to the terminal."""
    text: str = child.read()
    child.close()
    assert "Traceback" not in text
    return text


def plain(text: str) -> list[str]:
    return CONTROL.sub("", text).replace("\r", "").split("\n")


@pytest.mark.parametrize(
    ("command", "columns"),
    [
        (["models"], 60),
        (["models"], 80),
        (["models"], 119),
        (["models"], 120),
        (["model", "glm-5.2"], 60),
        (["model", "glm-5.2"], 120),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_a_table_fits_the_terminal(
    typed: Callable[..., Any], command: list[str], columns: int
) -> None:
    child = typed(*command, columns=columns)
    text = seen(child)
    assert child.exitstatus == 0
    lines = plain(text)
    assert max(map(len, lines)) <= columns
    assert any(line.startswith("╭") for line in lines)
    assert COLOUR.search(text)


def test_a_slug_can_be_copied_in_one_piece_where_there_is_room(typed: Callable[..., Any]) -> None:
    text = "\n".join(plain(seen(typed("models", columns=160))))
    assert "meta-llama/Llama-4-Maverick-17B-128E-Instruct" in text


def test_no_color_takes_the_colours_and_leaves_the_table(typed: Callable[..., Any]) -> None:
    text = seen(typed("models", NO_COLOR="1"))
    assert not COLOUR.search(text)
    assert "╭" in text


def test_a_dumb_terminal_gets_no_escape_codes(typed: Callable[..., Any]) -> None:
    assert "\x1b" not in seen(typed("models", TERM="dumb"))


def test_findings_are_not_broken_into_lines(typed: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "c.chat.completions.create(model='deepseek-ai/DeepSeek-V3.1', logprobs=True)\n"
    )
    child = typed("check", "app.py", columns=60)
    lines = plain(seen(child))
    assert child.exitstatus == 1
    (finding,) = [line for line in lines if "app.py:1:" in line]
    assert "refused: deepseek-ai/DeepSeek-V3.1 does not return log probabilities" in finding
    assert finding.endswith("it responds with 400")


def test_doctor_groups_what_it_finds(typed: Callable[..., Any], configured: dict[str, str]) -> None:
    assert configured["BASETEN_API_KEY"] == KEY
    child = typed("doctor")
    lines = [line.rstrip() for line in plain(seen(child))]
    assert child.exitstatus == 0
    for section in ("versions", "patch", "settings", "default client", "network"):
        assert section in lines
    assert any(line.startswith("  ✓ key accepted") for line in lines)
    assert KEY not in "\n".join(lines)


@pytest.mark.parametrize(
    ("command", "said"),
    [(["doctor"], "asking http://127.0.0.1"), (["models", "--refresh"], "reading Baseten's list")],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_waiting_shows_progress_and_ctrl_c_ends_it(
    typed: Callable[..., Any], lists: ListingServer, command: list[str], said: str
) -> None:
    lists.silent.clear()  # accepts, and never answers
    child = typed(*command)
    child.expect_exact(said)
    while not lists.asked:  # not before it waits for the network
        child.expect_exact(said)
    child.sendintr()
    text = seen(child)
    assert child.exitstatus == 130
    assert "rror" not in text


def test_the_cursor_is_there_again_after_progress(
    typed: Callable[..., Any], lists: ListingServer
) -> None:
    lists.status = 500
    text = seen(typed("models", "--refresh"))
    assert text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l") >= 0


def test_ctrl_c_stops_the_emulator(typed: Callable[..., Any]) -> None:
    child = typed("emulator", columns=200)
    child.expect_exact("Ctrl-C stops")
    child.sendintr()
    seen(child)
    assert child.exitstatus == 0


def test_ctrl_c_is_the_running_programs(typed: Callable[..., Any]) -> None:
    code = "import time\ntry:\n  print('ready', flush=True); time.sleep(60)\nexcept KeyboardInterrupt: print('stopped')"
    child = typed("run", "-c", code, BASETEN_API_KEY=KEY)
    child.expect_exact("ready")
    child.sendintr()
    assert "stopped" in seen(child)
    assert child.exitstatus == 0


def test_a_program_still_asks_in_the_terminal(typed: Callable[..., Any]) -> None:
    child = typed("run", "-c", "print('hello ' + input('name? '))", BASETEN_API_KEY=KEY)
    child.expect_exact("name? ")
    child.sendline("Ada")
    child.expect_exact("hello Ada")
    seen(child)
    assert child.exitstatus == 0
