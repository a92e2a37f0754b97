"""The work of a job: records in chunks, and what a pipeline makes of a chunk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cleantext.jobs.records import JobError, Record, Reject
from cleantext.jobs.summary import Tally

if TYPE_CHECKING:
    from cleantext.pipeline import Pipeline

__all__ = ["CHUNK_RECORDS", "Chunk", "Done", "Outcome", "Task", "in_chunks", "restored"]

#: Records and code points that are handed to a worker at once, and bytes of what their records
#: carry besides (a page of HTML in another field). Larger chunks cost memory only.
CHUNK_RECORDS, CHUNK_CHARS, CHUNK_CARRIED = 32, 100_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """Records and rejects in their order, handed on together."""

    items: tuple[Record | Reject, ...]

    @property
    def task(self) -> Task:
        """What a worker needs of it."""
        records = [item for item in self.items if isinstance(item, Record)]
        return Task(tuple(r.text for r in records), tuple(r.canonical for r in records))

    @property
    def chars(self) -> int:
        """Code points of what it holds."""
        return sum(map(_size, self.items))

    def __str__(self) -> str:
        first, last = self.items[0], self.items[-1]
        if first is last:
            return f"record {first.number} ({first.place})"
        return f"records {first.number} to {last.number} ({first.place} to {last.place})"


@dataclass(frozen=True, slots=True)
class Task:
    """Texts, each with its canonical version if it has one."""

    texts: tuple[str, ...]
    canonicals: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one text.

    Attributes:
        text: the new text; None if the pipeline refused the old one.
        refusal: why it did, a sentence.
        changes: ``Document.to_dict()`` without the texts; None if nothing was changed or nobody
            asked.
    """

    text: str | None
    refusal: str = ""
    changes: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of the texts of a task, in order, and the counts."""

    outcomes: tuple[Outcome, ...]
    tally: Tally


def _size(item: Record | Reject) -> int:
    """Code points that are worked on or shown."""
    if isinstance(item, Reject):
        return len(item.raw)
    return len(item.text) + len(item.canonical or "")


def _carried(item: Record | Reject) -> int:
    """Bytes that wait for the new text."""
    carrier = item.carrier if isinstance(item, Record) else None
    return len(carrier) if isinstance(carrier, bytes) else 0


def in_chunks(items: Iterable[Record | Reject]) -> Iterator[Chunk]:
    """Chunks, cut by what is in them and by nothing else: a second run cuts in the same places."""
    held: list[Record | Reject] = []
    chars = carried = 0
    for item in items:
        held.append(item)
        chars += _size(item)
        carried += _carried(item)
        if len(held) >= CHUNK_RECORDS or chars >= CHUNK_CHARS or carried >= CHUNK_CARRIED:
            yield Chunk(tuple(held))
            held, chars, carried = [], 0, 0
    if held:
        yield Chunk(tuple(held))


def restored(pipeline: Pipeline, task: Task, *, edits: bool) -> Done:
    """The work itself.

    Args:
        edits: whether the outcomes are to tell what was changed.

    Raises:
        JobError: if the pipeline is at fault and not a text: no model, no library.
    """
    from cleantext.canon.library import LibraryError
    from cleantext.diagnosis import diagnose
    from cleantext.pipeline import PipelineError
    from cleantext.tagger.onnx import ModelError

    tally = Tally()
    outcomes: dict[int, Outcome] = {}

    def refuse(number: int, text: object, error: Exception) -> None:
        if isinstance(error, OSError | MemoryError):  # no fault of the text
            raise JobError(f"the pipeline failed: {_sentence(error)}") from error
        outcomes[number] = Outcome(None, _sentence(error))

    numbers = range(len(task.texts))
    documents = pipeline.stream(
        task.texts, ids=numbers, canonicals=task.canonicals, on_error=refuse
    )
    try:
        for number, document in documents:
            tally.document(document, diagnose(document.raw))
            changes = document.to_dict() if edits and document.changed else None
            if changes:
                del changes["raw"], changes["text"]
            outcomes[number] = Outcome(document.text, changes=changes)
    except (LibraryError, ModelError, PipelineError) as error:
        raise JobError(" ".join(str(error).split())) from error
    for outcome in outcomes.values():
        if outcome.text is None:
            tally.reject(outcome.refusal)
    return Done(tuple(outcomes[number] for number in numbers), tally)


def _sentence(error: Exception) -> str:
    """What an error says, on one line."""
    said = " ".join(str(error).split())
    return said if isinstance(error, ValueError) and said else f"{type(error).__name__}: {said}"
