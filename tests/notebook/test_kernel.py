"""The extension in a real kernel, a cell after the other."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from baseten_openai.emulator import EmulatorServer

KEY = "abcd1234.of-baseten"
ASK = 'messages=[{"role": "user", "content": "Hi"}]'


class Kernel:
    """A kernel with nothing of ours in it."""

    def __init__(self, client: Any) -> None:
        """Keep ``client``, whose kernel runs."""
        self.client = client

    def run(self, source: str) -> str:
        """Run a cell; return all that it shows as text."""
        return "\n".join(self.texts(self.outputs(source)))

    def outputs(self, source: str) -> list[Any]:
        cell = nbformat.v4.new_code_cell(source)
        self.client.nb.cells.append(cell)
        self.client.execute_cell(cell, len(self.client.nb.cells) - 1)
        found: list[Any] = cell.outputs
        return found

    @staticmethod
    def texts(outputs: list[Any]) -> Iterator[str]:
        for output in outputs:
            if output.output_type == "stream":
                yield output.text
            elif output.output_type == "error":
                yield "\n".join(output.traceback)
            else:
                yield output.data["text/plain"]


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Callable[..., Kernel]]:
    started = []

    def kernel(**variables: str) -> Kernel:
        for name in [name for name in os.environ if name.startswith(("COV_", "COVERAGE_"))]:
            monkeypatch.delenv(name)
        for name, value in {"HOME": str(tmp_path), **variables}.items():
            monkeypatch.setenv(name, value)
        notebook = nbformat.v4.new_notebook()
        client = nbclient.NotebookClient(
            notebook, timeout=60, kernel_name="python3", allow_errors=True
        )
        context = client.setup_kernel(cwd=str(tmp_path))
        context.__enter__()
        started.append(context)
        return Kernel(client)

    yield kernel
    for context in started:
        context.__exit__(None, None, None)


def test_with_a_key_it_asks_nothing_and_goes_to_baseten(
    kernel: Callable[..., Kernel], server: EmulatorServer
) -> None:
    cells = kernel(
        BASETEN_API_KEY=KEY, BASETEN_BASE_URL=server.base_url, OPENAI_API_KEY="sk-openais"
    )
    assert "openai is patched: calls go to Baseten" in cells.run("%load_ext baseten_openai")
    assert KEY not in cells.run("%baseten")
    cells.run("%baseten use kimi-k3")
    cells.run("%baseten alias gpt-4o=gpt-oss-120b")
    ask = "import openai\nopenai.OpenAI().chat.completions.create(model={!r}, {}).model"
    assert cells.run(ask.format("gpt-4o", ASK)) == "'openai/gpt-oss-120b'"
    assert cells.run(ask.format("gpt-4.1", ASK)) == "'moonshotai/Kimi-K3'"
    assert {r.headers["authorization"] for r in server.requests} == {f"Bearer {KEY}"}
    assert "gpt-oss-120b" in cells.run("%baseten report")
    cells.run("%baseten off")
    assert cells.run("import baseten_openai; baseten_openai.is_patched()") == "False"


def test_what_was_patched_before_is_kept(
    kernel: Callable[..., Kernel], server: EmulatorServer
) -> None:
    cells = kernel(BASETEN_API_KEY=KEY, BASETEN_BASE_URL=server.base_url)
    cells.run("import baseten_openai; baseten_openai.patch(aliases={'mine': 'glm-4.7'})")
    cells.run("%load_ext baseten_openai\n%baseten use kimi-k2.5")
    found = cells.run(
        "s = baseten_openai.patch_status().settings; dict(s.aliases), s.default_model"
    )
    assert found == "({'mine': 'glm-4.7'}, 'kimi-k2.5')"


def test_without_a_key_it_explains_and_login_reads_one(
    kernel: Callable[..., Kernel], server: EmulatorServer
) -> None:
    cells = kernel(BASETEN_BASE_URL=server.base_url)
    said = cells.run("%load_ext baseten_openai")
    assert "BASETEN_API_KEY is not set" in said
    assert "%baseten login" in said
    assert cells.run("import baseten_openai; baseten_openai.is_patched()") == "False"
    assert "this kernel cannot ask for input" in cells.run("%baseten login")


def test_login_reads_a_key_into_memory_only(interactive: Any, server: EmulatorServer) -> None:
    prompts, printed = [], []

    def answer(message: Any) -> None:
        prompts.append(message["content"])
        interactive.input(KEY)

    def run(code: str) -> None:
        interactive.execute_interactive(
            code,
            timeout=60,
            allow_stdin=True,
            stdin_hook=answer,
            output_hook=lambda message: printed.append(str(message["content"])),
        )

    run("%load_ext baseten_openai\n%baseten login")
    (prompt,) = prompts
    assert prompt["password"] is True
    run(f"import os; os.environ['BASETEN_BASE_URL'] = {server.base_url!r}")
    run("%baseten off\n%baseten login")
    run(
        f"import openai; print(openai.OpenAI().chat.completions.create(model='glm-4.7', {ASK}).model)"
    )
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    run("print([v for v in os.environ.values() if 'of-baseten' in v], 'variables')")
    run("print(*get_ipython().history_manager.input_hist_raw)")
    run("%baseten off\n%baseten")
    text = "".join(printed)
    assert "zai-org/GLM-4.7" in text
    assert "[] variables" in text
    assert "calls go to Baseten" in text
    assert KEY not in text


def test_a_cell_is_summed_up_and_runs_as_any_other(kernel: Callable[..., Kernel]) -> None:
    cells = kernel()
    cells.run("%load_ext baseten_openai\n%baseten emulator on\nimport openai")
    outputs = cells.outputs(f"""\
