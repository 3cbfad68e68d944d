"""Read Baseten's live list of models (``GET /v1/models``) into a catalogue, sync and async.

The list is read only when one of these functions is called. ``models.live_list`` decides what to take from it
and what to keep on disk.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import openai

from ..errors import ConfigurationError, LiveListError
from ..models import live_list
from ..models.catalog import Catalog
from ..sdk import stock_clients
from .classes import OpenAI
from .options import client_settings

if TYPE_CHECKING:
    from ..models.live_list import Kept, LiveCatalog

logger = logging.getLogger("baseten_openai")

DAY = 86_400.0
_TIMEOUT = 20.0

_PASSING = (openai.APIConnectionError, openai.InternalServerError, openai.RateLimitError)
"""Failures that have nothing to do with the key or the settings: the list on disk is used."""

_NO_JSON = (json.JSONDecodeError, openai.APIResponseValidationError)
"""What the SDK's client and ours raise for an answer that is not JSON."""


def refresh_catalog(
    client: openai.OpenAI | None = None,
    *,
    catalog: Catalog | None = None,
    max_age: float = DAY,
) -> LiveCatalog:
    """Return a new catalogue: ``catalog`` (the bundled one) with ``GET /v1/models`` merged over it.

    Without ``client``, one is made from the settings of the environment. A list that was read less than
    ``max_age`` seconds ago comes from disk; so does an older one if Baseten cannot be reached. 0 always
    asks Baseten. Facts of the specification and of your own models are never changed.
    Raises ``LiveListError``, and what a call of the client raises.
    """
    given: object = client
    if given is not None and not isinstance(given, stock_clients.OpenAI):
        message = (
            f"refresh_catalog() takes an openai.OpenAI client or none, not {type(given).__name__}; "
            "refresh_catalog_async() takes an AsyncOpenAI client."
        )
        raise ConfigurationError(message)
    base = _base(catalog)
    url = _url(str(client.base_url) if client else client_settings({}).base_url)
    kept = live_list.load(url)
    if (current := live_list.current(base, kept, max_age)) is not None:
        return current
    try:
        if client is not None:
            data = client.get("/models", cast_to=object)
        else:
            with OpenAI(max_retries=1, timeout=_TIMEOUT) as own:
                data = own.get("/models", cast_to=object)
        return live_list.received(base, url, data)
    except (*_PASSING, *_NO_JSON, LiveListError) as error:
        return _instead(base, kept, error)


async def refresh_catalog_async(
    client: openai.AsyncOpenAI, *, catalog: Catalog | None = None, max_age: float = DAY
) -> LiveCatalog:
    """Do what ``refresh_catalog()`` does, with an async client."""
    given: object = client
    if not isinstance(given, stock_clients.AsyncOpenAI):
        message = f"refresh_catalog_async() takes an openai.AsyncOpenAI client, not {type(given).__name__}."
        raise ConfigurationError(message)
    base = _base(catalog)
    url = _url(str(client.base_url))
    kept = live_list.load(url)
    if (current := live_list.current(base, kept, max_age)) is not None:
        return current
    try:
        return live_list.received(base, url, await client.get("/models", cast_to=object))
    except (*_PASSING, *_NO_JSON, LiveListError) as error:
        return _instead(base, kept, error)


def _base(catalog: Catalog | None) -> Catalog:
    """Return the catalogue to merge the list over; never an earlier list."""
    if isinstance(catalog, live_list.LiveCatalog):
        return catalog.base
    return catalog or Catalog.bundled()


def _url(base_url: str) -> str:
    return base_url.partition("?")[0].rstrip("/")


def _instead(base: Catalog, kept: Kept | None, error: Exception) -> LiveCatalog:
    """Fall back to the list on disk, of any age; without one, raise the error."""
    if isinstance(error, _NO_JSON):
        error = LiveListError(f"the list of models is not JSON ({error}).")
    text = str(error).partition("\n")[0]
    problem = f"the live list could not be read ({text})"
    catalog = live_list.from_disk(base, kept, problem) if kept else None
    if catalog is None:
        raise error
    logger.info("%s; using the one of %s", problem, catalog.read_at.isoformat())
    return catalog
