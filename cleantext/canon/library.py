"""A library of canonical versions, and finding the one that a scraped text comes from.

A text's fingerprints (:mod:`cleantext.canon.shingles`) are looked up in the library's file, the
stories that share the rarest of them are aligned with the text word by word, and what the alignment
shows decides.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from cleantext.canon.finding import ALIGNED, Match, candidates, hits_needed, matched
from cleantext.canon.shingles import fingerprints_of, folded_words
from cleantext.canon.storage import Connection, LibraryError, Mode, Storage, packed, unpacked

__all__ = ["Library", "LibraryError", "Match", "Stats"]

#: Stories and code points written in one transaction.
BATCH_STORIES, BATCH_CHARS = 2000, 16_000_000


@dataclass(frozen=True, slots=True)
class Stats:
    """What a library holds.

    Attributes:
        stories: number of stories.
        fingerprints: number of pairs of fingerprint and story.
        bytes: size of the file, what is still in its log included.
    """

    stories: int
    fingerprints: int
    bytes: int


class Library:
    """Stories in a file, found again by any part of them, however degraded.

    The file is SQLite's, with its log (``-wal``, ``-shm``) beside it while it is open. Any number
    of processes may read while one writes; writers wait for one another. What a method has returned
    from is on disk; a process that is killed leaves whole transactions. The file must be on a disk
    of the machine, not on a network share.

    Threads may share a library: their look-ups in the file take turns. It pickles as its path, so
    that another process opens the file for itself, and may be used on both sides of a fork.

    Args:
        path: the file; made if it is not there and ``mode`` is ``"a"``.
        mode: ``"a"`` to read and write, ``"r"`` to read only.

    Raises:
        LibraryError: if the file cannot be opened, is no library, or is of another version.

    >>> from tempfile import mkdtemp
    >>> with Library(Path(mkdtemp(), "stories.db")) as library:
    ...     library.add("pp-1", "Prime Minister Hun Sen has responded to a letter from Mr. Trump, "
    ...         "saying that he welcomed the U.S. promise not to seek a change of government.")
    ...     found = library.find("inister hun sen has responded to a letter from mr trump saying "
    ...         "that he welcomed the us promise not to seek a chan")
    >>> found[0].id, found[0].shared, found[0].share_of_text
    ('pp-1', 20, 0.8695652173913043)
    """

    def __init__(self, path: str | os.PathLike[str], *, mode: Mode = "a") -> None:
        self._storage = Storage(Path(os.path.abspath(path)), mode, create=mode == "a")

    @classmethod
    def _existing(cls, path: Path, mode: Mode) -> Self:
        library = cls.__new__(cls)
        library._storage = Storage(path, mode, create=False)
        return library

    def __reduce__(self) -> tuple[object, ...]:
        return type(self)._existing, (self.path, self.mode)

    @property
    def path(self) -> Path:
        """Absolute path of the file."""
        return self._storage.path

    @property
    def mode(self) -> Mode:
        """``"a"`` or ``"r"``, as it was opened."""
        return self._storage.mode

    def close(self) -> None:
        """Close the file; the library cannot be used any more."""
        self._storage.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path)!r}, mode={self.mode!r})"

    # --- writing ----------------------------------------------------------------------------------

    def add(self, id: str, text: str) -> None:
        """Add a story, or replace the one of this id.

        Raises:
            TypeError: if id or text is no ``str``.
            ValueError: if the id is empty or not Unicode, or the text has no word.
            LibraryError: if the file cannot be written to.
        """
        self.add_many([(id, text)])

    def add_many(self, stories: Iterable[tuple[str, str]]) -> int:
        """Add many stories, as pairs of id and text; many times faster than one by one.

        They are written in transactions of up to :data:`BATCH_STORIES`, each of which other
        processes see at once and whole. If it fails, or is killed, earlier batches stay: adding the
        same stories again is cheap, and completes them.

        Returns:
            The number of stories that were new or had changed.

        Raises:
            TypeError, ValueError, LibraryError: as :meth:`add`; the message names the story.
        """
        if isinstance(stories, str | bytes | Mapping):
            raise TypeError("stories are pairs of id and text; for a dict give its .items()")
        return sum(self._write(batch) for batch in _batches(stories))

    def _write(self, batch: Mapping[str, str]) -> int:
        entries = [
            (id, text, packed(text), fingerprints_of(_words(id, text)))
            for id, text in batch.items()
        ]
        changed = 0
        prints: list[tuple[int, int]] = []
        with self._storage.writing() as file:
            for id, text, blob, found in entries:
                old = _row(file, id)
                if old and old[1] == text:
                    continue
                if old:
                    _drop(file, *old)
                file.execute("INSERT INTO stories (id, text) VALUES (?, ?)", (id, blob))
                (number,) = file.execute("SELECT last_insert_rowid()").fetchone()
                prints += ((each, number) for each in found)
                changed += 1
            prints.sort()  # neighbours on a page of the file are written together
            file.executemany("INSERT OR IGNORE INTO prints VALUES (?, ?)", prints)
        return changed

    def remove(self, id: str) -> bool:
        """Take a story out; returns whether it was there.

        Raises:
            LibraryError: if the file cannot be written to.
        """
        _check_id(id)
        with self._storage.writing() as file:
            old = _row(file, id)
            if old:
                _drop(file, *old)
        return old is not None

    # --- reading ----------------------------------------------------------------------------------

    def get(self, id: str) -> str | None:
        """The text of a story as it was added, or None if there is no such id."""
        _check_id(id)
        with self._storage.reading() as file:
            row = _row(file, id)
        return row[1] if row else None

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and _is_id(id) and self.get(id) is not None

    def __len__(self) -> int:
        with self._storage.reading() as file:
            return int(file.execute("SELECT count(*) FROM stories").fetchone()[0])

    def stats(self) -> Stats:
        """What the library holds; reads the whole index."""
        with self._storage.reading() as file:
            stories, prints = (
                int(file.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
                for table in ("stories", "prints")
            )
        return Stats(stories, prints, self._storage.size())

    def find(self, scraped: str, n: int = 5, *, related: bool = False) -> list[Match]:
        """The stories that a text is a copy of, the one that covers most of it first.

        Args:
            scraped: any part of a story, degraded or not, with other text around it or not. One of
                too few words is never taken for a story.
            n: the most matches to give.
            related: give stories as well that only share a passage with the text.

        Raises:
            TypeError: if the text is no ``str``.
            ValueError: if ``n`` is less than 1.
            LibraryError: if the file cannot be read.
        """
        _is_str("the text", scraped)
        if n < 1:
            raise ValueError(f"n is {n}; ask for 1 match or more")
        words = folded_words(scraped)
        with self._storage.reading() as file:
            most, hits = max(2 * n, ALIGNED), 1 if related else hits_needed(len(words))
            rows = list(candidates(file, fingerprints_of(words), most=most, hits=hits))
        matches = [matched(words, id, unpacked(packed)) for id, packed in rows]
        kept = [match for match in matches if match.same_story or (related and match.shared)]
        return sorted(kept, key=lambda m: (-m.shared, -m.share_of_canonical, m.id))[:n]


def _row(file: Connection, id: str) -> tuple[int, str] | None:
    """Number and text of the story of this id."""
    row = file.execute("SELECT number, text FROM stories WHERE id = ?", (id,)).fetchone()
    return (row[0], unpacked(row[1])) if row else None


def _drop(file: Connection, number: int, text: str) -> None:
    prints = fingerprints_of(folded_words(text))
    file.executemany(
        "DELETE FROM prints WHERE print = ? AND story = ?", ((each, number) for each in prints)
    )
    file.execute("DELETE FROM stories WHERE number = ?", (number,))


def _batches(stories: Iterable[tuple[str, str]]) -> Iterator[dict[str, str]]:
    """Stories by id, checked; of two with one id in a batch the later counts, as it would alone."""
    batch: dict[str, str] = {}
    size = 0
    for id, text in stories:
        _check_id(id)
        _is_str(f"the text of {id!r}", text)
        batch[id] = text
        size += len(text)
        if len(batch) >= BATCH_STORIES or size >= BATCH_CHARS:
            yield batch
            batch, size = {}, 0
    if batch:
        yield batch


def _words(id: str, text: str) -> list[str]:
    words = folded_words(text)
    if not words:
        raise ValueError(f"the text of {id!r} has no word, so that nothing could find it")
    return words


def _is_str(what: str, value: object) -> None:
    if isinstance(value, bytes | bytearray | memoryview):
        raise TypeError(f'{what} is bytes; decode it first, for instance .decode("utf-8")')
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a str, not {type(value).__name__}")


def _is_id(id: str) -> bool:
    return bool(id) and not any("\ud800" <= char <= "\udfff" for char in id)


def _check_id(id: str) -> None:
    _is_str("an id", id)
    if not _is_id(id):
        raise ValueError(f"{id!r} cannot be an id: it is empty, or has a lone surrogate")
