"""An offline stand-in for Baseten's Model APIs, for tests and demos: loopback only, deterministic.

    with emulator.serve() as server:
        client = baseten_openai.OpenAI(base_url=server.base_url, api_key="emulator")

or ``python -m baseten_openai.emulator``. Responses have the form that was
recorded for each model (``dialects``). Requests are checked as the recordings and the OpenAPI document
show (``checks``). Failures can be injected (``faults``). Contents are invented and say so, and every
response has the header ``x-emulated-by``: none of it is evidence of Baseten's behaviour.

The emulator may be stricter than Baseten: it refuses OpenAI-only fields with a 400. How Model APIs treat
them is unknown, and so a client that forwards them is noticed.
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
    # "python -m" imports this package before __main__ can catch the error; argv[0] is "-m" then.
    if sys.argv[:1] == ["-m"] and __name__ in sys.orig_argv:
        sys.stderr.write(f"{_INSTALL} ({error})\n")
        raise SystemExit(2) from None
    message = f"{_INSTALL} ({error})"
    raise ImportError(message, name=error.name) from error

__all__ = ["EmulatorServer", "ReceivedRequest", "serve"]
