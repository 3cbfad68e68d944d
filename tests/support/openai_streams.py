"""A hypothesis strategy for streams as OpenAI sends them."""

from __future__ import annotations

from hypothesis import strategies as st
from wire_shapes import JSON, choice, chunk, tool

texts = st.text(alphabet="ab {}é世🌍", min_size=1, max_size=6)


@st.composite
def openai_streams(draw: st.DrawFn) -> list[JSON]:
    """The chunks of a stream as OpenAI sends them: one or two choices, with text and tool calls."""
    made = []
    for index in range(draw(st.integers(1, 2))):
        first: JSON = {"role": "assistant", "content": ""}
        first["reasoning_content"] = None  # the repair adds it to every response
        made.append(chunk(choice(first, index)))
        made += [chunk(choice({"content": text}, index)) for text in draw(st.lists(texts))]
        wanted = draw(st.integers(0, 2))
        for at in range(wanted):
            head = tool(at, id=f"call-{index}-{at}", name=draw(texts), arguments="")
            made.append(chunk(choice({"tool_calls": [head]}, index)))
            for text in draw(st.lists(texts)):
                part = {"index": at, "function": {"arguments": text}}
                made.append(chunk(choice({"tool_calls": [part]}, index)))
        reason = "tool_calls" if wanted else draw(st.sampled_from(["stop", "length"]))
        made.append(chunk(choice({}, index, finish_reason=reason)))
    return made
