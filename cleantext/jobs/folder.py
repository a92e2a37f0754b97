"""A folder of text files: a record is a file, its id the path in the folder."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from cleantext.jobs.compression import SUFFIXES, BrokenDataError, Compression, packer
from cleantext.jobs.fields import Fields, RefusedError, checked
from cleantext.jobs.lines import BOM, ByteInput, byte_limit, shown
from cleantext.jobs.partial import partial_of, refuse_existing, sync_folder
from cleantext.jobs.records import JobError, Record, Reject

__all__ = ["FolderFiles", "FolderSink"]


class _File(NamedTuple):
    """The carrier: a file's path in its folder, and whether it begins with a BOM."""

    name: str
    bom: bool


class FolderFiles:
    """A source of the ``.txt`` files (also ``.txt.gz``, ``.txt.zst``) of a folder, at any depth.

    They come in the order of their paths. Links to folders are not followed; other files are not
    looked at. What cannot be taken is rejected: a file that cannot be read or unpacked, is not
    UTF-8, or is too long.

    Raises:
        JobError: if the folder, or one in it, cannot be read, or there is no such file in it.
    """

    resumable = True

    def __init__(self, path: str, fields: Fields) -> None:
        self.path, self.fields = path, fields
        self.names = _names(path)
        self._done = 0
        if not self.names:
            raise JobError(f"{path} has no .txt file in it, nor .txt.gz or .txt.zst")

    def size(self) -> int | None:
        """How many files there are."""
        return len(self.names)

    def position(self) -> int:
        """How many of them have been read."""
        return self._done

    def fingerprint(self) -> dict[str, Any]:
        """The number of the files, and a hash of their names, sizes and times of change."""
        found = hashlib.sha256()
        for name in self.names:
            found.update(os.fsencode(name) + b"\0")
            try:
                status = os.stat(os.path.join(self.path, name))
            except OSError:
                continue
            found.update(f"{status.st_size} {status.st_mtime_ns}\0".encode())
        return {"files": len(self.names), "names": found.hexdigest()}

    def records(self, start: int) -> Iterator[Record | Reject]:
        """Those from number ``start`` on."""
        for number in range(start, len(self.names)):
            self._done = number + 1
            yield self._taken(number, self.names[number])

    def _taken(self, number: int, name: str) -> Record | Reject:
        place = shown(os.fsencode(name))
        data = b""
        try:
            data = _content(os.path.join(self.path, name), byte_limit(self.fields.max_chars))
            text = checked(data.removeprefix(BOM).decode("utf-8"), self.fields)
        except UnicodeDecodeError:
            return Reject(number, place, "the file is not UTF-8", shown(data))
        except RefusedError as error:
            return Reject(number, place, str(error), shown(data))
        return Record(number, place, text, place, None, _File(name, data.startswith(BOM)))


def _names(folder: str) -> list[str]:
    """The paths of the text files in a folder, with slashes, in order."""

    def refuse(error: OSError) -> NoReturn:
        raise JobError(f"{error.filename} cannot be read: {error.strerror}") from error

    found: list[str] = []
    for where, _, names in os.walk(folder, onerror=refuse):
        inside = os.path.relpath(where, folder).replace(os.sep, "/")
        before = "" if inside == "." else f"{inside}/"
        found += [before + name for name in names if _packing(name) is not None]
    return sorted(found)


def _packing(name: str) -> Compression | None:
    """How a text file is packed; None if it is no text file."""
    stem, suffix = os.path.splitext(name.lower())
    if suffix == ".txt":
        return ""
    return SUFFIXES.get(suffix) if stem.endswith(".txt") else None


def _content(path: str, limit: int) -> bytes:
    """What a file holds, unpacked.

    Raises:
        RefusedError: if it cannot be read, or there is more of it than ``limit`` bytes.
    """
    data = bytearray()
    try:
        source = ByteInput(path, _packing(path) or "")
        if not source.resumable:
            raise RefusedError("it is no regular file")
        for chunk in source.chunks():
            data += chunk
            if len(data) > limit:
                raise RefusedError(f"the file has more than {limit:,} bytes")
    except BrokenDataError as error:
        raise RefusedError("the file cannot be unpacked to its end") from error
    except JobError as error:
        raise RefusedError(f"the file {str(error).removeprefix(path).lstrip()}") from error
    return bytes(data)


