"""``cleantext restore`` and ``cleantext explain``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cleantext.cli.files import ended, json_line, print_text, read, write_back, write_page, writer
from cleantext.cli.messages import InputError, refusals, say, shown, warn
from cleantext.cli.options import (
    BoilerplatePolicy,
    CanonicalFile,
    Confidence,
    EdgesPolicy,
    File,
    Files,
    Html,
    Json,
    LibraryOption,
    StyleOption,
)
from cleantext.cli.stories import opened

if TYPE_CHECKING:
    from cleantext.document import Document
    from cleantext.pipeline import Normalizer, Pipeline

__all__ = ["explain", "restore"]


def restore(
    files: Files,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write here, not to standard output."),
    ] = None,
    in_place: Annotated[
        bool,
        typer.Option("--in-place", help="Write back to each FILE; the old copy becomes FILE.bak."),
    ] = False,
    min_confidence: Confidence = None,
    canonical: CanonicalFile = None,
    library: LibraryOption = None,
    boilerplate: BoilerplatePolicy = "drop",
    edges: EdgesPolicy = "complete",
    style: StyleOption = None,
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
    _check_sources(files, canonical=canonical, library=library, style=style)
    from cleantext.show import Waiting

    restorer = _restorer(
        canonical,
        library,
        min_confidence=min_confidence,
        boilerplate=boilerplate,
        edges=edges,
        style=style,
    )
    failed = False
    with Waiting(map(shown, files)) as waiting, writer(output) as write:
        for file in files:
            try:
                text, document = restorer(file)
                if in_place and document.text != text:
                    write_back(Path(file), text, document.text)
            except InputError as error:
                failed = True
                with waiting.hidden():
                    say(str(error))
            else:
                with waiting.hidden():
                    if as_json:
                        write(json_line({"file": file, **document.to_dict(), **_dropped(document)}))
                    else:
                        restorer.tell(file, document)
                        if not in_place:
                            write(ended(document.text) if len(files) > 1 else document.text)
            waiting.advance()
        if failed:
            raise typer.Exit(1)


def explain(
    file: File,
    min_confidence: Confidence = None,
    canonical: CanonicalFile = None,
    library: LibraryOption = None,
    boilerplate: BoilerplatePolicy = "drop",
    edges: EdgesPolicy = "complete",
    style: StyleOption = None,
    highlight: Annotated[
        bool, typer.Option("--highlight", help="Show the text, what was changed in colour.")
    ] = False,
    html: Html = None,
    as_json: Json = False,
) -> None:
    """Say what restore changes, where, why and how surely."""
    if html is not None and (as_json or highlight):
        raise typer.BadParameter("--html cannot be used with --json or --highlight")
    _check_sources([file], canonical=canonical, library=library, style=style)
    from cleantext import show

    restorer = _restorer(
        canonical,
        library,
        min_confidence=min_confidence,
        boilerplate=boilerplate,
        edges=edges,
        style=style,
    )
    with show.Waiting([shown(file)]):
        _, document = restorer(file)
    if as_json:
        print_text(json_line(_explained(file, document)))
        return
    restorer.tell_source(file, document)
    if html is not None:
        write_page(html, document.to_html(title=shown(file)))
    elif highlight:
        show.render(document)
    else:
        print_text(ended(show.explain(document)))


def _explained(file: str, document: Document) -> dict[str, Any]:
    from cleantext.show import placed

    return {
        "file": file,
        "quality": document.quality,
        "warnings": document.warnings,
        "canonical_id": document.canonical_id,
        "counts": document.counts(),
        "edits": [row.to_dict() for row in placed(document)],
        **_dropped(document),
        "marked": [span.to_dict() for span in document.marked],
    }


def _dropped(document: Document) -> dict[str, Any]:
    return {"dropped": [span.to_dict() for span in document.dropped]}


def _check_sources(
    files: Sequence[str], *, canonical: str | None, library: str | None, style: str | None
) -> None:
    """Refuse options that make no sense together."""
    if canonical is not None and len(files) > 1:
        raise typer.BadParameter(
            f"--canonical is a version of one story, but there are {len(files)} FILEs; restore"
            " them one by one, or use --library"
        )
    if canonical is not None and library is not None:
        raise typer.BadParameter("--canonical cannot be used with --library")
    if style is not None and canonical is None and library is None:
        raise typer.BadParameter("--style needs a canonical version: --canonical or --library")
    if [*files, canonical].count("-") > 1:
        raise typer.BadParameter("standard input (-) can be read only once")


@dataclass(frozen=True, slots=True)
class _Restorer:
    """Restores files, each with the canonical version that there is for it.

    Attributes:
        pipeline: what restores.
        canonical: text of the canonical version, if one was named.
        library: file of the library to look one up in.
    """

    pipeline: Pipeline
    canonical: str | None
    library: str | None

    def __call__(self, file: str) -> tuple[str, Document]:
        """A file's text and what became of it."""
        text = read(file)
        with refusals(file):
            return text, self.pipeline(text, canonical=self.canonical)

    def tell(self, file: str, document: Document) -> None:
        """Say where a file's canonical version came from, and what could not be done."""
        self.tell_source(file, document)
        warn(file, document.warnings)

    def tell_source(self, file: str, document: Document) -> None:
        """Say which story of the library was a file's canonical version."""
        if self.library is not None:
            found = document.canonical_id
            what = f"canonical version {found!r}" if found else "no canonical version found"
            say(f"{shown(file)}: {what} in {self.library}")


def _restorer(
    canonical: str | None,
    library: str | None,
    *,
    min_confidence: float | None,
    boilerplate: Literal["drop", "mark", "keep"],
    edges: Literal["complete", "mark", "trim"],
    style: Literal["canonical", "own"] | None,
) -> _Restorer:
    """What the options ask for.

    Raises:
        InputError: if the canonical version or the library cannot be read.
    """
    from cleantext.normalizers import Boilerplate, Canonical, Edges
    from cleantext.pipeline import Pipeline

    if library is not None:
        with opened(library, mode="r"):
            pass  # one that cannot be used is named once, not for each file
    version = None if canonical is None else _version(canonical)
    chosen: dict[str, Normalizer] = {
        Boilerplate.name: Boilerplate(policy=boilerplate),
        Edges.name: Edges(policy=edges),
        Canonical.name: Canonical(style=style or "canonical"),
    }
    default = Pipeline.default(min_confidence=min_confidence or 0.0, library=library)
    normalizers = tuple(chosen.get(each.name, each) for each in default.normalizers)
    return _Restorer(replace(default, normalizers=normalizers), version, library)


def _version(file: str) -> str:
    text = read(file)
    if not text.strip():
        raise InputError(f"{shown(file)} is empty: it is no version of any story")
    return text
