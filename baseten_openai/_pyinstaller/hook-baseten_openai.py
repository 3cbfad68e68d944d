"""What a frozen program needs of this package: every module, since names are imported when first used."""  # noqa: N999  # PyInstaller's naming

from __future__ import annotations

from PyInstaller.utils.hooks import collect_data_files, collect_submodules, copy_metadata

# The command line, the notebook magics and the emulator need extras, and no frozen program starts them.
_LEFT_OUT = ("cli", "emulator", "notebook", "_pyinstaller")


def _is_needed(module: str) -> bool:
    return not any(module.startswith(f"baseten_openai.{name}") for name in _LEFT_OUT)


hiddenimports = collect_submodules("baseten_openai", filter=_is_needed)
datas = collect_data_files("baseten_openai") + copy_metadata("openai")
