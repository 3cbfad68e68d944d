"""Stream an answer, show the model's reasoning separately, and print what the call cost.

Set ``BASETEN_API_KEY``. Without a key, run ``python -m baseten_openai.emulator`` and set the variables it prints.
"""

from baseten_openai import OpenAI, reasoning, thinking, track

with OpenAI() as client, track() as ledger:
    stream = client.chat.completions.create(
        model="glm-5.2",
        messages=[{"role": "user", "content": "Which is larger, 9.11 or 9.9?"}],
        stream=True,
        extra_body=thinking(True),  # this model reasons only if asked to
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
