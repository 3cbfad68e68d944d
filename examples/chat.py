"""Ask a question. ``from openai import OpenAI`` became the import below; nothing else is Baseten's.

Needs ``BASETEN_API_KEY``. Offline: ``python -m baseten_openai.emulator``, and what it prints.
"""

from baseten_openai import OpenAI

with OpenAI() as client:
    completion = client.chat.completions.create(
        model="gpt-oss-120b",
        messages=[
            {"role": "system", "content": "Answer in one sentence."},
            {"role": "user", "content": "Why is the sky blue?"},
        ],
    )

print(completion.choices[0].message.content)
