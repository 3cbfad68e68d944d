"""Every setting of a client or of the patch, in one frozen object. A keyword overrides the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, get_args

from pydantic import SecretStr

from .credentials.base_url import check_base_url, check_own_host
from .credentials.hosts import origin_of
from .credentials.keys import clean_key, may_receive
from .errors import ConfigurationError, CredentialError
from .models.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_BASE_URL = "https://inference.baseten.co/v1"

OnUnsupported: TypeAlias = Literal["error", "warn", "ignore"]
"""What to do with a call that uses a feature the model does not have."""

Choice = TypeVar("Choice", bound=str)

Redirect: TypeAlias = Literal["all", "unset"]
"""Which clients ``patch()`` redirects: also those that name OpenAI's own URL, or only those without a URL."""

ENVIRONMENT: dict[str, str] = {
    "BASETEN_API_KEY": "the key; sent to Baseten, the configured base URL and loopback only",
    "BASETEN_BASE_URL": f"the endpoint to use instead of {DEFAULT_BASE_URL}, such as a dedicated deployment",
    "BASETEN_API_BASE": "the older name of BASETEN_BASE_URL, read if that is not set",
    "BASETEN_OPENAI_ALIASES": "your own model names: `gpt-4o=glm-5.2,gpt-4o-mini=deepseek-v4.1-flash`",
    "BASETEN_OPENAI_DEFAULT_MODEL": "the model for OpenAI names that have no alias",
    "BASETEN_OPENAI_ON_UNSUPPORTED": "`error` (default), `warn` or `ignore`",
    "BASETEN_OPENAI_RESPONSES": "a SQLite file that keeps responses for `previous_response_id`",
    "BASETEN_OPENAI_MAX_RESPONSES": "how many responses are kept (1000); `0` keeps none",
    "BASETEN_OPENAI_MAX_RESPONSE_BYTES": "how many bytes of responses are kept (67108864)",
    "BASETEN_OPENAI_FAST": "`on` (default), or `off` to prepare requests and build responses with the SDK's own code",
    "BASETEN_OPENAI_REDIRECT": "`all` (default): `patch()` also redirects clients that name OpenAI's own URL; `unset`: only clients without a URL",
    "BASETEN_OPENAI_PLACEHOLDER_KEY": "`on` or `off`: whether `OPENAI_API_KEY` gets a placeholder if it is not set; `off` for `patch()`, `on` for the runner and `AUTOWRAPT_BOOTSTRAP`",
}
"""The environment variables and what each holds. The table in the documentation is generated from it."""

_URL_VARIABLES = ("BASETEN_BASE_URL", "BASETEN_API_BASE")
_SWITCH = {"on": True, "1": True, "true": True, "off": False, "0": False, "false": False}
FIELDS = (
    "api_key",
    "base_url",
    "aliases",
    "default_model",
    "on_unsupported",
    "catalog",
    "fast",
    "redirect",
    "placeholder_key",
)


