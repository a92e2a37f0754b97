"""What a job writes, as one: the output, the edits and the rejects."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from cleantext.document import Document
from cleantext.edits import Edit, invert
from cleantext.jobs.chunks import Outcome
from cleantext.jobs.formats import FileSink, LinesSink, open_lines
from cleantext.jobs.lines import shown
from cleantext.jobs.names import Names
from cleantext.jobs.records import Record, Reject

__all__ = ["Outputs", "document_from"]


class Outputs:
    """The sinks of a job, each begun where a checkpoint of an earlier process left it.

    Args:
        names: of the files.
        output: the sink of the records.
        states: of that checkpoint, by what a sink holds; empty where a job begins.
        overwrite: whether side files that exist may be replaced.

    Raises:
        JobError: if less is left than the checkpoint said.
    """

    def __init__(
        self, names: Names, output: FileSink, states: Mapping[str, Any], *, overwrite: bool
    ) -> None:
        self._names, self._output, self._overwrite = names, output, overwrite
        self._side: dict[str, LinesSink] = {}
        for name in ("edits", "rejects"):
            if getattr(names, name) is not None or name in states:
                self._open(name, states.get(name, {}))
        output.restore(states.get("output", {}))

    def _open(self, name: str, state: Mapping[str, Any]) -> LinesSink:
        sink = open_lines(self._names.written[name], overwrite=self._overwrite)
        sink.restore(state)
        self._side[name] = sink
        return sink

    def take(self, record: Record, outcome: Outcome) -> None:
        """Write a record to where it belongs."""
        if outcome.text is None:
            carrier = record.carrier
            raw = shown(carrier if isinstance(carrier, bytes) else record.text.encode())
            self.reject(Reject(record.number, record.place, outcome.refusal, raw))
            return
        with _naming_file(self._output):
            self._output.write(record, outcome.text)
        if outcome.changes and "edits" in self._side:
            told = {"number": record.number, "id": record.id, **outcome.changes}
            with _naming_file(self._side["edits"]):
                self._side["edits"].write(told)

    def reject(self, reject: Reject) -> None:
        """Write a record that was not taken; where nobody named a file, that is begun here."""
        if "rejects" not in self._names.written:
            print(json.dumps(asdict(reject)), file=sys.stderr)
            return
        sink = self._side.get("rejects") or self._open("rejects", {})
        with _naming_file(sink):
            sink.write(asdict(reject))

    @property
    def _sinks(self) -> dict[str, FileSink | LinesSink]:
        """In the order of their finishing: the name of the last one says that all is whole."""
        return {**self._side, "output": self._output}

    def checkpoint(self) -> dict[str, Any]:
        """Make all durable; the states by name."""
        states = {}
        for name, sink in self._sinks.items():
            with _naming_file(sink):
                states[name] = dict(sink.checkpoint())
        return states

    def finish(self) -> None:
        """Give everything its name; rejects of an earlier job go if this one had none."""
        if "rejects" in self._names.written and "rejects" not in self._side:
            self._names.written["rejects"].unlink(missing_ok=True)
        for sink in self._sinks.values():
            with _naming_file(sink):
                sink.finish()

    def abandon(self) -> None:
        """Close everything as it is."""
        for sink in self._sinks.values():
            sink.abandon()

    def drop(self) -> None:
        """Take away what is unfinished, once it is abandoned."""
        for sink in self._sinks.values():
            if sink.partial is None:
                continue
            if sink.partial.is_dir():
                shutil.rmtree(sink.partial)
            else:
                sink.partial.unlink(missing_ok=True)


@contextmanager
def _naming_file(sink: FileSink | LinesSink) -> Iterator[None]:
    """Tell of an error that names no file (a full disk) which one it was."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or sink.path
        raise


def document_from(text: str, line: Mapping[str, Any]) -> Document:
    """The document of a record, from its new text and its line in the file of edits.

    Args:
        text: as it stands in the output.
        line: the object of that line.

    Raises:
        EditError: if the text is not what these edits made.

    >>> edit = {"start": 0, "before": "i", "after": "I", "kind": "case", "reason": "pronoun"}
    >>> line = {"number": 0, "id": "a", "passes": [[edit]], "quality": 0.0, "warnings": []}
    >>> document_from("I see", line).undo()
    'i see'
    """
    raw = text
    for edits in reversed(line["passes"]):
        raw = invert(raw, [Edit(**edit) for edit in edits])
    return Document.from_dict({**line, "raw": raw, "text": text})
