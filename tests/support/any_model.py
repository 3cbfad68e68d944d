"""Hypothesis strategies for models: any that a user may make, not only the bundled ones."""

from __future__ import annotations

from hypothesis import strategies as st

from baseten_openai import Catalog, Model, Price
from baseten_openai.models.catalog import EFFORTS

yes_no_or_unknown = st.none() | st.booleans()
levels = (
    st.lists(st.sampled_from(EFFORTS), unique=True, min_size=1)
    .map(lambda chosen: tuple(sorted(chosen, key=EFFORTS.index)))
    .filter(lambda chosen: chosen != ("none",))  # a model with levels reasons at one of them
)
amounts = st.none() | st.decimals(0, 100, places=4)
SLUGS = ("lab/model", "deepseek-ai/DeepSeek-V4-Any", "zai-org/GLM-5.2")
"""Rules that go by the slug, such as those for DeepSeek V4, are reached too."""

models = st.builds(
    Model,
    slug=st.sampled_from(SLUGS),
    name=st.sampled_from(["", "A Model"]),
    context_tokens=st.none() | st.integers(1, 10_000_000),
    max_output_tokens=st.none() | st.integers(1, 1_000_000),
    price=st.none() | st.builds(Price, amounts, amounts, amounts),
    json_mode=yes_no_or_unknown,
    structured_outputs=yes_no_or_unknown,
    tools=yes_no_or_unknown,
    vision=yes_no_or_unknown,
    reasoning=st.sampled_from([None, "default_on", "always_on", "opt_in", "unsupported"]),
    reasoning_switch=st.sampled_from(
        [
            *(None, "reasoning_effort", "enable_thinking"),
            *("enable_thinking_and_effort", "thinking_and_effort"),
        ]
    ),
    reasoning_efforts=st.none() | levels,
    sampling=st.sampled_from([None, (), ("top_p",), ("top_p", "top_k")]),
    logprobs=st.sampled_from([None, "refused", "ignored"]),
    status=st.sampled_from([None, "listed", "unlisted"]),
)


def catalog_with(model: Model) -> Catalog:
    """The bundled catalogue, where ``model`` replaces the one with its slug."""
    return Catalog([*Catalog.bundled().values(), model])
