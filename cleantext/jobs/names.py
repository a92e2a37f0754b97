"""The names a job reads and writes, and which of them stand in each other's way."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cleantext.jobs.partial import partial_of
from cleantext.jobs.records import JobError

__all__ = ["STANDARD", "Names"]

#: What stands for standard input and output.
STANDARD = "-"
#: What a job makes beside each file it writes, by what is added to the file's name.
_BESIDE = (".partial", ".partial.json", ".partial.json.tmp", ".partial.lock", ".partial.parquet")


@dataclass(frozen=True, slots=True)
class Names:
    """The files of a job; ``-`` is standard input or output.

    Attributes:
        input, output: as they were given.
        edits: side file for what was changed, if it is wanted.
        rejects: side file for what was not taken; beside the output if None.
        library: that the pipeline reads, if it has one.
    """

    input: str
    output: str
    edits: str | None = None
    rejects: str | None = None
    library: str | None = None

    @property
    def target(self) -> Path | None:
        """The output, unless it is a stream: standard output, a pipe, a device."""
        return None if self.output == STANDARD or _is_stream(self.output) else _led(self.output)

    @property
    def written(self) -> dict[str, Path]:
        """The files that may come to be, by what they hold, in the order of their finishing."""
        rejects = self.rejects or (self.target and f"{self.target}.rejects.jsonl")
        found = {"edits": self.edits, "rejects": rejects, "output": self.target}
        return {name: Path(path) for name, path in found.items() if path is not None}

    @property
    def files(self) -> list[Path]:
        """Those of them that are no streams, without links; alike for all who name them."""
        found = [_led(path) for path in self.written.values() if not _is_stream(path)]
        return sorted(found, key=os.path.realpath)

    @property
    def complete(self) -> bool:
        """Whether there is an output. A folder with nothing in it is none."""
        return self.target is not None and _is_there(self.target)

    def check(self) -> None:
        """Refuse names that cannot be used, or stand in each other's way.

        Raises:
            JobError: names two that are one, or one whose folder is not there.
        """
        for name in ("edits", "rejects"):
            if getattr(self, name) == STANDARD:
                raise JobError(f"the {name} need a file; they cannot go to standard output")
        if self.target and self.target.name:
            partial_of(str(self.target))  # its folder is named before that of what lies beside it
        taken = {} if self.input == STANDARD else dict.fromkeys(_places(self.input), "input")
        if self.library is not None:
            taken |= dict.fromkeys(_places(self.library), "library")
        for name, path in self.written.items():
            if path.name in ("", ".."):
                raise JobError(f"{str(path)!r} is no name for the {name} of a job; give it one")
            if not _is_stream(path):
                partial_of(str(path))  # it names a folder that is missing
            elif _is_device(path):
                continue  # /dev/null takes everything
            other = taken.setdefault(os.path.realpath(path), name)
            if other != name:
                raise JobError(f"{path} cannot be both {other} and {name} of a job")
        self._check_beside(taken)
        target = self.target
        if target and target.exists() and os.path.exists(self.input):
            if target.is_dir() and not os.path.isdir(self.input):
                raise JobError(f"{target} is a folder and the input is none; name a file in it")
            if os.path.isdir(self.input) and not target.is_dir():
                raise JobError(f"{target} is a file and the input a folder; name a new folder")

    def _check_beside(self, taken: dict[str, str]) -> None:
        """Refuse what lies where an unfinished output will lie: it would be lost."""
        for path in self.files:
            for suffix in _BESIDE:
                made = Path(os.path.realpath(path) + suffix)
                for place, name in taken.items():
                    if Path(place).is_relative_to(made):
                        raise JobError(
                            f"{place} cannot be the {name} of this job, which keeps what is not"
                            f" finished of {path} at {made}; give one of them another name"
                        )

    def check_free(self) -> None:
        """Refuse to replace anything.

        Raises:
            JobError: names a file that exists.
        """
        for path in reversed(self.written.values()):
            if _is_there(path) and not _is_stream(path):
                raise JobError(f"{path} exists; replace it with --overwrite, or write elsewhere")

    def check_unfinished(self) -> None:
        """Refuse to begin where something lies that may be an unfinished output.

        Raises:
            JobError: names it.
        """
        for path in self.files:
            partial = path.with_name(f"{path.name}.partial")
            if os.path.lexists(partial):
                raise JobError(
                    f"{partial} is there, and no unfinished job of this output tells of it:"
                    " give it up with --overwrite, or move it away"
                )


def _led(path: str | Path) -> Path:
    """Where a link leads; a path that is none as it is."""
    return Path(os.path.realpath(path) if os.path.islink(path) else path)


def _places(path: str) -> tuple[str, str]:
    """Where a file lies, and where the name that leads to it does."""
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.realpath(path), os.path.join(os.path.realpath(folder), name)


def _is_there(path: Path) -> bool:
    """Whether there is something that could be lost."""
    with suppress(OSError):  # a folder that may not be looked into is not empty
        return any(path.iterdir()) if path.is_dir() else os.path.lexists(path)
    return True


def _is_stream(path: str | Path) -> bool:
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


def _is_device(path: Path) -> bool:
    return stat.S_ISCHR(path.stat().st_mode)
