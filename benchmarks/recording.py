"""What counting a call for ``report()`` costs: ``python benchmarks/recording.py``.

The same calls with the counting left out and with it, in one interleaved run; and its own steps alone.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from in_process import MODEL, clients, completion
from long_inputs import conversation, say
from measuring import interleaved, microseconds

from baseten_openai import Catalog
from baseten_openai.call_notes import Note
from baseten_openai.usage import recorder

BODY: dict[str, Any] = {"model": MODEL, "messages": conversation(1)}
USAGE = {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25}
NOTE = Note("renamed", "max_completion_tokens", "max_completion_tokens is sent as max_tokens")


class _Options:
    """What the recorder reads of the SDK's request options."""

    json_data = BODY
    extra_json = None


def main() -> None:
    """Measure and print."""
    begin = recorder.begin
    _, ours = clients(completion)
    call = partial(ours.chat.completions.create, **BODY)
    timing = interleaved(
        call,
        call,
        before_second=lambda: setattr(recorder, "begin", begin),
        after_second=lambda: setattr(recorder, "begin", lambda _: None),
        rounds=100,
        number=20,
    )
    recorder.begin = begin
    say("| what | without, µs | with, µs | ratio (quartiles) |")
    say("|---|---|---|---|")
    say(f"| a call and its counting | {timing} |")
    say("")
    say(
        f"The counting alone, nothing changed: {microseconds(partial(count, []), number=2000):.2f} µs"
    )
    say(
        f"with a note on the user's line: {microseconds(partial(count, [NOTE]), number=2000):.2f} µs"
    )


_MODEL = Catalog.bundled().resolve(MODEL)


def count(notes: list[Note]) -> None:
    """Do what the hooks do for one call."""
    record = recorder.begin(_Options)
    assert record is not None  # noqa: S101  # the body names a model
    token = recorder.current.set(record)
    record.attempts += 1
    record.resolved(_MODEL, notes)
    recorder.safely(record.enqueue, USAGE)
    recorder.current.reset(token)
    recorder.safely(record.returned, streamed=False)


if __name__ == "__main__":
    main()
