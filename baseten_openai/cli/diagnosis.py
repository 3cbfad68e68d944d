"""The checks of ``doctor``. They print nothing; only ``network`` sends requests."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from importlib import metadata
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urlsplit

import openai

from .._version import __version__
from ..activation import import_hook
from ..clients.classes import OpenAI
from ..credentials import placeholder
from ..credentials.hosts import is_dedicated, is_openai_default, origin_of
from ..credentials.keys import FOREIGN_VARIABLES
from ..errors import (
    BasetenError,
    ConfigurationError,
    MissingAPIKeyError,
    NotFoundError,
    PaymentRequiredError,
    http_library,
)
from ..patching import control
from ..sdk import fast_paths, verification
from ..settings import ENVIRONMENT, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

State = Literal["ok", "warning", "problem", "-"]

NO_SUCH_MODEL = "baseten-openai/doctor-asks-for-no-model"
"""A slug that cannot exist: a request for it checks the key without being billed.

evidence.md#order-of-validation
"""

INSTRUMENTORS = {
    "opentelemetry-instrumentation-openai-v2": "OpenTelemetry",
    "opentelemetry-instrumentation-openai": "OpenTelemetry (Traceloop)",
    "traceloop-sdk": "Traceloop",
    "openinference-instrumentation-openai": "OpenInference",
    "langfuse": "Langfuse",
    "langsmith": "LangSmith",
    "logfire": "Logfire",
    "sentry-sdk": "Sentry",
    "ddtrace": "Datadog",
}
"""Distributions that can wrap the SDK's methods, too."""

_EXTRAS = {"auto": "autowrapt", "cli": "typer", "emulator": "starlette"}
_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
_OPENAI_ONLY = ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS", *FOREIGN_VARIABLES)
_TIMEOUT = 15.0
_LONG_KEY = 20
_SHOWN_END = 4
_SERVER_ERROR = 500


class Check(NamedTuple):
    """The result of one check; "-" is neither good nor bad."""

    section: str
    name: str
    state: State
    text: str


def versions() -> Iterator[Check]:
    """Check which versions are installed, and whether the SDK is compatible."""
    section = "versions"
    python = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Check(section, "python", "ok", python)
    yield Check(section, "baseten-openai", "ok", __version__)
    try:
        verification.verify()
    except BasetenError as error:
        yield Check(section, "openai", "problem", f"{error} {error.hint or ''}".strip())
    else:
        yield Check(section, "openai", "ok", metadata.version("openai"))
    for name in ("wrapt", "pydantic"):
        yield Check(section, name, "ok", metadata.version(name))
    for extra, distribution in _EXTRAS.items():
        version = _version(distribution)
        text = f"{distribution} {version}" if version else f"pip install 'baseten-openai[{extra}]'"
        yield Check(section, f"extra {extra}", "ok" if version else "-", text)


def patching_state() -> Iterator[Check]:
    """Check whether and how programs are patched in this environment."""
    section = "patch"
    groups = [group.strip() for group in os.environ.get(import_hook.VARIABLE, "").split(",")]
    asked = not {*groups}.isdisjoint(import_hook.GROUPS)
    unknown = [group for group in groups if group and not metadata.entry_points(group=group)]
    status = control.patch_status()
    if status.patched:
        text = f"every program started here is patched ({import_hook.VARIABLE})"
        yield Check(section, "by environment", "ok", text)
    elif asked:
        text = f"{import_hook.VARIABLE} asks for it, but nothing is patched: install the extra auto"
        yield Check(section, "by environment", "problem", text)
    elif unknown:
        text = f"{import_hook.VARIABLE} names {unknown[0]!r}, which matches nothing; use {import_hook.GROUP}"
        yield Check(section, "by environment", "problem", text)
    else:
        text = f"no; {import_hook.VARIABLE}={import_hook.GROUP} patches every program (extra auto)"
        yield Check(section, "by environment", "-", text)
    own = os.environ.get(placeholder.VARIABLE, "").strip()
    if own and own != placeholder.PLACEHOLDER:
        text = (
            f"{placeholder.VARIABLE} is set: a program that is not patched would run, at OpenAI; "
            "remove the key to make it fail"
        )
        yield Check(section, "missed activation", "warning", text)
    for client in status.left_alone:
        yield Check(section, "client", "warning", str(client))
    if status.disabled_methods:
        text = f"switched off under other libraries: {', '.join(status.disabled_methods)}"
        yield Check(section, "methods", "warning", text)


