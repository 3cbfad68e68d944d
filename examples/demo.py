"""``make demo``: run ``chat_app`` unchanged, first without and then with ``baseten_openai.patch()``.

Uses Baseten if ``BASETEN_API_KEY`` is set (a few short calls are billed), otherwise the embedded emulator.
Exits with 1 if a step after the one line fails.
"""

from __future__ import annotations

import contextlib
import os
import sys
import textwrap
import warnings
from typing import TYPE_CHECKING, Any

import chat_app
import openai

import baseten_openai

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SLUG = "openai/gpt-oss-120b"
REAL_URL = "https://inference.baseten.co/v1"
QUESTION = "What is the capital of France? Answer in one sentence."
EVENT = 'Alice and Bob go to the "Science Fair" on Friday.'
WEATHER = "What is the weather in Paris?"
IMAGE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # one pixel
OPENAI_CREDENTIALS = (
    "OPENAI_ADMIN_KEY",
    "OPENAI_ORG_ID",
    "OPENAI_PROJECT_ID",
    "OPENAI_CUSTOM_HEADERS",
)
WIDTH = 100
ID_SHOWN = 60


class StepFailedError(Exception):
    """A step of the demo did not do what it should."""


def main() -> int:
    """Run both parts; return the exit code."""
    with contextlib.ExitStack() as stack:
        url, key = stack.enter_context(service())
        say(
            "The program is examples/chat_app.py, written for the openai SDK. It is not changed below."
        )
        say("\n1. As it is: OPENAI_BASE_URL and OPENAI_API_KEY point it at Baseten")
        others = dict.fromkeys(OPENAI_CREDENTIALS)  # a plain client would send these to Baseten
        with environment(OPENAI_BASE_URL=url, OPENAI_API_KEY=key, **others):
            run_plain()
        say("\n2. After the one line: baseten_openai.patch()")
        stack.enter_context(environment(OPENAI_BASE_URL=None, OPENAI_API_KEY=None))
        baseten_openai.patch()
        try:
            run_migrated()
        except (StepFailedError, openai.OpenAIError) as error:
            say(f"\ndemo: FAILED: {type(error).__name__}: {error}")
            return 1
    say("\ndemo: all steps passed")
    return 0


@contextlib.contextmanager
def service() -> Iterator[tuple[str, str]]:
    """Yield the base URL and key, and print which service they belong to."""
    if key := os.environ.get("BASETEN_API_KEY", "").strip():
        url = os.environ.get("BASETEN_BASE_URL") or REAL_URL
        say(f"BASETEN_API_KEY is set: using the service at {url}. A few short calls are billed.\n")
        yield url, key
        return
    from baseten_openai import emulator  # noqa: PLC0415  # its packages are an extra

    with emulator.serve() as server:
        say(f"BASETEN_API_KEY is not set: using the embedded emulator at {server.base_url}.")
        say("It answers in formats recorded from Baseten. The content is made up.\n")
        with environment(BASETEN_BASE_URL=server.base_url, BASETEN_API_KEY="emulator"):
            yield server.base_url, "emulator"


def run_plain() -> None:
    """Show what the plain SDK does with Baseten's answers. Nothing here fails the demo."""
    observe("chat", chat)
    say(f'   With the slug written into the program, model="{SLUG}":')
    with replaced(chat_app, "MODEL", SLUG):
        for label, step in STEPS.items():
            observe(label, step)
        for label, step in ERRORS.items():
            observe(label, step, expected="raises")


def run_migrated() -> None:
    """Run the same steps after ``patch()``. Raises StepFailedError, or the SDK's errors."""
    for label, step in STEPS.items():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", baseten_openai.BasetenWarning)
            show(label, "works", step())
        for warning in caught:
            show("", "warned", f"{warning.message}")

    refused = must_raise(baseten_openai.UnsupportedFeatureError, ask_about_image)
    show("image", "raises", f"{type(refused).__name__}, before anything is sent: {refused}")

    wrong = must_raise(openai.AuthenticationError, ask_with_wrong_key)
    require("BASETEN_API_KEY" in str(wrong), "the error does not say what to do")
    show("wrong key", "raises", f"{type(wrong).__name__}: {wrong}")


