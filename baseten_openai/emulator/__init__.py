"""An offline stand-in for Baseten's Model APIs, for tests and demos: loopback only, deterministic.

    with emulator.serve() as server:
        client = baseten_openai.OpenAI(base_url=server.base_url, api_key="emulator")

or ``python -m baseten_openai.emulator``. It speaks the dialects that were recorded for each model
(``dialects``), checks requests the way the recordings and the OpenAPI document show (``checks``),
and fails on demand (``faults``). Its answers are made up and say so; every response carries
``x-emulated-by``. Nothing it says is evidence of how Baseten behaves.

It is stricter than the service may be: OpenAI-only fields are refused with a 400, where the
reaction of Model APIs is not known, so that a client which forwards them is found out.
"""

from __future__ import annotations

import sys

_INSTALL = 'the emulator needs its extra: pip install "baseten-openai[emulator]"'

try:
    from .server import EmulatorServer, ReceivedRequest, serve
except ModuleNotFoundError as error:
    if error.name is None or error.name.partition(".")[0] not in (
        "jsonschema",
        "referencing",
        "rstr",
        "starlette",
        "uvicorn",
    ):
        raise
    # "python -m" imports this package before __main__ could catch anything; argv[0] says so.
    if sys.argv[:1] == ["-m"] and __name__ in sys.orig_argv:
        sys.stderr.write(f"{_INSTALL} ({error})\n")
        raise SystemExit(2) from None
    message = f"{_INSTALL} ({error})"
    raise ImportError(message, name=error.name) from error

__all__ = ["EmulatorServer", "ReceivedRequest", "serve"]
