"""Options of several commands, with the names of the runner's options."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..settings import Settings

ALIAS = Annotated[
    list[str] | None,
    typer.Option(
        "--alias",
        metavar="NAME=MODEL",
        help="The model for a name in the program; may be repeated.",
    ),
]
DEFAULT_MODEL = Annotated[
    str | None,
    typer.Option(
        "--default-model", metavar="MODEL", help="The model for OpenAI's names without an alias."
    ),
]


def load_settings(alias: list[str] | None, default_model: str | None) -> "Settings":
    """Return the settings from the options and the environment. Raises ``ConfigurationError``."""
    from ..errors import ConfigurationError  # noqa: PLC0415  # imports openai: not for --help
    from ..settings import Settings, parse_aliases  # noqa: PLC0415  # as above

    aliases: dict[str, str] = {}
    for text in alias or ():
        try:
            aliases |= parse_aliases(text)
        except ConfigurationError as error:
            raise typer.BadParameter(
                str(error).replace("BASETEN_OPENAI_ALIASES: ", ""), param_hint="--alias"
            ) from None
    return Settings.load(aliases=aliases, default_model=default_model)
