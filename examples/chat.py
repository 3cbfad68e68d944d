"""Ask a question. Only the import differs from a program for OpenAI.

Set ``BASETEN_API_KEY``. Without a key, run ``python -m baseten_openai.emulator`` and set the variables it prints.
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
