"""The distributions hold the package and nothing else; above all no file that runs at startup."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import baseten_openai

if TYPE_CHECKING:
    from email.message import Message

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "baseten_openai"


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and the sdist with what is installed: nothing is downloaded."""
    directory = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--sdist", "--wheel"]
    built = subprocess.run(
        [*command, "--outdir", str(directory), str(ROOT)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return directory


@pytest.fixture
def wheel(distributions: Path) -> zipfile.ZipFile:
    (path,) = distributions.glob("*.whl")
    return zipfile.ZipFile(path)


@pytest.fixture
def metadata(wheel: zipfile.ZipFile) -> Message:
    (name,) = [name for name in wheel.namelist() if name.endswith("/METADATA")]
    return message_from_bytes(wheel.read(name))


def test_wheel_holds_exactly_the_package(wheel: zipfile.ZipFile) -> None:
    expected = {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    names = {name for name in wheel.namelist() if not name.endswith("/")}
    info = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    assert names - info == expected
    data = {name for name in names - info if not name.endswith(".py")}
    assert data == {
        "baseten_openai/py.typed",
        "baseten_openai/models/catalog.json",
        "baseten_openai/models/openai_models.json",
    }


def test_wheel_runs_nothing_at_startup(wheel: zipfile.ZipFile) -> None:
    startup = {"sitecustomize.py", "usercustomize.py"}
    for name in wheel.namelist():
        assert not name.endswith(".pth")
        assert ".data/" not in name
        assert name.rsplit("/", 1)[-1] not in startup


def test_metadata(metadata: Message) -> None:
    assert metadata["Name"] == "baseten-openai"
    assert metadata["Version"] == baseten_openai.__version__
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"
    required = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert sorted(required) == ["openai<4,>=1.92", "pydantic<3,>=2", "wrapt<3,>=1.16"]
    assert "emulator" in metadata.get_all("Provides-Extra", [])


def test_sdist_can_run_its_own_tests(distributions: Path) -> None:
    (path,) = distributions.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "Makefile", ".ci/run"}
    needed |= {"SECURITY.md", "mkdocs.yml"}
    folders = ("baseten_openai", "benchmarks", "cassettes", "docs", "examples", "tests", "tools")
    needed |= {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    # What is packed, and what hatchling makes itself; above all nothing that tools left behind.
    assert names - folders_of(names) == needed | {"PKG-INFO", ".gitignore"}


def folders_of(names: set[str]) -> set[str]:
    parts = [name.split("/") for name in names]
    return {""} | {"/".join(part[:depth]) for part in parts for depth in range(1, len(part))}
