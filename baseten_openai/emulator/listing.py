"""``GET /v1/models`` from the bundled catalogue, in the recorded form (evidence.md#model-list).

The catalogue does not know every listed field: ``created`` is constant, ``quantization`` is
``"unknown"``, and a key whose value is unknown (a context length, a price) is left out.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .shapes import CREATED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baseten_openai.models.catalog import Model, Price

JSON = dict[str, Any]

_MILLION = Decimal(1_000_000)
_FEATURES = (
    ("tools", "tools"),
    ("json_mode", "json_mode"),
    ("structured_outputs", "structured_outputs"),
)


def model_list(models: Iterable[Model]) -> JSON:
    """Return ``{"data": [...]}``; like the service, without ``object``."""
    return {"data": [_row(model) for model in models]}


def _row(model: Model) -> JSON:
    limits = {
        "context_length": model.context_tokens,
        "max_completion_tokens": model.max_output_tokens,
    }
    return {
        "id": model.slug,
        "created": CREATED,
        "object": "model",
        "owned_by": "baseten",
        "name": model.name,
        "description": f"Emulated {model.name}",
        **{name: value for name, value in limits.items() if value is not None},
        "quantization": "unknown",
        "pricing": _pricing(model.price),
        "supported_sampling_parameters": list(model.sampling or ()),
        "supported_features": _features(model),
        "input_modalities": ["text", "image"] if model.vision else ["text"],
        "output_modalities": ["text"],
    }


def _features(model: Model) -> list[str]:
    found = [listed for listed, attribute in _FEATURES if getattr(model, attribute)]
    if model.reasoning not in (None, "unsupported"):
        found.append("reasoning")
    if model.reasoning_efforts:
        found.append("reasoning_effort")
    return found


def _pricing(price: Price | None) -> JSON:
    """Return decimal strings in USD per token."""
    fields: dict[str, Decimal | None] = {}
    if price is not None:
        fields = {
            "prompt": price.input,
            "completion": price.output,
            "input_cache_read": price.cached_input,
        }
    known = {
        name: format((value / _MILLION).normalize(), "f")
        for name, value in fields.items()
        if value is not None
    }
    return {**known, "image": "0", "request": "0"}
