"""Writing an output as bytes: beside its name until it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Any, Protocol

from cleantext.jobs.compression import Compression, packer
from cleantext.jobs.records import JobError

__all__ = ["ByteOutput", "Output", "PartialFile", "partial_of", "refuse_existing", "sync_folder"]

#: Bytes that are gathered before they are written.
_GATHERED = 1 << 20


class Output(Protocol):
    """An output under construction, whatever is written to it.

    Nothing is created, and nothing that exists is looked at, before the first write or checkpoint.
    These raise a :class:`JobError` if there is an output (or an unfinished one), unless it was to
    be overwritten or :meth:`restore` came first. After an ``OSError`` (a full disk) nothing but
    :meth:`abandon` is allowed; what the last checkpoint said still holds.

    Attributes:
        path: as given; ``-`` is standard output.
        resumable: False for a stream, whose ``checkpoint`` gives ``{}``.
    """

    path: str
    resumable: bool

    @property
    def partial(self) -> Path | None:
        """Where it stands until it is whole; None for a stream."""
        ...

    def checkpoint(self) -> dict[str, Any]:
        """Make durable all that was written; what :meth:`restore` needs, as plain JSON."""
        ...

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to a checkpoint; begin afresh, whatever was left, for an empty state.

        An output that has its name already since that checkpoint stays as it is.

        Raises:
            JobError: if what the checkpoint speaks of is gone.
        """
        ...

    def finish(self) -> None:
        """Make it whole and give it its name. After a checkpoint no byte is added."""
        ...

    def abandon(self) -> None:
        """Close for good; what is unfinished stays for a later process."""
        ...


class ByteOutput(Output, Protocol):
    """An output that bytes are written to."""

    def write(self, data: bytes) -> None:
        """Append bytes."""
        ...


def partial_of(path: str) -> tuple[Path, Path]:
    """The output a path leads to (through links), and where it stands until it is whole.

    Raises:
        JobError: if the folder it is to stand in is not there.
    """
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise JobError(f"{path} cannot be written: there is no folder {target.parent}; make it")
    return target, target.with_name(f"{target.name}.partial")


def refuse_existing(target: Path, partial: Path) -> None:
    """Refuse to begin an output where something is.

    Raises:
        JobError: says what to do.
    """
    if os.path.lexists(partial):
        raise JobError(
            f"{partial} is there from a run that was not finished; resume it, or overwrite it"
        )
    if os.path.lexists(target):
        raise JobError(f"{target} exists; overwrite it, or name another output")


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class PartialFile:
    """A file that grows as ``NAME.partial`` and gets its name at the end.

    After any error (a full disk) it takes nothing more: it must be abandoned, and what an earlier
    checkpoint said still holds.
    """

    resumable = True

    def __init__(
        self,
        path: str,
        compression: Compression = "",
        *,
        overwrite: bool = False,
        head: bytes = b"",
    ) -> None:
        self.path = path
        self._target, self.partial = partial_of(path)
        self._packer = packer(compression)
        self._overwrite = overwrite
        self._head = head
        self._file: FileIO | None = None
        self._gathered = bytearray()
        self._size = 0  # of what is in the file
        self._whole = self._failed = False

    def write(self, data: bytes) -> None:
        """Append bytes.

        Raises:
            JobError: if there is something already, and it was not to be overwritten.
            OSError: if they cannot be written.
        """
        with self._working() as stream:
            self._gathered += self._packer.pack(data)
            if len(self._gathered) >= _GATHERED:
                self._flush(stream)

    def checkpoint(self) -> dict[str, Any]:
        """Close the member or frame and make everything durable: ``{"bytes": n}``."""
        if not self._whole:
            with self._working() as stream:
                self._gathered += self._packer.end()
                self._flush(stream)
                os.fsync(stream.fileno())
        return {"bytes": self._size}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Cut off what was written after a checkpoint; begin afresh for an empty state.

        Raises:
            JobError: if less is left than the checkpoint said.
        """
        self._close()
        self._packer.end()
        if not state:
            self.partial.unlink(missing_ok=True)
            return
        size: int = state["bytes"]
        left = self.partial.stat().st_size if self.partial.is_file() else -1
        if left < 0 and self._is_whole(size):
            self._whole, self._size = True, size
            return
        if left < size:
            what = f"has {left:,} bytes" if left >= 0 else "is gone"
            raise JobError(
                f"{self.partial} {what}, but {size:,} were written; start afresh and overwrite it"
            )
        self._file = FileIO(self.partial, "r+")
        self._file.truncate(size)
        self._file.seek(size)
        self._size = size

    def _is_whole(self, size: int) -> bool:
        """Whether an earlier process has given the output its name."""
        whole = size or len(self._packer.nothing())
        return self._target.is_file() and self._target.stat().st_size == whole

    def finish(self) -> None:
        """Make it durable and give it its name.

        Raises:
            JobError: if something else has got that name meanwhile.
        """
        if self._whole:
            return
        with self._working() as stream:
            self._gathered += self._packer.end()
            if not self._size and not self._gathered:
                self._gathered += self._packer.nothing()
            self._flush(stream)
            os.fsync(stream.fileno())
            if not self._overwrite and os.path.lexists(self._target):
                raise JobError(f"{self._target} has come to be meanwhile; move it away and resume")
            stream.close()
            os.replace(self.partial, self._target)
            sync_folder(self._target.parent)
        self._whole = True

    def abandon(self) -> None:
        """Close for good; what is in the file stays."""
        self._close()
        self._failed = not self._whole

    def _close(self) -> None:
        self._gathered.clear()
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None

    @contextmanager
    def _working(self) -> Iterator[FileIO]:
        """The open file; after an error inside nobody may work on it again."""
        if self._failed:
            raise OSError(f"{self.partial} was given up; go on from its last checkpoint")
        if self._whole:
            raise JobError(f"{self._target} is whole; nothing can be added to it")
        self._failed = True
        yield self._begun()
        self._failed = False

    def _begun(self) -> FileIO:
        if self._file is None:
            if not self._overwrite:
                refuse_existing(self._target, self.partial)
            self._file = FileIO(self.partial, "w")
            sync_folder(self.partial.parent)
            self._gathered += self._packer.pack(self._head) if self._head else b""
        return self._file

    def _flush(self, stream: FileIO) -> None:
        while self._gathered:
            written = stream.write(self._gathered)
            self._size += written
            del self._gathered[:written]
