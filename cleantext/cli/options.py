"""Arguments and options that several commands share."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

__all__ = [
    "BoilerplatePolicy",
    "CanonicalFile",
    "Confidence",
    "EdgesPolicy",
    "File",
    "Files",
    "Html",
    "Json",
    "LibraryFile",
    "LibraryOption",
    "StyleOption",
]

File = Annotated[str, typer.Argument(metavar="FILE", help="UTF-8 text, or - for standard input.")]
Files = Annotated[
    list[str], typer.Argument(metavar="FILE", help="UTF-8 text, or - for standard input.")
]
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
CanonicalFile = Annotated[
    str | None,
    typer.Option(
        "--canonical",
        metavar="FILE",
        help="A good version of the same story, to take from it what was lost.",
    ),
]
LibraryOption = Annotated[
    str | None,
    typer.Option(
        "--library",
        metavar="LIBRARY",
        help="Look up each text's canonical version here (see cleantext library).",
    ),
]
BoilerplatePolicy = Annotated[
    Literal["drop", "mark", "keep"],
    typer.Option(
        "--boilerplate", help="Take out teasers, credits and the like, only list them, or neither."
    ),
]
EdgesPolicy = Annotated[
    Literal["complete", "mark", "trim"],
    typer.Option("--edges", help="Complete a word that was cut, set an ellipsis, or take it away."),
]
StyleOption = Annotated[
    Literal["canonical", "own"] | None,
    typer.Option("--style", help="Whose house style counts; the canonical version's if not given."),
]
LibraryFile = Annotated[str, typer.Argument(metavar="LIBRARY", help="The library's file.")]
