"""Rows of ``GET /v1/models`` with the fields and values of the list recorded on 2026-08-17.

The rows are written by hand from evidence.md#model-list and evidence.md#models. Descriptions and
``created`` are made up. ``recorded_rows()`` reads the recorded list where it is available, so that a
test can compare the two.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).parents[3] / "shared" / "reference" / "models-sample.json"
MADE_UP = {"description", "created"}

_COMMON = {
    "created": 1_750_000_000,
    "object": "model",
    "owned_by": "baseten",
    "description": "A model.",
    "output_modalities": ["text"],
}
ROWS: list[dict[str, Any]] = [
    {
        **_COMMON,
        "id": "openai/gpt-oss-120b",
        "name": "OpenAI GPT 120B",
        "context_length": 128_072,
        "max_completion_tokens": 128_072,
        "quantization": "fp4",
        "pricing": {
            "prompt": "0.0000001",
            "completion": "0.0000005",
            "image": "0",
            "request": "0",
            "input_cache_read": "0.0000001",
        },
        "supported_sampling_parameters": ["temperature", "stop"],
        "supported_features": [
            "tools",
            "reasoning",
            "json_mode",
            "structured_outputs",
            "reasoning_effort",
        ],
        "input_modalities": ["text"],
    },
    {
        **_COMMON,
        "id": "zai-org/GLM-5.2-Fast",
        "name": "GLM 5.2 Fast",
        "context_length": 1_048_576,
        "max_completion_tokens": 262_144,
        "quantization": "fp8",
        "pricing": {
            "prompt": "0.0000021",
            "completion": "0.0000066",
            "image": "0",
            "request": "0",
            "input_cache_read": "0.00000021",
        },
        "supported_sampling_parameters": ["temperature", "top_p", "stop"],
        "supported_features": ["tools", "json_mode", "structured_outputs", "reasoning"],
        "input_modalities": ["text"],
        "hugging_face_id": "zai-org/GLM-5.2",
    },
    {
        **_COMMON,
        "id": "moonshotai/Kimi-K3",
        "name": "Kimi K3",
        "context_length": 1_048_576,
        "max_completion_tokens": 262_144,
        "quantization": "fp8",
        "pricing": {
            "prompt": "0.000003",
            "completion": "0.000015",
            "image": "0",
            "request": "0",
            "input_cache_read": "0.0000003",
        },
        "supported_sampling_parameters": ["temperature", "stop"],
        "supported_features": ["tools", "json_mode", "structured_outputs", "reasoning"],
        "input_modalities": ["text", "image"],
        "hugging_face_id": "moonshotai/Kimi-K3",
    },
]


def recorded_rows() -> list[dict[str, Any]] | None:
    """Return the 13 rows of the recorded list, or ``None`` where it is not available."""
    if not SAMPLE.exists():
        return None
    rows: list[dict[str, Any]] = json.loads(SAMPLE.read_text(encoding="utf-8"))["data"]
    return rows
