"""The form of each model's responses: one row per model, from its newest recording.

Each row cites its evidence (evidence.md#kinds-of-evidence): ``REC`` with the file and day of the
recording, or ``GIT`` with the model and day of an older recording in the same public collection
(evidence.md#sources). A row says how the bytes are arranged; no text is copied.
Models that were never recorded get ``UNRECORDED``, which is a guess and says so.

Not imitated, because a test double would be of no use with it: GLM 4.6 answering
``tool_choice: "required"`` with neither call nor text, MiniMax M2.5 and Kimi K2 Thinking breaking
off JSON, empty ``json_schema.name`` accepted in February 2026 (refused everywhere since June).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

TEXT_IMAGE_OLD = "image_url is not supported"
TEXT_IMAGE_NEW = "This model does not support multimodal (image/video/audio) inputs."
TEXT_LOGPROBS = "returning log probs is not supported"
TEXT_TOP_LOGPROBS = "This model does not support logprobs > 1 due to advanced speculative decoding."


@dataclass(frozen=True, slots=True)
class Dialect:
    """The form of one model's responses. Field defaults are the newest style recorded (GLM 5.2)."""

    evidence: str
    recorded: bool = True
    enveloped: bool = False
    """True: ``X-Baseten-Request-Id`` and related headers are sent, and 400s are ``{"error": {...}}``.
    False: only ``X-Baseten-Accepted-At``, and 400s are flat."""
    all_keys: bool = False
    """Deltas and chunks carry every key, with nulls; otherwise only the keys that are set."""
    empty_content: str | None = None
    """``content`` of an ``all_keys`` delta that has none."""
    empty_tool_calls: tuple[()] | None = None
    """``tool_calls`` of an ``all_keys`` delta that has none: ``[]`` or null."""
    role: Literal["first", "every", "own chunk"] = "first"
    tool_ids: Literal["repeated", "first", "fresh"] = "repeated"
    """On the further deltas of one call: the same id, ``""``, or another new id."""
    named_tool_ids: Literal["", "indexed", "shared"] = ""
    """Kimi: ``functions.<name>:<index>``; ``shared``: the index is 0 for every call."""
    tool_arguments: Literal["whole", "split", "after name"] = "split"
    """One delta per call; several; or several, of which the first has only the name."""
    continuation_name: Literal["absent", "null", "empty"] = "absent"
    arguments_suffix: str = ""
    finish_shares_chunk: frozenset[str] = frozenset({"end", "cut", "tools"})
    """When ``finish_reason`` comes with the last delta, and not in a chunk of its own: at the natural
    ``end`` of the text, when it is ``cut`` by max_tokens or a stop string, after ``tools``."""
    late_content: bool = False
    """Content of a single delta comes after the chunk with finish_reason, with ``usage: null``."""
    finish_reason_in_json_modes: bool = True
    usage_chunk_after_stop: bool = True
    """The last, usage-only chunk is sent after a stop string was hit."""
    done_after_stop: bool = False
    """``data: [DONE]`` is sent after a stop string was hit."""
    keeps_stop_text: bool = False
    stops_in_reasoning: bool = True
    stop_reasons: tuple[int, int] | None = None
    """``stop_reason`` at a natural end and after tool calls."""
    reasons: bool = True
    """False: the recordings have no reasoning, although the documentation says otherwise."""
    reasons_when_tool_required: bool = True
    reasons_in_json_modes: bool = True
    duplicate_reasoning: bool = False
    """Unstreamed messages have the same text in ``reasoning``, too."""
    drops_first_reasoning_word: bool = False
    json_in_reasoning: bool = False
    content_prefix: str = ""
    """Text before the content when the model has reasoned."""
    opening: str = ""
    """Content that comes before the reasoning."""
    counts_reasoning: bool = True
    counts_cached: bool = True
    image_text: str = TEXT_IMAGE_NEW
    top_logprobs_text: str | None = None


_FEBRUARY = Dialect(
    evidence="common to what was recorded on 2026-02-18",
    all_keys=True,
    empty_content="",
    empty_tool_calls=(),
    role="every",
    tool_arguments="whole",
    continuation_name="empty",
    duplicate_reasoning=True,
    counts_reasoning=False,
    counts_cached=False,
    image_text=TEXT_IMAGE_OLD,
)
_CUT = frozenset({"cut"})
_END_AND_CUT = frozenset({"end", "cut"})
_FRESH_IDS = replace(
    _FEBRUARY, tool_ids="fresh", tool_arguments="after name", finish_shares_chunk=_CUT
)
_KIMI = replace(
    _FEBRUARY,
    named_tool_ids="indexed",
    tool_arguments="after name",
    finish_shares_chunk=_CUT,
)
_MAY = replace(
    _FEBRUARY,
    enveloped=True,
    empty_content=None,
    empty_tool_calls=None,
    continuation_name="null",
    duplicate_reasoning=False,
    counts_reasoning=True,
    counts_cached=True,
)

UNRECORDED = Dialect(
    evidence="not recorded: the newest style there is (GLM 5.2, 2026-06-22), without stop_reason",
    recorded=False,
)

