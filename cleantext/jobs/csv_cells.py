r"""CSV as bytes: where rows end, where their cells stand, what is in them.

The dialect is that of Python's ``csv`` module with its defaults: a cell that begins with a double
quote is quoted, quotes in it are doubled, and it may hold delimiters and line ends; any other quote
is an ordinary character. Rows end at a line feed, with or without a carriage return before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from cleantext.jobs.lines import pieces

__all__ = ["Row", "cells", "encoded", "is_sound", "row_end", "rows", "value"]

_QUOTE = b'"'


class _In(Enum):
    """What the next byte belongs to."""

    START = "a cell that begins"
    PLAIN = "a cell that is not quoted, or what follows a closing quote"
    QUOTED = "a quoted cell"
    QUOTE = "a quoted cell, behind a quote that closes it or is the first of two"


class Row(NamedTuple):
    """A row of the input.

    Attributes:
        line: number of its first line, from 1.
        raw: with its end; only the beginning of a row over the limit.
        length: bytes of the whole row.
        lines: how many it takes.
        closed: False if the input ends inside a quoted cell.
    """

    line: int
    raw: bytes
    length: int
    lines: int
    closed: bool


def rows(chunks: Iterator[bytes], delimiter: bytes, limit: int, *, line: int = 1) -> Iterator[Row]:
    r"""The rows of chunks; of one that has more than ``limit`` bytes no more than those are kept.

    Args:
        line: number of the first line.

    >>> [row.raw for row in rows(iter([b'a,"b\n', b'c"\nd,e']), b",", 100)]
    [b'a,"b\nc"\n', b'd,e']
    """
    held: list[bytes] = []
    length, state = 0, _In.START
    first, ended = line, False
    for piece in pieces(chunks):
        if length < limit:
            held.append(piece[: limit - length])
        length += len(piece)
        state = _after(state, piece, delimiter)
        ended = piece.endswith(b"\n")
        line += ended
        if ended and state is not _In.QUOTED:
            yield Row(first, b"".join(held), length, line - first, True)
            held, length, state, first = [], 0, _In.START, line
    if length:
        lines = line - first + (not ended)
        yield Row(first, b"".join(held), length, lines, state is not _In.QUOTED)


def _after(state: _In, piece: bytes, delimiter: bytes) -> _In:
    """The state behind a piece."""
    if state is _In.QUOTED and _QUOTE not in piece.replace(b'""', b""):
        return state
    place = 0
    while place < len(piece):
        match state:
            case _In.QUOTED:
                place = piece.find(_QUOTE, place) + 1
                if not place:
                    return state
                state = _In.QUOTE
            case _In.PLAIN:
                place = piece.find(delimiter, place) + 1
                if not place:
                    return state
                state = _In.START
            case _:
                quote = piece[place : place + 1] == _QUOTE
                state = _In.QUOTED if quote else _In.PLAIN
                place += quote
    return state


def row_end(raw: bytes) -> int:
    """Where the line end of a row begins."""
    return len(raw.rstrip(b"\r\n"))


def cells(raw: bytes, delimiter: bytes) -> list[tuple[int, int]]:
    r"""Where the cells of a row stand, quotes included.

    >>> cells(b'a,"b,c",\n', b",")
    [(0, 1), (2, 7), (8, 8)]
    """
    found: list[tuple[int, int]] = []
    start, stop = 0, row_end(raw)
    while True:
        place = _behind_quotes(raw, start) if raw.startswith(_QUOTE, start) else start
        end = raw.find(delimiter, place, stop)
        if end < 0:
            found.append((start, stop))
            return found
        found.append((start, end))
        start = end + 1


def _behind_quotes(raw: bytes, start: int) -> int:
    """Behind the closing quote of a quoted cell."""
    place = start + 1
    while (place := raw.find(_QUOTE, place) + 1) and raw.startswith(_QUOTE, place):
        place += 1
    return place or len(raw)


def is_sound(cell: bytes) -> bool:
    """Whether nothing follows the closing quote of a cell that begins with one.

    >>> is_sound(b'"a ""b"" c"'), is_sound(b'"no way," he said')
    (True, False)
    """
    return not cell.startswith(_QUOTE) or _behind_quotes(cell, 0) == len(cell)


def value(cell: bytes) -> bytes:
    """What a cell holds.

    >>> value(b'"5"" disc"')
    b'5" disc'
    """
    if not cell.startswith(_QUOTE):
        return cell
    end = _behind_quotes(cell, 0)
    return cell[1:end].removesuffix(_QUOTE).replace(b'""', _QUOTE) + cell[end:]


def encoded(held: bytes, delimiter: bytes, *, quoted: bool = False) -> bytes:
    """A cell that holds something, in quotes if it needs them or is to have them.

    >>> encoded(b'5" disc', b",")
    b'"5"" disc"'
    """
    if quoted or any(mark in held for mark in (_QUOTE, b"\r", b"\n", delimiter)):
        return _QUOTE + held.replace(_QUOTE, b'""') + _QUOTE
    return held