def settings_state() -> tuple[Settings | None, list[Check]]:
    """Check the settings; return them, or ``None`` if they are invalid."""
    section = "settings"
    try:
        settings = Settings.load()
    except ConfigurationError as error:
        return None, [Check(section, "settings", "problem", str(error))]
    url_from = _set_variable("BASETEN_BASE_URL", "BASETEN_API_BASE") or "default"
    found = [Check(section, "base URL", "ok", f"{settings.base_url} ({url_from})")]
    if settings.api_key:
        found.append(Check(section, "key", "ok", masked(settings.api_key.get_secret_value())))
    else:
        found.append(Check(section, "key", "problem", "none: set BASETEN_API_KEY"))
    aliases = ", ".join(f"{name}={target}" for name, target in settings.aliases.items())
    unknown = _unknown_models(settings)
    found.append(
        Check(section, "aliases", "problem" if unknown else "ok", unknown or aliases or "none")
    )
    found += [
        Check(section, "default model", "ok", settings.default_model or "none"),
        Check(section, "on unsupported", "ok", settings.on_unsupported),
    ]
    fits, text = fast_paths.describe(fast=settings.fast)
    found.append(Check(section, "fast paths", "ok" if fits else "warning", text))
    unread = sorted(
        name
        for name in os.environ
        if name.startswith("BASETEN_OPENAI_") and name not in ENVIRONMENT
    )
    if unread:
        text = f"not read, perhaps misspelt: {', '.join(unread)}"
        found.append(Check(section, "variables", "warning", text))
    return settings, found


def hosts(settings: Settings | None) -> Iterator[Check]:
    """Check which host a client without arguments would call: stock, patched, and ours."""
    section = "default client"
    elsewhere = os.environ.get("OPENAI_BASE_URL", "").strip()
    if not control.is_patched():
        stock = _hide_userinfo(elsewhere) or "https://api.openai.com/v1"
        yield Check(section, "openai.OpenAI()", "-", f"{stock} (not patched)")
    if settings is None:
        return
    if elsewhere and not (is_openai_default(elsewhere) and settings.redirect == "all"):
        text = f"{_hide_userinfo(elsewhere)}: OPENAI_BASE_URL is set, which patch() leaves alone; unset it"
        yield Check(section, "after patch()", "warning", text)
    else:
        yield Check(section, "after patch()", *_made(patched=True))
    yield Check(section, "baseten_openai.OpenAI()", *_made(patched=False))
    kept = [name for name in _OPENAI_ONLY if os.environ.get(name)]
    if kept:
        yield Check(section, "OpenAI's variables", "ok", f"not sent to Baseten: {', '.join(kept)}")
    if proxy := next((name for name in _PROXIES if os.environ.get(name)), None):
        text = f"{_hide_userinfo(os.environ[proxy])} ({proxy})"
        yield Check(section, "proxy", "-", text)


def _made(*, patched: bool) -> tuple[State, str]:
    """Create a client; return the state of the check, and the base URL or the error."""
    try:
        if not patched:
            with OpenAI() as ours:
                return "ok", str(ours.base_url)
        with control.patched(), openai.OpenAI() as stock:
            return "ok", str(stock.base_url)
    except MissingAPIKeyError:
        return "-", "none can be made without a key"
    except BasetenError as error:
        return "problem", str(error).partition("\n")[0]


def neighbours() -> Iterator[Check]:
    """List other libraries that wrap the SDK."""
    found = [
        Check("instrumentors", name, "-", f"{title} {version}")
        for name, title in INSTRUMENTORS.items()
        if (version := _version(name))
    ]
    yield from found or [Check("instrumentors", "none", "-", "none of those we know is installed")]


