"""Activation by environment: autowrapt (extra ``auto``) finds this by the entry point of the package.

``AUTOWRAPT_BOOTSTRAP=baseten_openai`` lets it load this module when an interpreter starts and call
``patch_openai`` when ``openai`` has been imported. Imports nothing until then.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing would cost every interpreter that starts
if TYPE_CHECKING:
    from types import ModuleType

VARIABLE = "AUTOWRAPT_BOOTSTRAP"
GROUP = "baseten_openai"


def patch_openai(_openai: ModuleType) -> None:
    """Patch, with the settings of the environment. An unusable setting fails the import of openai."""
    from .patching import patch  # noqa: PLC0415  # openai is there only now

    patch()


def pass_on(environ: dict[str, str]) -> bool:
    """Let child processes be patched too, where autowrapt is installed; tell whether it is."""
    from importlib.util import find_spec  # noqa: PLC0415  # not at interpreter start

    if find_spec("autowrapt") is None:
        return False
    groups = [name.strip() for name in environ.get(VARIABLE, "").split(",") if name.strip()]
    if GROUP not in groups:
        environ[VARIABLE] = ",".join([*groups, GROUP])
    return True