DIALECTS: dict[str, Dialect] = {
    "deepseek-ai/DeepSeek-V3-0324": replace(
        _FEBRUARY,
        evidence="REC deepseek-ai__DeepSeek-V3-0324 2026-02-18: GenStream-Text, -Stop, -MaxTokens, "
        "-Tools-ToolBias-Canada; no case reasons",
        enveloped=True,
        finish_shares_chunk=_CUT,
        reasons=False,
    ),
    "deepseek-ai/DeepSeek-V3.1": replace(
        _FEBRUARY,
        evidence="REC deepseek-ai__DeepSeek-V3.1 2026-02-18: GenStream-Text, -Stop, "
        "-Tools-SquareRoot-1; no case reasons; GenSync-JSONSchema is a 200",
        enveloped=True,
        finish_shares_chunk=_END_AND_CUT,
        reasons=False,
    ),
    "zai-org/GLM-4.6": replace(
        _FEBRUARY,
        evidence="REC zai-org__GLM-4.6 2026-02-18: GenStream-Text, -Stop, -Tools-SquareRoot-1-any, "
        "GenSync-JSON (no reasoning)",
        finish_shares_chunk=_CUT,
        reasons_in_json_modes=False,
        content_prefix="\n",
        opening="\n",
    ),
    "zai-org/GLM-4.7": replace(
        _FEBRUARY,
        evidence="GIT zai-org/GLM-4.7 2026-02-18: GenStream-Text, -Stop, -Tools-ToolBias-Canada",
        finish_shares_chunk=_END_AND_CUT,
    ),
    "zai-org/GLM-5": replace(
        _FRESH_IDS,
        evidence="GIT zai-org/GLM-5 2026-02-19: GenStream-Tools-SquareRoot-1, -JSON, -JSONSchema "
        "(neither finish_reason nor usage-only chunk), GenSync-JSON (no finish_reason)",
        finish_reason_in_json_modes=False,
    ),
    "moonshotai/Kimi-K2.5": replace(
        _KIMI,
        evidence="GIT moonshotai/Kimi-K2.5 2026-02-18: GenStream-Text, -Tools-SquareRoot-1, "
        "GenSync-Tools-SquareRoot-1 (a blank after the arguments)",
        finish_shares_chunk=_END_AND_CUT,
        arguments_suffix=" ",
    ),
    "moonshotai/Kimi-K2-Instruct-0905": replace(
        _KIMI,
        evidence="GIT moonshotai/Kimi-K2-Instruct-0905 2026-02-18: GenStream-Tools-SquareRoot-1",
        enveloped=True,
    ),
    "moonshotai/Kimi-K2-Thinking": replace(
        _KIMI,
        evidence="GIT moonshotai/Kimi-K2-Thinking 2026-02-18: GenStream-Text, -Tools-SquareRoot-1, "
        "-Tools-ToolBias-USA (indexes 0 and 1 share an id)",
        enveloped=True,
        named_tool_ids="shared",
        reasons_when_tool_required=False,
    ),
    "MiniMaxAI/MiniMax-M2.5": replace(
        _FRESH_IDS,
        evidence="REC MiniMaxAI__MiniMax-M2.5 2026-02-18: GenStream-Tools-SquareRoot-1, -Stop, "
        "-JSON and -JSONSchema (all of it in reasoning_content), GenSync-Text",
        reasons_when_tool_required=False,
        json_in_reasoning=True,
        content_prefix="\n\n",
    ),
    "openai/gpt-oss-120b": replace(
        _MAY,
        evidence="REC openai__gpt-oss-120b 2026-05-31: GenStream-Text, -Stop, -Tools-SquareRoot-1, "
        "GenSync-Stop (the stop text stays), GenSync-Text (reasoning starts with a blank)",
        role="own chunk",
        tool_arguments="after name",
        finish_shares_chunk=frozenset(),
        done_after_stop=True,
        keeps_stop_text=True,
        stops_in_reasoning=False,
        drops_first_reasoning_word=True,
        counts_reasoning=False,
    ),
    "deepseek-ai/DeepSeek-V4-Pro": replace(
        _MAY,
        evidence="REC deepseek-ai__DeepSeek-V4-Pro 2026-05-31: GenStream-Text (content after "
        "finish_reason), -JSON, -Stop, -Tools-SquareRoot-1 (no reasoning when required)",
        role="first",
        finish_shares_chunk=_END_AND_CUT,
        late_content=True,
        done_after_stop=True,
        reasons_when_tool_required=False,
        image_text=TEXT_IMAGE_NEW,
    ),
    "zai-org/GLM-5.1": replace(
        _MAY,
        evidence="GIT zai-org/GLM-5.1 2026-06-07: GenStream-Text, -Stop (no usage-only chunk), "
        "-Tools-SquareRoot-1",
        tool_arguments="split",
        finish_shares_chunk=_END_AND_CUT,
        usage_chunk_after_stop=False,
        stop_reasons=(154827, 154829),
        image_text=TEXT_IMAGE_NEW,
    ),
    "zai-org/GLM-5.2": Dialect(
        evidence="REC zai-org__GLM-5.2 2026-06-22: GenStream-Text, -Stop (no usage-only chunk), "
        "-Tools-SquareRoot-1, -Tools-ToolBias-Canada, -TopLogprobs",
        usage_chunk_after_stop=False,
        stop_reasons=(154827, 154829),
        top_logprobs_text=TEXT_TOP_LOGPROBS,
    ),
}


def dialect_of(slug: str) -> Dialect:
    """Return the model's row, or ``UNRECORDED``."""
    return DIALECTS.get(slug, UNRECORDED)