@dataclass(frozen=True, slots=True, kw_only=True, init=False, weakref_slot=True)
class Settings:
    """The settings of one client, or of the patch. Immutable, ``aliases`` included.

    The constructor checks every value and does not read the environment; ``Settings.load()`` does.
    ``OpenAI(settings=...)``, ``AsyncOpenAI(settings=...)``, ``patch(settings=...)`` and
    ``bind(client, settings=...)`` use settings as they are, instead of the environment. ``repr`` masks the
    key, and a pickle does not contain it.
    """

    api_key: SecretStr | None
    base_url: str
    aliases: Mapping[str, str]
    default_model: str | None
    on_unsupported: OnUnsupported
    catalog: Catalog
    fast: bool
    redirect: Redirect
    placeholder_key: bool

    def __init__(
        self,
        *,
        api_key: str | SecretStr | None = None,
        base_url: str | None = None,
        aliases: Mapping[str, str] | None = None,
        default_model: str | None = None,
        on_unsupported: OnUnsupported | None = None,
        catalog: Catalog | None = None,
        fast: bool | None = None,
        redirect: Redirect | None = None,
        placeholder_key: bool | None = None,
    ) -> None:
        """Check the values; ``None`` stands for the default.

        ``aliases`` maps the names in your code to models. ``default_model`` is used for OpenAI's model
        names that have no alias. ``on_unsupported`` says what to do with a call that uses a feature the
        model does not have. ``fast=False`` uses the SDK's own code to prepare requests and to build
        responses, which gives the same results and takes longer. ``patch()`` alone uses the last two:
        ``redirect="unset"`` leaves clients alone that name OpenAI's own URL, and ``placeholder_key=True``
        sets ``OPENAI_API_KEY`` to a placeholder if the variable is not set.

        Raises ``ConfigurationError`` for an invalid value, ``CredentialError`` (a subclass) for an OpenAI
        key or a URL to which no key may be sent. The message starts with the name of the keyword.
        """
        secret = api_key.get_secret_value() if isinstance(api_key, SecretStr) else api_key
        key = clean_key(secret, name="api_key=")
        values = (
            SecretStr(key) if key else None,
            check_base_url(base_url, name="base_url=")
            if base_url is not None
            else DEFAULT_BASE_URL,
            MappingProxyType(_check_aliases({} if aliases is None else aliases)),
            _check_default_model(default_model),
            _check_policy("error" if on_unsupported is None else on_unsupported),
            _check_catalog(catalog),
            _check_switch(True if fast is None else fast, name="fast="),
            _check_redirect("all" if redirect is None else redirect),
            _check_switch(
                False if placeholder_key is None else placeholder_key, name="placeholder_key="
            ),
        )
        for name, value in zip(FIELDS, values, strict=True):
            object.__setattr__(self, name, value)

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
        fast: bool | None = None,
        redirect: Redirect | None = None,
        placeholder_key: bool | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> Settings:
        """Return the settings of the environment, with these keywords over it; ``None`` leaves one out.

        Aliases are merged name by name. Raises what the constructor raises; the message starts with the
        name of the keyword or the variable.
        """
        key_name, key = _first(environ, "api_key", api_key, "BASETEN_API_KEY")
        url_name, url = _first(environ, "base_url", base_url, *_URL_VARIABLES)
        policy_name, policy = _first(
            environ, "on_unsupported", on_unsupported, "BASETEN_OPENAI_ON_UNSUPPORTED"
        )
        _, default = _first(environ, "default_model", default_model, "BASETEN_OPENAI_DEFAULT_MODEL")
        fast_name, switch = _first(environ, "fast", fast, "BASETEN_OPENAI_FAST")
        redirect_name, which = _first(environ, "redirect", redirect, "BASETEN_OPENAI_REDIRECT")
        placeholder_name, placeholder = _first(
            environ, "placeholder_key", placeholder_key, "BASETEN_OPENAI_PLACEHOLDER_KEY"
        )
        # checked here under the variable's name; the constructor knows the keyword's only
        key = clean_key(key, name=key_name)
        url = check_base_url(url, name=url_name) if url is not None else None
        if key and url is not None and (key_name, url_name) == ("BASETEN_API_KEY", "base_url="):
            _, configured = _first(environ, "base_url", None, *_URL_VARIABLES)
            check_own_host(url, configured, name=url_name)
        return cls(
            api_key=key,
            base_url=url,
            aliases={
                **parse_aliases(environ.get("BASETEN_OPENAI_ALIASES", "")),
                **_check_aliases({} if aliases is None else aliases),
            },
            default_model=default,
            on_unsupported=None if policy is None else _check_policy(policy, name=policy_name),
            catalog=catalog,
            fast=None if switch is None else _check_switch(switch, name=fast_name),
            redirect=None if which is None else _check_redirect(which, name=redirect_name),
            placeholder_key=(
                None if placeholder is None else _check_switch(placeholder, name=placeholder_name)
            ),
        )

    def replace(self, **changes: Any) -> Settings:
        """Return a copy with ``changes``; ``None`` sets a value back to its default.

        Raises what the constructor raises, and ``CredentialError`` if ``base_url`` would take the key of
        these settings to another host.
        """
        if not changes:
            return self
        made = Settings(**{**{name: getattr(self, name) for name in FIELDS}, **changes})
        if self.api_key is not None and "api_key" not in changes:
            origin = origin_of(made.base_url)
            if not may_receive(origin, self):
                message = (
                    f"base_url= would send the Baseten key of these settings to {origin[1]!r}. "
                    "Give that host's own api_key= along with it."
                )
                raise CredentialError(message)
        return made

    def __hash__(self) -> int:
        """Hash what is hashable; equal settings have equal hashes."""
        aliases = frozenset(self.aliases.items())
        return hash((self.api_key, self.base_url, aliases, self.default_model, self.on_unsupported))

    def __copy__(self) -> Settings:
        """Return the settings themselves: nothing can change them."""
        return self

    def __deepcopy__(self, _: object) -> Settings:
        """Return the settings themselves: nothing can change them."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the key: a pickle ends up in a file, a queue or on another host."""
        kept = {name: getattr(self, name) for name in FIELDS if name != "api_key"}
        return _unpickle, ({**kept, "aliases": dict(self.aliases)},)


