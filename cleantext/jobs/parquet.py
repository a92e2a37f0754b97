"""Parquet files, of which all columns but the text stay as they are, schema and metadata too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cleantext.jobs.fields import CANONICAL, Fields, RefusedError, checked
from cleantext.jobs.lines import BrokenInputError, ByteInput, shown
from cleantext.jobs.records import JobError, Record, Reject

__all__ = ["ParquetRows", "arrow"]

#: Rows read at a time for their texts, and bytes (as they are stored) of a part of a row group.
_ROWS, _PART = 256, 16 << 20


def arrow() -> tuple[Any, Any]:
    """The modules ``pyarrow`` and ``pyarrow.parquet``.

    Raises:
        JobError: if they are missing.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise JobError(
            'Parquet files need the package pyarrow: pip install "cleantext-news[parquet]"'
        ) from error
    return pyarrow, pyarrow.parquet


class ParquetRows:
    """A source of the rows of a table. A carrier is the number of the row in the file.

    Only the columns of the fields are read here; the sink reads the others. What cannot be taken
    is rejected: nulls, texts that are too long or are not UTF-8.

    Raises:
        JobError: if it is no Parquet file, or a column is missing or holds no texts.
    """

    resumable = True

    def __init__(self, path: str, fields: Fields) -> None:
        if path == "-":
            raise JobError("a Parquet file cannot be read from standard input; name the file")
        self.path, self.fields = path, fields
        self._file = ByteInput(path)
        self._arrow, self._parquet = arrow()
        self._row = 0
        with self.open() as file:
            self.schema, self.metadata = file.schema_arrow, file.metadata
        for name in fields.named:
            self._check(name)

    def _check(self, name: str) -> None:
        places = self.schema.get_all_field_indices(name)
        if len(places) != 1:
            what = f"{len(places)} columns" if places else "no column"
            names = ", ".join(map(repr, self.schema.names[:20]))
            raise JobError(f"{self.path} has {what} {name!r}; among its columns are {names}")
        type = self.schema.field(name).type
        if name != self.fields.id and not self.is_text(type):
            raise JobError(f"the column {name!r} of {self.path} holds {type}, not texts")

    def is_text(self, type: Any) -> bool:
        """Whether a column of this type holds texts, plain or by dictionary."""
        types = self._arrow.types
        held = type.value_type if types.is_dictionary(type) else type
        return any((types.is_string(held), types.is_large_string(held), types.is_string_view(held)))

    def size(self) -> int | None:
        """How many rows there are."""
        return int(self.metadata.num_rows)

    def position(self) -> int:
        """How many of them have been read."""
        return self._row

    def fingerprint(self) -> dict[str, Any]:
        """Size, time of the last change and hash of the beginning."""
        return self._file.fingerprint()

    def open(self) -> Any:
        """The ``ParquetFile``, set to read little at a time.

        Raises:
            JobError: if it is none.
        """
        try:
            return self._parquet.ParquetFile(self.path, pre_buffer=False, buffer_size=1 << 20)
        except (OSError, self._arrow.ArrowException) as error:
            raise JobError(f"{self.path} cannot be read as Parquet: {error}") from error

    def records(self, start: int) -> Iterator[Record | Reject]:
        """Those from number ``start`` on; row groups before it are not read."""
        with self.open() as file:
            first = 0
            for group in range(file.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                if first + rows > start:
                    yield from self._group(file, group, first, start)
                first += rows

    def _group(self, file: Any, group: int, first: int, start: int) -> Iterator[Record | Reject]:
        """The records of a row group, which begins with row ``first``."""
        columns = list(dict.fromkeys(self.fields.named))
        size = min(_ROWS, self.part_rows(group))
        for batch in self.batches(file, group, size, first, columns=columns):
            for row in range(max(0, start - first), batch.num_rows):
                self._row = first + row + 1
                yield self._taken(first + row, {name: batch.column(name)[row] for name in columns})
            first += batch.num_rows

    def part_rows(self, group: int) -> int:
        """How many rows of a row group are held at once, by what a row takes on average."""
        found = self.metadata.row_group(group)
        rows = found.num_rows * _PART // max(found.total_byte_size, 1)
        return max(1, min(int(rows), int(found.num_rows)))

    def batches(
        self, file: Any, group: int, size: int, first: int, *, columns: list[str] | None = None
    ) -> Iterator[Any]:
        """The record batches of a row group, which begins with row ``first``.

        Raises:
            JobError: if they cannot be read; says from which row on.
            BrokenInputError: if that is the file's own fault.
        """
        found = file.iter_batches(size, row_groups=[group], columns=columns, use_threads=False)
        while True:
            try:
                batch = next(found, None)
            except (OSError, self._arrow.ArrowException) as error:
                if isinstance(error, OSError) and error.errno:
                    raise JobError(
                        f"{self.path} cannot be read on after row {first:,}: {error}"
                    ) from error
                raise BrokenInputError(
                    f"{self.path} is broken after row {first:,}: {error}"
                ) from error
            if batch is None:
                return
            yield batch
            first += batch.num_rows

    def _taken(self, number: int, row: dict[str, Any]) -> Record | Reject:
        place = f"row {number + 1}"
        try:
            held = {name: _plain(cell) for name, cell in row.items()}
            text = held[self.fields.text]
            if text is None:
                raise RefusedError(f"the column {self.fields.text!r} holds null, not a text")
            checked(text, self.fields)
            canonical = held[self.fields.canonical] if self.fields.canonical else None
            checked(canonical or "", self.fields, what=CANONICAL)
        except RefusedError as error:
            return Reject(number, place, str(error), _shown(row))
        id = held[self.fields.id] if self.fields.id is not None else None
        return Record(number, place, text, None if id is None else str(id), canonical, number)


def _shown(row: dict[str, Any]) -> str:
    """The cells of a row for people."""
    return shown(b"; ".join(name.encode() + b": " + _printed(cell) for name, cell in row.items()))


def _printed(cell: Any) -> bytes:
    try:
        return str(cell).encode()
    except UnicodeDecodeError:
        return bytes(cell.as_buffer())


def _plain(cell: Any) -> Any:
    """A cell as a Python value."""
    try:
        return cell.as_py()
    except UnicodeDecodeError as error:
        raise RefusedError("the text is not UTF-8") from error
