"""README and docs are true: their tables are generated, and their Python programs run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import model_tables
import page_tables
import pytest

import baseten_openai

if TYPE_CHECKING:
    from baseten_openai import emulator

ROOT = Path(__file__).parents[2]
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
}
README = PAGES["README.md"]
BLOCKS = [
    (page, block)
    for page, text in PAGES.items()
    for block in re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
]
LONGEST_README = 180
TIMEOUT = 60.0
RUNNER = ["-m", "baseten_openai", "--alias", "gpt-4o-mini=deepseek-v4.1-flash"]
A_TEST = "\n\ndef test_it(baseten):\n    assert baseten.base_url\n    print('ran')\n"


def users_environment(base_url: str) -> dict[str, str]:
    """Set what a user of the emulator would set; a proxy that doesn't exist stops everything else."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENAI_", "BASETEN_", "COV_", "COVERAGE_"))
        and not name.lower().endswith("_proxy")
    }
    return {
        **kept,
        "BASETEN_BASE_URL": base_url,
        "BASETEN_API_KEY": "emulator",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def title(page: str, block: str) -> str:
    """Name a block by its page and its first telling line."""
    lines = [line for line in block.splitlines() if line.strip() and "import" not in line]
    first = re.sub(r"\W+", "-", lines[0] if lines else block)[:40].strip("-")
    return f"{Path(page).stem}-{first}"


@pytest.mark.parametrize("page", page_tables.PAGES)
def test_tables_are_those_of_the_code(page: str) -> None:
    assert page_tables.fill(page, PAGES[page]) == PAGES[page], "run make readme"


@pytest.mark.parametrize("page", page_tables.PAGES)
def test_a_missing_marker_is_reported(page: str) -> None:
    for name in page_tables.PAGES[page]:
        with pytest.raises(ValueError, match=f"begin:{name}"):
            page_tables.fill(page, PAGES[page].replace(f"<!-- begin:{name} -->", ""))


def test_every_marker_has_a_table() -> None:
    marked = {page: re.findall(r"<!-- begin:(\S+) -->", text) for page, text in PAGES.items()}
    made = {page: list(tables) for page, tables in page_tables.PAGES.items()}
    assert {page: names for page, names in marked.items() if names} == made


@pytest.mark.parametrize(
    ("slug", "cells"),
    # Three rows of the specification (evidence.md#specification); the catalogue's own tests hold all of them.
    [
        ("deepseek-ai/DeepSeek-V3.1", ["163,840", "131,072", "0.50 / 1.50", "no", "no"]),
        ("moonshotai/Kimi-K2.5", ["262,000", "262,000", "0.60 / 3.00", "yes", "yes", "opt-in"]),
        ("openai/gpt-oss-120b", ["128,072", "128,072", "0.10 / 0.50", "yes", "yes"]),
    ],
)
def test_models_table_has_the_specifications_values(slug: str, cells: list[str]) -> None:
    models = PAGES["docs/models.md"]
    (row,) = [line for line in models.splitlines() if f"<br>`{slug}`" in line]
    after_the_names = row.strip("| ").split(" | ")[2:]
    assert after_the_names[: len(cells)] == cells


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("deepseek-v3.1", ["163,840", "131,072", "0.50 / 1.50", "no"]),
        ("kimi-k2.5", ["262,000", "262,000", "0.60 / 3.00", "yes", "opt-in", "yes"]),
        ("gpt-oss-120b", ["128,072", "128,072", "0.10 / 0.50", "yes"]),
    ],
)
def test_readme_has_the_specifications_values(name: str, cells: list[str]) -> None:
    (row,) = [line for line in README.splitlines() if line.startswith(f"| `{name}` |")]
    assert row.strip("| ").split(" | ")[1:][: len(cells)] == cells


def test_what_is_suggested_must_be_listed_and_able(monkeypatch: pytest.MonkeyPatch) -> None:
    for slug, feature in (("moonshotai/Kimi-K2-Thinking", "reasoning"), ("openai/gpt-oss-120b", "vision")):  # fmt: skip
        bad = model_tables.Suggestion(("gpt-4o",), (feature,), slug, "")  # type: ignore[arg-type]
        monkeypatch.setattr(model_tables, "SUGGESTIONS", (bad,))
        with pytest.raises(ValueError, match=slug):
            model_tables.suggestions()


def test_programs_name_listed_models() -> None:
    named = [
        name
        for _, block in BLOCKS
        for name in re.findall(r'(?:model=|"(?:gpt-|o\d)[\w.-]*": )"([^"]+)"', block)
        if not re.match(r"gpt-\d|o\d", name)  # OpenAI's own, in unmodified programs
    ]
    assert named
    found = {name: baseten_openai.catalog.resolve(name).status for name in named}
    assert set(found.values()) == {"listed"}, found


def test_the_readme_is_short_and_the_one_line_comes_first() -> None:
    assert len(README.splitlines()) <= LONGEST_README
    page, first = BLOCKS[0]
    assert page == "README.md"
    assert "baseten_openai.patch(" in first
    assert README.index(first) < README.index("\n## ")


