"""Options that several commands have, spelled as the runner's."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..settings import Settings

ALIAS = Annotated[
    list[str] | None,
    typer.Option(
        "--alias", metavar="NAME=MODEL", help="What a name means in the program; may be repeated."
    ),
]
DEFAULT_MODEL = Annotated[
    str | None,
    typer.Option(
        "--default-model", metavar="MODEL", help="The model for OpenAI names without an alias."
    ),
]


def load_settings(alias: list[str] | None, default_model: str | None) -> "Settings":
    """Read the environment and the options over it. Raises ``ConfigurationError``."""
    from ..errors import ConfigurationError  # noqa: PLC0415  # imports openai: not for --help
    from ..settings import Settings, parse_aliases  # noqa: PLC0415  # the same

    aliases: dict[str, str] = {}
    for text in alias or ():
        try:
            aliases |= parse_aliases(text)
        except ConfigurationError as error:
            raise typer.BadParameter(
                str(error).replace("BASETEN_OPENAI_ALIASES: ", ""), param_hint="--alias"
            ) from None
    return Settings.load(aliases=aliases, default_model=default_model)
