"""The command line: ``cleantext restore``, ``explain``, ``diagnose``, ``check`` and the rest.

Texts are read and written as UTF-8 with their newlines as they are. Errors are one sentence on
standard error. Exit status: 0, 1 for bad input, 2 for wrong usage, 130 when interrupted, 141 when
the reader of the output went away.
"""

from __future__ import annotations

import errno
import itertools
import json
import os
import secrets
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import cleantext

if TYPE_CHECKING:
    from types import ModuleType

    from cleantext.document import Document

__all__ = ["app", "main"]

app = typer.Typer(
    help="Give scraped news copy back its casing, punctuation, paragraphs and cut-off edges.",
    add_completion=False,
    rich_markup_mode=None,  # plain help: it does not load rich and looks alike everywhere
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

File = Annotated[str, typer.Argument(metavar="FILE", help="UTF-8 text, or - for standard input.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on one line for each input.")]
Html = Annotated[
    str | None,
    typer.Option("--html", metavar="FILE", help="Write a page for a browser here, print nothing."),
]
Confidence = Annotated[
    float | None,
    typer.Option(
        "--min-confidence",
        min=0.0,
        max=1.0,
        metavar="SHARE",
        help="Leave out edits less sure than this (0 to 1).",
    ),
]

#: Exit status after Ctrl-C, and when the reader of the output went away, as a shell counts them.
_INTERRUPTED, _READER_GONE = 130, 141
#: What typer raises for wrong usage; it has no public name of its own.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]


class InputError(Exception):
    """An input or output that cannot be used; the message is one sentence for the user."""


_SHADOWED = (
    "another package called cleantext (clean-text or cleantext) is installed over cleantext-news;"
    " uninstall all of them, then install cleantext-news again"
)


def main() -> int:
    """Run the command line on ``sys.argv``; the exit status."""
    if "restore" not in getattr(cleantext, "__all__", ()):
        _say(_SHADOWED)
        return 1
    try:
        status = app(standalone_mode=False, prog_name="cleantext")
    except _UsageError as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "cleantext"
        message = getattr(error, "format_message", error.__str__)()
        _say(f"{message.rstrip('.')}; see {command} --help")
        return 2
    except (InputError, OSError) as error:
        _say(str(error))
        return 1
    except (KeyboardInterrupt, typer.Abort):
        status = _INTERRUPTED
    if status == _INTERRUPTED:
        _say("stopped")
    return status if isinstance(status, int) else 0


# --- commands -------------------------------------------------------------------------------------


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cleantext {cleantext.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Give scraped news copy back its casing, its punctuation and its paragraphs."""


@app.command()
def restore(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="UTF-8 text, or - for standard input.")
    ],
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write here, not to standard output."),
    ] = None,
    in_place: Annotated[
        bool,
        typer.Option("--in-place", help="Write back to each FILE; the old copy becomes FILE.bak."),
    ] = False,
    min_confidence: Confidence = None,
    as_json: Json = False,
) -> None:
    """Restore degraded copy.

    The text of one FILE is written exactly as restored; with several, each text ends with a newline
    so that the next one begins on a line of its own. A file that needs no change is not written
    back. A file that cannot be read is named and the others are done; the status is then 1, and
    FILE of -o is left as it was.
    """
    if in_place and (output is not None or "-" in files):
        what = "-o" if output is not None else "standard input"
        raise typer.BadParameter(f"--in-place cannot be used with {what}")
    if files.count("-") > 1:
        raise typer.BadParameter("standard input (-) can be read only once")
    from cleantext.show import Waiting

    failed = False
    with Waiting(map(_name, files)) as waiting, _writer(output) as write:
        for file in files:
            try:
                text, document = _restored(file, min_confidence)
                if in_place and document.text != text:
                    _write_back(Path(file), text, document.text)
            except InputError as error:
                failed = True
                with waiting.hidden():
                    _say(str(error))
            else:
                with waiting.hidden():
                    if as_json:
                        write(_json_line({"file": file, **document.to_dict()}))
                    else:
                        _warn(file, document.warnings)
                        if not in_place:
                            write(_ended(document.text) if len(files) > 1 else document.text)
            waiting.advance()
        if failed:
            raise typer.Exit(1)


@app.command()
def explain(
    file: File,
    min_confidence: Confidence = None,
    highlight: Annotated[
        bool, typer.Option("--highlight", help="Show the text, what was changed in colour.")
    ] = False,
    html: Html = None,
    as_json: Json = False,
) -> None:
    """Say what restore changes, where, why and how surely."""
    if html is not None and (as_json or highlight):
        raise typer.BadParameter("--html cannot be used with --json or --highlight")
    from cleantext import show

    with show.Waiting([_name(file)]):
        _, document = _restored(file, min_confidence)
    if html is not None:
        _write_page(html, document.to_html(title=_name(file)))
    elif as_json:
        result = {
            "file": file,
            "quality": document.quality,
            "warnings": document.warnings,
            "counts": document.counts(),
            "edits": [row.to_dict() for row in show.placed(document)],
        }
        _print(_json_line(result))
    elif highlight:
        show.render(document)
    else:
        _print(_ended(show.explain(document)))


@app.command()
def diagnose(file: File, as_json: Json = False) -> None:
    """Say what is damaged, where and how surely; change nothing."""
    from cleantext.show import Waiting

    text = _read(file)
    with Waiting([_name(file)]), _refusals(file):
        diagnosis = cleantext.diagnose(text)
    _print(
        _json_line({"file": file, **diagnosis.to_dict()})
        if as_json
        else _ended(diagnosis.explain())
    )


@app.command()
def check(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The copy to score, or -.")],
    canonical: Annotated[
        str, typer.Argument(metavar="CANONICAL", help="The true version of the same story, or -.")
    ],
    style: Annotated[
        bool, typer.Option("--style", help="Count differences of house style as right.")
    ] = False,
    beside: Annotated[
        bool, typer.Option("--side-by-side", help="Show both texts, what differs marked.")
    ] = False,
    errors_only: Annotated[
        bool, typer.Option("--errors-only", help="The same, without what does not differ.")
    ] = False,
    html: Html = None,
    as_json: Json = False,
) -> None:
    """Score a text against the true version of its story.

    Every difference is named by its kind. The status is 0 however many there are.
    """
    if text == canonical == "-":
        raise typer.BadParameter("standard input (-) can be read only once")
    if as_json and (beside or errors_only):
        raise typer.BadParameter("--json names every difference; it cannot be used with a view")
    if html is not None and (as_json or beside or errors_only):
        raise typer.BadParameter("--html cannot be used with --json or another view")
    from cleantext.show import Waiting
    from cleantext.show_report import render_report

    ours, theirs = _read(text), _read(canonical)
    with Waiting([_name(text)]), _refusals(text):
        report = cleantext.check(ours, theirs, style=style)
    if html is not None:
        _write_page(html, report.to_html(title=f"{_name(text)} and {_name(canonical)}"))
    elif beside or errors_only:
        render_report(report, errors_only=errors_only)
    elif as_json:
        _print(_json_line({"files": [text, canonical], **report.to_dict()}))
    else:
        _print(_ended(str(report)))


@app.command()
def degrade(
    file: File,
    seed: Annotated[int, typer.Option(help="The same seed, the same damage.")] = 0,
    as_json: Json = False,
) -> None:
    """Damage a clean article as scrapers do: for tests and training."""
    text = _read(file)
    with _refusals(file):
        degraded = cleantext.degrade(text, seed=seed)
    if as_json:
        spans = [list(span) for span in degraded.spans]
        _print(_json_line({"file": file, "text": degraded.text, "spans": spans}))
    else:
        _print(degraded.text)


@app.command()
def train(
    corpus: Annotated[
        list[Path], typer.Argument(help="JSON Lines of articles (.jsonl, .jsonl.xz).")
    ],
    output: Annotated[Path, typer.Option(help="Folder for the model.")],
    weights: Annotated[Path | None, typer.Option(help="Weights to start from.")] = None,
    tokenizer: Annotated[Path | None, typer.Option(help="The tokenizer of these weights.")] = None,
    hours: Annotated[float, typer.Option(min=0.0, help="How long to train.")] = 2.0,
) -> None:
    """Train a model on your own archive.

    A run that was stopped goes on where it was when it is started again.
    """
    with _training("train") as command:
        command.train(
            corpus=corpus, output=output, weights=weights, tokenizer=tokenizer, hours=hours
        )


@app.command()
def evaluate(
    corpus: Annotated[Path, typer.Option(help="Folder that holds the measuring sets.")],
    limit: Annotated[int | None, typer.Option(min=1, help="Articles of each set to read.")] = None,
    model: Annotated[Path | None, typer.Option(help="Folder of a model of your own.")] = None,
    write: Annotated[bool, typer.Option(help="Put the figures into the model card.")] = False,
    as_json: Json = False,
) -> None:
    """Measure the model, beside trivial baselines."""
    with _training("evaluate") as command:
        command.evaluate(corpus=corpus, limit=limit, model=model, write=write, json=as_json)


@contextmanager
def _training(name: str) -> Iterator[ModuleType]:
    try:
        command = import_module("cleantext.training.command")
        with _refusals(name):
            yield command
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] == "cleantext":
            raise
        raise InputError(
            f"{name} needs {error.name}, which comes with the extra 'train':"
            ' pip install "cleantext-news[train]"'
        ) from error


# --- reading and writing --------------------------------------------------------------------------


def _restored(file: str, min_confidence: float | None) -> tuple[str, Document]:
    """A file's text and what became of it."""
    text = _read(file)
    with _refusals(file):
        return text, cleantext.restore(text, min_confidence=min_confidence)


def _read(file: str) -> str:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"{_name(file)} cannot be read: {_cause(error)}") from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        likely = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "WINDOWS-1252"
        raise InputError(
            f"{_name(file)} is not UTF-8 (byte 0x{data[error.start]:02x} at offset {error.start});"
            f" convert it first, for example: iconv -f {likely} -t UTF-8 {shlex.quote(file)}"
        ) from error


def _print(text: str) -> None:
    """Write to standard output, as UTF-8 wherever it leads; end the line on a terminal."""
    if sys.stdout.isatty():
        text = _ended(text)
    try:
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # what is left in the buffer must go somewhere when the interpreter flushes it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(_READER_GONE) from None
    except OSError as error:
        raise InputError(f"standard output cannot be written: {_cause(error)}") from error


@contextmanager
def _writer(output: str | None) -> Iterator[Callable[[str], None]]:
    """A function that writes to standard output, or to a file that is replaced at the end."""
    if output is None or output == "-":
        yield _print
    else:
        with _replacing(Path(output)) as write:
            yield write


def _write_page(file: str, page: str) -> None:
    with _writer(file) as write:
        write(page)


@contextmanager
def _replacing(path: Path) -> Iterator[Callable[[str], None]]:
    """A function that writes what becomes of ``path`` when all went well; else it stays as it is.

    A link stays a link, and the file keeps its owner and mode. Devices are written directly.
    """

    def write(text: str) -> None:
        with _writing(path):
            stream.write(text.encode("utf-8"))

    target = Path(os.path.realpath(path))
    special = target.exists() and not target.is_file()
    made = target if special else target.with_name(f".{secrets.token_hex(8)}.tmp")
    with _writing(path):
        if target.is_file() and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        stream = made.open("wb" if special else "xb")
    try:
        with stream:
            yield write
            with _writing(path):
                stream.flush()
                if not special:
                    os.fsync(stream.fileno())
        with _writing(path):
            if not special:
                _take_over(target, made)
                made.replace(target)
    finally:
        if not special:
            made.unlink(missing_ok=True)


def _take_over(old: Path, new: Path) -> None:
    """Give a new file the owner and mode of the one it replaces, if there is one."""
    if old.exists():
        with suppress(OSError, AttributeError):  # only root may give files away; Windows cannot
            os.chown(new, old.stat().st_uid, old.stat().st_gid)
        shutil.copymode(old, new)


def _write_back(path: Path, before: str, after: str) -> None:
    """Replace a file's text, with the old one kept beside it under the first free name."""
    with _replacing(path) as write:
        write(after)
        with _writing(path):
            _back_up(path, before)


def _back_up(path: Path, text: str) -> None:
    for number in itertools.count():
        backup = path.with_name(f"{path.name}.bak{number or ''}")
        with suppress(FileExistsError), backup.open("xb") as stream:
            try:
                stream.write(text.encode("utf-8"))
                stream.flush()
            except OSError:
                backup.unlink()
                raise
            shutil.copystat(path, backup)
            return


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{path} cannot be written: {_cause(error)}") from error


@contextmanager
def _refusals(file: str) -> Iterator[None]:
    """Turn what the library refuses (too long a text, a model that is missing) into bad input."""
    try:
        yield
    except BrokenPipeError:
        raise  # the reader went away: no fault of the input
    except (ValueError, OSError, _model_error()) as error:
        raise InputError(f"{_name(file)}: {' '.join(str(error).split())}") from error


def _model_error() -> type[Exception]:
    from cleantext.tagger.onnx import ModelError

    return ModelError


def _cause(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file or folder"
        case IsADirectoryError():
            return "it is a folder; name a file in it"
        case PermissionError():
            return "permission is denied"
        case _:
            return error.strerror or str(error)


def _name(file: str) -> str:
    return "standard input" if file == "-" else file


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _json_line(value: Mapping[str, Any]) -> str:
    line = json.dumps(value, ensure_ascii=False) + "\n"
    # a lone surrogate (from a file name that is not UTF-8) becomes its JSON escape
    return line.encode("utf-8", "backslashreplace").decode("utf-8")


def _warn(file: str, warnings: Iterable[str]) -> None:
    for warning in warnings:
        _say(f"{_name(file)}: {warning}")


def _say(message: str) -> None:
    with suppress(OSError):
        print(f"cleantext: {message}", file=sys.stderr)