def _unpickle(fields: dict[str, Any]) -> Settings:
    return Settings(**fields)


def _first(environ: Mapping[str, str], name: str, keyword: Any, *variables: str) -> tuple[str, Any]:
    """Return the keyword if given, else the first variable that is set; blank counts as not set."""
    if keyword is not None and not (isinstance(keyword, str) and not keyword.strip()):
        return f"{name}=", keyword
    for variable in variables:
        if value := environ.get(variable, "").strip():
            return variable, value
    return f"{name}=", None


def parse_aliases(text: str) -> dict[str, str]:
    """Read ``gpt-4o=glm-5.2,gpt-4o-mini=deepseek-v4.1-flash``; blanks and a last comma are fine.

    Raises ``ConfigurationError`` naming ``BASETEN_OPENAI_ALIASES`` and the entry that is wrong.
    """
    aliases: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, equals, target = (piece.strip() for piece in entry.partition("="))
        if not equals or not name or not target or "=" in target:
            message = (
                f"BASETEN_OPENAI_ALIASES: {entry!r} is not of the form name=model, "
                "such as gpt-4o=glm-5.2,gpt-4o-mini=deepseek-v4.1-flash."
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
            message = 'aliases= must map names to models, such as {"gpt-4o": "glm-5.2"}.'
            raise ConfigurationError(message)
    return pairs


def _check_default_model(name: object) -> str | None:
    if name is not None and not isinstance(name, str):
        message = f"default_model= must name a model, not {type(name).__name__}."
        raise ConfigurationError(message)
    return (name or "").strip() or None


def _check_policy(value: object, *, name: str = "on_unsupported=") -> OnUnsupported:
    allowed: tuple[OnUnsupported, ...] = get_args(OnUnsupported)
    return _check_choice(value, allowed, name=name)


def _check_redirect(value: object, *, name: str = "redirect=") -> Redirect:
    allowed: tuple[Redirect, ...] = get_args(Redirect)
    return _check_choice(value, allowed, name=name)


def _check_choice(value: object, allowed: tuple[Choice, ...], *, name: str) -> Choice:
    for choice in allowed:
        if value == choice or (isinstance(value, str) and value.lower() == choice):
            return choice
    message = f"{name} must be one of {', '.join(allowed)}, not {value!r}."
    raise ConfigurationError(message)


def _check_switch(value: object, *, name: str) -> bool:
    """Return whether a switch is on; a variable may say it in any of the usual words."""
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in _SWITCH:
        message = f"{name} must be on or off, not {value!r}."
        raise ConfigurationError(message)
    return _SWITCH[word]


def _check_catalog(catalog: object) -> Catalog:
    if catalog is None:
        return Catalog.bundled()
    if not isinstance(catalog, Catalog):
        message = f"catalog= must be a Catalog, not {type(catalog).__name__}."
        raise ConfigurationError(message)
    return catalog
