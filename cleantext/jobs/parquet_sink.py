"""Writing Parquet: the new texts gather in a file of lines and join the other columns at the end.

A Parquet file cannot be added to once its writer has died. What a job makes anew is one column, so
that column alone is written as the job goes, and at the end the input is read a second time for all
others. What comes of it depends on the input and the texts, not on how often the job was stopped.
"""

from __future__ import annotations

import filecmp
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from cleantext.jobs.json_spans import dumped
from cleantext.jobs.parquet import ParquetRows, arrow
from cleantext.jobs.partial import PartialFile, partial_of, sync_folder
from cleantext.jobs.records import JobError, Record

__all__ = ["ParquetSink"]

#: Where Spark keeps the columns of a table; it would not see one that is added.
_SPARK = b"org.apache.spark.sql.parquet.row.metadata"
#: Rows read at a time, at most.
_ROWS = 1024


class ParquetSink:
    """A table with the rows that were written, in the input's row groups (large ones in parts).

    Args:
        column: where the new texts go; one that is not there becomes the last.

    Raises:
        JobError: if there is such a column and it holds something else than texts.
    """

    resumable = True

    def __init__(
        self, path: str, source: ParquetRows, column: str, *, overwrite: bool = False
    ) -> None:
        self.path = path
        self._source, self._column, self._overwrite = source, column, overwrite
        self._target, self.partial = partial_of(path)
        self._joined = self._target.with_name(f"{self._target.name}.partial.parquet")
        self._texts = PartialFile(path, overwrite=overwrite)
        self._schema = _schema(source, column)
        self._before = source.fingerprint()
        self._rows = 0
        self._state: dict[str, Any] = {}
        self._whole = False

    def write(self, record: Record, text: str) -> None:
        """Keep a row, with its new text."""
        if self._whole:
            raise JobError(f"{self._target} is whole; nothing can be added to it")
        line = dumped([record.carrier, text]) + "\n"
        self._texts.write(line.encode("utf-8", "backslashreplace"))
        self._rows += 1

    def checkpoint(self) -> dict[str, Any]:
        """Make the texts durable: ``{"bytes": n, "rows": m}``."""
        if not self._whole:
            self._state = {**self._texts.checkpoint(), "rows": self._rows}
        return dict(self._state)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Cut off the texts that were written after a checkpoint.

        Raises:
            JobError: if less is left than the checkpoint said.
        """
        self._rows, self._state = state.get("rows", 0), dict(state)
        self._whole = bool(state) and not self.partial.exists() and self._is_whole()
        if not self._whole:
            self._texts.restore(state)

    def _is_whole(self) -> bool:
        """Whether an earlier process has given the output its name."""
        pyarrow, parquet = arrow()
        try:
            rows: int = parquet.read_metadata(self._target).num_rows
            schema = parquet.read_schema(self._target)
        except (OSError, pyarrow.ArrowException):
            return False
        return rows == self._rows and bool(schema.equals(self._schema))

    def finish(self) -> None:
        """Join the texts with the other columns and give the table its name.

        Raises:
            JobError: if the input has changed since, or something has got the name meanwhile.
        """
        if self._whole:
            return
        self.checkpoint()
        if self._source.fingerprint() != self._before:
            raise JobError(
                f"{self._source.path} has changed since it was read; put it back and resume"
            )
        try:
            self._join()
        except BaseException:
            self._joined.unlink(missing_ok=True)
            raise
        if not self._overwrite and os.path.lexists(self._target) and not self._has_its_name():
            raise JobError(f"{self._target} has come to be meanwhile; move it away and resume")
        os.replace(self._joined, self._target)
        sync_folder(self._target.parent)
        self._texts.abandon()
        self.partial.unlink()
        self._whole = True

    def _has_its_name(self) -> bool:
        """Whether an earlier process died between the renaming and taking the texts away."""
        return self._target.is_file() and filecmp.cmp(self._joined, self._target, shallow=False)

    def abandon(self) -> None:
        """Close; the texts stay."""
        self._texts.abandon()

    def _join(self) -> None:
        """Write the table beside its name, durably."""
        _, parquet = arrow()
        writer = parquet.ParquetWriter(
            self._joined, self._schema, **_options(self._source, self._column)
        )
        try:
            for table in self._tables():
                writer.write_table(table, row_group_size=len(table))
        except BaseException:
            with suppress(Exception):  # what matters is what went wrong first
                writer.close()
            raise
        writer.close()
        with self._joined.open("rb+") as stream:
            os.fsync(stream.fileno())

    def _tables(self) -> Iterator[Any]:
        """The rows that were written, with their new texts, a part of a row group at a time."""
        pending = _spooled(self.partial)
        following = next(pending, None)
        first = 0
        for part in _parts(self._source):
            kept: list[int] = []
            texts: list[str] = []
            while following is not None and following[0] < first + len(part):
                kept.append(following[0] - first)
                texts.append(following[1])
                following = next(pending, None)
            first += len(part)
            if kept:
                yield self._with_texts(part if len(kept) == len(part) else part.take(kept), texts)

    def _with_texts(self, part: Any, texts: list[str]) -> Any:
        pyarrow, _ = arrow()
        field = self._schema.field(self._column)
        if pyarrow.types.is_dictionary(field.type):
            new = pyarrow.array(texts, field.type.value_type).dictionary_encode().cast(field.type)
        else:
            new = pyarrow.array(texts, field.type)
        place = part.schema.get_field_index(self._column)
        new_at = part.num_columns if place < 0 else place
        part = part if place < 0 else part.remove_column(place)
        return part.add_column(new_at, field, new).replace_schema_metadata(self._schema.metadata)


def _schema(source: ParquetRows, column: str) -> Any:
    """The output's schema: the input's, with the column added if it is new."""
    pyarrow, _ = arrow()
    schema = source.schema
    places = schema.get_all_field_indices(column)
    if not places:
        held = {key: value for key, value in (schema.metadata or {}).items() if key != _SPARK}
        return schema.append(pyarrow.field(column, pyarrow.string())).with_metadata(held or None)
    field = schema.field(places[0])
    if len(places) > 1 or not source.is_text(field.type):
        raise JobError(
            f"the new texts cannot go to the column {column!r} of {source.path}, which holds"
            f" {field.type}; name another one"
        )
    if pyarrow.types.is_dictionary(field.type):
        # there may be more different texts than there were: room for all of them
        field = field.with_type(pyarrow.dictionary(pyarrow.int32(), field.type.value_type))
    return schema.set(places[0], field)


def _options(source: ParquetRows, column: str) -> dict[str, Any]:
    """How the input was written, as far as its columns tell: codecs, dictionaries, old forms."""
    found = source.metadata
    leaves = [found.schema.column(place) for place in range(found.num_columns)]
    options: dict[str, Any] = {
        "store_schema": b"ARROW:schema" in (found.metadata or {}),
        "use_deprecated_int96_timestamps": any(leaf.physical_type == "INT96" for leaf in leaves),
        "use_compliant_nested_type": not any(".list.item" in leaf.path for leaf in leaves),
    }
    if found.num_row_groups:
        chunks = [found.row_group(0).column(place) for place in range(found.num_columns)]
        codecs = {chunk.path_in_schema: chunk.compression for chunk in chunks}
        codecs.setdefault(column, codecs[source.fields.text])
        options["compression"] = {
            path: {"UNCOMPRESSED": "NONE", "LZO": "SNAPPY"}.get(codec, codec)
            for path, codec in codecs.items()
        }
        options["use_dictionary"] = [c.path_in_schema for c in chunks if c.has_dictionary_page]
    return options


def _parts(source: ParquetRows) -> Iterator[Any]:
    """The input as tables of a bounded size, all columns."""
    pyarrow, _ = arrow()
    with source.open() as file:
        first = 0
        for group in range(file.num_row_groups):
            size = source.part_rows(group)
            held: list[Any] = []
            rows = 0
            for batch in source.batches(file, group, min(size, _ROWS), first):
                held.append(batch)
                rows += batch.num_rows
                if rows >= size:
                    yield pyarrow.Table.from_batches(held)
                    held, rows = [], 0
            if held:
                yield pyarrow.Table.from_batches(held)
            first += file.metadata.row_group(group).num_rows


def _spooled(path: Path) -> Iterator[tuple[int, str]]:
    """The rows that were written and their texts, in order."""
    with path.open("rb") as stream:
        for line in stream:
            row, text = json.loads(line)
            yield row, text