%%baseten
client = openai.AsyncOpenAI()
stream = await client.chat.completions.create(
    model="gpt-oss-120b", {ASK}, stream=True, store=True)
async for chunk in stream:
    pass
"the last value"
""")
    warned, value, summary = outputs
    assert "store is not sent" in warned.text
    assert value.data["text/plain"] == "'the last value'"
    text, html = summary.data["text/plain"], summary.data["text/html"]
    assert text.startswith("%%baseten\n1 of 1 call answered (1 stream), 1 changed on the way")
    assert re.search(r"store is not sent: Baseten has no such parameter +cell 2:3\n", text)
    assert re.search(r"first chunk +whole answer", text)
    assert "store is not sent" in html
    assert "<script" not in html
    assert "http" not in html
    # the cell before is not in it, and the next one is not counted with it
    assert "0 of" not in text
    nothing = cells.run("%%baseten\n1 + 1")
    assert "No call was made" in nothing


def test_an_error_is_short_and_whole_on_demand(kernel: Callable[..., Kernel]) -> None:
    cells = kernel()
    cells.run("%load_ext baseten_openai\n%baseten emulator on\nimport openai")
    (error,) = cells.outputs(f"""\
def ask(model):
    return openai.OpenAI().chat.completions.create(model=model, {ASK})
ask("no-such-model")""")
    assert error.ename == "UnknownModelError"
    lines = "\n".join(error.traceback).splitlines()
    assert lines[0].startswith("UnknownModelError: 'no-such-model' is not a Baseten model")
    assert lines[1].startswith("Hint: ")
    assert "In line 2 of cell 2:" in lines
    assert "site-packages" not in "\n".join(lines)
    whole = cells.run("%tb")
    assert "site-packages/openai" in whole
    assert "ask(" in whole
    assert "ZeroDivisionError" in cells.run("1/0")  # others are IPython's to show


def test_mistakes_are_told_without_a_traceback(kernel: Callable[..., Kernel]) -> None:
    cells = kernel()
    cells.run("%load_ext baseten_openai")
    for line, said in {
        "%baseten nonsense": "no command 'nonsense'",
        "%baseten use": "%baseten use kimi-k2.5",
        "%baseten use gpt-9-none": "gpt-9-none",
        "%baseten alias gpt-4o": "not an alias",
        "%baseten alias gpt-4o=nope": "nope",
        "%baseten emulator maybe": "%baseten emulator on",
        "%baseten models purple": "no model matches purple",
    }.items():
        shown = cells.run(line)
        assert said in shown, line
        assert "Traceback" not in shown, line


def test_everything_is_put_back(kernel: Callable[..., Kernel]) -> None:
    look = """\
def look():
    shell, made = get_ipython(), __import__("openai").OpenAI
    return (
        made.__init__.__qualname__, type(made.__init__).__name__, type(made._prepare_options).__name__,
        len(shell.input_transformers_cleanup), len(shell.Completer.custom_matchers),
        shell.custom_exceptions, {n: len(f) for n, f in shell.events.callbacks.items()},
        "baseten" in shell.magics_manager.magics["line"], "baseten" in shell.magics_manager.magics["cell"],
        __import__("threading").active_count(),
    )
"""
    cells = kernel()
    cells.run(look)
    before = cells.run("look()")
    loaded = "%load_ext baseten_openai\n%baseten emulator on"
    cells.run(loaded)
    assert cells.run("look()") != before
    cells.run("%unload_ext baseten_openai")
    assert cells.run("look()") == before
    cells.run(loaded.replace("load_ext", "reload_ext"))
    assert "calls go to the emulator" in cells.run("%baseten")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("%baseten em", {"emulator"}),
        ("%baseten use kimi-k3", {"kimi-k3"}),
        ("%baseten use moonshotai/Kimi-K3", {"moonshotai/Kimi-K3"}),
        ("%baseten models vis", {"vision"}),
        ("%baseten emulator o", {"on", "off"}),
        ("%baseten alias gpt-4o=glm-4.7", {"gpt-4o=glm-4.7"}),
        ('client.chat.completions.create(model="gpt-oss-1', {"gpt-oss-120b"}),
        ("f(model='my-own", {"my-own-name"}),
        ("%%base", {"%%baseten"}),
    ],
)
def test_the_tab_key(written: str, expected: set[str], completing: Any) -> None:
    assert expected <= completing(written)


@pytest.fixture
def interactive() -> Iterator[Any]:
    """A kernel whose user can be asked."""
    yield from interactive_kernel()


@pytest.fixture(scope="module")
def completing() -> Iterator[Callable[[str], set[str]]]:
    kernel = interactive_kernel(BASETEN_API_KEY=KEY)
    client = next(kernel)
    client.execute_interactive(
        "%load_ext baseten_openai\n%baseten alias my-own-name=glm-4.7", timeout=60
    )

    def completing(written: str) -> set[str]:
        reply = client.complete(written, reply=True, timeout=60)["content"]
        start = written[: reply["cursor_start"]]
        word = re.split(r"[\s\"']", written)[-1]
        return {(start + match)[len(written) - len(word) :] for match in reply["matches"]}

    yield completing
    kernel.close()


def interactive_kernel(**more: str) -> Generator[Any]:
    manager = pytest.importorskip("jupyter_client").KernelManager(kernel_name="python3")
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("COV", "BASETEN", "OPENAI"))}
    manager.start_kernel(env={**kept, **more})
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
