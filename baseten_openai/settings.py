"""Everything that can be configured, in one frozen object. A keyword beats the environment."""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from .credentials.rules import check_base_url, check_own_host, clean_key
from .errors import ConfigurationError
from .models.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_BASE_URL = "https://inference.baseten.co/v1"

OnUnsupported: TypeAlias = Literal["error", "warn", "ignore"]
"""What happens to a call that asks a model for what it cannot do."""


class Options(TypedDict, total=False):
    """The keywords that ``patch()``, ``patched()`` and ``bind()`` take; ``None`` leaves one out."""

    api_key: str | None
    base_url: str | None
    aliases: Mapping[str, str] | None
    default_model: str | None
    on_unsupported: OnUnsupported | None
    catalog: Catalog | None


ENVIRONMENT: dict[str, str] = {
    "BASETEN_API_KEY": "the key; sent to Baseten, the configured base URL and loopback only",
    "BASETEN_BASE_URL": f"another endpoint than {DEFAULT_BASE_URL}, such as a dedicated deployment",
    "BASETEN_API_BASE": "the older name of BASETEN_BASE_URL, read when that is not set",
    "BASETEN_OPENAI_ALIASES": "your own model names: `gpt-4o=kimi-k2.5,gpt-4o-mini=gpt-oss-120b`",
    "BASETEN_OPENAI_DEFAULT_MODEL": "the model for OpenAI names that have no alias",
    "BASETEN_OPENAI_ON_UNSUPPORTED": "`error` (default), `warn` or `ignore`",
}
"""Variables read, and what each holds; the README's table is generated from it."""


class Settings(BaseModel):
    """Frozen settings of one client, or of the patch. ``repr`` masks the key; a pickle leaves it out.

    ``aliases`` maps the names code uses to models; ``default_model`` is used for OpenAI model names
    without an alias; ``on_unsupported`` decides what happens when a model lacks a feature.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True
    )

    api_key: SecretStr | None = None
    base_url: str = DEFAULT_BASE_URL
    aliases: dict[str, str] = {}
    default_model: str | None = None
    on_unsupported: OnUnsupported = "error"
    catalog: Catalog = Field(exclude=True)  # of a dump: it is data of the package's

    @classmethod
    def load(
        cls,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        aliases: Mapping[str, str] | None = None,
        default_model: str | None = None,
        on_unsupported: OnUnsupported | None = None,
        catalog: Catalog | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> Settings:
        """Merge keywords over the environment; aliases are merged name by name.

        Raises ``ConfigurationError``, naming the variable or keyword, for anything unusable.
        """
        read = _Reader(environ)
        url_name, url = read.first(base_url, "base_url", "BASETEN_BASE_URL", "BASETEN_API_BASE")
        key_name, key = read.first(api_key, "api_key", "BASETEN_API_KEY")
        policy_name, policy = read.first(
            on_unsupported, "on_unsupported", "BASETEN_OPENAI_ON_UNSUPPORTED"
        )
        _, default = read.first(default_model, "default_model", "BASETEN_OPENAI_DEFAULT_MODEL")
        key = clean_key(key, name=key_name)
        url = check_base_url(url, name=url_name) if url else DEFAULT_BASE_URL
        if key and api_key is None and base_url is not None:
            _, configured = read.first(None, "", "BASETEN_BASE_URL", "BASETEN_API_BASE")
            check_own_host(url, configured, name=url_name)
        given: object = catalog
        if given is not None and not isinstance(given, Catalog):
            message = f"catalog= must be a Catalog, not {type(given).__name__}."
            raise ConfigurationError(message)
        if default is not None and not isinstance(default, str):
            message = f"default_model= must name a model, not {type(default).__name__}."
            raise ConfigurationError(message)
        made = cls(
            api_key=SecretStr(key) if key else None,
            base_url=url,
            aliases={
                **parse_aliases(environ.get("BASETEN_OPENAI_ALIASES", "")),
                **_check_aliases(aliases or {}),
            },
            default_model=default,
            on_unsupported=_check_policy(policy or "error", name=policy_name),
            catalog=catalog or Catalog.bundled(),
        )
        return _shared(made)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse; pydantic would do so too, and show the value, which may be a key."""
        message = f"Settings are frozen: {name} is as it was. replace() returns a changed copy."
        raise ConfigurationError(message)

    def __getstate__(self) -> dict[Any, Any]:
        """Pickle without the key: a pickle is a file, a queue, another host."""
        state = super().__getstate__()
        return {**state, "__dict__": {**state["__dict__"], "api_key": None}}

    def replace(self, **changes: Any) -> Settings:
        """Return a copy with ``changes``, checked as ``load`` checks them; ``None`` keeps a value."""
        given = {name: value for name, value in changes.items() if value is not None}
        if not given:
            return self
        kept = {
            "api_key": self.api_key.get_secret_value() if self.api_key else None,
            "base_url": self.base_url,
            "aliases": self.aliases,
            "default_model": self.default_model,
            "on_unsupported": self.on_unsupported,
            "catalog": self.catalog,
        }
        return Settings.load(**{**kept, **given}, environ={})  # checked by load


_last: list[weakref.ref[Settings]] = []


def _shared(made: Settings) -> Settings:
    """Return the last settings loaded, if in use and equal: a program's clients seldom differ."""
    for reference in _last:
        last = reference()
        if last is not None and last == made:
            return last
    _last[:] = [weakref.ref(made)]
    return made


class _Reader:
    """Find a value: the keyword if given, else the first variable that is set and not blank."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def first(self, keyword: Any, name: str, *variables: str) -> tuple[str, Any]:
        if keyword is not None and not (isinstance(keyword, str) and not keyword.strip()):
            return f"{name}=", keyword
        for variable in variables:
            if value := self.environ.get(variable, "").strip():
                return variable, value
        return f"{name}=", None


def parse_aliases(text: str) -> dict[str, str]:
    """Read ``gpt-4o=kimi-k2.5,gpt-4o-mini=gpt-oss-120b``; blanks and a last comma are fine.

    Raises ``ConfigurationError`` naming ``BASETEN_OPENAI_ALIASES`` and the entry that is wrong.
    """
    aliases: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, equals, target = (piece.strip() for piece in entry.partition("="))
        if not equals or not name or not target or "=" in target:
            message = (
                f"BASETEN_OPENAI_ALIASES: {entry!r} is not of the form name=model, "
                "such as gpt-4o=kimi-k2.5,gpt-4o-mini=gpt-oss-120b."
            )
            raise ConfigurationError(message)
        if aliases.get(name, target) != target:
            message = f"BASETEN_OPENAI_ALIASES maps {name!r} twice, to different models."
            raise ConfigurationError(message)
        aliases[name] = target
    return aliases


def _check_aliases(aliases: Mapping[str, str]) -> dict[str, str]:
    try:
        pairs = dict(aliases)
    except (TypeError, ValueError):
        pairs = {"": ""}
    for name, target in pairs.items():
        if not (isinstance(name, str) and isinstance(target, str) and name and target):
            message = 'aliases= must map names to models, such as {"gpt-4o": "kimi-k2.5"}.'
            raise ConfigurationError(message)
    return pairs


def _check_policy(value: str, *, name: str) -> OnUnsupported:
    allowed: tuple[OnUnsupported, ...] = get_args(OnUnsupported)
    for policy in allowed:
        if value == policy or (isinstance(value, str) and value.lower() == policy):
            return policy
    message = f"{name} must be one of {', '.join(allowed)}, not {value!r}."
    raise ConfigurationError(message)
