"""The work of a job: chunks of records through a pipeline, here or in processes beside this one.

Processes are spawned, each with a pipe of its own, of which nobody else holds an end: one whose
parent was killed reads the end of its pipe and goes.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

from cleantext.jobs.records import JobError, Record, Reject
from cleantext.jobs.summary import Tally

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from cleantext.pipeline import Pipeline

__all__ = ["Chunk", "Crew", "Done", "Outcome", "in_chunks", "restored"]

#: Records and code points that are handed to a worker at once. Larger chunks cost memory only.
CHUNK_RECORDS, CHUNK_CHARS = 32, 100_000
#: Chunks that a worker has at once (so that it never waits), and all chunks between source and
#: sink for each worker (so that one long text does not stop the others).
AHEAD, IN_FLIGHT = 2, 4


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
    return len(item.text) if isinstance(item, Record) else len(item.raw)


def in_chunks(items: Iterable[Record | Reject]) -> Iterator[Chunk]:
    """Chunks, cut by what is in them and by nothing else: a second run cuts in the same places."""
    held: list[Record | Reject] = []
    chars = 0
    for item in items:
        held.append(item)
        chars += _size(item)
        if len(held) >= CHUNK_RECORDS or chars >= CHUNK_CHARS:
            yield Chunk(tuple(held))
            held, chars = [], 0
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


# --- processes ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Flight:
    """A chunk on its way."""

    chunk: Chunk
    done: Done | None = None


@dataclass(slots=True)
class _Worker:
    """A process and the chunks it has, in the order in which they were sent."""

    process: SpawnProcess
    pipe: Connection
    flights: deque[_Flight] = field(default_factory=deque)
    heard: bool = False


class Crew:
    """Workers, each with a pipeline of its own; one worker is this process itself.

    Args:
        pipeline: what restores.
        workers: how many.
        edits: whether outcomes are to tell what was changed.

    Raises:
        JobError: on entering, if the pipeline cannot be sent to another process.
    """

    def __init__(self, pipeline: Pipeline, workers: int, *, edits: bool) -> None:
        if workers > 1 and pipeline.threads is None:
            pipeline = replace(pipeline, threads=1)
        self._pipeline, self._edits = pipeline, edits
        self._wanted = workers if workers > 1 else 0
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        try:
            with _signals_held():
                for number in range(self._wanted):
                    self._workers.append(self._started(number))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:  # they hold nothing that is not elsewhere
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.pipe.close()
        self._workers = []

    def _started(self, number: int) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_serve,
            args=(theirs, self._pipeline, self._edits),
            name=f"cleantext-{number}",
            daemon=True,
        )
        try:
            process.start()
        except (AttributeError, TypeError, ValueError) as error:  # whatever pickle says
            raise JobError(
                f"the pipeline cannot be sent to other processes ({error}): define its normalizers"
                " at the top of a module, or use one worker"
            ) from error
        finally:
            theirs.close()
        return _Worker(process, ours)

    def work(self, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Done]]:
        """What became of each chunk, in order; reads few chunks ahead.

        Raises:
            JobError: if the pipeline is at fault, or a worker died.
        """
        if not self._wanted:
            for chunk in chunks:
                yield chunk, restored(self._pipeline, chunk.task, edits=self._edits)
            return
        source = iter(chunks)
        line: deque[_Flight] = deque()
        while self._send(source, line) or line:
            while line and line[0].done is None:
                self._receive()
                self._send(source, line)
            if line:
                flight = line.popleft()
                assert flight.done is not None
                yield flight.chunk, flight.done

    def _send(self, source: Iterator[Chunk], line: deque[_Flight]) -> bool:
        """Give the workers what they can take; whether there was anything."""
        sent = False
        while len(line) < IN_FLIGHT * self._wanted:
            worker = min(self._workers, key=lambda each: len(each.flights))
            if len(worker.flights) >= AHEAD:
                break
            chunk = next(source, None)
            if chunk is None:
                break
            flight = _Flight(chunk)
            worker.flights.append(flight)
            line.append(flight)
            try:
                worker.pipe.send(chunk.task)
            except OSError:
                raise self._lost(worker) from None
            sent = True
        return sent

    def _receive(self) -> None:
        """Wait for results and keep them with their flights."""
        for pipe in wait([worker.pipe for worker in self._workers]):
            worker = next(worker for worker in self._workers if worker.pipe is pipe)
            try:
                result = worker.pipe.recv()
            except (EOFError, OSError):
                raise self._lost(worker) from None
            worker.heard = True
            if isinstance(result, str):
                raise JobError(result)
            worker.flights.popleft().done = result

    def _lost(self, worker: _Worker) -> JobError:
        """What to say of a worker that is gone."""
        worker.process.join(5)
        status = worker.process.exitcode
        held = f"while it restored {worker.flights[0].chunk}" if worker.flights else "while idle"
        if status is not None and status < 0:
            name = signal.Signals(-status).name
            hint = " (out of memory, most likely: use fewer workers)" if name == "SIGKILL" else ""
            return JobError(f"a worker process was ended by {name} {held}{hint}")
        hint = (
            ""
            if worker.heard
            else (
                "; its error stands above. A script must call run() under"
                ' if __name__ == "__main__":, since workers import it'
            )
        )
        return JobError(f"a worker process ended with status {status} {held}{hint}")


@contextmanager
def _signals_held() -> Iterator[None]:
    """Keep Ctrl-C from processes that do not ignore it yet; it comes through at the end."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # on its first run it would let them through again
    old = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, old)


_STOPPING = (signal.SIGINT, signal.SIGTERM)


def _serve(pipe: Connection, pipeline: Pipeline, edits: bool) -> None:
    """What a worker does: tasks in, what was done out, until the other end is closed."""
    for number in _STOPPING:  # the parent decides when to stop
        signal.signal(number, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
    tasks: SimpleQueue[Task | None] = SimpleQueue()
    Thread(target=_listen, args=(pipe, tasks), daemon=True).start()
    with suppress(OSError):  # nobody listens any more
        while (task := tasks.get()) is not None:
            try:
                pipe.send(restored(pipeline, task, edits=edits))
            except JobError as error:
                pipe.send(str(error))


def _listen(pipe: Connection, tasks: SimpleQueue[Task | None]) -> None:
    """Take tasks off the pipe as they come, so that neither end waits for the other to read."""
    with suppress(EOFError, OSError):
        while True:
            tasks.put(pipe.recv())
    tasks.put(None)
