"""A job: records from an input through a pipeline to an output, in a way that survives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from cleantext.jobs.checkpoint import Journal, State, begun, described, locked
from cleantext.jobs.chunks import Chunk, Done, in_chunks
from cleantext.jobs.formats import FileSource, open_sink, open_source
from cleantext.jobs.lines import BrokenInputError
from cleantext.jobs.names import STANDARD, Names
from cleantext.jobs.outputs import Outputs
from cleantext.jobs.progress import Progress, Report, Watch
from cleantext.jobs.records import JobError, Record, Reject
from cleantext.jobs.summary import Summary, Tally
from cleantext.jobs.workers import Crew

if TYPE_CHECKING:
    from cleantext.pipeline import Pipeline

__all__ = ["StoppedError", "resumable", "run"]

#: Records and code points after which all is made durable, at the next border of a chunk. A job
#: that is killed repeats at most this much; formats with blocks begin a new one here.
CHECKPOINT_RECORDS, CHECKPOINT_CHARS = 512, 2_000_000


class StoppedError(JobError):
    """A job that stopped on its way. What it had done is kept; it can be resumed."""


def run(
    input: str | PathLike[str],
    output: str | PathLike[str],
    *,
    field: str = "text",
    id_field: str | None = None,
    canonical_field: str | None = None,
    output_field: str | None = None,
    format: str | None = None,
    edits: str | PathLike[str] | None = None,
    rejects: str | PathLike[str] | None = None,
    pipeline: Pipeline | None = None,
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    progress: Report | None = None,
) -> Summary:
    """Restore every record of a file and write the records, in order, to another.

    Each record ends in the output or among the rejects, once. The output gets its name when it is
    whole; until then ``OUTPUT.partial.json`` says how far the job got, and a job that was killed
    at any moment and is resumed writes what it would have written without that, byte for byte.

    Args:
        input: JSON lines, CSV, Parquet, a folder of text files, plain or compressed; ``"-"`` is
            standard input.
        output: a file of the same format; ``"-"`` is standard output.
        field: where the text stands in a record.
        id_field: where a record's id stands; it is written to the edits.
        canonical_field: where a good version of the same story stands, if a record has one.
        output_field: where the new text goes; in place of the old one if None.
        format: if the names of the files do not tell it.
        edits: a file for what was changed: a JSON line for each record that was (see
            :func:`cleantext.jobs.document_from`).
        rejects: a file for what could not be taken: a JSON line (number, place, reason, raw) each.
            ``OUTPUT.rejects.jsonl`` if None, and only if there are any; standard error if the
            output is standard output.
        pipeline: what restores; the default one if None.
        workers: processes that restore; 1 is this one, with the threads of the pipeline. Several
            have one thread each, unless the pipeline says otherwise.
        resume: go on with a job that was stopped. One that had not begun begins, and where the
            output is whole nothing is done.
        overwrite: replace outputs that exist, and give up what an unfinished job has done.
        progress: called with the progress as records are written.

    Raises:
        JobError: if the job cannot be done; the message says what to do.
        StoppedError: if it stopped on its way: no space, an input that breaks off, a dead worker.
    """
    if resume and overwrite:
        raise JobError("a job is resumed or started afresh: --resume cannot go with --overwrite")
    if workers < 1:
        raise JobError(f"a job has at least one worker, not {workers}")
    library = pipeline.library if pipeline else None
    held = str(library) if isinstance(library, Path) else None
    names = Names(fspath(input), fspath(output), _path(edits), _path(rejects), held)
    names.check()
    if resume and (names.target is None or names.input == STANDARD):
        raise JobError("--resume needs files: a stream cannot be gone back in")
    with _alone(names):
        if resume and names.complete and not resumable(names.output):
            return Summary(already_complete=True)
        if pipeline is None:
            from cleantext.pipeline import Pipeline

            pipeline = Pipeline.default()
        with _naming(names.input, "read"):
            source = open_source(
                names.input,
                field=field,
                id_field=id_field,
                canonical_field=canonical_field,
                format=format,
                max_chars=pipeline.max_chars,
            )
            fingerprint = source.fingerprint()
        settings = {
            "field": field,
            "id_field": id_field,
            "canonical_field": canonical_field,
            "output_field": output_field,
            "format": format,
            "edits": names.edits,
            "rejects": names.rejects,
            "checkpoint": [CHECKPOINT_RECORDS, CHECKPOINT_CHARS],
            **described(pipeline),
        }
        state = begun(names.target, State(fingerprint, settings, overwrite), resume=resume)
        crew = Crew(pipeline, workers, edits=edits is not None)
        if not (resume or overwrite):
            names.check_unfinished()
        return _Job(names, source, state, output_field).run(crew, progress)


def resumable(output: str | PathLike[str]) -> bool:
    """Whether there is an unfinished job for this output that can be resumed."""
    target = Names("", fspath(output)).target
    return target is not None and Journal(target).exists()


def _path(path: str | PathLike[str] | None) -> str | None:
    return None if path is None else fspath(path)


@contextmanager
def _alone(names: Names) -> Iterator[None]:
    """Keep other jobs off all that is written."""
    with ExitStack() as stack:
        for path in names.files:
            with _naming(str(path), "written"):
                stack.enter_context(locked(path))
        yield


@contextmanager
def _naming(name: str, what: str) -> Iterator[None]:
    """Name the file that cannot be used, and why."""
    try:
        yield
    except BrokenPipeError:
        raise  # the reader of the output went away: no fault of the job
    except OSError as error:
        reason = error.strerror or error
        raise JobError(f"{error.filename or name} cannot be {what}: {reason}") from error


class _Job:
    """A job under way: what it reads, what it writes, and how far it is."""

    def __init__(
        self, names: Names, source: FileSource, state: State, output_field: str | None
    ) -> None:
        self._names, self._source, self._state = names, source, state
        # what came through a pipe cannot be read again
        self._journal = Journal(names.target) if names.target and source.resumable else None
        if not (state.sinks or state.overwrite):
            names.check_free()
        with _naming(names.output, "written"):
            sink = open_sink(
                names.output, source, output_field=output_field, overwrite=state.overwrite
            )
            self._outputs = Outputs(names, sink, state.sinks, overwrite=state.overwrite)
        self._tally = Tally(state.tally)
        self._records = state.records
        self._finishing = False
        self._watch = Watch(self._records, self._tally["words"])

    def run(self, crew: Crew, report: Report | None) -> Summary:
        """Do what is left to do."""
        try:
            self._work(crew, report)
            self._finishing = True
            with _naming(self._names.output, "written"):
                self._outputs.finish()
                if self._journal:
                    self._journal.remove()
        except BaseException as error:
            self._outputs.abandon()
            if self._is_nothing(error):
                self._drop()
            left = self._journal is not None and self._journal.exists()
            if isinstance(error, JobError) and left and not isinstance(error, BrokenInputError):
                done = f"{self._state.records:,} records are done and kept"
                raise StoppedError(f"{error}; {done}") from error
            raise
        return self._tally.summary(self._state.seconds)

    def _is_nothing(self, error: BaseException) -> bool:
        """Whether a job that stopped has left nothing that anybody could go on with."""
        if self._names.target is None:
            return True
        failed = isinstance(error, JobError) and not self._finishing
        return failed and not self._state.records

    def _drop(self) -> None:
        """Leave no trace of the job: it may be begun again with other names or settings."""
        with suppress(OSError):  # what stopped the job matters more
            if self._journal:
                self._journal.remove()
            self._outputs.drop()

    def _work(self, crew: Crew, report: Report | None) -> None:
        """All records through the pipeline, with a checkpoint now and then."""
        if not self._state.sinks:
            self._checkpoint()
        records = chars = 0
        with crew:
            for chunk, done in crew.work(in_chunks(self._read())):
                self._take(chunk, done)
                records += len(chunk.items)
                chars += chunk.chars
                if records >= CHECKPOINT_RECORDS or chars >= CHECKPOINT_CHARS:
                    self._checkpoint()
                    records = chars = 0
                if report:
                    report(self._progress())
        if records:
            self._checkpoint()

    def _read(self) -> Iterator[Record | Reject]:
        """What is left of the input, each record with the number that is due."""
        due = self._records
        with _naming(self._names.input, "read"):
            for item in self._source.records(due):
                if item.number != due:
                    raise JobError(f"{item.place} came as record {item.number}, {due} was due")
                due += 1
                yield item

    def _take(self, chunk: Chunk, done: Done) -> None:
        """Write what became of a chunk."""
        outcomes = iter(done.outcomes)
        with _naming(self._names.output, "written"):
            for item in chunk.items:
                if isinstance(item, Record):
                    self._outputs.take(item, next(outcomes))
                else:
                    self._outputs.reject(item)
                    self._tally.reject(item.reason)
        self._records += len(chunk.items)
        self._tally.add(done.tally)

    def _checkpoint(self) -> None:
        """Make all durable, and say so in the journal."""
        with _naming(self._names.output, "written"):
            state = replace(
                self._state,
                records=self._records,
                seconds=self._state.seconds + self._watch.lap(),
                sinks=self._outputs.checkpoint(),
                tally=self._tally.to_dict(),
            )
            if self._journal:
                self._journal.save(state)
            self._state = state  # what is not in the journal is not kept

    def _progress(self) -> Progress:
        return self._watch.progress(
            records=self._records,
            rejected=self._tally["rejected"],
            words=self._tally["words"],
            position=self._source.position(),
            size=self._source.size(),
        )
