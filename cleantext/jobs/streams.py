"""Writing to standard output, pipes and devices; and choosing how an output is written."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, BinaryIO

from cleantext.jobs.compression import Compression, packer
from cleantext.jobs.partial import ByteOutput, PartialFile
from cleantext.jobs.records import JobError

__all__ = ["StreamOutput", "open_output"]


def open_output(
    path: str, compression: Compression = "", *, overwrite: bool = False, head: bytes = b""
) -> ByteOutput:
    """An output by its path; one that is no regular file (a pipe, a device) is a stream.

    Args:
        head: bytes that stand before everything else.
    """
    if path == "-" or (os.path.exists(path) and not os.path.isfile(path)):
        if os.path.isdir(path):
            raise JobError(f"{path} is a folder; name a file in it")
        return StreamOutput(path, compression, head=head)
    return PartialFile(path, compression, overwrite=overwrite, head=head)


def _standard_output() -> BinaryIO:
    if sys.stdout is None:
        raise JobError("standard output is closed; name a file, or leave it open")
    return sys.stdout.buffer


class StreamOutput:
    """Standard output, a pipe or a device: nothing can be taken back, a run cannot be resumed.

    ``BrokenPipeError`` passes.
    """

    resumable = False
    partial = None

    def __init__(self, path: str, compression: Compression = "", *, head: bytes = b"") -> None:
        self.path = path
        self._packer = packer(compression)
        self._head = head
        self._open: BinaryIO | None = None
        self._empty = True

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._put(self._packer.pack(data))

    def checkpoint(self) -> dict[str, Any]:
        """Hand on what has been written; there is nothing to go back to."""
        self._put(self._packer.end())
        self._stream.flush()
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Refuse to go back, but to the beginning.

        Raises:
            JobError: if something was written.
        """
        if state:
            raise JobError(f"what was written to {self.path} cannot be gone on with; write a file")

    def finish(self) -> None:
        """Hand on the rest."""
        self.checkpoint()
        if self._empty:
            self._put(self._packer.nothing())
        self._stream.flush()
        self.abandon()

    def abandon(self) -> None:
        """Close, unless it is standard output."""
        if self._open is not None and self.path != "-":
            with suppress(OSError):
                self._open.close()

    def _put(self, packed: bytes) -> None:
        self._stream.write(packed)
        self._empty = self._empty and not packed

    @property
    def _stream(self) -> BinaryIO:
        if self._open is None:
            self._open = _standard_output() if self.path == "-" else open(self.path, "wb")  # noqa: SIM115
            if self._head:
                self._put(self._packer.pack(self._head))
        return self._open
