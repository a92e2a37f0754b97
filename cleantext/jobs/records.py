"""What passes between the files and the engine of a job: records, rejects, and two protocols."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["JobError", "Record", "Reject", "Sink", "Source"]


class JobError(RuntimeError):
    """A job that cannot start or go on. Says what to do; what was written stays resumable."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record with a text.

    Attributes:
        number: from 0, in the order of the input; rejects are counted too.
        place: where it stands, for people: ``line 17``, ``row 3``, ``stories/a.txt``.
        text: what is to be restored.
        id: the value of the id field as text, or None.
        canonical: a canonical version that came with the record, or None.
        carrier: what the sink of the same format needs to write the record again with another
            text (the line, the row, the row of a table, the file's name). Pickles.
    """

    number: int
    place: str
    text: str
    id: str | None
    canonical: str | None
    carrier: Any


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that cannot be taken.

    Attributes:
        number, place: as in :class:`Record`.
        reason: one sentence.
        raw: the record as it came, as text (undecodable bytes backslash-escaped), cut where it is
            long; enough to find and mend it.
    """

    number: int
    place: str
    reason: str
    raw: str


class Source(Protocol):
    """An input: records and rejects in their order."""

    def records(self, start: int) -> Iterator[Record | Reject]:
        """Those from number ``start`` on. Reads lazily.

        Raises:
            JobError: if the input cannot be read on (a broken gzip member, say); what came before
                has been yielded.
        """
        ...


class Sink(Protocol):
    """An output under construction; appears under its own name at :meth:`finish` alone."""

    def write(self, record: Record, text: str) -> None:
        """Append a record with its new text."""
        ...

    def checkpoint(self) -> Mapping[str, Any]:
        """Make durable (fsync) all that was written; what :meth:`restore` needs, as plain JSON.

        Two runs that call it after the same records write the same bytes.
        """
        ...

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to a checkpoint of an earlier process: cut off what was written after it."""
        ...

    def finish(self) -> None:
        """Make the output whole and give it its name, in one step (``os.replace``)."""
        ...

    def abandon(self) -> None:
        """Close without finishing; the unfinished file stays for a resume."""
        ...