def chat() -> str:
    """Ask one question."""
    answer = chat_app.chat(QUESTION)
    require(bool(answer), "chat gave no text")
    return str(answer)


def stream() -> str:
    """Ask one question, and count the pieces of the answer."""
    pieces = [piece for piece in chat_app.stream(QUESTION) if piece]
    require(len(pieces) > 1, "the stream arrived in one piece")
    return f"in {len(pieces)} pieces: {''.join(pieces)}"


def structured() -> str:
    """Get an object of the program's own class."""
    event = chat_app.extract(EVENT)
    require(isinstance(event, chat_app.Event), "no Event was returned")
    return repr(event)


def tools() -> str:
    """Let the model call a tool, and check the ids of its calls."""
    conversation = chat_app.ask_with_tools(WEATHER)
    calls = conversation[1].get("tool_calls") or []
    require(bool(calls), "the model called no tool")
    for call in calls:
        joined = call["id"].count("chatcmpl-tool-")
        require(joined <= 1, f"{joined} tool-call ids run together: {call['id'][:ID_SHOWN]}...")
    named = ", ".join(
        f"{c['function']['name']}({c['function']['arguments'].strip()})" for c in calls
    )
    return f"{named}, then: {conversation[-1].get('content', '')}"


def ask_about_image() -> str:
    """Send an image to a model that takes text only."""
    parts: list[Any] = [
        {"type": "text", "text": "What is in this picture?"},
        {"type": "image_url", "image_url": {"url": IMAGE}},
    ]
    answer = openai.OpenAI().chat.completions.create(
        model=chat_app.MODEL, messages=[{"role": "user", "content": parts}]
    )
    return str(answer.choices[0].message.content)


def ask_with_wrong_key() -> str:
    """Call with a wrong key."""
    answer = openai.OpenAI(api_key="wrong-key").chat.completions.create(
        model=chat_app.MODEL, messages=[{"role": "user", "content": QUESTION}]
    )
    return str(answer.choices[0].message.content)


STEPS: dict[str, Callable[[], str]] = {
    "chat": chat,
    "stream": stream,
    "structured": structured,
    "tools": tools,
}
ERRORS: dict[str, Callable[[], str]] = {"image": ask_about_image, "wrong key": ask_with_wrong_key}


def observe(label: str, step: Callable[[], str], *, expected: str = "fails") -> None:
    """Show the result of a step, or the error that user code would see."""
    try:
        show(label, "works", step())
    except StepFailedError as error:
        show(label, expected, error)
    except Exception as error:  # noqa: BLE001  # show any error of the plain SDK
        show(label, expected, f"{type(error).__name__}: {error}")


def must_raise(expected: type[Exception], step: Callable[[], str]) -> Exception:
    """Run a step and return the error it must raise. Raises StepFailedError."""
    try:
        step()
    except expected as error:
        return error
    message = f"expected {expected.__name__}, but nothing was raised"
    raise StepFailedError(message)


def require(condition: bool, otherwise: str) -> None:  # noqa: FBT001  # reads like assert
    """Raise StepFailedError unless the condition holds."""
    if not condition:
        raise StepFailedError(otherwise)


@contextlib.contextmanager
def environment(**values: str | None) -> Iterator[None]:
    """Set variables while the block runs; ``None`` unsets one."""
    before = {name: os.environ.get(name) for name in values}
    _set(values)
    try:
        yield
    finally:
        _set(before)


def _set(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextlib.contextmanager
def replaced(owner: object, name: str, value: object) -> Iterator[None]:
    """Set an attribute while the block runs."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def show(label: str, outcome: str, text: object) -> None:
    """Print one result; indent its further lines."""
    head = f"   {label:<11} {outcome:<7} "
    for line in str(text).splitlines() or [""]:
        indent = " " * len(head)
        say(
            textwrap.fill(
                line,
                WIDTH,
                initial_indent=head,
                subsequent_indent=indent,
                break_on_hyphens=False,
                break_long_words=False,
            )
        )
        head = indent


def say(line: str) -> None:
    """Print a line and flush it, so that the order is right in a pipe."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
