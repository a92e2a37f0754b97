"""CSV and TSV files, of which all cells but the text stay byte for byte."""

from __future__ import annotations

from collections.abc import Iterator

from cleantext.jobs.compression import BrokenDataError, Compression
from cleantext.jobs.csv_cells import Row, cells, encoded, is_sound, row_end, rows, value
from cleantext.jobs.fields import CANONICAL, Fields, RefusedError, checked
from cleantext.jobs.lines import BOM, BrokenInputError, ByteInput, byte_limit, pieces, shown
from cleantext.jobs.records import JobError, Record, Reject

__all__ = ["TAB", "CsvRendering", "CsvRows"]

TAB = b"\t"
#: What may stand between cells, the likeliest first.
_DELIMITERS = (b",", b";", TAB, b"|")
#: Bytes of a header at most, and columns that an error lists.
_LONGEST, _LISTED = 1 << 20, 20


class CsvRows(ByteInput):
    """A source of rows under a header. A carrier is the row as it came, with its end.

    The delimiter is a tab for TSV; for CSV it is the one of ``, ; tab |`` that finds the fields in
    the header. A blank line is no record and is left out of the output. What cannot be taken is
    rejected: rows with too few or too many cells or too many bytes, a last line whose quote is
    never closed, a text that goes on behind its closing quote (a file without quoting has such,
    and its marks would be lost), rows that are not UTF-8, texts that are too long. An empty cell
    is an empty text. A quote that is never closed and would take in further lines ends the reading
    with an error.

    Raises:
        JobError: if there is no header with the fields.
    """

    def __init__(
        self, path: str, compression: Compression, fields: Fields, *, tabs: bool = False
    ) -> None:
        super().__init__(path, compression)
        self.fields, self.tabs = fields, tabs
        self._candidates = (TAB,) if tabs else _DELIMITERS
        self._limit = byte_limit(fields.max_chars)
        # a stream cannot be read again: what follows the header goes on to the rows
        self._begun: Iterator[bytes] | None = pieces(self.chunks())
        self.header, self._line = self._head(self._begun)
        found = _delimiter(self.header, fields, self._candidates)
        if found is None:
            raise JobError(f"{path} has no header whose quotes are closed in its first line")
        self.delimiter = found
        self.columns = _columns(self.header, self.delimiter)
        self._check_columns()

    def _head(self, chunks: Iterator[bytes]) -> tuple[bytes, int]:
        """The header, and the number of the line behind it."""
        head, line = b"", 1
        try:
            for piece in chunks:
                head += piece
                line += piece.endswith(b"\n")
                if not head.removeprefix(BOM).strip():
                    head = head if head == BOM else b""
                elif (piece.endswith(b"\n") and self._is_whole(head)) or len(head) > _LONGEST:
                    break
        except BrokenDataError as error:
            raise JobError(f"{self.path} breaks off in its header: {error}") from error
        if not head:
            raise JobError(f"{self.path} is empty; a header with the names of the columns is due")
        return head, line

    def _is_whole(self, head: bytes) -> bool:
        """Whether all of a header has been read: its quotes are closed, or it needs none of them.

        A lone quote inside a cell is an ordinary character, so the columns that are asked for tell.
        """
        if not head.count(b'"') % 2:
            return True
        delimiter = _delimiter(head, self.fields, self._candidates)
        return delimiter is not None and {*self.fields.named} <= {*_columns(head, delimiter)}

    def _check_columns(self) -> None:
        for name in self.fields.named:
            count = self.columns.count(name)
            if count != 1:
                what = f"{count} columns" if count else "no column"
                raise JobError(
                    f"{self.path} has {what} {name!r}; its header names {_listed(self.columns)}"
                )

    def records(self, start: int) -> Iterator[Record | Reject]:
        """Those from number ``start`` on; the rows before are read but not looked into.

        Raises:
            BrokenInputError: where the rest cannot be unpacked, or is in a quote all of it.
        """
        number = 0
        begun, self._begun = self._begun, None
        if begun is None:
            begun = pieces(self.chunks())
            self._head(begun)
        try:
            for row in rows(begun, self.delimiter, self._limit, line=self._line):
                if not row.raw.strip(b"\r\n") and row.length == len(row.raw):
                    continue
                if not row.closed and row.lines > 1:
                    raise BrokenInputError(
                        f"{self.path} has a quote that is never closed, in the row that begins on"
                        f" line {row.line:,}: it takes in all {row.lines:,} lines to the end"
                    )
                if number >= start:
                    yield self._taken(number, row)
                number += 1
        except BrokenDataError as error:
            raise BrokenInputError(
                f"{self.path} breaks off after {number:,} records: {error}"
            ) from error

    def _taken(self, number: int, row: Row) -> Record | Reject:
        place = f"line {row.line}"
        try:
            held = self._values(row)
            text = checked(held[self.fields.text], self.fields)
            other = held.get(self.fields.canonical or "", "")
            canonical = checked(other, self.fields, what=CANONICAL) or None
        except RefusedError as error:
            return Reject(number, place, str(error), shown(row.raw))
        id = None if self.fields.id is None else held[self.fields.id]
        return Record(number, place, text, id, canonical, row.raw)

    def _values(self, row: Row) -> dict[str, str]:
        """The cells that are asked for, by column."""
        if not row.closed:
            raise RefusedError("the row has a quote that is never closed")
        if row.length > len(row.raw):
            raise RefusedError(f"the row has more than {self._limit:,} bytes")
        spans = cells(row.raw, self.delimiter)
        if len(spans) != len(self.columns):
            fewer = len(spans) < len(self.columns)
            raise RefusedError(f"the row has {'fewer' if fewer else 'more'} cells than the header")
        try:
            row.raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise RefusedError("the row is not UTF-8") from error
        places = ((name, spans[self.columns.index(name)]) for name in self.fields.named)
        held = {name: row.raw[a:b] for name, (a, b) in places}
        if not is_sound(held[self.fields.text]):
            raise RefusedError("the text goes on behind its closing quote")
        return {name: value(cell).decode("utf-8") for name, cell in held.items()}


