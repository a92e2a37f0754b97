"""Reading an input as bytes: files and streams, unpacked on the way, cut into lines."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, BinaryIO, NamedTuple

from cleantext.jobs.compression import Compression, unpacked
from cleantext.jobs.records import JobError

__all__ = ["BOM", "BrokenInputError", "ByteInput", "Line", "byte_limit", "lines", "pieces", "shown"]

BOM = b"\xef\xbb\xbf"

#: Bytes read at a time, and bytes at the start of a file that its fingerprint covers.
_CHUNK = 1 << 16
#: Bytes of a record that are always taken, however few characters a text may have.
_LEAST = 16 << 20
#: Characters of a rejected record that are shown.
_SHOWN = 10_000

#: How files begin that are something else than they seem, with what to do.
_FOREIGN = {
    b"\xff\xfe": "UTF-16; convert it: iconv -f UTF-16 -t UTF-8",
    b"\xfe\xff": "UTF-16; convert it: iconv -f UTF-16 -t UTF-8",
    b"\x1f\x8b": "packed with gzip; name it .gz, or give the format, for example jsonl.gz",
    b"\x28\xb5\x2f\xfd": "packed with zstd; name it .zst, or give the format, for example csv.zst",
    b"\xfd7zXZ\x00": "packed with xz; unpack it and pipe it in: xz -dc FILE | cleantext run - ...",
    b"BZh": "packed with bzip2; unpack it and pipe it in: bzip2 -dc FILE | cleantext run - ...",
    b"PK\x03\x04": "a zip archive; unpack it first",
    b"PAR1": "a Parquet file; name it .parquet, or give the format parquet",
}


class BrokenInputError(JobError):
    """An input that has to be mended. A job is begun afresh with it then: it is another input."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"{problem}; mend it or get it anew, then start afresh with --overwrite")


def byte_limit(max_chars: int) -> int:
    """How many bytes a record may have: a text of ``max_chars`` in JSON's escapes, and the rest."""
    return max(_LEAST, 8 * max_chars)


def shown(raw: bytes) -> str:
    """A record for people: undecodable bytes escaped, cut where it is long."""
    text = raw[: 4 * _SHOWN].decode("utf-8", "backslashreplace").rstrip("\r\n")
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


class ByteInput:
    """A file, or a stream that can be read once.

    Args:
        path: ``-`` is standard input.
        compression: how it is packed.

    Raises:
        JobError: if it cannot be read.
    """

    def __init__(self, path: str, compression: Compression = "") -> None:
        self.path = path
        self._compression = compression
        self._read = 0
        try:
            self._stat = None if path == "-" else os.stat(path)
        except OSError as error:
            raise JobError(f"{path} cannot be read: {error.strerror}") from error
        self.resumable = self._stat is not None and stat.S_ISREG(self._stat.st_mode)
        if self.resumable:
            with self._open():
                pass  # a file that may not be read is named before any work

    def size(self) -> int | None:
        """Bytes of the file, as it is packed; None for a stream."""
        return self._stat.st_size if self._stat and self.resumable else None

    def position(self) -> int:
        """Bytes read since :meth:`chunks` was called last, as they are packed."""
        return self._read

    def fingerprint(self) -> dict[str, Any]:
        """Size, time of the last change and hash of the beginning; empty for a stream.

        Raises:
            JobError: if the file is gone.
        """
        if not self.resumable:
            return {}
        with self._open() as stream:
            found = os.fstat(stream.fileno())
            head = hashlib.sha256(stream.read(_CHUNK)).hexdigest()
        return {"size": found.st_size, "mtime_ns": found.st_mtime_ns, "head": head}

    def chunks(self) -> Iterator[bytes]:
        """The bytes, unpacked; a file from its beginning, a stream from where it is.

        Raises:
            JobError: if it cannot be read, or is something else than its name says.
            BrokenDataError: where it cannot be unpacked any further.
        """
        self._read = 0
        first = True
        for chunk in unpacked(self._packed(), self._compression):
            if first and chunk:
                first = False
                self._check(chunk)
            yield chunk

    def _check(self, head: bytes) -> None:
        for start, what in _FOREIGN.items():
            if head.startswith(start):
                raise JobError(f"{self.path} is {what}")

    def _packed(self) -> Iterator[bytes]:
        with self._open() as stream:
            while chunk := self._next(stream):
                self._read += len(chunk)
                yield chunk

    def _next(self, stream: BinaryIO) -> bytes:
        try:
            if isinstance(stream, io.BufferedReader):  # what a pipe has, without waiting for more
                return stream.read1(_CHUNK)
            return stream.read(_CHUNK)
        except OSError as error:
            raise JobError(
                f"{self.path} cannot be read on at byte {self._read:,}: {error.strerror}"
            ) from error

    def _open(self) -> AbstractContextManager[BinaryIO]:
        if self.path == "-":
            if sys.stdin is None:
                raise JobError("standard input is closed; name a file, or pipe the records in")
            return nullcontext(sys.stdin.buffer)  # not ours to close
        try:
            return open(self.path, "rb")
        except OSError as error:
            raise JobError(f"{self.path} cannot be read: {error.strerror}") from error


class Line(NamedTuple):
    """A line of the input.

    Attributes:
        number: from 1.
        raw: with its end; only the beginning of a line over the limit.
        length: bytes of the whole line.
    """

    number: int
    raw: bytes
    length: int

    @property
    def whole(self) -> bool:
        """Whether ``raw`` is all of it."""
        return self.length == len(self.raw)


def pieces(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Chunks cut behind each line feed: every piece is a line or a part of one."""
    for chunk in chunks:
        start = 0
        while end := chunk.find(b"\n", start) + 1:
            yield chunk[start:end]
            start = end
        if start < len(chunk):
            yield chunk[start:]


def lines(chunks: Iterator[bytes], limit: int) -> Iterator[Line]:
    """The lines of chunks; of one that has more than ``limit`` bytes no more than those are kept.

    >>> [line.raw for line in lines(iter([b"a\\nb", b"c\\r\\nd"]), 100)]
    [b'a\\n', b'bc\\r\\n', b'd']
    """
    held: list[bytes] = []
    length = 0
    number = 1
    for piece in pieces(chunks):
        if length < limit:
            held.append(piece[: limit - length])
        length += len(piece)
        if piece.endswith(b"\n"):
            yield Line(number, b"".join(held), length)
            held, length, number = [], 0, number + 1
    if length:
        yield Line(number, b"".join(held), length)
