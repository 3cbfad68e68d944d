"""Stream an answer, with the model's reasoning shown apart, and what it cost.

Needs ``BASETEN_API_KEY``. Offline: ``python -m baseten_openai.emulator``, and what it prints.
"""

from baseten_openai import OpenAI, reasoning, thinking, track

with OpenAI() as client, track() as ledger:
    stream = client.chat.completions.create(
        model="glm-4.7",
        messages=[{"role": "user", "content": "Which is larger, 9.11 or 9.9?"}],
        stream=True,
        extra_body=thinking(True),  # this model reasons when asked to
    )
    part = ""
    for chunk in stream:
        for choice in chunk.choices:
            for name, text in (
                ("Reasoning", reasoning(choice.delta)),
                ("Answer", choice.delta.content),
            ):
                if text:
                    if name != part:
                        print(f"\n{name}: ", end="")
                        part = name
                    print(text, end="", flush=True)

print(f"\n\n{ledger!r}")
