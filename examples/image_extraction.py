"""Read a receipt's image into a pydantic class with Kimi K2.5.

Needs ``BASETEN_API_KEY``. Offline: ``python -m baseten_openai.emulator``, and what it prints.
Takes a picture's path, or draws a small picture of its own.
"""

import base64
import struct
import sys
import zlib
from pathlib import Path

from pydantic import BaseModel

from baseten_openai import OpenAI


class Item(BaseModel):
    """A line of a receipt."""

    name: str
    price: float


class Receipt(BaseModel):
    """What the image is read into."""

    shop: str
    items: list[Item]
    total: float


def picture() -> bytes:
    """Return the picture that was named, or a grey square as PNG."""
    if len(sys.argv) > 1:
        return Path(sys.argv[1]).read_bytes()
    rows = zlib.compress((b"\0" + b"\x80" * 32) * 32)
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", 32, 32, 8, 0, 0, 0, 0)),
        (b"IDAT", rows),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


url = "data:image/png;base64," + base64.b64encode(picture()).decode()
with OpenAI() as client:
    completion = client.chat.completions.parse(
        model="kimi-k2.5",
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Read this receipt."},
                    {"type": "image_url", "image_url": {"url": url}},
                ],
            }
        ],
        response_format=Receipt,
    )

receipt = completion.choices[0].message.parsed
if receipt is None:
    sys.exit(f"no receipt: {completion.choices[0].message.refusal}")
print(receipt.model_dump_json(indent=2))