def test_links_of_the_readme_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_each_promise_has_a_test() -> None:
    promises = [
        line.strip("| ").split(" | ")
        for line in (ROOT / "SECURITY.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and "---" not in line
    ][1:]
    assert promises
    for promise, tested in promises:
        files = re.findall(r"`(tests/[\w/]+\.py)`", tested)
        assert files, promise
        assert [name for name in files if not (ROOT / name).is_file()] == []


def test_every_make_target_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    (matrix,) = re.findall(r"^MATRIX := (.*)$", makefile, re.MULTILINE)
    targets |= {f"matrix-{name}" for name in matrix.split()}
    text = "\n".join(PAGES.values())
    named = set(re.findall(r"(?:`|^\$ )make\s+([a-z][a-z0-9.-]*)", text, re.MULTILINE))
    assert named
    assert named <= targets


def test_the_architecture_names_files_that_exist() -> None:
    text = PAGES["docs/architecture.md"]
    files = re.findall(r"`((?:[\w.-]+/)*[\w-]+\.(?:py|json|toml|md))`", text)
    modules = re.findall(r"\b((?:chat|sdk|usage|credentials|responses|routing)\.\w+)\b", text)
    assert len(files) > 10
    assert len(modules) > 5
    homes = (ROOT, ROOT / "baseten_openai", ROOT / "tests")
    assert [name for name in files if not any((home / name).is_file() for home in homes)] == []
    paths = [ROOT / "baseten_openai" / f"{name.replace('.', '/')}.py" for name in modules]
    assert [path.name for path in paths if not path.is_file()] == []


def test_the_reference_has_every_public_name() -> None:
    shown = set(
        re.findall(r"^::: baseten_openai\.(\w+)$", PAGES["docs/reference.md"], re.MULTILINE)
    )
    errors = {
        name
        for name in baseten_openai.__all__
        if isinstance(getattr(baseten_openai, name), type)
        and issubclass(getattr(baseten_openai, name), baseten_openai.BasetenError)
    }
    assert "errors" in shown
    assert set(baseten_openai.__all__) - errors - {"__version__", "catalog", "status"} <= shown


@pytest.mark.parametrize("way", ["python -m baseten_openai", "export AUTOWRAPT_BOOTSTRAP"])
def test_an_unchanged_program_runs_in_each_way_of_the_readme(
    way: str, server: emulator.EmulatorServer, tmp_path: Path
) -> None:
    (app,) = [block for page, block in BLOCKS if page == "README.md" and is_unchanged(block)]
    commands = re.findall(rf"^\$ ({way}.*)$", README, re.MULTILINE)
    if "AUTOWRAPT" in way:
        pytest.importorskip("autowrapt", reason="the extra auto needs wrapt 2")
        commands.append("python app.py")
        assert "$ python app.py\n" in README
    (tmp_path / "app.py").write_text(app, encoding="utf-8")
    bin_folder = Path(sys.executable).parent
    environment = users_environment(server.base_url)
    ran = subprocess.run(
        ["/bin/sh", "-ec", "\n".join(commands)],
        env={**environment, "PATH": f"{bin_folder}{os.pathsep}{environment['PATH']}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Why is the sky blue?" in ran.stdout  # the emulator repeats the question
    assert [request.json["model"] for request in server.requests] == ["deepseek-ai/DeepSeek-V4.1-Flash"]  # fmt: skip
    assert ("Tokens and cost" in ran.stderr) == ("--report" in commands[0])


def is_unchanged(block: str) -> bool:
    """Tell an unmodified OpenAI program from one that uses this package."""
    return "baseten_openai" not in block


@pytest.mark.parametrize(
    ("page", "block"),
    BLOCKS,
    ids=[f"{number}-{title(*block)}" for number, block in enumerate(BLOCKS, 1)],
)
def test_program_runs(
    page: str, block: str, server: emulator.EmulatorServer, tmp_path: Path
) -> None:
    program, how = tmp_path / "program.py", list[str]()
    if is_unchanged(block):
        how = RUNNER  # an unmodified OpenAI program, which the page runs with the runner
    elif "@pytest.fixture" in block:  # no program: it is used by a test
        program, how = (
            tmp_path / "test_program.py",
            ["-m", "pytest", "-qs", "-p", "no:cacheprovider"],
        )
        block += A_TEST
    program.write_text(block, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, *how, str(program)],
        env=users_environment(server.base_url),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert ran.returncode == 0, f"{page}:\n{ran.stdout}\n{ran.stderr}"
    expected = re.findall(r"# prints: (.*)", block)
    assert all(line in ran.stdout for line in expected), ran.stdout
    asks = ".create(" in block or ".parse(" in block
    if asks and not ("UnsupportedFeatureError" in block or "emulator.serve()" in block):
        assert server.requests, "no call reached the server"
    elif asks:
        assert expected, "a program that reaches no server of ours must say what it prints"