def _columns(header: bytes, delimiter: bytes) -> list[str]:
    head = header.removeprefix(BOM)
    found = (value(head[a:b]) for a, b in cells(head, delimiter))
    return [name.decode("utf-8", "backslashreplace") for name in found]


def _delimiter(header: bytes, fields: Fields, candidates: tuple[bytes, ...]) -> bytes | None:
    """The delimiter that finds the most fields, and then the most columns."""
    best, most = None, (-1, -1)
    for delimiter in candidates:
        found = list(rows(iter([header.removeprefix(BOM)]), delimiter, len(header)))
        if len(found) == 1 and found[0].closed:
            names = _columns(header, delimiter)
            count = (len({*names} & {*fields.named}), len(names))
            if count > most:
                best, most = delimiter, count
    return best


def _listed(columns: list[str]) -> str:
    shown = ", ".join(map(repr, columns[:_LISTED]))
    return shown if len(columns) <= _LISTED else f"{shown} and {len(columns) - _LISTED} more"


class CsvRendering:
    """The header and the rows of an output: one cell of each is set, or added behind the last.

    Args:
        column: that of the cell; one that is not there becomes the last.
        delimiter: what stands between the cells of the output.
    """

    def __init__(self, source: CsvRows, column: str, *, delimiter: bytes) -> None:
        self._source, self._delimiter = source, delimiter
        place = source.columns.index(column) if column in source.columns else None
        self._place = place
        self.header = source.header if place is not None else self._added(source.header, column)
        if delimiter != source.delimiter:
            bom = self.header[: len(BOM)] if self.header.startswith(BOM) else b""
            self.header = bom + self._converted(self.header.removeprefix(BOM))

    def row(self, raw: bytes, text: str) -> bytes:
        """A row with another text."""
        new = self._added(raw, text) if self._place is None else self._set(raw, text, self._place)
        return new if self._delimiter == self._source.delimiter else self._converted(new)

    def _set(self, raw: bytes, text: str, place: int) -> bytes:
        start, end = cells(raw, self._source.delimiter)[place]
        held = text.encode("utf-8")
        if value(raw[start:end]) == held:
            return raw
        # the only cell of a row may not be empty: a blank line is no row
        quoted = raw.startswith(b'"', start) or (not held and len(self._source.columns) == 1)
        return raw[:start] + encoded(held, self._source.delimiter, quoted=quoted) + raw[end:]

    def _added(self, raw: bytes, text: str) -> bytes:
        end, delimiter = row_end(raw), self._source.delimiter
        return raw[:end] + delimiter + encoded(text.encode("utf-8"), delimiter) + raw[end:]

    def _converted(self, raw: bytes) -> bytes:
        found = [value(raw[a:b]) for a, b in cells(raw, self._source.delimiter)]
        alone = len(found) == 1  # and if it is empty, a blank line: no row
        made = (encoded(held, self._delimiter, quoted=alone and not held) for held in found)
        return self._delimiter.join(made) + raw[row_end(raw) :]
