"""``%baseten``: status, login, models, aliases, the emulator, off; and ``%%baseten`` for a cell."""

from __future__ import annotations

import contextlib
import getpass
import shlex
from typing import TYPE_CHECKING, Any

from IPython.core.error import StdinNotImplementedError, UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class

from ..errors import ConfigurationError, UnknownModelError
from ..models.catalog import Catalog
from ..patching import control
from ..usage.ledger import track
from . import cell_summary

if TYPE_CHECKING:
    from collections.abc import Callable

HELP = """\
%baseten                          show whether openai is patched, and the base URL
%baseten on                       patch the kernel with BASETEN_API_KEY
%baseten login                    ask for a key, which is kept in memory only
%baseten models [FILTER ...]      list models; filters: vision, json_mode, structured_outputs,
                                  reasoning, tools, listed, or a part of the name
%baseten model NAME               show which model a name refers to, and what it can do
%baseten use MODEL                set the model for OpenAI's names
%baseten alias NAME=MODEL ...     set the model for one name
%baseten report                   show a report of all calls so far
%baseten emulator on|off          use the offline emulator, which returns sample text
%baseten off                      undo the patch
%%baseten                         run the cell, and show a summary of its calls"""

FILTERS = ("vision", "json_mode", "structured_outputs", "reasoning", "tools")
EMULATOR_KEY = "emulator"  # the emulator accepts any key
COMMANDS = ("on", "login", "models", "model", "use", "alias", "report", "emulator", "off", "help")


