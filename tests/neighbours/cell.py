"""One process of the suite: a program and an import order, on the patched SDK.

``cell.py library|instrumentor PROGRAM ORDER RESULT`` runs in the neighbour's own environment and
writes what came out to the file RESULT: a word or a reason for each feature.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import json
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

HERE = Path(__file__).parent
LIBRARY_FIRST, PATCH_FIRST, VARIABLE = "library first", "patch first", "by the variable"
BARE = "bare"
UNPATCH_FIRST, UNPATCH_LAST = "unpatch first", "unpatch last"
FEATURES = ("plain", "stream", "tools", "structured")
OK = "ok"
SLUG = os.environ.get("BASETEN_OPENAI_DEFAULT_MODEL", "openai/gpt-oss-120b")
CALLED = "gpt-4o-mini"
"""The model as the programs write it; run.py maps it to SLUG."""
OPENAI_KEY = "sk-neighbour-openai"
PERSON = {"name": "Ada Lovelace", "age": 36}
_LONGEST = 300

sought: set[str] = set()
"""Hosts beyond loopback that the program looked for; it was not let through."""


class WrongError(Exception):
    """What came out is not what should have."""


def expect(found: Any, wanted: str) -> None:
    """Raise WrongError with ``wanted`` unless ``found`` is true."""
    if not found:
        raise WrongError(wanted)


def judge(feature: str, result: Any) -> None:
    """Check what a program returned against what the emulator answers to its question."""
    if isinstance(result, list):
        expect(len(result) > 1, f"a stream came in {len(result)} pieces: {result!r}")
        result = "".join(result) if isinstance(result[0], str) else result[-1]
    if isinstance(result, dict):
        expect(result == PERSON, f"not {PERSON}: {result!r}")
        return
    parts = [SLUG, "18 degrees in Paris"] if feature == "tools" else [SLUG, "capital of France"]
    parts = parts[1:] if feature == "tools" else parts  # some give the tool's own words
    for part in parts:
        expect(part in str(result), f"no {part!r} in {result!r}")


def attempt(action: Callable[[], object]) -> str:
    """Run it; return OK, or the reason in one line."""
    try:
        action()
    except Exception as error:  # noqa: BLE001  # whatever a library raises is the cell's result
        traceback.print_exc()
        text = " ".join(f"{type(error).__name__}: {error}".split())
        return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return OK


def load(path: Path) -> ModuleType:
    """Import a program by its path, under a name that no library has."""
    spec = importlib.util.spec_from_file_location(f"neighbour_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def stay_on_loopback() -> None:
    """Refuse every other connection, and remember who was sought."""

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.getaddrinfo":
            host = arguments[0]
        elif event == "socket.connect" and isinstance(arguments[1], tuple):
            host = arguments[1][0]
        else:
            return
        host = host.decode() if isinstance(host, bytes) else host
        if host in (None, "", "localhost") or _is_loopback(host):
            return
        sought.add(host)
        message = f"the suite stays on loopback: {host}"
        raise ConnectionRefusedError(message)

    sys.addaudithook(watch)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def run_library(path: Path, order: str) -> dict[str, str]:
    """Run a program's functions on the patched SDK, then once more after unpatch().

    In the order VARIABLE, the environment patches: nothing of ours is called before unpatch().
    """
    import loopback  # noqa: PLC0415  # beside this file

    import baseten_openai  # noqa: PLC0415  # in the order asked for

    if order == PATCH_FIRST:
        baseten_openai.patch()
    program = load(path)
    if order == LIBRARY_FIRST:
        baseten_openai.patch()
    results = {
        feature: attempt(lambda feature=feature: judge(feature, getattr(program, feature)()))
        for feature in FEATURES
        if hasattr(program, feature)
    }
    baseten_openai.unpatch()
    with loopback.serve() as stand_in:
        results["after unpatch"] = attempt(lambda: check_openai(program.plain, stand_in))
    return results


def check_openai(plain: Callable[[], Any], stand_in: Any) -> None:
    """Check that a call goes to OpenAI's own address with OpenAI's key, as the program wrote it."""
    import loopback  # noqa: PLC0415  # beside this file

    os.environ["OPENAI_BASE_URL"] = os.environ["OPENAI_API_BASE"] = f"{stand_in.url}/v1"
    answer = plain()
    expect(stand_in.requests, "the call did not go to OpenAI's address")
    _, headers, body = stand_in.requests[-1]
    expect(headers.get("authorization") == f"Bearer {OPENAI_KEY}", "the key is not OpenAI's")
    expect(body["model"] == CALLED, f"the model is {body['model']!r}")
    expect(loopback.ANSWER in str(answer), f"the answer is {answer!r}")


def main(arguments: list[str]) -> None:
    """Run the cell and write its results."""
    kind, name, order, target = arguments
    stay_on_loopback()
    sys.path.insert(0, str(HERE))
    if kind == "library":
        results = run_library(HERE / "programs" / name, order)
    else:
        import telemetry  # noqa: PLC0415  # beside this file

        results = telemetry.run_instrumentor(HERE / "instrumentors" / name, order)
    Path(target).write_text(json.dumps({"results": results, "sought": sorted(sought)}))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # whatever threads the library left must not hold up the suite


if __name__ == "__main__":
    main(sys.argv[1:])