def network(settings: Settings) -> Iterable[Check]:
    """Send a request. With a key, it names a model that cannot exist, so nothing is billed."""
    host = origin_of(settings.base_url)[1]
    if settings.api_key is None:
        return _reach_without_key(settings)
    if is_dedicated(host):
        # A deployment ignores the model's name: a chat call would run and be billed.
        return _ask(settings, chat=False)
    return _ask(settings, chat=True)


def _reach_without_key(settings: Settings) -> Iterator[Check]:
    section = "network"
    http = http_library()
    try:
        status = http.get(f"{settings.base_url.rstrip('/')}/models", timeout=_TIMEOUT).status_code
    except (http.HTTPError, OSError) as error:
        yield Check(section, "reachable", "problem", f"no: {error or type(error).__name__}")
    else:
        yield Check(section, "reachable", "ok", f"{settings.base_url} answers ({status})")
    yield Check(section, "key accepted", "-", "not asked: there is no key")


def _ask(settings: Settings, *, chat: bool) -> Iterator[Check]:
    section, reached = "network", Check("network", "reachable", "ok", settings.base_url)
    try:
        with OpenAI(max_retries=0, timeout=_TIMEOUT) as client:
            if chat:
                client.chat.completions.create(
                    model=NO_SUCH_MODEL, messages=[{"role": "user", "content": "."}], max_tokens=1
                )
            else:
                client.get("/models", cast_to=object)
    except openai.APIConnectionError as error:
        cause = f" ({error.__cause__})" if error.__cause__ else ""
        yield Check(section, "reachable", "problem", f"no: {error.message}{cause}")
        yield Check(section, "key accepted", "-", "not asked: nobody answers")
    except openai.APIStatusError as error:
        yield reached
        yield Check(section, "key accepted", *_judge(error, chat=chat))
    except (openai.OpenAIError, ValueError) as error:
        yield reached
        text = f"the answer makes no sense ({error}): is this Baseten?"
        yield Check(section, "key accepted", "warning", text)
    else:
        yield reached
        if chat:
            text = (
                "it answered for a model that does not exist: is this Baseten? (it may have billed)"
            )
            yield Check(section, "key accepted", "warning", text)
        else:
            yield Check(section, "key accepted", "ok", "yes (its list of models was read)")


def _judge(error: openai.APIStatusError, *, chat: bool) -> tuple[State, str]:
    """Return what an error response means for the key."""
    status, said = error.status_code, error.message
    if isinstance(error, NotFoundError):
        if chat and "model" in said.lower():
            return "ok", "yes (404 for a model that does not exist: nothing was billed)"
        return "warning", f"cannot tell: {status} {said}; is the base URL right?"
    if isinstance(error, PaymentRequiredError):
        return "problem", f"yes, but there is no credit: {status} {said}"
    if status in {401, 403}:
        return "problem", f"no: {status} {said}"
    if status >= _SERVER_ERROR:
        return "problem", f"cannot tell, the service fails: {status} {said}"
    return "warning", f"cannot tell: {status} {said}"


def masked(key: str) -> str:
    """Mask a key: show enough to recognise it, and too little to use it."""
    end = f", ends in {key[-_SHOWN_END:]}" if len(key) >= _LONG_KEY else ""
    return f"set ({len(key)} characters{end})"


def _unknown_models(settings: Settings) -> str:
    """Check that the aliases and the default model name known models."""
    names = {f"alias {name}": name for name in settings.aliases}
    if settings.default_model:
        names["default model"] = settings.default_model
    for title, name in names.items():
        try:
            settings.catalog.resolve(name, aliases=settings.aliases)
        except BasetenError as error:
            return f"{title}: {str(error).partition(chr(10))[0]}"
    return ""


def _version(distribution: str) -> str | None:
    with suppress(metadata.PackageNotFoundError):
        return metadata.version(distribution)
    return None


def _set_variable(*names: str) -> str | None:
    return next((name for name in names if os.environ.get(name, "").strip()), None)


def _hide_userinfo(url: str) -> str:
    """Remove the user name and password from a URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.rpartition("@")[2]
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
