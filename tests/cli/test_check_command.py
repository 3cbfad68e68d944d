"""``baseten-openai check``: files and folders, what is printed, and the exit code CI goes by."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Ended

CALL = "client.chat.completions.create(model={model!r}{more})\n"
DEEPSEEK, GLM = "deepseek-ai/DeepSeek-V3.1", "zai-org/GLM-4.7"


def written(folder: Path, name: str, model: str = GLM, more: str = "") -> Path:
    """Write a program with one call, and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CALL.format(model=model, more=more))
    return path


def test_a_clean_program_says_nothing_and_ends_with_0(
    process: Callable[..., Ended], tmp_path: Path
) -> None:
    written(tmp_path, "app.py")
    ended = process("check", "app.py")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == "1 file, 1 chat call: nothing to change\n"


def test_findings_read_like_a_compilers(process: Callable[..., Ended], tmp_path: Path) -> None:
    source = written(tmp_path, "app.py", DEEPSEEK, ", n=2, store=True").read_text()
    ended = process("check", "app.py")
    assert ended.code == 1
    first, hint, last = ended.lines
    n, store = source.index("2, store") + 1, source.index("True") + 1
    assert first.startswith(f"app.py:1:{n}: refused: n=2 is not possible")
    assert hint == "    hint: send the request n times, concurrently if needed"
    assert last == f"app.py:1:{store}: dropped: store is not sent: Baseten has no such parameter"
    assert ended.err == "1 file, 1 chat call: 1 refused, 1 dropped\n"


@pytest.mark.parametrize(
    ("model", "more", "code"),
    [
        (GLM, ", store=True, max_completion_tokens=5", 0),  # changed, and works
        ("zai-org/GLM-4.6", "", 0),  # retired: a warning
        (GLM, ", **options", 0),  # not read
        ("zai-org/GLM-5", ", reasoning_effort=effort", 0),  # perhaps
        (DEEPSEEK, ", logprobs=True", 1),
        ("gpt-4o", "", 1),
    ],
)
def test_the_exit_code_tells_whether_it_can_work(
    cli: Callable[..., Ended], tmp_path: Path, model: str, more: str, code: int
) -> None:
    written(tmp_path, "app.py", model, more)
    assert cli("check", "app.py").code == code


def test_a_refusal_that_depends_on_a_value_is_said_to(
    cli: Callable[..., Ended], tmp_path: Path
) -> None:
    written(tmp_path, "app.py", "zai-org/GLM-5", ", reasoning_effort=effort")
    line = next(line for line in cli("check", "app.py").lines if "perhaps refused: " in line)
    assert line.endswith("(depends on what effort is)")


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        (["--alias", "gpt-4o=glm-4.7"], {}),
        (["--alias", "x=glm-4.7", "--alias", "gpt-4o=glm-4.7"], {}),
        (["--default-model", "glm-4.7"], {}),
        ([], {"BASETEN_OPENAI_ALIASES": "gpt-4o=glm-4.7"}),
        ([], {"BASETEN_OPENAI_DEFAULT_MODEL": "glm-4.7"}),
    ],
)
def test_aliases_and_default_model_are_the_runners(
    cli: Callable[..., Ended], tmp_path: Path, options: list[str], environment: dict[str, str]
) -> None:
    written(tmp_path, "app.py", "gpt-4o")
    ended = cli("check", "app.py", *options, **environment)
    assert (ended.code, ended.lines) == (0, [f"app.py:1:38: resolved: model 'gpt-4o' is {GLM}"])


def test_no_key_is_needed_and_nothing_asked(cli: Callable[..., Ended], tmp_path: Path) -> None:
    written(tmp_path, "app.py")
    assert cli("check", "app.py", BASETEN_BASE_URL="http://127.0.0.1:9/v1").code == 0


def test_nothing_is_run_or_imported(process: Callable[..., Ended], tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("open('ran', 'w'); import helper\n")
    (tmp_path / "helper.py").write_text("open('imported', 'w')\n")
    assert process("check", ".").code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"app.py", "helper.py"}


