"""The settings of ``patch()`` are the defaults of ``bind()`` and of our classes while it is in effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from client_factories import SYNC_AND_ASYNC, made, stock, subclass

import baseten_openai
from baseten_openai import CredentialError, Settings, bind, patch

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "abcd1234.of-baseten"
GATEWAY = "https://gateway.test/v1"


def of_a_class(*, is_async: bool, **options: Any) -> Settings:
    settings: Settings = subclass(is_async=is_async, **options).baseten_settings
    return settings


def of_a_bound_client(*, is_async: bool, **options: Any) -> Settings:
    client = made(bind(stock(is_async=is_async), **options))
    settings: Settings = client.__dict__["_baseten_openai"].settings
    return settings


EACH = pytest.mark.parametrize("settings_of", [of_a_class, of_a_bound_client])


@EACH
@SYNC_AND_ASYNC
def test_they_are_the_defaults(settings_of: Callable[..., Settings], is_async: bool) -> None:
    patch(api_key=KEY, base_url=GATEWAY, aliases={"a": "glm-5"}, default_model="glm-5")
    settings = settings_of(is_async=is_async)
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == KEY
    assert (settings.base_url, settings.default_model) == (GATEWAY, "glm-5")
    own = settings_of(is_async=is_async, aliases={"b": "glm-4.7"}, default_model="glm-4.7")
    assert own.aliases == {"a": "glm-5", "b": "glm-4.7"}
    assert own.default_model == "glm-4.7"
    given = Settings(api_key="abcd1234.another")
    assert settings_of(is_async=is_async, settings=given) == given


@EACH
@SYNC_AND_ASYNC
def test_they_are_not_after_unpatch(
    settings_of: Callable[..., Settings], is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch(api_key=KEY, default_model="glm-5")
    baseten_openai.unpatch()
    monkeypatch.setenv("BASETEN_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")
    assert settings_of(is_async=is_async).default_model is None


@EACH
@SYNC_AND_ASYNC
def test_the_patchs_key_goes_to_no_other_host(
    settings_of: Callable[..., Settings], is_async: bool
) -> None:
    patch(api_key=KEY)
    with pytest.raises(CredentialError, match=r"evil\.test"):
        settings_of(is_async=is_async, base_url="https://evil.test/v1")
