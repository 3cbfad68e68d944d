"""``import baseten_openai``: the names it has, and what it does not import before they are used."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import openai
import pytest

import baseten_openai

HEAVY = ("openai", "pydantic", "wrapt", "httpx", "httpx2", "starlette", "uvicorn", "typer", "rich")
SUBMODULES = sorted(module.name for module in pkgutil.iter_modules(baseten_openai.__path__))


def run(program: str) -> str:
    """Run in a Python of its own, where nothing is imported yet; return what it prints."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


# What a user of the package calls, writes in an annotation, or receives. The list is the specification's
# and the issues', written by hand: a name that is lost or renamed fails here.
PROMISED = {
    "clients": "OpenAI AsyncOpenAI bind",
    "patching": "patch unpatch patched is_patched patch_status status PatchStatus",
    "settings": "Settings Options OnUnsupported",
    "models": "catalog Catalog Model Price Feature LiveCatalog refresh_catalog refresh_catalog_async",
    "errors": "BasetenError BasetenStatusError ConfigurationError CredentialError MissingAPIKeyError "
    "InvalidAPIKeyError AuthenticationError PermissionDeniedError PaymentRequiredError NotFoundError "
    "BadRequestError UnknownModelError UnsupportedFeatureError RateLimitError CapacityError "
    "InternalServerError InvalidResponseError StreamInterruptedError IncompatibleOpenAIError LiveListError",
    "calls": "notes Note BasetenWarning extra_body thinking reasoning",
    "usage": "report Report ModelUse Tokens Seconds track Ledger cost Cost",
}


@pytest.mark.parametrize("part", PROMISED)
def test_the_promised_names_are_there(part: str) -> None:
    assert set(PROMISED[part].split()) <= set(baseten_openai.__all__)


def test_status_is_the_short_name_of_patch_status() -> None:
    assert baseten_openai.status is baseten_openai.patch_status


def test_all_is_sorted_and_says_each_name_once() -> None:
    assert baseten_openai.__all__ == sorted(set(baseten_openai.__all__))


@pytest.mark.parametrize("name", baseten_openai.__all__)
def test_every_name_can_be_imported(name: str) -> None:
    value = getattr(baseten_openai, name)
    assert value is not None
    assert getattr(baseten_openai, name) is value
    if isinstance(value, type):
        assert value.__name__ == name
        assert value.__module__.startswith("baseten_openai")


def test_every_exception_is_public() -> None:
    errors = importlib.import_module("baseten_openai.errors")
    defined = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, openai.OpenAIError)
    }
    assert defined <= set(baseten_openai.__all__)
    for name in defined:
        assert issubclass(getattr(baseten_openai, name), baseten_openai.BasetenError)


def test_dir_lists_the_names() -> None:
    listed = dir(baseten_openai)
    for names in PROMISED.values():
        assert set(names.split()) <= set(listed)
    assert "__version__" in listed
    assert not [name for name in listed if name.startswith("_") and not name.endswith("__")]


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"'baseten_openai' has no attribute 'nothing'"):
        baseten_openai.nothing  # noqa: B018  # that it fails is tested
    with pytest.raises(ImportError, match="nothing"):
        from baseten_openai import nothing  # noqa: F401, PLC0415  # the same


def test_star_import_gives_the_names() -> None:
    program = (
        "from baseten_openai import *\nimport baseten_openai\n"
        "print(all(globals()[name] is getattr(baseten_openai, name)"
        " for name in baseten_openai.__all__))"
    )
    assert run(program) == "True"


def test_importing_it_imports_nothing_heavy() -> None:
    program = "import sys, baseten_openai\nbaseten_openai.__version__\nprint(*sorted(sys.modules))"
    loaded = {name.partition(".")[0] for name in run(program).split()}
    assert "baseten_openai" in loaded
    assert not loaded & set(HEAVY)


def test_importing_it_patches_nothing() -> None:
    program = (
        "import openai\nbefore = dict(vars(openai.OpenAI))\nfrom baseten_openai import *\n"
        "print(dict(vars(openai.OpenAI)) == before, is_patched())"
    )
    assert run(program) == "True False"


def test_no_submodule_has_a_public_name() -> None:
    # importing a submodule sets it as an attribute of the package, over a name of the same spelling
    assert not set(SUBMODULES) & set(baseten_openai.__all__)


def test_the_names_are_the_same_after_any_order_of_imports() -> None:
    of_extras = {"cli", "notebook"}  # whose libraries may be absent
    library = [n for n in SUBMODULES if not n.startswith("__") and n not in of_extras]
    for order in (library, library[::-1]):
        program = (
            "import importlib\n"
            f"for name in {order}: importlib.import_module(f'baseten_openai.{{name}}')\n"
            "import baseten_openai as b\n"
            "print(callable(b.notes), callable(b.bind), callable(b.patch), callable(b.patch_status),"
            " type(b.catalog).__name__, b.Settings.__name__)"
        )
        assert run(program) == "True True True True Catalog Settings"


@pytest.mark.parametrize("first", ["notes", "catalog", "OpenAI", "patch", "Settings", "Model"])
def test_any_name_may_be_the_first(first: str) -> None:
    program = (
        f"from baseten_openai import {first}\nimport baseten_openai as b\n"
        f"print({first} is b.{first}, callable(b.notes), b.notes(object()), b.is_patched())"
    )
    assert run(program) == "True True () False"


def test_the_catalog_is_the_bundled_one() -> None:
    assert baseten_openai.catalog is baseten_openai.Catalog.bundled()
    assert baseten_openai.Settings.load(environ={}).catalog is baseten_openai.catalog


def test_the_version_is_the_one_installed() -> None:
    metadata = importlib.import_module("importlib.metadata")
    assert baseten_openai.__version__ == metadata.version("baseten-openai")
