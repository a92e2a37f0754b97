"""``cleantext run``: many records, from a file to a file."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import FrameType
from typing import Annotated

import typer

from cleantext.cli.files import READER_GONE, json_line, print_text
from cleantext.cli.messages import InputError, one_line, say
from cleantext.cli.options import Confidence, LibraryOption
from cleantext.cli.stories import opened

__all__ = ["run"]

#: Exit status after Ctrl-C and after SIGTERM, as a shell counts them.
_INTERRUPTED, _TERMINATED = 130, 143


class _Terminated(KeyboardInterrupt):
    """SIGTERM came; what ends a job on Ctrl-C ends it here too."""


def run(
    input: Annotated[
        str,
        typer.Argument(
            metavar="INPUT",
            help="JSON lines or CSV (.gz and .zst too), Parquet, a folder of text files, or -.",
        ),
    ],
    output: Annotated[
        str, typer.Argument(metavar="OUTPUT", help="A file (or folder) of the same kind, or -.")
    ],
    field: Annotated[str, typer.Option(metavar="NAME", help="The field of the text.")] = "text",
    id_field: Annotated[
        str | None, typer.Option(metavar="NAME", help="The field of the id, for --edits.")
    ] = None,
    canonical_field: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A field with a good version of the same story."),
    ] = None,
    output_field: Annotated[
        str | None, typer.Option(metavar="NAME", help="Set a field of its own, keep the old text.")
    ] = None,
    library: LibraryOption = None,
    workers: Annotated[int, typer.Option(min=1, metavar="N", help="Processes that restore.")] = 1,
    edits: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write what was changed here, as JSON lines."),
    ] = None,
    rejects: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Write what cannot be taken here, not to OUTPUT.rejects.jsonl."
        ),
    ] = None,
    min_confidence: Confidence = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="KIND",
            help="jsonl, csv, tsv, parquet, folder, jsonl.gz and so on, if names do not tell.",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a job that was stopped.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what there is, give up unfinished work.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Show neither progress nor summary.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="The summary as one JSON object on one line.")
    ] = False,
) -> None:
    """Restore every record of a file; the other fields stay as they are.

    OUTPUT appears under its name when it is whole. A job that was stopped, however, is gone on
    with by the same command and --resume, and ends as if nothing had happened. What cannot be
    taken is written to a file of rejects with its reason; the status is then still 0, unless no
    record was taken at all.
    """
    if resume and overwrite:
        raise typer.BadParameter("--resume cannot be used with --overwrite")
    if resume and "-" in (input, output):
        raise typer.BadParameter("--resume needs files, not standard input or output (-)")
    if library is not None:
        with opened(library, mode="r"):
            pass  # one that cannot be used is named before anything is begun
    from cleantext import jobs
    from cleantext.jobs.names import Names
    from cleantext.jobs.progress import reporting
    from cleantext.pipeline import Pipeline

    streams = Names(input, output).target is None  # asked now: a pipe may go with its reader
    pipeline = Pipeline.default(min_confidence=min_confidence or 0.0, library=library)
    with _stoppable(output), nullcontext(None) if quiet else reporting() as progress:
        summary = jobs.run(
            input,
            output,
            field=field,
            id_field=id_field,
            canonical_field=canonical_field,
            output_field=output_field,
            format=format,
            edits=edits,
            rejects=rejects,
            pipeline=pipeline,
            workers=workers,
            resume=resume,
            overwrite=overwrite,
            progress=progress,
        )
    if as_json or not quiet:
        told = json_line(summary.to_dict()) if as_json else f"{summary}\n"
        if streams:
            sys.stderr.write(told)
        else:
            print_text(told)
    if summary.rejected and not summary.written:
        place = rejects or ("" if streams else f"{output}.rejects.jsonl")
        raise InputError(f"no record was taken; why stands {f'in {place}' if place else 'above'}")


@contextmanager
def _stoppable(output: str) -> Iterator[None]:
    """Say how to go on with a job that stops, whatever stops it."""
    from cleantext.jobs import JobError, StoppedError, resumable

    def stop(number: int, frame: FrameType | None) -> None:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except StoppedError as error:
        raise InputError(f"{one_line(error)}; go on with: {_command()}") from error
    except JobError as error:
        raise InputError(one_line(error)) from error
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(READER_GONE) from None
    except KeyboardInterrupt as error:
        say(f"stopped; go on with: {_command()}" if resumable(output) else "stopped")
        status = _TERMINATED if isinstance(error, _Terminated) else _INTERRUPTED
        raise SystemExit(status) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _command() -> str:
    """This command line, with what makes it go on."""
    program, *arguments = sys.argv
    if os.path.basename(program) == "__main__.py":
        called = [os.path.basename(sys.executable), "-m", "cleantext"]
    else:
        called = [os.path.basename(program)]
    kept = [each for each in arguments if each not in ("--overwrite", "--resume")]
    return shlex.join([*called, *kept, "--resume"])