def test_a_folder_is_searched_but_not_what_others_wrote(
    cli: Callable[..., Ended], tmp_path: Path
) -> None:
    for name in ("src/b.py", "src/a.py", "src/deep/c.py"):
        written(tmp_path, name, "gpt-4o")
    for name in (
        "src/.venv/x.py",
        "src/.git/x.py",
        "src/.hidden/x.py",
        "src/__pycache__/x.py",
        "src/node_modules/x.py",
        "src/lib/site-packages/x.py",
        "src/notes.txt",
    ):
        written(tmp_path, name, "gpt-4o")
    written(tmp_path, "src/env/lib/x.py", "gpt-4o")
    (tmp_path / "src/env/pyvenv.cfg").write_text("")
    named = [line.split(":")[0] for line in cli("check", "src").lines if "unknown" in line]
    assert named == [os.path.join("src", *name) for name in (["a.py"], ["b.py"], ["deep", "c.py"])]  # noqa: PTH118  # strings, as printed


def test_a_file_that_is_named_is_checked_wherever_it_is(
    cli: Callable[..., Ended], tmp_path: Path
) -> None:
    written(tmp_path, ".venv/tool", "gpt-4o")
    assert cli("check", ".venv/tool").code == 1


def test_a_file_named_twice_is_checked_once(cli: Callable[..., Ended], tmp_path: Path) -> None:
    written(tmp_path, "app.py")
    assert cli("check", "app.py", "app.py").err.startswith("1 file,")


def test_a_folder_without_python_is_a_mistake(cli: Callable[..., Ended], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ended = cli("check", "empty")
    assert (ended.code, ended.out) == (2, "")
    assert "no Python files in empty" in ended.err


def test_stdin_is_read(process: Callable[..., Ended]) -> None:
    ended = process("check", "-", stdin=CALL.format(model="gpt-4o", more=""))
    assert ended.code == 1
    assert ended.lines[0].startswith("<stdin>:1:38: unknown model: ")


def test_files_that_cannot_be_read_are_told_and_the_others_checked(
    cli: Callable[..., Ended], tmp_path: Path
) -> None:
    (tmp_path / "broken.py").write_text("x = 1\ndef f(:\n")
    (tmp_path / "binary.py").write_bytes(b"\0\xff")
    (tmp_path / "dangling.py").symlink_to(tmp_path / "gone.py")
    written(tmp_path, "good.py", more=", store=True")
    ended = cli("check", ".")
    assert ended.code == 1
    unreadable = {line.split(":")[0] for line in ended.lines if ": unreadable: " in line}
    assert unreadable == {"broken.py", "binary.py", "dangling.py"}
    assert any(line.startswith("broken.py:2:") for line in ended.lines)
    assert any(line.startswith("good.py:1:") for line in ended.lines)
    assert ended.err == "4 files, 1 chat call: 3 unreadable, 1 dropped\n"


def test_a_pipe_that_takes_ascii_only_gets_escapes(
    process: Callable[..., Ended], tmp_path: Path
) -> None:
    written(tmp_path, "caf\u00e9.py", "gpt-4o")
    ended = process("check", ".", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert ended.code == 1
    assert ended.lines[0].startswith("caf\\xe9.py:1:38: unknown model: ")


def test_json(cli: Callable[..., Ended], tmp_path: Path) -> None:
    written(tmp_path, "app.py", "deepseek-v3.1", ", logprobs=True")
    ended = cli("check", "app.py", "--json")
    assert ended.code == 1
    document = ended.json
    assert (document["files"], document["calls"]) == (1, 1)
    assert document["summary"] == {"resolved": 1, "refused": 1}
    refused = document["findings"][1]
    expected = {
        "file": "app.py",
        "line": 1,
        "kind": "refused",
        "param": "logprobs",
        "call": "chat.completions.create",
        "model": "deepseek-v3.1",
        "slug": DEEPSEEK,
        "depends_on": "",
        "fails": True,
    }
    assert {name: refused[name] for name in expected} == expected