@magics_class
class BasetenMagics(Magics):
    """The commands. They keep the user's choices, and patch again with all of them."""

    def __init__(self, shell: Any) -> None:
        """Start without any choices."""
        super().__init__(shell)
        self._key: str | None = None
        self.aliases: dict[str, str] = {}
        self._default_model: str | None = None
        self._emulator = contextlib.ExitStack()
        self._base_url: str | None = None  # of the emulator

    @line_cell_magic
    def baseten(self, line: str, cell: str | None = None) -> Any:
        """Control baseten_openai; ``%baseten help`` lists the commands."""
        shell: Any = self.shell
        if cell is not None:  # usually cell_summary has already replaced the line
            with track() as ledger:
                shell.run_cell(cell)
            cell_summary.show(ledger)
            return None
        command, *rest = _words(line) or ["status"]
        run: Callable[[list[str]], Any] | None = getattr(self, f"_do_{command}", None)
        if run is None:
            message = f"%baseten has no command {command!r}.\n{HELP}"
            raise UsageError(message)
        try:
            return run(rest)
        except (ConfigurationError, UnknownModelError) as error:
            raise UsageError(str(error)) from None

    def on(self) -> None:
        """Patch with the choices made here and by an earlier ``patch()``."""
        now = control.patch_status().settings
        key = now.api_key.get_secret_value() if now and now.api_key else None
        control.patch_again(
            api_key=EMULATOR_KEY if self._base_url else self._key or key,
            base_url=self._base_url or (now.base_url if now else None),
            aliases={**(now.aliases if now else {}), **self.aliases} or None,
            default_model=self._default_model or (now.default_model if now else None),
            on_unsupported=now.on_unsupported if now else None,
        )
        self.say()

    def off(self) -> None:
        """Undo the patch, stop the emulator, and forget the key."""
        control.unpatch()
        self._emulator.close()
        self._base_url = self._key = None

    def say(self) -> None:
        """Print whether openai is patched, and the base URL."""
        status = control.patch_status()
        if not status.patched or status.settings is None:
            hint = "run %baseten on or %baseten login"
            print(f"baseten_openai is loaded, but openai is not patched: {hint}")  # noqa: T201  # a notebook's output
            return
        settings = status.settings
        where = "the emulator, offline: answers are made up" if self._base_url else "Baseten"
        print(f"openai is patched: calls go to {where} ({settings.base_url})")  # noqa: T201  # as above
        if not settings.api_key:
            print("  no key is set: run %baseten login, or set BASETEN_API_KEY")  # noqa: T201  # as above
        if settings.default_model:
            print(f"  OpenAI's names mean {settings.default_model}")  # noqa: T201  # as above
        for name, target in settings.aliases.items():
            print(f"  {name} means {target}")  # noqa: T201  # as above

    def _do_status(self, _: list[str]) -> None:
        self.say()

    def _do_help(self, _: list[str]) -> None:
        print(HELP)  # noqa: T201  # a notebook's output

    def _do_on(self, _: list[str]) -> None:
        self.on()

    def _do_login(self, _: list[str]) -> None:
        try:
            key = getpass.getpass("Baseten API key (not shown, kept in memory only): ").strip()
        except StdinNotImplementedError:
            message = "this kernel cannot ask for input: set BASETEN_API_KEY, then run %baseten on"
            raise UsageError(message) from None
        if not key:
            message = "no key was given; keys: https://app.baseten.co/settings/api_keys"
            raise UsageError(message)
        self._key = key
        if self._base_url:
            self._do_emulator(["off"])
        else:
            self.on()

    def _do_models(self, filters: list[str]) -> Catalog:
        found = []
        for model in Catalog.bundled().values():
            for word in (word.lstrip("-").replace("-", "_").lower() for word in filters):
                if word in FILTERS:
                    fits = bool(model.supports(word))  # type: ignore[arg-type]  # one of the features
                elif word in {"listed", "unlisted", "retired"}:
                    fits = model.status == word
                else:
                    fits = word in f"{model.slug} {model.name}".lower().replace("-", "_")
                if not fits:
                    break
            else:
                found.append(model)
        if not found:
            message = f"no model matches {' '.join(filters)}; filters: {', '.join(FILTERS)}, listed, or a part of the name"
            raise UsageError(message)
        return Catalog(found)

    def _do_model(self, names: list[str]) -> Any:
        (name,) = _exactly(names, 1, "%baseten model kimi-k2.5")
        return Catalog.bundled().resolve(
            name, aliases=self.aliases, default_model=self._default_model
        )

    def _do_use(self, names: list[str]) -> None:
        (name,) = _exactly(names, 1, "%baseten use kimi-k2.5")
        Catalog.bundled().resolve(name, aliases=self.aliases)  # raises if it is not a model
        self._default_model = name
        self._again()

    def _do_alias(self, pairs: list[str]) -> None:
        added = {}
        for pair in pairs:
            name, equals, target = pair.partition("=")
            if not (name and equals and target):
                message = f"{pair!r} is not an alias; write it as: %baseten alias gpt-4o=kimi-k2.5"
                raise UsageError(message)
            added[name] = target
        if not added:
            message = "give an alias and its model: %baseten alias gpt-4o=kimi-k2.5"
            raise UsageError(message)
        together = {**self.aliases, **added}
        for name in added:
            Catalog.bundled().resolve(name, aliases=together)
        self.aliases = together
        self._again()

    def _do_report(self, _: list[str]) -> Any:
        from ..usage.report import report  # noqa: PLC0415  # needed only for a report

        return report()

    def _do_emulator(self, words: list[str]) -> None:
        (word,) = _exactly(words, 1, "%baseten emulator on", ("on", "off"))
        if word == "on" and not self._base_url:
            try:
                from .. import emulator  # noqa: PLC0415  # the extra `emulator`

                server = self._emulator.enter_context(emulator.serve())
            except ImportError:
                message = "the emulator needs its extra: %pip install 'baseten-openai[emulator]'"
                raise UsageError(message) from None
            self._base_url = server.base_url
            self.on()
        elif word == "off" and self._base_url:
            self._emulator.close()
            self._base_url = None
            control.unpatch()
            try:
                self.on()
            except ConfigurationError:
                self.say()
        else:
            self.say()

    def _do_off(self, _: list[str]) -> None:
        self.off()
        self.say()

    def _again(self) -> None:
        if control.is_patched():
            self.on()
        else:
            hint = "run %baseten on or %baseten login"
            print(f"saved; it takes effect when openai is patched: {hint}")  # noqa: T201  # a notebook's output


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        message = f"%baseten {line}: {error}"
        raise UsageError(message) from None


def _exactly(
    words: list[str], number: int, example: str, allowed: tuple[str, ...] = ()
) -> list[str]:
    if len(words) != number or (allowed and words[0] not in allowed):
        message = f"write it like this: {example}"
        raise UsageError(message)
    return words
