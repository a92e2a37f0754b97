"""Packing and unpacking byte streams: gzip members and zstd frames, one after another."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, Literal, Protocol

from cleantext.jobs.records import JobError

__all__ = ["SUFFIXES", "BrokenDataError", "Compression", "Packer", "packer", "unpacked"]

Compression = Literal["", "gzip", "zstd"]

#: Compression by the last suffix of a file's name.
SUFFIXES: dict[str, Compression] = {".gz": "gzip", ".zst": "zstd"}

#: zlib's window bits for a gzip member: the largest window, and a header without name and time.
_GZIP = 16 + zlib.MAX_WBITS
#: Bytes that one step of unpacking gives at most, so that a bomb fills no memory.
_STEP = 1 << 20
#: Bytes of packed zstd data taken in a step: at most 16 MB come of it (a block of 128 KiB needs 4).
_ZSTD_STEP = 512
#: The largest zstd window that is accepted, in bytes (``zstd`` itself has the same limit).
_ZSTD_WINDOW = 1 << 27


class BrokenDataError(ValueError):
    """Packed data that cannot be unpacked to its end; what came before has been given out."""


def unpacked(chunks: Iterator[bytes], compression: Compression) -> Iterator[bytes]:
    """The bytes in packed chunks: all members or frames, one after another.

    Raises:
        BrokenDataError: where the data is broken or ends inside a member; says at which byte. Also
            if there is not a single one.
        JobError: if the library for it is missing.

    >>> gz = packer("gzip")
    >>> list(unpacked(iter([gz.pack(b"a") + gz.end() + gz.pack(b"b") + gz.end()]), "gzip"))
    [b'a', b'b']
    """
    match compression:
        case "gzip":
            return _gunzip(chunks)
        case "zstd":
            return _unzstd(chunks)
        case "":
            return chunks


def _gunzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    member: Any = None
    done = 0
    for chunk in chunks:
        while chunk:
            if member is None:
                # tape drives and some writers fill up the last block with NULs
                start = chunk.lstrip(b"\0") if done else chunk
                done += len(chunk) - len(start)
                chunk = start
                member = zlib.decompressobj(_GZIP) if chunk else None
                continue
            before = member.copy()
            try:
                data = member.decompress(chunk, _STEP)
            except zlib.error as error:
                good = _good(before, chunk)
                yield from good
                place = done + len(good)
                raise BrokenDataError(f"a gzip member is broken at byte {place:,}") from error
            yield data
            rest = member.unused_data if member.eof else member.unconsumed_tail
            done += len(chunk) - len(rest)
            chunk = rest
            member = None if member.eof else member
    if member is not None:
        while data := member.decompress(b"", _STEP):
            yield data
        raise BrokenDataError(f"it ends inside a gzip member, at byte {done:,}")
    if not done:
        raise BrokenDataError("it is empty, without a single gzip member")


def _good(member: Any, chunk: bytes) -> list[bytes]:
    """What the bytes before the broken one hold, byte by byte."""
    found: list[bytes] = []
    try:
        for place in range(len(chunk)):
            found.append(member.decompress(chunk[place : place + 1]))
    except zlib.error:
        pass
    return found


def _unzstd(chunks: Iterator[bytes]) -> Iterator[bytes]:
    zstandard = _zstandard()
    frames = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frame: Any = None
    done = 0
    for chunk in chunks:
        for start in range(0, len(chunk), _ZSTD_STEP):
            piece = chunk[start : start + _ZSTD_STEP]
            while piece:
                frame = frame or frames.decompressobj()
                try:
                    yield frame.decompress(piece)
                except zstandard.ZstdError as error:
                    place = f"in the {_ZSTD_STEP:,} bytes from byte {done:,} on"
                    raise BrokenDataError(f"a zstd frame is broken {place} ({error})") from error
                rest = frame.unused_data if frame.eof else b""
                done += len(piece) - len(rest)
                piece = rest
                frame = None if frame.eof else frame
    if frame is not None:
        raise BrokenDataError(f"it ends inside a zstd frame, at byte {done:,}")
    if not done:
        raise BrokenDataError("it is empty, without a single zstd frame")


class Packer(Protocol):
    """Packs bytes into members (or frames) that can be read one after another."""

    def pack(self, data: bytes) -> bytes:
        """Add to the open member; what is ready of it."""
        ...

    def end(self) -> bytes:
        """Close the open member, if there is one; the rest of it."""
        ...

    def nothing(self) -> bytes:
        """What an output without any bytes must hold to be read as one."""
        ...


def packer(compression: Compression) -> Packer:
    """A packer; the bytes depend on nothing but what is packed and where members end.

    Raises:
        JobError: if the library for it is missing.
    """
    match compression:
        case "gzip":
            return _Members(lambda: zlib.compressobj(wbits=_GZIP))
        case "zstd":
            return _Members(_zstandard().ZstdCompressor(write_checksum=True).compressobj)
        case "":
            return _Plain()


class _Plain:
    """Packs nothing."""

    def pack(self, data: bytes) -> bytes:
        return data

    def end(self) -> bytes:
        return b""

    def nothing(self) -> bytes:
        return b""


class _Members:
    """Packs into gzip members or zstd frames, made by a compression object each."""

    def __init__(self, new: Any) -> None:
        self._new = new
        self._open: Any = None

    def pack(self, data: bytes) -> bytes:
        self._open = self._open or self._new()
        packed: bytes = self._open.compress(data)
        return packed

    def end(self) -> bytes:
        if self._open is None:
            return b""
        packed: bytes = self._open.flush()
        self._open = None
        return packed

    def nothing(self) -> bytes:
        return self.pack(b"") + self.end()


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError as error:
        raise JobError(
            'zstd files need the package zstandard: pip install "cleantext-news[zstd]"'
        ) from error
    return zstandard
