"""Whatever is imported first, and however, the client that a program makes is patched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from running import ASK, ASKING, KEY, SLUG

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from running import Ended

    from baseten_openai import emulator

CREATE = f".chat.completions.create({ASKING})"
THEN = f"from openai import OpenAI\nOpenAI(){CREATE}\n"
ORDERS = {
    "openai": f"import openai\nopenai.OpenAI(){CREATE}\n",
    "a class of openai's": THEN,
    "the async class": (
        "import asyncio\nfrom openai import AsyncOpenAI\n"
        f"async def main():\n    await AsyncOpenAI(){CREATE}\nasyncio.run(main())\n"
    ),
    "a module in openai": (
        f"import openai.types.chat\nfrom openai._client import Client\nClient(){CREATE}\n"
    ),
    "openai's own functions": f"import openai\nopenai{CREATE}\n",
    "in a function, in a thread": (
        f"import threading\ndef ask():\n    import openai\n    openai.OpenAI(){CREATE}\n"
        "thread = threading.Thread(target=ask)\nthread.start(); thread.join()\n"
    ),
    "baseten_openai": f"import baseten_openai\n{THEN}",
    # From here on openai is imported by a module of ours, which is half there when it is to patch.
    "an exception of baseten_openai's": f"from baseten_openai import BasetenError\n{THEN}",
    "a client of baseten_openai's": f"from baseten_openai import OpenAI as Ours\n{THEN}",
    "baseten_openai's patch module": f"import baseten_openai.patching.control\n{THEN}",
    "baseten_openai, then openai's own functions": (
        f"import baseten_openai.errors\nimport openai\nopenai{CREATE}\n"
    ),
    "baseten_openai, then a subclass, async": (
        "import asyncio, baseten_openai.errors\nimport openai\n"
        "class Mine(openai.AsyncOpenAI):\n    def __init__(self):\n        super().__init__()\n"
        f"async def main():\n    await Mine(){CREATE}\nasyncio.run(main())\n"
    ),
}
ALSO_WITH_THE_RUNNER = ["openai", "a client of baseten_openai's"]
# The ways a module of ours can be half there, and none.
FIRST = {
    "openai": "import openai",
    "patching": "import baseten_openai.patching.control",
    "errors": "import baseten_openai.errors",
}
THREE_TRIES = """\
for _ in range(3):
    try:
        {}
        import openai
        openai.OpenAI().models.list()
    except Exception as error:
        print(type(error).__name__)
"""


def check(ended: Ended, server: emulator.EmulatorServer) -> None:
    """It ended well, having asked Baseten once, with Baseten's key and name for the model."""
    assert ended == (0, "", "")
    (request,) = server.requests
    assert request.json["model"] == SLUG
    assert request.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("order", ORDERS)
def test_by_the_variable_a_client_is_patched(
    order: str, activated: Callable[..., Ended], tmp_path: Path, server: emulator.EmulatorServer
) -> None:
    (tmp_path / "app.py").write_text(ORDERS[order])
    check(activated("app.py"), server)


@pytest.mark.parametrize("order", ALSO_WITH_THE_RUNNER)
def test_by_the_runner_a_client_is_patched(
    order: str, runner: Callable[..., Ended], tmp_path: Path, server: emulator.EmulatorServer
) -> None:
    (tmp_path / "app.py").write_text(ORDERS[order])
    check(runner("app.py"), server)


@pytest.mark.parametrize("first", FIRST)
def test_a_program_can_ask_and_take_it_back(
    first: str, activated: Callable[..., Ended], tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(
        f"{FIRST[first]}\nimport baseten_openai, openai\n"
        "print(baseten_openai.is_patched(), baseten_openai.patch_status().disabled_methods)\n"
        "baseten_openai.unpatch()\n"
        "for cls in openai.OpenAI, openai.AsyncOpenAI:\n"
        "    print(cls.__init__.__module__, hasattr(cls.__init__, '__wrapped__'))\n"
        "print(openai.OpenAI().base_url.host)\n"
    )
    said = "True ()\nopenai._client False\nopenai._client False\napi.openai.com\n"
    assert activated("app.py") == (0, said, "")


@pytest.mark.parametrize("first", FIRST)
def test_keywords_of_an_explicit_patch_hold(
    first: str, activated: Callable[..., Ended], tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(
        f"{FIRST[first]}\nimport baseten_openai\n"
        "baseten_openai.patch(aliases={'gpt-4o': 'glm-4.7'})\n"
        f"{ASK.replace('gpt-oss-120b', 'gpt-4o')}"
    )
    assert activated("app.py") == (0, "zai-org/GLM-4.7\n", "")


@pytest.mark.parametrize("first", FIRST)
def test_with_an_unusable_setting_no_later_try_makes_a_client(
    first: str, activated: Callable[..., Ended], tmp_path: Path
) -> None:
    """A second import of openai must not succeed unpatched, for its clients would go to OpenAI."""
    (tmp_path / "app.py").write_text(THREE_TRIES.format(FIRST[first]))
    ended = activated("app.py", BASETEN_OPENAI_ON_UNSUPPORTED="nonsense")
    assert ended == (0, "ConfigurationError\n" * 3, "")
