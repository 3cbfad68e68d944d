"""Read a receipt's image into a pydantic class with Kimi K3, a model with vision.

Set ``BASETEN_API_KEY``. Without a key, run ``python -m baseten_openai.emulator`` and set the variables it prints.
Pass the path of an image, or let the program make a small one.
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
    """The data read from the image."""

    shop: str
    items: list[Item]
    total: float


def picture() -> bytes:
    """Return the image given on the command line, or a grey square as PNG."""
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
        model="kimi-k3",
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
    sys.exit(f"no receipt found: {completion.choices[0].message.refusal}")
print(receipt.model_dump_json(indent=2))
