"""``baseten-openai model NAME``: what a name means, and what its model can do."""

import json
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ..chat.check import check as find_refusals
from ..chat.translate import translate
from ..chat.translation_log import TranslationLog
from ..models import text
from ..models.catalog import Catalog, Model
from . import fail, terminal, values
from .live import describe, read
from .options import ALIAS, DEFAULT_MODEL, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..models.live_list import LiveCatalog

_EFFORTS = ("none", "low", "medium", "high")


class Need(NamedTuple):
    """One feature: whether the model has it, what a program writes for it, and what is sent."""

    feature: str
    has: str
    write: str
    sent: str


def model(
    *,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A slug, display name, short form or alias.")
    ],
    alias: ALIAS = None,
    default_model: DEFAULT_MODEL = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Read Baseten's live list.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show which model a name refers to, and what the model can do.

    Shows limits, prices in USD per million tokens, the replacement, and for each feature what a
    program writes and what is sent.
    """
    from ..errors import UnknownModelError  # noqa: PLC0415  # imports openai: not for --help

    settings = load_settings(alias, default_model)
    live = read(anew=True) if refresh else None
    catalog: Catalog = live or settings.catalog
    try:
        found = catalog.resolve(
            name, aliases=settings.aliases, default_model=settings.default_model
        )
    except UnknownModelError as error:
        fail(str(error), 1)
    why = explain(name, found, catalog, settings.aliases, settings.default_model)
    needs = list_needs(found, catalog)
    if as_json:
        record = {"name_given": name, "why": why, **values.as_json(found)}
        record["needs"] = [need._asdict() for need in needs]
        if live:
            record["provenance"] = values.provenance(live, found.slug)
        terminal.print_json(record)
    else:
        _print(found, why, needs, live)
    if live:
        terminal.remark(describe(live))


def explain(
    name: str,
    found: Model,
    catalog: Catalog,
    aliases: "Mapping[str, str]",
    default_model: str | None,
) -> str:
    """Return the rule by which ``name`` refers to ``found``."""
    steps = []
    lowered = {alias.lower(): target for alias, target in aliases.items()}
    target = name
    for _ in aliases:
        following = lowered.get(target.lower())
        if following is None or following == target:
            break
        steps.append(f"your alias {target}={following}")
        target = following
    bare = target.strip()
    if bare.lower().startswith("baseten/"):
        bare = bare[len("baseten/") :]
        steps.append("without the prefix baseten/")
    rules = (
        (bare == found.slug and found.slug in catalog, "its slug"),
        (bare == found.slug, "a whole slug this version does not know: sent as it is"),
        (_key(bare) == _key(found.slug), "its slug, in another spelling"),
        (bare in found.aliases, "a short form of its name"),
        (_key(bare) == _key(found.name), "its display name"),
        (_key(bare) in map(_key, found.aliases), "a short form of its name"),
        (_key(bare) == _key(found.slug.rpartition("/")[2]), "its slug without the organisation"),
        (default_model is not None, f"an OpenAI name, and default_model is {default_model}"),
    )
    steps.append(next(text for applies, text in rules if applies))
    return "; ".join(steps)


def _key(name: str) -> str:
    return name.strip().lower().replace(" ", "-").replace("_", "-")


def list_needs(found: Model, catalog: Catalog) -> list[Need]:
    """Return for each feature what a program writes and what is sent."""
    yes_no = text.yes_no
    tokens = text.tokens(found.max_output_tokens)
    return [
        Need(
            "JSON mode",
            yes_no(found.json_mode),
            'response_format={"type": "json_object"}',
            _sent(found, catalog, response_format={"type": "json_object"}),
        ),
        Need(
            "structured outputs",
            yes_no(found.structured_outputs),
            "chat.completions.parse(response_format=YourModel)",
            _sent(found, catalog, response_format=_SCHEMA),
        ),
        *(
            Need(
                "reasoning",
                text.REASONING_IN_FULL[found.reasoning],
                f'reasoning_effort="{effort}"',
                _sent(found, catalog, reasoning_effort=effort),
            )
            for effort in _EFFORTS
        ),
        Need(
            "image input",
            yes_no(found.vision),
            'a part {"type": "image_url", "image_url": {"url": ...}}',
            _sent(found, catalog, messages=[{"role": "user", "content": [_IMAGE]}]),
        ),
        Need("tools", yes_no(found.tools), "tools=[...]", _sent(found, catalog, tools=[_TOOL])),
        Need(
            "output limit",
            "yes",
            f"max_completion_tokens=N, at most {tokens}",
            "max_tokens=N",
        ),
        Need(
            "log probabilities",
            "no" if found.logprobs else "?",
            "logprobs=True",
            _sent(found, catalog, logprobs=True),
        ),
    ]


_SCHEMA = {"type": "json_schema", "json_schema": {"name": "YourModel", "schema": {}}}
_IMAGE = {"type": "image_url", "image_url": {"url": "..."}}
_TOOL = {"type": "function", "function": {"name": "..."}}


def _sent(found: Model, catalog: Catalog, **asked: Any) -> str:
    """Translate and check a request; return what is sent, or "refused"."""
    log = TranslationLog()
    body = translate({"model": found.slug, **asked}, found, log)
    find_refusals(body, found, catalog, log)
    if log.refusals:
        return "refused"
    sent = {name: value for name, value in body.items() if name != "model"}
    if sent == asked:
        return "as written"
    return json.dumps(sent) if sent else "nothing"


def _print(found: Model, why: str, needs: list[Need], live: "LiveCatalog | None") -> None:
    terminal.heading(f"{found.slug}")
    terminal.pairs([("is", why), *text.facts(found)])
    terminal.heading("What each feature needs")
    columns = tuple(terminal.Column(title) for title in ("feature", "has it", "write", "sent"))
    terminal.table(columns, [list(need) for need in needs])
    if live:
        terminal.heading("Where each value is from")
        fields: dict[str, list[str]] = {}
        for field, source in live.provenance(found.slug).items():
            layer = "" if source.layer == source.text else f"{source.layer}: "
            fields.setdefault(f"{layer}{source.text} ({source.as_of})", []).append(field)
        terminal.pairs([(", ".join(names), source) for source, names in fields.items()])
