"""Any JSON object, for any model: the request is refused, or every change to it is noted."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from any_model import SLUGS as ANY_SLUGS
from any_model import catalog_with, models
from depth import AT_RANDOM, examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baseten_openai import Catalog, errors
from baseten_openai.chat.check import CHECKS
from baseten_openai.chat.parameters import BY_NAME, RULELESS
from baseten_openai.chat.prepare import are_text, prepare
from baseten_openai.chat.translate import STEPS
from baseten_openai.chat.translation_log import TranslationLog
from baseten_openai.routing.endpoints import CHAT, NAMED_MODEL_PATHS
from baseten_openai.sdk.request_preparation import prepare_body
from baseten_openai.settings import Settings

if TYPE_CHECKING:
    from baseten_openai import Model
    from baseten_openai.chat.request_context import PreparedBody

POLICIES = ("error", "warn", "ignore")
SETTINGS = {policy: Settings.load(on_unsupported=policy, environ={}) for policy in POLICIES}
SLUGS = [*ANY_SLUGS, *(model.slug for model in Catalog.bundled().values())]
REFUSALS = (errors.UnknownModelError, errors.UnsupportedFeatureError, errors.BadRequestError)

words = st.sampled_from(["none", "high", "max", "gpt-4o", "glm-4.7", "baseten/kimi-k2.5"])
kinds = st.sampled_from(["text", "json_object", "json_schema", "function", "file", "image_url"])
keys = st.sampled_from(["type", "name", "strict", "json_schema", "schema", "content"]) | (
    st.sampled_from(["include_usage", "include_obfuscation", "enable_thinking", "refusal"])
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(
    scalars | words | kinds,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(keys | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=5,
)
roles = st.sampled_from(["system", "developer", "user", "assistant", "tool", "function"])
messages = st.fixed_dictionaries(
    {},
    optional={
        "role": roles | values,
        "content": st.lists(st.dictionaries(keys, values, max_size=3), max_size=3) | values,
        "function_call": values,
        "tool_calls": values,
        "reasoning": values,
        "reasoning_content": values,
        "name": values,
    },
)
EXTRA = ("chat_template_args", "thinking", "reasoning", "top_k", "a_parameter_of_tomorrow")
fields = dict.fromkeys([*BY_NAME, *EXTRA], values) | {
    "model": st.sampled_from(SLUGS) | values,
    "messages": st.lists(messages | values, max_size=4) | values,
    "n": st.integers(0, 3) | values,
    "max_tokens": st.integers(0, 300_000) | values,
    "stream_options": st.dictionaries(keys, values, max_size=3) | values,
    "response_format": st.dictionaries(keys, values, max_size=3) | values,
}
bodies = st.lists(st.sampled_from([*fields]), unique=True, max_size=6).flatmap(
    lambda names: st.fixed_dictionaries(
        {name: fields[name] for name in names},
        optional={name: fields[name] for name in ("model", "messages") if name not in names},
    )
)
anything = settings(
    max_examples=examples(500),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=not AT_RANDOM,
)


def prepared(
    body: dict[str, Any], model: Model, policy: str, path: str = CHAT
) -> PreparedBody | None:
    """Prepare with a catalogue that has ``model``; return None if the request was refused."""
    with_it = SETTINGS[policy].replace(catalog=catalog_with(model))
    try:
        return prepare_body(body, with_it, path=path, dedicated=False)
    except REFUSALS:
        return None


@anything
@given(
    body=bodies,
    model=models,
    policy=st.sampled_from(POLICIES),
    path=st.sampled_from([*NAMED_MODEL_PATHS]),
)
def test_a_refusal_is_the_only_thing_raised_and_the_input_stays_as_it_was(
    body: dict[str, Any], model: Model, policy: str, path: str
) -> None:
    before = copy.deepcopy(body)
    prepared(body, model, policy, path)
    assert repr(body) == repr(before)  # repr: tells 1 from True and 1.0, and keeps the order


@anything
@given(body=bodies, model=models, policy=st.sampled_from(POLICIES))
def test_what_is_prepared_stays_the_same_when_prepared_again(
    body: dict[str, Any], model: Model, policy: str
) -> None:
    first = prepared(body, model, policy)
    if first is not None:
        assert prepared(dict(first), model, policy) == first


@anything
@given(body=bodies, model=models, policy=st.sampled_from(POLICIES))
def test_the_same_request_is_prepared_the_same_way_each_time(
    body: dict[str, Any], model: Model, policy: str
) -> None:
    # The SDK starts each retry from the user's arguments.
    first, second = prepared(body, model, policy), prepared(body, model, policy)
    assert first == second
    if first is not None and second is not None:
        assert first.context.notes == second.context.notes


def _lost(before: Any, after: Any, where: str) -> list[str]:
    """Name the keys with a value in ``before`` that ``after`` lacks, by dotted path."""
    found = []
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            path = f"{where}.{key}" if where else key
            if key in after:
                found += _lost(value, after[key], path)
            elif value is not None:
                found.append(path)
    elif isinstance(before, list) and isinstance(after, list):
        assert len(before) <= len(after), f"{where} has lost an item"
        for one, other in zip(before, after, strict=False):  # a function call joins the tool calls
            found += _lost(one, other, where)
    return found


SAID_BY = {
    # what goes along with something else, and is in that one's note
    "messages.name": "messages.role",  # a function message's: its call is found by its id now
    "messages.content.refusal": "messages.content",
}


@anything
@given(body=bodies, model=models)
def test_no_key_that_carries_a_wish_disappears_without_a_note(
    body: dict[str, Any], model: Model
) -> None:
    after = prepared(body, model, "warn")
    if after is None:
        return
    before = {name: value for name, value in body.items() if name != "tools"}  # functions join it
    noted = {note.param for note in after.context.notes}
    silent = {SAID_BY.get(path, path) for path in _lost(before, after, "")} - noted
    if body.get("modalities") == ["text"]:
        silent.discard("modalities")  # the default, spelled out
    given = body.get("messages")
    if any(_says_its_reasoning_twice(message) for message in given or ()):
        silent.discard("messages.reasoning")
    assert not silent


def _says_its_reasoning_twice(message: Any) -> bool:
    return isinstance(message, dict) and message.get("reasoning") == message.get(
        "reasoning_content"
    )


@anything
@given(body=bodies)
def test_a_dedicated_deployment_gets_the_body_as_it_is(body: dict[str, Any]) -> None:
    assert prepare_body(body, SETTINGS["error"], path=CHAT, dedicated=True) == body


text_messages = st.lists(
    st.fixed_dictionaries(
        {"role": roles | st.text(), "content": st.text()},
        optional={"name": st.text(), "reasoning_content": st.text(), "tool_call_id": st.text()},
    ),
    max_size=4,
)
bodies_of_text = st.fixed_dictionaries(
    {"model": st.sampled_from(SLUGS), "messages": text_messages},
    optional=dict.fromkeys(sorted(RULELESS), values),
)


def prepared_by_all_steps(
    body: dict[str, Any], model: Model, policy: str
) -> tuple[dict[str, Any], TranslationLog]:
    """Run every step and every check, skipping none. The only reference that ``prepare`` has."""
    catalog, log = catalog_with(model), TranslationLog()
    body = {name: value for name, value in body.items() if value is not None or name not in BY_NAME}
    for step in STEPS:
        body = step.run(body, model, log)
    for check in CHECKS:
        check.run(body, model, catalog, log)
    if policy == "ignore":
        log.refusals.clear()
        log.notes[:] = [note for note in log.notes if note.kind != "unsupported"]
    return body, log


@anything
@given(body=bodies | bodies_of_text, model=models, policy=st.sampled_from(["error", "ignore"]))
def test_skipping_steps_and_checks_gives_the_same_as_running_them_all(
    body: dict[str, Any], model: Model, policy: Any
) -> None:
    if "messages" in body and not isinstance(body["messages"], list):
        return  # refused before any step
    counted[are_text(body.get("messages"))] += 1
    made = prepare(body, model, catalog=catalog_with(model), on_unsupported=policy)
    expected, log = prepared_by_all_steps(body, model, policy)
    assert dict(made) == expected
    assert repr(made) == repr(expected)  # repr: tells 1 from True and 1.0, and keeps the order
    assert made.context.notes == log.notes
    assert list(made.refusals) == log.refusals


counted = {True: 0, False: 0}


def test_both_kinds_of_body_were_tried() -> None:
    test_skipping_steps_and_checks_gives_the_same_as_running_them_all()
    assert min(counted.values()) > 50


@anything
@given(body=bodies | bodies_of_text, model=models)
def test_a_step_and_a_check_do_nothing_without_their_parameters(
    body: dict[str, Any], model: Model
) -> None:
    for rule in (*STEPS, *CHECKS):
        without = {name: value for name, value in body.items() if name not in rule.parameters}
        log = TranslationLog()
        if rule in STEPS:
            assert rule.run(without, model, log) == without
        else:
            rule.run(without, model, catalog_with(model), log)
        assert log == TranslationLog()


@anything
@given(
    body=st.fixed_dictionaries(
        {"model": st.sampled_from(SLUGS), "messages": text_messages},
        optional=dict.fromkeys(sorted(RULELESS), scalars.filter(lambda value: value is not None)),
    ),
    model=models,
)
def test_text_with_parameters_without_a_rule_is_sent_as_it_is(
    body: dict[str, Any], model: Model
) -> None:
    made = prepare(body, model, catalog=catalog_with(model))
    if are_text(body["messages"]) and not model.slug.startswith("deepseek-ai/DeepSeek-V4"):
        assert dict(made) == body
        assert (made.context.notes, made.refusals) == ([], ())


def test_the_bodies_made_here_reach_past_the_models_name() -> None:
    # Were all refused, the properties above would hold for nothing.
    @settings(max_examples=examples(200), deadline=None, derandomize=True, database=None)
    @given(body=bodies)
    def count(body: dict[str, Any]) -> None:
        counts[prepared(body, Catalog.bundled().resolve(SLUGS[-1]), "ignore") is not None] += 1

    counts = {True: 0, False: 0}
    count()
    assert counts[True] > 100
