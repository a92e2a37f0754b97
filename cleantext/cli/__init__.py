"""The command line: ``cleantext restore``, ``explain``, ``diagnose``, ``check`` and the rest.

Texts are read and written as UTF-8 with their newlines as they are. Errors are one sentence on
standard error. Exit status: 0, 1 for bad input, 2 for wrong usage, 130 when interrupted, 141 when
the reader of the output went away, 143 after SIGTERM.
"""

from __future__ import annotations

from typing import Annotated

import typer

import cleantext
from cleantext.cli import judging, library, restoring, running, training
from cleantext.cli.messages import InputError, say

__all__ = ["app", "main"]

app = typer.Typer(
    help="Give scraped news copy back its casing, punctuation, paragraphs and cut-off edges.",
    add_completion=False,
    rich_markup_mode=None,  # plain help: it does not load rich and looks alike everywhere
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

#: Exit status after Ctrl-C, as a shell counts it.
_INTERRUPTED = 130
#: What typer raises for wrong usage; it has no public name of its own.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]
_SHADOWED = (
    "another package called cleantext (clean-text or cleantext) is installed over cleantext-news;"
    " uninstall all of them, then install cleantext-news again"
)


def main() -> int:
    """Run the command line on ``sys.argv``; the exit status."""
    if "restore" not in getattr(cleantext, "__all__", ()):
        say(_SHADOWED)
        return 1
    try:
        status = app(standalone_mode=False, prog_name="cleantext")
    except _UsageError as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "cleantext"
        message = getattr(error, "format_message", error.__str__)()
        say(f"{message.rstrip('.')}; see {command} --help")
        return 2
    except (InputError, OSError) as error:
        say(str(error))
        return 1
    except (KeyboardInterrupt, typer.Abort):
        status = _INTERRUPTED
    if status == _INTERRUPTED:
        say("stopped")
    return status if isinstance(status, int) else 0


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cleantext {cleantext.__version__}")
        raise typer.Exit


@app.callback()
def top_level(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Give scraped news copy back its casing, its punctuation and its paragraphs."""


for _command in (
    restoring.restore,
    restoring.explain,
    judging.diagnose,
    judging.check,
    judging.degrade,
    running.run,
    training.train,
    training.evaluate,
):
    app.command()(_command)
app.add_typer(library.app, name="library")