class FolderSink:
    """A folder that grows as ``NAME.partial``, with the files' own names, and gets its name last.

    A folder that has files in it is never replaced, told to overwrite or not.
    """

    resumable = True

    def __init__(self, path: str, source: FolderFiles, *, overwrite: bool = False) -> None:
        self.path = path
        self._target, self.partial = partial_of(path)
        self._overwrite = overwrite
        self._refuse_overlap(Path(os.path.realpath(source.path)))
        self._files, self._last = 0, ""
        self._unsynced: list[Path] = []
        self._begun = self._whole = self._failed = False

    def _refuse_overlap(self, source: Path) -> None:
        if self._target.is_relative_to(source) or source.is_relative_to(self._target):
            raise JobError(f"{self.path} and the input lie in each other; name a folder beside it")

    def write(self, record: Record, text: str) -> None:
        """Write a file with the new text, a BOM kept."""
        self._begin()
        self._failed = True  # until all of the file is written
        file: _File = record.carrier
        path = self.partial / file.name
        packing = packer(_packing(file.name) or "")
        data = (BOM if file.bom else b"") + text.encode("utf-8")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(packing.pack(data) + (packing.end() or packing.nothing()))
        self._unsynced.append(path)
        self._files, self._last = self._files + 1, file.name
        self._failed = False

    def checkpoint(self) -> dict[str, Any]:
        """Make all files durable: ``{"files": n, "last": name}``."""
        if not self._whole:
            self._begin()
            for path in self._unsynced:
                with path.open("rb+") as stream:
                    os.fsync(stream.fileno())
            folders = {folder for path in self._unsynced for folder in path.parents}
            for folder in sorted({f for f in folders if f.is_relative_to(self.partial)}):
                sync_folder(folder)
            self._unsynced.clear()
        return {"files": self._files, "last": self._last}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take away the files that were written after a checkpoint.

        Raises:
            JobError: if files are gone that had been written before it.
        """
        self._unsynced.clear()
        if not state:
            shutil.rmtree(self.partial, ignore_errors=True)
            self._begun = False
            return
        self._files, self._last = state["files"], state["last"]
        self._whole = not self.partial.exists() and self._has_all(self._target)
        if self._whole:
            return
        for name in _names(str(self.partial)) if self.partial.is_dir() else ():
            if name > self._last:
                (self.partial / name).unlink()
        if not self._has_all(self.partial):
            raise JobError(
                f"of {self._files:,} files that were written, {self.partial} has no longer all;"
                " start afresh and overwrite it"
            )
        self._begun = True

    def _has_all(self, folder: Path) -> bool:
        return folder.is_dir() and len(_names(str(folder))) == self._files

    def finish(self) -> None:
        """Give the folder its name.

        Raises:
            JobError: if there is something of that name.
        """
        if self._whole:
            return
        self.checkpoint()
        self._refuse_full()
        os.replace(self.partial, self._target)
        sync_folder(self._target.parent)
        self._whole = True

    def abandon(self) -> None:
        """Leave it as it is, for good."""
        self._unsynced.clear()
        self._failed = not self._whole

    def _begin(self) -> None:
        if self._whole:
            raise JobError(f"{self._target} is whole; nothing can be added to it")
        if self._failed:
            raise OSError(f"{self.partial} was given up; go on from its last checkpoint")
        if self._begun:
            return
        self._refuse_full()
        if self._overwrite:
            shutil.rmtree(self.partial, ignore_errors=True)
        elif self.partial.exists():
            refuse_existing(self._target, self.partial)
        self.partial.mkdir()
        self._begun = True

    def _refuse_full(self) -> None:
        if self._target.exists() and not (self._target.is_dir() and _is_empty(self._target)):
            raise JobError(
                f"{self._target} exists and is not empty; it is not replaced:"
                " name a new folder, or empty that one"
            )


def _is_empty(folder: Path) -> bool:
    with os.scandir(folder) as entries:
        return next(entries, None) is None
