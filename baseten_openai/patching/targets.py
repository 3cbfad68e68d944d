"""Which new clients become Baseten's, and why the others are left alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from ..clients.classes import is_given
from ..clients.options import OPENAI_ONLY
from ..credentials.hosts import OPENAI_HOST, Origin, is_openai_default, origin_of
from ..sdk import bindings, stock_clients

if TYPE_CHECKING:
    from ..settings import Settings

    Kwargs = dict[str, Any]

UNPATCHED = "it was made in an unpatched() block"
COPY = "it is a copy of a client that was left alone"


class Place(NamedTuple):
    """The base URL that a new client names, and where it is from; both empty if it names none."""

    url: str
    source: str


def place_of(kw: Kwargs) -> Place:
    """Return the URL of the argument, else of ``OPENAI_BASE_URL``; an empty variable counts as not set."""
    if is_given(url := kw.get("base_url")):
        return Place(str(url), "base_url=")
    return Place(os.environ.get("OPENAI_BASE_URL", "").strip(), "OPENAI_BASE_URL")


def reason_to_leave(cls: type[Any], kw: Kwargs, settings: Settings) -> str | None:
    """Return why a new client of ``cls`` is not Baseten's; ``None`` for one that is.

    A client is Baseten's if it names no URL, Baseten's URL, or (with ``redirect="all"``) OpenAI's own.
    """
    if stock_clients.is_other_service(cls):
        return f"{cls.__name__} is for another service"
    if named := next((name for name in OPENAI_ONLY if kw.get(name) is not None), None):
        return f"{named}= selects a service of OpenAI's"
    url, source = place_of(kw)
    if not url or bindings.Binding(settings).serves(Located(url)):
        return None
    if not is_openai_default(url):
        return f"{source} names that host"
    if settings.redirect == "all":
        return None
    return f"{source} names OpenAI's URL and redirect is 'unset'"


def names_openai(kw: Kwargs) -> bool:
    """Return whether a new client names OpenAI's own URL."""
    return is_openai_default(place_of(kw).url)


def host_of(client: Any) -> str:
    """Return the host that a client sends its requests to."""
    return str(client._base_url.host) or OPENAI_HOST  # noqa: SLF001  # see bindings.base_url_of


def origin_of_url(url: str) -> Origin:
    """Return a URL's origin; an empty one for an invalid URL, which the SDK then refuses itself."""
    try:
        return origin_of(url)
    except ValueError:
        return "", "", None


class Located:
    """A URL string with the attributes that ``Binding`` reads from the SDK's URL objects."""

    def __init__(self, url: str) -> None:
        """Read the origin."""
        self.scheme, self.host, self.port = origin_of_url(url)
