"""Programs that replace the SDK's public names, or import the SDK again, are patched all the same."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import anyio
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from baseten_openai.emulator import EmulatorServer

pytestmark = pytest.mark.anyio

KEY = "abcd1234.of-baseten"
EVICT = "for name in [n for n in sys.modules if n.partition('.')[0] == 'openai']: del sys.modules[name]\n"
CALL = 'chat.completions.create(model="glm-4.7", messages=[{"role": "user", "content": "Hi"}])'
ASYNC = (
    "import asyncio\nasync def main():\n"
    f"    async with openai.AsyncOpenAI() as client: await client.{CALL}\nasyncio.run(main())\n"
)
PATCH = "import baseten_openai; assert baseten_openai.patch().patched\n"
PATCHED = "assert baseten_openai.patch_status().patched\n"
PROGRAMS = {
    "a subclass under the public name": (
        "import openai\nclass Traced(openai.OpenAI): pass\nopenai.OpenAI = Traced\n"
        f"{PATCH}openai.OpenAI().{CALL}\n"
    ),
    "a function under the public name": (
        "import openai\nown = openai.OpenAI\nopenai.OpenAI = lambda **kw: own(**kw)\n"
        f"{PATCH}openai.OpenAI().{CALL}\n"
    ),
    "an async subclass under the public name": (
        "import openai\nclass Traced(openai.AsyncOpenAI): pass\nopenai.AsyncOpenAI = Traced\n"
        f"{PATCH}{ASYNC}"
    ),
    "imported again": f"{PATCH}import openai\n{EVICT}import openai\n{PATCHED}openai.OpenAI().{CALL}\n",
    "imported again, async": f"{PATCH}import openai\n{EVICT}import openai\n{PATCHED}{ASYNC}",
    "imported again, module": f"{PATCH}import openai\nopenai.api_key = 'k'\n{EVICT}import openai\n"
    f"assert openai.api_key is None\nopenai.{CALL}\n",
    "imported again, a module of it first": (
        f"{PATCH}import openai\n{EVICT}from openai.types.chat import ChatCompletion\n"
        f"import openai\nassert isinstance(openai.OpenAI().{CALL}, ChatCompletion)\n"
    ),
    "imported again before patch()": (
        f"import baseten_openai.errors, openai\nbaseten_openai.patch_status()\n{EVICT}"
        f"import openai\n{PATCH}openai.OpenAI().{CALL}\n"
    ),
    "reloaded": (
        f"{PATCH}import importlib, openai\nopenai.{CALL}\nimportlib.reload(openai)\n{PATCHED}openai.{CALL}\n"
    ),
    "in a copy of sys.modules": (
        f"{PATCH}from unittest import mock\nimport openai\nwith mock.patch.dict(sys.modules):\n"
        f"    {EVICT}    import openai as again\n    again.OpenAI().{CALL}\n"
        f"openai.OpenAI().{CALL}\n"
    ),
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
async def test_the_program_talks_to_baseten(
    program: str, server: EmulatorServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("BASETEN_BASE_URL", server.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")
    path = tmp_path / "program.py"
    path.write_text(f"import sys\n{program}", encoding="utf-8")
    await anyio.run_process([sys.executable, "-W", "error", str(path)], stderr=None)
    assert len(server.requests) == program.count(CALL)
    assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {KEY}"}


async def test_errors_of_the_module_imported_again_are_the_same_classes(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(
        "import sys, baseten_openai\nfrom baseten_openai import RateLimitError\n"
        f"baseten_openai.patch(api_key='abcd1234.key')\n{EVICT}"
        "import openai as again\nassert issubclass(RateLimitError, again.RateLimitError)\n",
        encoding="utf-8",
    )
    await anyio.run_process([sys.executable, "-W", "error", str(path)], stderr=None)


async def test_another_copy_is_not_reported_as_patched(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(
        "import sys, types, baseten_openai\nbaseten_openai.patch(api_key='abcd1234.key')\n"
        "copy = types.ModuleType('openai._client'); copy.OpenAI = type('OpenAI', (), {})\n"
        "sys.modules['openai._client'] = copy\n"
        "assert not baseten_openai.patch_status().patched\n"
        "try:\n    baseten_openai.patch()\n"
        "except baseten_openai.IncompatibleOpenAIError as error:\n    print(error)\n"
        "else:\n    sys.exit('patched')\n",
        encoding="utf-8",
    )
    ended = await anyio.run_process([sys.executable, "-W", "error", str(path)], stderr=None)
    assert b"imported again" in ended.stdout
