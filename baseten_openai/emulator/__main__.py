"""``python -m baseten_openai.emulator``: serve until interrupted."""

from __future__ import annotations

import argparse
import signal
import sys
from typing import TYPE_CHECKING

from .server import EmulatorServer

if TYPE_CHECKING:
    from types import FrameType

_USER_ERROR = 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code: 0, or 2 for invalid arguments."""
    options = _parser().parse_args(arguments)
    try:
        server = EmulatorServer(options.host, options.port, options.api_key)
    except (ValueError, OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        sys.stderr.write(f"cannot serve on {options.host}:{options.port}: {reason}\n")
        return _USER_ERROR

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.request_stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    key = options.api_key or "emulator"
    try:
        server.start()
        sys.stdout.write(
            f"{server.base_url}  "
            f"(export BASETEN_BASE_URL={server.base_url} BASETEN_API_KEY={key}; Ctrl-C stops)\n"
        )
        sys.stdout.flush()
        server.wait()
    finally:
        server.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m baseten_openai.emulator",
        description="An offline stand-in for Baseten's Model APIs, on a loopback address.",
        epilog="Failures on demand: send the header 'x-emulate-fault: 429; retry-after=1'.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="loopback address (127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes a free one (0)")
    parser.add_argument("--api-key", help="the only key to accept (default: any but sk-...)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
