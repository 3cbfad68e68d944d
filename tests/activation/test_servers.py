"""By the variable, and by the runner, what starts the program is patched: servers, kernels, scripts."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from running import ASK, ASKING, KEY, NO_AUTOWRAPT, SLUG, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baseten_openai import emulator

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="the servers and kill() are POSIX")

IMPORTS = {
    "openai first": "import openai\nimport baseten_openai",
    "baseten_openai first": "import baseten_openai\nimport openai",
    "openai only": "import openai",
}
WSGI = f"""\
def app(environ, start_response):
    answer = openai.OpenAI().chat.completions.create({ASKING})
    start_response("200 OK", [("content-type", "text/plain")])
    return [answer.model.encode()]
"""
ASGI = f"""\
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    async with openai.AsyncOpenAI() as client:
        answer = await client.chat.completions.create({ASKING})
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    await send({{"type": "http.response.body", "body": answer.model.encode()}})
"""
SERVERS = {
    "gunicorn": (WSGI, ["gunicorn", "--workers", "1", "--bind", "127.0.0.1:{port}", "app:app"]),
    "uvicorn": (ASGI, ["uvicorn", "--port", "{port}", "app:app"]),
    "uvicorn's workers": (ASGI, ["uvicorn", "--workers", "2", "--port", "{port}", "app:app"]),
}


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(command: list[str], folder: Path, variables: dict[str, str]) -> Iterator[None]:
    """Run a server in a process group of its own, until the block ends."""
    log = (folder / "log.txt").open("w")
    process = subprocess.Popen(
        command, cwd=folder, env=variables, stdout=log, stderr=log, start_new_session=True
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.close()


def fetch(port: int) -> str:
    """Ask the server once it is up."""
    deadline = time.monotonic() + 40
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
                text: str = answer.read().decode()
                return text
        except urllib.error.HTTPError:
            raise
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


STARTS = [
    *(("variable", server, imports) for server in ("gunicorn", "uvicorn") for imports in IMPORTS),
    ("variable", "uvicorn's workers", "openai only"),
    *(("runner", server, "openai only") for server in SERVERS),
]


@pytest.mark.parametrize(("way", "name", "imports"), STARTS)
def test_a_server_asks_baseten(
    way: str,
    name: str,
    imports: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    server: emulator.EmulatorServer,
) -> None:
    if name == "uvicorn's workers":
        pytest.importorskip("autowrapt", reason=NO_AUTOWRAPT)  # they are spawned
    text, arguments = SERVERS[name]
    (tmp_path / "app.py").write_text(f"{IMPORTS[imports]}\n{text}")
    port = free_port()
    module = [part.format(port=port) for part in arguments]
    start = [sys.executable, "-m", *(["baseten_openai", "-m"] if way == "runner" else [])]
    variables = request.getfixturevalue("activation" if way == "variable" else "variables")
    with serving([*start, *module], tmp_path, variables):
        assert fetch(port) == SLUG, (tmp_path / "log.txt").read_text()
    (asked,) = server.requests
    assert asked.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("imports", IMPORTS)
def test_a_jupyter_kernel(
    imports: str, activation: dict[str, str], tmp_path: Path, server: emulator.EmulatorServer
) -> None:
    jupyter_client = pytest.importorskip("jupyter_client")
    manager = jupyter_client.KernelManager(kernel_name="python3")
    manager.kernel_spec.argv[0] = sys.executable
    manager.start_kernel(env=activation, cwd=str(tmp_path))
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        printed: list[str] = []

        def heard(message: dict[str, dict[str, str]]) -> None:
            printed.append(message["content"].get("text", ""))

        code = f"{IMPORTS[imports]}\n{ASK}"
        reply = client.execute_interactive(code, timeout=60, output_hook=heard)
        assert reply["content"]["status"] == "ok"
        assert "".join(printed) == f"{SLUG}\n"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
    (asked,) = server.requests
    assert asked.headers["authorization"] == f"Bearer {KEY}"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with this package from a wheel, and a program that is an installed script.

    What they need is taken from the environment of the tests: nothing is downloaded.
    """
    pytest.importorskip("autowrapt", reason=NO_AUTOWRAPT)
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, ROOT]
    subprocess.run(build, check=True, capture_output=True, timeout=120)
    script = folder / "asker-1-py3-none-any.whl"
    with zipfile.ZipFile(script, "w") as wheel:
        for name, text in {
            "asker.py": "def main():\n    "
            + ASK.replace("\n", "\n    ").rstrip()
            + "\n    import baseten_openai\n    print(baseten_openai.__file__)\n",
            "asker-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: asker\nVersion: 1\n",
            "asker-1.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            "asker-1.dist-info/entry_points.txt": "[console_scripts]\nasker = asker:main\n",
            "asker-1.dist-info/RECORD": "",
        }.items():
            wheel.writestr(name, text)
    made = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", made], check=True, timeout=60)
    python = made / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps"]
    subprocess.run([*pip, *folder.glob("*.whl")], check=True, capture_output=True, timeout=120)
    (site,) = made.glob("lib/python*/site-packages")
    ours = Path(pytest.__file__).parents[1]
    (site / "rest.pth").write_text(f"import site; site.addsitedir({str(ours)!r})\n")
    return made


@pytest.mark.parametrize("how", ["asker", "-m asker", "script"])
def test_an_installed_program_and_a_wheel(
    how: str, installed: Path, activation: dict[str, str], tmp_path: Path
) -> None:
    python = installed / "bin" / "python"
    (tmp_path / "app.py").write_text("import asker\nasker.main()\n")
    (tmp_path / "asked.py").write_text("import asker\nasker.main()\n")
    command = {
        "asker": [installed / "bin" / "asker"],
        "-m asker": [python, "-m", "asked"],
        "script": [python, "app.py"],
    }[how]
    ended = run(command, tmp_path, activation)
    assert ended.err == ""
    model, file = ended.out.split()
    assert model == SLUG
    assert Path(file).is_relative_to(installed)  # the wheel's, not the checkout's


def look(*packages: str) -> str:
    """Return a program that prints which of these packages are imported."""
    return f"import sys; print(sorted({{name.split('.')[0] for name in sys.modules}} & {set(packages)}))"


def test_without_the_variable_nothing_of_ours_is_imported(
    installed: Path, variables: dict[str, str], tmp_path: Path
) -> None:
    code = f"import openai; {look('baseten_openai', 'openai', 'wrapt')}"
    for unset in ({}, {"AUTOWRAPT_BOOTSTRAP": ""}):
        ended = run([installed / "bin" / "python", "-c", code], tmp_path, {**variables, **unset})
        assert ended == (0, "['openai']\n", "")


def test_with_the_variable_openai_is_not_imported_for_a_program_that_does_not(
    installed: Path, activation: dict[str, str], tmp_path: Path
) -> None:
    code = look("baseten_openai", "openai", "pydantic")
    ended = run([installed / "bin" / "python", "-c", code], tmp_path, activation)
    assert ended == (0, "['baseten_openai']\n", "")
