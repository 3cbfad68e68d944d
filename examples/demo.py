"""``make demo``: run ``chat_app`` as it is, then after ``baseten_openai.patch()``.

With ``BASETEN_API_KEY`` set, against Baseten (a few short calls are billed); else against the
embedded emulator. Exits with 1 when a step after the one line fails.
"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any

import chat_app
import openai

import baseten_openai

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SLUG = "openai/gpt-oss-120b"
QUESTION = "What is the capital of France? Answer in one sentence."
EVENT = 'Alice and Bob go to the "Science Fair" on Friday.'
WEATHER = "What is the weather in Paris?"
IMAGE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # one pixel


class StepFailedError(Exception):
    """A step of the demo did not do what it promises."""


def main() -> int:
    """Run both parts; return the exit code."""
    with contextlib.ExitStack() as stack:
        url, key = stack.enter_context(service())
        say("1. The program as it is, pointed at Baseten by OPENAI_BASE_URL and OPENAI_API_KEY")
        with environment(OPENAI_BASE_URL=url, OPENAI_API_KEY=key):
            run_plain()
        say("\n2. The same program after the one line: baseten_openai.patch()")
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
    """Give the base URL and key to use, and say which service that is."""
    if key := os.environ.get("BASETEN_API_KEY", "").strip():
        url = os.environ.get("BASETEN_BASE_URL") or "https://inference.baseten.co/v1"
        say(f"BASETEN_API_KEY is set: using the real service at {url}.\n")
        yield url, key
        return
    from baseten_openai import emulator  # noqa: PLC0415  # its packages are an extra

    with emulator.serve() as server:
        say(
            "BASETEN_API_KEY is not set: using the embedded emulator at "
            f"{server.base_url}.\nIts answers are made up, and it may be stricter than the service.\n"
        )
        with environment(BASETEN_BASE_URL=server.base_url, BASETEN_API_KEY="emulator"):
            yield server.base_url, "emulator"


def run_plain() -> None:
    """Show what the stock SDK makes of Baseten's answers; nothing here can fail the demo."""
    show("chat", observe(lambda: chat_app.chat(QUESTION)))
    with replaced(chat_app, "MODEL", SLUG):
        say(f"   With the slug {SLUG!r} written into it:")
        show("chat", observe(lambda: chat_app.chat(QUESTION)))
        show("stream", observe(lambda: "".join(chat_app.stream(QUESTION))))
        show("structured", observe(lambda: chat_app.extract(EVENT)))
        show("tools", observe(lambda: describe_calls(chat_app.ask_with_tools(WEATHER))))
        show("image", observe(ask_about_image))
        show("wrong key", observe(ask_with_wrong_key))


def run_migrated() -> None:
    """Run the same steps after ``patch()``. Raises StepFailedError."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", baseten_openai.BasetenWarning)
        answer = chat_app.chat(QUESTION)
    require(bool(answer), "chat gave no text")
    show("chat", answer)
    for warning in caught:
        show("", f"(warned: {warning.message})")

    pieces = [piece for piece in chat_app.stream(QUESTION) if piece]
    require(len(pieces) > 1, "the stream did not come in pieces")
    show("stream", f"{'|'.join(pieces)}")

    event = chat_app.extract(EVENT)
    require(isinstance(event, chat_app.Event), "no Event came back")
    show("structured", repr(event))

    conversation = chat_app.ask_with_tools(WEATHER)
    calls = conversation[1].tool_calls or []
    require(bool(calls), "the model called no tool")
    require(
        all(call.id.count("chatcmpl-tool-") <= 1 for call in calls), "tool-call ids run together"
    )
    show("tools", describe_calls(conversation))
    show("", conversation[-1].content)

    refused = must_raise(baseten_openai.UnsupportedFeatureError, ask_about_image)
    show("image", f"refused before sending: {type(refused).__name__}: {refused}")

    wrong = must_raise(openai.AuthenticationError, ask_with_wrong_key)
    require("BASETEN_API_KEY" in str(wrong), "the error names no way out")
    show("wrong key", f"{type(wrong).__name__}: {wrong}")


def ask_about_image() -> str | None:
    """Send an image to a model that takes text only."""
    parts: list[Any] = [
        {"type": "text", "text": "What is in this picture?"},
        {"type": "image_url", "image_url": {"url": IMAGE}},
    ]
    answer = openai.OpenAI().chat.completions.create(
        model=chat_app.MODEL, messages=[{"role": "user", "content": parts}]
    )
    return answer.choices[0].message.content


def ask_with_wrong_key() -> str | None:
    """Call with a key that the service does not know."""
    answer = openai.OpenAI(api_key="wrong-key").chat.completions.create(
        model=chat_app.MODEL, messages=[{"role": "user", "content": QUESTION}]
    )
    return answer.choices[0].message.content


def describe_calls(conversation: list[Any]) -> str:
    """Tell which calls the first answer made, and under which ids."""
    return "; ".join(
        f"{call.function.name}({call.function.arguments.strip()}), id {call.id!r}"
        for call in conversation[1].tool_calls or []
    )


def observe(step: Callable[[], object]) -> str:
    """Run a step; give its result, or what user code would see of its error."""
    try:
        return str(step())
    except Exception as error:  # noqa: BLE001  # whatever the stock SDK raises is what we show
        return f"{type(error).__name__}: {error}"


def must_raise(expected: type[Exception], step: Callable[[], object]) -> Exception:
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
    """Set or, with None, unset variables while the block runs."""
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


def show(label: str, text: object) -> None:
    """Print one result, further lines indented below the first."""
    first, *rest = str(text).splitlines() or [""]
    say(f"   {label:<11} {first}")
    for line in rest:
        say(f"   {'':<11} {line}")


def say(line: str) -> None:
    """Print a line at once, so that the order is right in a pipe too."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
