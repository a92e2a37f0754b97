"""The file of a library: SQLite in WAL mode, one connection a process, opened again after a fork.

This is the home of sqlite3. Readers never wait, not even for a writer in another process; writers
wait for one another. Every commit is on disk before it returns.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection
from time import monotonic, sleep
from typing import Literal, get_args

__all__ = ["FORMAT", "Connection", "LibraryError", "Mode", "Storage", "packed", "unpacked"]

#: Version of the file's layout *and* of the fingerprints in it: raise it when either changes.
FORMAT = 1
#: Marks the file as a library ("clea"), in SQLite's header.
APPLICATION = 0x636C6561
#: Seconds that a writer waits for another.
PATIENCE = 60.0
#: KiB of pages kept in memory.
CACHE = 64 * 1024
#: Bytes of log left behind when a large transaction has gone into the file.
LOG = 16 * 1024 * 1024

Mode = Literal["a", "r"]

_SCHEMA = """
CREATE TABLE stories (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, text BLOB NOT NULL);
CREATE TABLE prints (
    print INTEGER NOT NULL, story INTEGER NOT NULL, PRIMARY KEY (print, story)
) WITHOUT ROWID;
"""

#: Connections that a child process inherited. Closing one would meddle with its parent's locks.
_inherited: list[Connection] = []


class LibraryError(RuntimeError):
    """A file that is no library, or cannot be opened, read or written."""


class Storage:
    """The connection to a library's file.

    Attributes:
        path: absolute path of the file.
        mode: ``"a"`` to read and write, ``"r"`` to read only.
    """

    def __init__(self, path: Path, mode: Mode, *, create: bool) -> None:
        if mode not in get_args(Mode):
            raise LibraryError(f'mode is "a" (read and write) or "r" (read only), not {mode!r}')
        self.path = path
        self.mode: Mode = mode
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._connection: Connection | None = self._opened(create=create)

    def close(self) -> None:
        """Close the file; nothing happens if it is closed already."""
        self._leave_parent()
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def size(self) -> int:
        """Bytes on disk, those in the log included."""
        return sum(path.stat().st_size for path in (self.path, self._log) if path.exists())

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the file, whatever is written meanwhile."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection whose changes are kept together at the end, or not at all.

        Raises:
            LibraryError: if the library was opened read-only, or another writer does not finish.
        """
        if self.mode == "r":
            raise LibraryError(f'{self.path} was opened with mode="r" and cannot be changed')
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        self._leave_parent()
        with self._lock:
            connection = self._connection
            if connection is None:
                raise LibraryError(f"the library {self.path} is closed; open it again")
            try:
                connection.execute(begin)
                try:
                    yield connection
                except BaseException:
                    connection.rollback()
                    raise
                connection.commit()
            except sqlite3.Error as error:
                raise LibraryError(_said(self.path, error)) from error

    def _leave_parent(self) -> None:
        """After a fork: a connection and a lock of this process's own."""
        if self._process == os.getpid():
            return
        self._lock = threading.RLock()  # another thread of the parent may have held the old one
        if self._connection is not None:
            _inherited.append(self._connection)
            self._connection = self._opened(create=False)
        self._process = os.getpid()

    # --- opening ----------------------------------------------------------------------------------

    def _opened(self, *, create: bool) -> Connection:
        """A connection to a file that is known to be a library of this version."""
        if self.path.is_dir():
            raise LibraryError(f"{self.path} is a folder; name a file in it")
        if not create and not self.path.exists():
            raise LibraryError(f"there is no library {self.path}")
        way = "ro" if self.mode == "r" else "rwc" if create else "rw"
        try:
            return self._checked(self._connect(f"mode={way}"))
        except sqlite3.Error as error:
            unwritable = _name(error).startswith("SQLITE_CANTOPEN") and not self._log.exists()
            if self.mode == "a" or not unwritable:
                raise LibraryError(_said(self.path, error)) from error
        # A folder that cannot be written to, where SQLite cannot set up its shared memory. There is
        # no log beside the file, so nobody is writing either: it may be read as it lies.
        try:
            return self._checked(self._connect("mode=ro&immutable=1"))
        except sqlite3.Error as error:
            raise LibraryError(_said(self.path, error)) from error

    @property
    def _log(self) -> Path:
        return self.path.with_name(self.path.name + "-wal")

    def _connect(self, options: str) -> Connection:
        connection = sqlite3.connect(
            f"{self.path.as_uri()}?{options}",
            uri=True,
            timeout=PATIENCE,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute(f"PRAGMA cache_size = -{CACHE}")
        connection.execute(f"PRAGMA journal_size_limit = {LOG}")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _checked(self, connection: Connection) -> Connection:
        """The connection, if the file is a library; a new file is made one."""
        try:
            found = _identity(connection)
            if found == (0, 0, 0) and self.mode == "a":
                _log_writes(connection)
                found = _create(connection)
            application, version, _ = found
            if application != APPLICATION:
                raise LibraryError(f"{self.path} is no library of cleantext; give another path")
            if version != FORMAT:
                raise LibraryError(
                    f"{self.path} has format {version} and this version of cleantext reads"
                    f" {FORMAT}; add its stories to a new library"
                )
        except BaseException:
            connection.close()
            raise
        return connection


def _identity(connection: Connection) -> tuple[int, int, int]:
    """Application, version and number of tables; all 0 for a file that is new."""
    queries = (
        "PRAGMA application_id",
        "PRAGMA user_version",
        "SELECT count(*) FROM sqlite_master",
    )
    application, version, tables = (int(connection.execute(q).fetchone()[0]) for q in queries)
    return application, version, tables


def _log_writes(connection: Connection) -> None:
    """Let a new file be read while it is written; for this SQLite itself waits for nobody."""
    until = monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not _name(error).startswith("SQLITE_BUSY") or monotonic() > until:
                raise
        sleep(0.01)


def _create(connection: Connection) -> tuple[int, int, int]:
    """Make a new file a library, unless another process has done so meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    if _identity(connection) == (0, 0, 0):
        for statement in filter(str.strip, _SCHEMA.split(";")):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.commit()
    return _identity(connection)


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", "")


def _said(path: Path, error: sqlite3.Error) -> str:
    """What went wrong, and what to do, in words."""
    name = _name(error)
    if name == "SQLITE_NOTADB":
        return f"{path} is no library of cleantext; give another path"
    if name.startswith("SQLITE_BUSY"):
        return f"another process has been writing to {path} for {PATIENCE:.0f} s; try again later"
    if name.startswith("SQLITE_CANTOPEN"):
        return f"{path} cannot be opened: is its folder there, and may you read and write in it?"
    if name.startswith("SQLITE_READONLY"):
        return f'{path} may not be written to: ask for leave, or open it with mode="r"'
    if name.startswith("SQLITE_CORRUPT"):
        return f"{path} is damaged ({error}); add its stories to a new library"
    if "Could not decode" in str(error):  # a story that is text where it should be packed
        return f"{path} is damaged; add its stories to a new library"
    if name == "SQLITE_FULL":
        return f"there is no room left on the disk of {path}; nothing was changed"
    return f"{path}: {error}"


def packed(text: str) -> bytes:
    """A text as the file holds it."""
    # 45 % of the size, for 0.04 ms to unpack a story; a lone surrogate is kept as it stands
    return zlib.compress(text.encode("utf-8", "surrogatepass"))


def unpacked(packed: bytes) -> str:
    """The text again.

    Raises:
        LibraryError: if it is damaged.
    """
    try:
        return zlib.decompress(packed).decode("utf-8", "surrogatepass")
    except (zlib.error, UnicodeDecodeError, TypeError) as error:
        raise LibraryError(
            f"a story in the library is damaged ({error}); add its stories to a new library"
        ) from error
