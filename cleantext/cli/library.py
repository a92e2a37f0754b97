"""``cleantext library``: stories in a file, in which the canonical version of a text is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleantext.cli.files import json_line, print_text, read
from cleantext.cli.messages import InputError, refusals, say, shown
from cleantext.cli.options import File, Files, Json, LibraryFile
from cleantext.cli.stories import Story, opened, story, story_lines

if TYPE_CHECKING:
    from cleantext.canon.library import Match
    from cleantext.show import Waiting

__all__ = ["app"]

app = typer.Typer(
    help="Keep canonical versions in a file, and find the one that a text is a copy of."
)


@app.command()
def add(
    library: LibraryFile,
    files: Files,
    jsonl: Annotated[
        bool,
        typer.Option(
            "--jsonl",
            help='FILE is JSON Lines (.jsonl, .jsonl.xz): "id" and "text", or a list "paragraphs".',
        ),
    ] = False,
) -> None:
    """Add stories, or replace those of the same id.

    LIBRARY is made if it is not there. The id of a story is the name of its FILE without the
    folder. What cannot be read is named and the rest is added; the status is then 1.
    """
    if files.count("-") > 1:
        raise typer.BadParameter("standard input (-) can be read only once")
    if not jsonl:
        _check_names(files)
    from cleantext.show import Waiting

    with Waiting(map(shown, files)) as waiting, opened(library, mode="a", create=True) as stories:
        reading = _Reading(files, jsonl, waiting)
        changed = stories.add_many(reading.stories())
    print_text(f"stories read: {reading.count:,}, new or changed: {changed:,}\n")
    if reading.failed:
        raise typer.Exit(1)


@app.command()
def find(
    library: LibraryFile,
    file: File,
    n: Annotated[int, typer.Option("-n", min=1, metavar="NUMBER", help="The most to show.")] = 5,
    as_json: Json = False,
) -> None:
    """Show the stories that a text is a copy of, the one that covers most of it first."""
    text = read(file)
    with opened(library, mode="r") as stories, refusals(file):
        matches = stories.find(text, n)
    if as_json:
        print_text(json_line({"file": file, "matches": [asdict(match) for match in matches]}))
    elif matches:
        print_text("".join(map(_row, matches)))
    else:
        say(f"{shown(file)}: it is a copy of no story in {library}")


@app.command()
def remove(
    library: LibraryFile,
    id: Annotated[str, typer.Argument(metavar="ID", help="The story's id.")],
) -> None:
    """Take a story out."""
    with opened(library, mode="a") as stories:
        if not stories.remove(id):
            raise InputError(f"{library} has no story {id!r}")


@app.command()
def stats(library: LibraryFile, as_json: Json = False) -> None:
    """Say how much a library holds."""
    with opened(library, mode="r") as stories:
        held = stories.stats()
    if as_json:
        print_text(json_line({"library": library, **asdict(held)}))
    else:
        print_text(
            f"{_many(held.stories)}, {held.fingerprints:,} fingerprints, {held.bytes:,} bytes\n"
        )


@dataclass
class _Reading:
    """Stories on their way into a library; what cannot be read is said and left out."""

    files: Sequence[str]
    jsonl: bool
    waiting: Waiting
    count: int = field(default=0, init=False)
    failed: bool = field(default=False, init=False)

    def stories(self) -> Iterator[Story]:
        """What can be read, in order."""
        for file in self.files:
            for made in self._tried(file):
                if isinstance(made, InputError):
                    self.failed = True
                    with self.waiting.hidden():
                        say(str(made))
                else:
                    self.count += 1
                    yield made
            self.waiting.advance()

    def _tried(self, file: str) -> Iterator[Story | InputError]:
        try:
            if self.jsonl:
                yield from story_lines(file)
            else:
                yield story(file)
        except InputError as error:
            yield error


def _check_names(files: Sequence[str]) -> None:
    if "-" in files:
        raise typer.BadParameter(
            "standard input (-) has no name to be the story's id; give JSON Lines with --jsonl"
        )
    name, times = Counter(Path(file).name for file in files).most_common(1)[0]
    if times > 1:
        raise typer.BadParameter(
            f"{times} FILEs are called {name!r}, and a story's id must be its own; give JSON Lines"
            " with --jsonl"
        )


def _row(match: Match) -> str:
    id = match.id if match.id.isprintable() else repr(match.id)
    return (
        f"{match.share_of_text:6.1%} of the text  {match.share_of_canonical:6.1%} of the story "
        f"{match.shared:6,} words  {id}\n"
    )


def _many(stories: int) -> str:
    return f"{stories:,} {'story' if stories == 1 else 'stories'}"
