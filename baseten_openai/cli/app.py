"""The typer application with all commands."""

from typing import Annotated

import typer

from .._version import __version__
from .check import check
from .cost import cost
from .doctor import doctor
from .model import model
from .models import models

_CONTEXT = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,  # no boxes around help and errors: they are also read in pipes
    pretty_exceptions_enable=False,
    context_settings=_CONTEXT,
    help="Baseten's Model APIs for programs written for the openai SDK.",
    epilog="Exit codes: 0 all is well, 1 it is not, 2 wrong usage. NO_COLOR turns colours off.",
)


def _version(value: bool) -> None:  # noqa: FBT001  # typer passes it by position
    if value:
        typer.echo(f"baseten-openai {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _main(
    context: typer.Context,
    *,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    del version
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(2)


def _examples(*lines: str) -> str:
    """Return an epilog that keeps its line breaks."""
    return "\b\nExamples:\n" + "\n".join(f"  baseten-openai {line}" for line in lines)


app.command(
    epilog=_examples(
        "models",
        "models --vision --json-mode --status listed",
        "models --refresh --json | jq -r '.models[].slug'",
        "models --diff",
    )
)(models)
app.command(
    epilog=_examples(
        "model glm-4.7", "model gpt-4o --alias gpt-4o=kimi-k2.5", "model gpt-oss-120b --json"
    )
)(model)
app.command(
    epilog=_examples(
        "check app.py",
        "check src tests --default-model gpt-oss-120b",
        "check . --json > report.json",
    )
)(check)
app.command(
    epilog=_examples(
        "cost usage.jsonl",
        "cost batch_output.jsonl --default-model gpt-oss-120b",
        "cost - --model glm-4.7 --json < usage.jsonl",
    )
)(cost)
app.command(epilog=_examples("doctor", "doctor --offline", "doctor --json"))(doctor)


@app.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    epilog=_examples(
        "run app.py --its-own-option",
        "run --alias gpt-4o=kimi-k2.5 -m my.module",
        "run --report app.py",
        "run --help",
    ),
)
def run(context: typer.Context) -> None:
    """Run a program on Baseten, unchanged.

    The same as python -m baseten_openai.
    """
    from .run import run as run_program  # noqa: PLC0415  # main() calls it without typer

    run_program(context.args)


@app.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    epilog=_examples("emulator --port 8000", "emulator --help"),
)
def emulator(context: typer.Context) -> None:
    """Serve an offline stand-in for Baseten.

    The same as python -m baseten_openai.emulator.
    """
    from .emulator import emulate  # noqa: PLC0415  # main() calls it without typer

    emulate(context.args)
