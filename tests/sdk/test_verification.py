"""An SDK that lacks what we hook into is refused with what to do, and nothing is patched."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openai
import pytest

import baseten_openai
from baseten_openai import IncompatibleOpenAIError, bind, is_patched, patch
from baseten_openai.sdk import verification
from baseten_openai.sdk.verification import METHODS, SUPPORTED

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CLASSES = (openai.OpenAI, openai.AsyncOpenAI)


def without_parameters(_self: Any) -> None:
    pass


async def as_coroutine(_self: Any, **_kw: Any) -> None:
    pass


def as_function(_self: Any, **_kw: Any) -> None:
    pass


def changed(cls: type, name: str, *, awaited: bool) -> dict[str, Any]:
    """What a later SDK may have made of a method, by what the error must say of it."""
    where = f"{cls.__name__}.{name}"
    is_coroutine = awaited and cls is openai.AsyncOpenAI
    swapped: Callable[..., Any] = as_function if is_coroutine else as_coroutine
    return {
        f"{where} is missing": None,
        f"{where} has no parameter": without_parameters,
        f"{where} is {'not ' if is_coroutine else ''}a coroutine": swapped,
    }


CHANGES = [
    pytest.param(cls, method.name, found, said, id=said.replace(" ", "-"))
    for cls in CLASSES
    for method in METHODS
    for said, found in changed(cls, method.name, awaited=method.awaited).items()
]


@pytest.mark.parametrize(("cls", "name", "found", "said"), CHANGES)
def test_a_method_that_is_not_as_expected(
    cls: type, name: str, found: Any, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", "abcd1234.of-baseten")
    client = openai.OpenAI(api_key="sk-stock")
    monkeypatch.setattr(cls, name, found)
    before = [dict(vars(one)) for one in CLASSES]
    for use in (patch, lambda: bind(client)):
        with pytest.raises(IncompatibleOpenAIError) as caught:
            use()
        text = str(caught.value)
        assert said in text
        assert f"openai {openai.VERSION}" in text
        assert f"baseten-openai {baseten_openai.__version__}" in text
        assert caught.value.hint is not None
        assert f"pip install 'openai{SUPPORTED}'" in caught.value.hint
        assert isinstance(caught.value, openai.OpenAIError)
    assert not is_patched()
    assert [dict(vars(one)) for one in CLASSES] == before


@pytest.mark.parametrize("cls", [openai.Stream, openai.AsyncStream])
def test_a_stream_that_is_not_as_expected(cls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cls, "_iter_events", None)
    with pytest.raises(IncompatibleOpenAIError, match=rf"{cls.__name__}\._iter_events is missing"):
        patch()
    assert not is_patched()


def test_several_problems_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for method in METHODS:
        monkeypatch.setattr(openai.OpenAI, method.name, None)
    with pytest.raises(IncompatibleOpenAIError) as caught:
        patch()
    for method in METHODS:
        assert f"OpenAI.{method.name} is missing" in str(caught.value)


def test_a_patch_in_place_survives_a_method_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", "abcd1234.of-baseten")
    patch()
    monkeypatch.setattr(openai.Stream, "_iter_events", None)
    assert patch(default_model="glm-4.7").patched


def test_parameters_may_be_added_and_reordered(monkeypatch: pytest.MonkeyPatch) -> None:
    def later(_self: Any, *, response: Any, new: Any = 1, cast_to: Any, data: Any) -> None:
        del response, new, cast_to, data

    monkeypatch.setattr(openai.OpenAI, "_process_response_data", later)
    monkeypatch.setattr(openai.OpenAI, "_make_status_error", as_function)  # takes anything
    verification.verify()


def test_importing_the_clients_says_so_too() -> None:
    program = (
        "import openai\ndel openai.OpenAI._make_status_error\n"
        "openai._base_client.BaseClient._make_status_error = None\nimport baseten_openai\n"
        "try:\n    baseten_openai.OpenAI\nexcept baseten_openai.IncompatibleOpenAIError as e:\n"
        "    print('OpenAI._make_status_error' in str(e), openai.VERSION in str(e))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stdout.split() == ["True", "True"]


def test_the_supported_versions_are_those_of_the_package() -> None:
    (requirement,) = [one for one in PROJECT["dependencies"] if one.startswith("openai")]
    assert requirement == f"openai{SUPPORTED}"


def test_every_method_has_its_hooks_everywhere() -> None:
    names = {method.name for method in METHODS}
    for cls in (baseten_openai.OpenAI, baseten_openai.AsyncOpenAI):
        assert names <= set(vars(cls))
    patched = patch(api_key="abcd1234.of-baseten").methods
    assert set(patched) == {
        f"{cls.__name__}.{name}"
        for cls in CLASSES
        for name in ("__init__", "copy", "with_options", *names)
    }


def test_the_installed_sdk_fits() -> None:
    verification.verify()
    for cls in CLASSES:
        for method in METHODS:
            assert callable(getattr(cls, method.name))
