"""Workers: chunks of records through a pipeline, here or in processes beside this one.

Processes are spawned, each with a pipe of its own, of which nobody else holds an end: one whose
parent was killed reads the end of its pipe and goes.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Self

from cleantext.jobs.chunks import Chunk, Done, Task, restored
from cleantext.jobs.records import JobError

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from cleantext.pipeline import Pipeline

__all__ = ["Crew"]

#: Chunks that a worker has at once (so that it never waits), and all chunks between source and
#: sink for each worker (so that one long text does not stop the others).
AHEAD, IN_FLIGHT = 2, 4
#: What stops a job; workers leave it to their parent.
_STOPPING = (signal.SIGINT, signal.SIGTERM)


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
        except (pickle.PicklingError, AttributeError, TypeError, ValueError) as error:
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
