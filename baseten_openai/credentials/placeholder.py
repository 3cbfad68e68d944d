"""The placeholder in ``OPENAI_API_KEY``, for programs that read the variable before they create a client.

A program on Baseten needs no OpenAI key, but ``os.environ["OPENAI_API_KEY"]`` raises ``KeyError`` without one,
and some libraries refuse to start. The placeholder is no secret and is sent to no host.
This module imports nothing: every interpreter that activates the package loads it.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing would cost every interpreter that starts
if TYPE_CHECKING:
    from collections.abc import MutableMapping

VARIABLE = "OPENAI_API_KEY"

PLACEHOLDER = "sk-placeholder-of-baseten-openai-not-a-key"
"""Starts as OpenAI's keys do, for programs that check the form, and so is never sent to Baseten either."""

SWITCH = "BASETEN_OPENAI_PLACEHOLDER_KEY"
_OFF = ("off", "0", "false")


def put(environ: MutableMapping[str, str]) -> bool:
    """Set the placeholder where only ``BASETEN_API_KEY`` is set; return whether it is there now.

    A key that is there is left as it is.
    """
    if not environ.get(VARIABLE, "").strip() and environ.get("BASETEN_API_KEY", "").strip():
        environ[VARIABLE] = PLACEHOLDER
    return environ.get(VARIABLE) == PLACEHOLDER


def put_unless_off(environ: MutableMapping[str, str]) -> None:
    """Do the same, unless ``BASETEN_OPENAI_PLACEHOLDER_KEY`` is off."""
    if environ.get(SWITCH, "").strip().lower() not in _OFF:
        put(environ)


def remove(environ: MutableMapping[str, str]) -> None:
    """Remove the placeholder; a key that replaced it stays."""
    if environ.get(VARIABLE) == PLACEHOLDER:
        del environ[VARIABLE]
