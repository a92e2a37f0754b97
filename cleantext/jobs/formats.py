"""What a job reads and writes: JSON lines, CSV, Parquet, folders of text files, packed or not.

=================  ==========================================  ================================
format             suffixes                                    a record is
=================  ==========================================  ================================
``jsonl``          ``.jsonl .ndjson .jl .json``                a line with an object
``csv``, ``tsv``   ``.csv``, ``.tsv .tab``                     a row under a header
``parquet``        ``.parquet .pq``                            a row
``folder``         (a folder)                                  a ``.txt`` file
=================  ==========================================  ================================

Lines and rows may be packed (``.gz``, ``.zst``). What has another suffix, or comes from standard
input, is taken for JSON lines unless a format is given.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from os import PathLike, fspath
from typing import Any, Literal, NamedTuple, Protocol, get_args

from cleantext.jobs.compression import SUFFIXES, Compression
from cleantext.jobs.csv_files import TAB, CsvRendering, CsvRows
from cleantext.jobs.fields import Fields
from cleantext.jobs.folder import FolderFiles, FolderSink
from cleantext.jobs.jsonl import JsonLines, ObjectLines, RawSink, json_rendering
from cleantext.jobs.parquet import ParquetRows
from cleantext.jobs.parquet_sink import ParquetSink
from cleantext.jobs.partial import Output
from cleantext.jobs.records import JobError, Record, Source
from cleantext.jobs.streams import open_output

__all__ = [
    "FileSink",
    "FileSource",
    "Format",
    "LinesSink",
    "detect_format",
    "open_lines",
    "open_sink",
    "open_source",
]

Kind = Literal["jsonl", "csv", "tsv", "parquet", "folder"]

_KINDS: dict[str, Kind] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jl": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
}


class Format(NamedTuple):
    """How records are laid out, and how the file is packed."""

    kind: Kind
    compression: Compression = ""


class FileSource(Source, Protocol):
    """A :class:`Source` that knows where it reads.

    Attributes:
        path: as given; ``-`` is standard input.
        resumable: whether it can be read again from any record (no stream or pipe).
        fields: where a record's parts stand.
    """

    path: str
    resumable: bool
    fields: Fields

    def fingerprint(self) -> dict[str, Any]:
        """What tells this input from a changed one, as plain JSON; empty for a stream."""
        ...

    def size(self) -> int | None:
        """How much there is: bytes of the file, rows of a table, files of a folder.

        None for a stream.
        """
        ...

    def position(self) -> int:
        """How much has been read, in the unit of :meth:`size`."""
        ...


class FileSink(Output, Protocol):
    """A sink whose life is that of an :class:`~cleantext.jobs.partial.Output`."""

    def write(self, record: Record, text: str) -> None:
        """Append a record with its new text."""
        ...


class LinesSink(Output, Protocol):
    """Objects as lines of JSON; its life is that of an :class:`~cleantext.jobs.partial.Output`."""

    def write(self, value: Mapping[str, Any], /) -> None:
        """Append an object."""
        ...


def detect_format(path: str | PathLike[str]) -> Format | None:
    """The format of a file by its name, or of a folder; None if they do not tell.

    >>> detect_format("stories.csv.gz")
    Format(kind='csv', compression='gzip')
    """
    name = fspath(path)
    if os.path.isdir(name):
        return Format("folder")
    return _parsed(os.path.basename(name))


def _parsed(name: str) -> Format | None:
    """The format that the suffixes of a name stand for."""
    stem, suffix = os.path.splitext(name.lower())
    compression = SUFFIXES.get(suffix, "")
    kind = _KINDS.get(os.path.splitext(stem)[1] if compression else suffix)
    return Format(kind, compression) if kind else None


def _named(name: str) -> Format:
    """The format that a user names: ``jsonl``, ``csv.gz``, ``folder``, ..."""
    found = Format("folder") if name == "folder" else _parsed(f"x.{name.lstrip('.')}")
    if found is None:
        raise JobError(
            f"there is no format {name!r}; there are {', '.join(get_args(Kind))},"
            " and .gz or .zst behind those of lines: jsonl.gz"
        )
    return found


def open_source(
    path: str | PathLike[str],
    *,
    field: str,
    id_field: str | None = None,
    canonical_field: str | None = None,
    format: str | None = None,
    max_chars: int = 2_000_000,
) -> FileSource:
    """An input by its path: lines, a table, or a folder; ``-`` is standard input.

    Args:
        field: the key or column of the text; in JSON ``body.text`` reaches into an object, unless
            there is a key with that very name. A folder's files have no fields.
        id_field, canonical_field: those of an id, and of a good version of the same story.
        format: as in the names of formats, with ``.gz`` or ``.zst`` if it is packed; by the name of
            the file if None.
        max_chars: a longer text is rejected, and so is a record of more than eight times as many
            bytes (16 MiB at least).

    Raises:
        JobError: if it cannot be read at all, or its header or schema has no such field.
    """
    name = fspath(path)
    found = _named(format) if format is not None else detect_format(name)
    kind, compression = found or _packed(name)
    fields = Fields(field, id_field, canonical_field, max_chars)
    match kind:
        case "jsonl":
            return JsonLines(name, compression, fields)
        case "csv" | "tsv":
            return CsvRows(name, compression, fields, tabs=kind == "tsv")
        case "parquet":
            _refuse_packed(name, compression)
            return ParquetRows(name, fields)
        case "folder":
            if id_field is not None or canonical_field is not None:
                raise JobError(
                    f"{name} is a folder: its files have no fields; their id is the path"
                )
            return FolderFiles(name, fields)


def _packed(name: str) -> Format:
    """JSON lines, packed as the last suffix says."""
    return Format("jsonl", SUFFIXES.get(os.path.splitext(name.lower())[1], ""))


def _refuse_packed(name: str, compression: Compression) -> None:
    if compression:
        raise JobError(
            f"{name}: a Parquet file is packed inside; unpack the {compression} around it"
        )


def open_sink(
    path: str | PathLike[str],
    source: FileSource,
    *,
    output_field: str | None = None,
    overwrite: bool = False,
) -> FileSink:
    """An output of the source's format; ``-`` is standard output.

    Args:
        source: from :func:`open_source`; the records that are written are its own.
        output_field: where the new text goes, in place of what is there or as the last key or
            column; to the field that was read if None.
        overwrite: replace a file that exists, when the new one is whole, and drop an unfinished
            one. A folder with files in it is never replaced.

    Raises:
        JobError: if the output is the input, is of another format, or has no place for the text.
            If it exists, the first write or checkpoint says so.
    """
    name = fspath(path)
    _refuse_same(name, source.path)
    field = output_field or source.fields.text
    told = None if isinstance(source, FolderFiles) else _parsed(os.path.basename(name))
    compression = (told or _packed(name)).compression
    to_file = partial(open_output, name, compression, overwrite=overwrite)
    match source:
        case JsonLines():
            _refuse_other(name, told, "jsonl")
            return RawSink(to_file(), json_rendering(field))
        case CsvRows():
            _refuse_other(name, told, "csv", "tsv")
            rendering = CsvRendering(source, field, delimiter=_delimiter(source, told))
            return RawSink(to_file(head=rendering.header), rendering.row)
        case ParquetRows():
            _refuse_other(name, told, "parquet")
            _refuse_stream(name)
            return ParquetSink(name, source, field, overwrite=overwrite)
        case FolderFiles():
            _refuse_stream(name)
            if _parsed(os.path.basename(name)) and not os.path.isdir(name):
                raise JobError(f"the input is a folder, and so is its output: {name} names a file")
            if output_field is not None:
                raise JobError("a folder's files have no fields: there is no output field")
            return FolderSink(name, source, overwrite=overwrite)
        case _:
            raise JobError(f"there is no output for a {type(source).__name__}")


def _delimiter(source: CsvRows, told: Format | None) -> bytes:
    """What stands between the cells of an output, by its name and the source."""
    match told and told.kind:
        case "tsv":
            return TAB
        case "csv" if source.delimiter == TAB and source.tabs:
            return b","
        case _:
            return source.delimiter


def _refuse_same(output: str, source: str) -> None:
    if "-" not in (output, source) and os.path.exists(output) and os.path.samefile(output, source):
        raise JobError(f"{output} is the input as well; write to another name")


def _refuse_other(name: str, told: Format | None, *kinds: Kind) -> None:
    if told is not None and told.kind not in kinds:
        raise JobError(
            f"{name} would be {told.kind}, but the input is {kinds[0]}: formats are not converted;"
            f" name it .{kinds[0]}"
        )


def _refuse_stream(name: str) -> None:
    if name == "-":
        raise JobError("this format needs a name for its output; it cannot go to standard output")


def open_lines(path: str | PathLike[str], *, overwrite: bool = False) -> LinesSink:
    """A side file of objects (rejects, edits), packed if its name ends in ``.gz`` or ``.zst``."""
    name = fspath(path)
    return ObjectLines(open_output(name, _packed(name).compression, overwrite=overwrite))
