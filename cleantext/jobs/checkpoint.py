"""What lets a job go on after it was killed: its journal, the lock on its output, fingerprints."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cleantext
from cleantext.jobs.partial import sync_folder
from cleantext.jobs.records import JobError

if TYPE_CHECKING:
    from cleantext.pipeline import Pipeline

__all__ = ["Journal", "State", "begun", "described", "locked"]

#: Version of the journal's form; a journal of another one is refused.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class State:
    """Where a job stood when it last made everything durable.

    Attributes:
        input: fingerprint of the input.
        settings: all that the output's bytes depend on, by name.
        overwrite: whether outputs that exist may be replaced.
        records: how many records are done, rejects counted in.
        seconds: of work so far.
        sinks: by name (``output``, ``edits``, ``rejects``), the state each was left in; None for
            one that was not needed yet.
        tally: the counts so far.
    """

    input: Mapping[str, Any]
    settings: Mapping[str, Any]
    overwrite: bool = False
    records: int = 0
    seconds: float = 0.0
    sinks: Mapping[str, Any] = field(default_factory=dict)
    tally: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def check(self, output: str, now: State) -> None:
        """Refuse to go on with another input or with other settings.

        Raises:
            JobError: names what changed.
        """
        for what, old, new in (
            ("its input has changed", self.input, now.input),
            ("it was begun with other settings", self.settings, now.settings),
        ):
            changes = list(_changes("", old, new))
            if changes:
                raise JobError(
                    f"the unfinished {output} cannot be gone on with, since {what}"
                    f" ({'; '.join(changes)}); put that back, or start afresh with --overwrite"
                )


def _changes(name: str, old: Any, new: Any) -> Iterator[str]:
    """Where two plain values differ, each place with what stands there."""
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            yield from _changes(f"{name}.{key}" if name else key, old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, pair in enumerate(zip(old, new, strict=True)):
            yield from _changes(f"{name}.{number}", *pair)
    else:
        yield f"{name} was {_shown(old)}, is {_shown(new)}"


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."


class Journal:
    """The file that says how far a job got: ``OUTPUT.partial.json``, replaced whole each time."""

    def __init__(self, output: Path) -> None:
        self.path = Path(f"{output}.partial.json")

    def exists(self) -> bool:
        """Whether an unfinished job left one."""
        return self.path.exists()

    def load(self) -> State:
        """What it says.

        Raises:
            JobError: if it cannot be read or is of another version.
        """
        try:
            held = json.loads(self.path.read_text("utf-8"))
            if held.pop("format") != FORMAT:
                raise ValueError("another version of cleantext wrote it")
            return State(**held)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise JobError(
                f"{self.path} cannot be read ({error}); start afresh with --overwrite"
            ) from error

    def save(self, state: State) -> None:
        """Write it durably: after a crash there is the old one or this one.

        Raises:
            OSError: if it cannot be written; the old one stands.
        """
        made = self.path.with_name(f"{self.path.name}.tmp")
        with made.open("w", encoding="utf-8") as stream:
            json.dump({"format": FORMAT, **asdict(state)}, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(made, self.path)
        sync_folder(self.path.parent)

    def remove(self) -> None:
        """Take it away, and what an interrupted :meth:`save` may have left."""
        self.path.unlink(missing_ok=True)
        self.path.with_name(f"{self.path.name}.tmp").unlink(missing_ok=True)


def begun(target: Path | None, fresh: State, *, resume: bool) -> State:
    """Where to begin: afresh, or where the journal of an unfinished job says.

    Args:
        target: the output; None for standard output, which has no journal.
        fresh: the state to begin afresh with.

    Raises:
        JobError: if there is an unfinished job that is neither resumed nor overwritten, or cannot
            be resumed like this.
    """
    fresh = replace(fresh, **json.loads(json.dumps(asdict(fresh))))  # as it would be read back
    journal = None if target is None else Journal(target)
    if journal is None or not journal.exists():
        return fresh
    if resume:
        held = journal.load()
        held.check(str(target), fresh)
        return held
    if not fresh.overwrite:
        raise JobError(
            f"{target} was begun and is not finished: go on with --resume, or give up what is done"
            " and start afresh with --overwrite"
        )
    journal.remove()
    return fresh


# --- the lock -------------------------------------------------------------------------------------


@contextmanager
def locked(output: Path) -> Iterator[None]:
    """Keep every other job off this output; the lock goes with the process, however that ends.

    Raises:
        JobError: if another job writes it.
    """
    path = output.with_name(f"{output.name}.partial.lock")
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            error.filename = str(output)  # nobody knows of the lock
            raise
        if not _take(handle):
            os.close(handle)
            raise JobError(f"another job is writing {output}; wait for it, or write elsewhere")
        # whoever held the lock before may have removed its file since it was opened here
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), path.stat()):
                break
        os.close(handle)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(handle)


def _take(handle: int) -> bool:
    """Lock an open file if nobody else has it locked."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # file systems that know no locks at all must do without
        return error.errno in (errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK)
    return True


# --- settings -------------------------------------------------------------------------------------


def described(pipeline: Pipeline) -> dict[str, Any]:
    """All of a pipeline that a result depends on, as plain data; alike in every process.

    The number of threads is left out, and the model and the library stand for what is in them.
    """
    found = {
        f.name: _described(getattr(pipeline, f.name))
        for f in fields(pipeline)
        if f.name != "threads"
    }
    manifest = Path(pipeline.model) / "model.json"
    if manifest.exists():  # it names the sha256 of all other files
        found["model"] = hashlib.sha256(manifest.read_bytes()).hexdigest()
    if isinstance(pipeline.library, Path):
        with suppress(OSError):  # one that is not there is named when it is opened
            held = pipeline.library.stat()
            found["library"] = [str(pipeline.library), held.st_size, held.st_mtime_ns]
        with suppress(OSError):  # what SQLite has not moved into the file yet stands beside it
            log = os.stat(f"{os.path.realpath(pipeline.library)}-wal")
            if log.st_size:
                found["library_log"] = [log.st_size, log.st_mtime_ns]
    return {"version": cleantext.__version__, **found}


_PLAIN = (type(None), bool, int, float, str)


def _described(value: object) -> Any:
    """Any setting as plain data, without what changes from process to process."""
    match value:
        case _ if isinstance(value, _PLAIN):
            return value
        case Path():
            return str(value)
        case list() | tuple():
            return [_described(each) for each in value]
        case set() | frozenset():
            return sorted(map(str, map(_described, value)))
        case dict():
            return {str(key): _described(each) for key, each in value.items()}
    name = getattr(value, "__qualname__", None)
    if isinstance(name, str):  # a function or a class
        return f"{getattr(value, '__module__', '')}.{name}"
    if is_dataclass(value):
        held = {f.name: _described(getattr(value, f.name)) for f in fields(value)}
    else:  # of what keeps its settings in another way, those that are plain
        held = {k: v for k, v in getattr(value, "__dict__", {}).items() if isinstance(v, _PLAIN)}
    return {"type": _described(type(value)), **held}
