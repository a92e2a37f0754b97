"""What a job writes, as one: the output, the edits and the rejects."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cleantext.document import Document
from cleantext.edits import Edit, invert
from cleantext.jobs.chunks import Outcome
from cleantext.jobs.formats import FileSink, LinesSink, open_lines
from cleantext.jobs.partial import partial_of
from cleantext.jobs.records import JobError, Record, Reject

__all__ = ["STANDARD", "Names", "Outputs", "document_from"]

#: What stands for standard input and output.
STANDARD = "-"
#: Code points of a text that the pipeline refused that its reject shows.
SHOWN = 2000


@dataclass(frozen=True, slots=True)
class Names:
    """The files of a job; ``-`` is standard input or output.

    Attributes:
        input, output: as they were given.
        edits: side file for what was changed, if it is wanted.
        rejects: side file for what was not taken; beside the output if None.
    """

    input: str
    output: str
    edits: str | None = None
    rejects: str | None = None

    @property
    def target(self) -> Path | None:
        """The output, unless it is a stream: standard output, a pipe, a device."""
        if self.output == STANDARD or _is_stream(self.output):
            return None
        linked = os.path.islink(self.output)
        return Path(os.path.realpath(self.output) if linked else self.output)

    @property
    def written(self) -> dict[str, Path]:
        """The files that may come to be, by what they hold, in the order of their finishing."""
        rejects = self.rejects or (self.target and f"{self.target}.rejects.jsonl")
        found = {"edits": self.edits, "rejects": rejects, "output": self.target}
        return {name: Path(path) for name, path in found.items() if path is not None}

    def check(self) -> None:
        """Refuse names that cannot be used, or stand in each other's way.

        Raises:
            JobError: names two that are one, or one whose folder is not there.
        """
        for name in ("edits", "rejects"):
            if getattr(self, name) == STANDARD:
                raise JobError(f"the {name} need a file; they cannot go to standard output")
        taken = {} if self.input == STANDARD else {os.path.realpath(self.input): "input"}
        for name, path in self.written.items():
            if not _is_stream(path):
                partial_of(str(path))  # it names a folder that is missing
            other = taken.setdefault(os.path.realpath(path), name)
            if other != name:
                raise JobError(f"{path} cannot be both {other} and {name} of a job")

    def check_free(self) -> None:
        """Refuse to replace anything.

        Raises:
            JobError: names a file that exists.
        """
        for path in reversed(self.written.values()):
            if path.exists() and not _is_stream(path):
                raise JobError(f"{path} exists; replace it with --overwrite, or write elsewhere")


def _is_stream(path: str | Path) -> bool:
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


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
            raw = record.text[:SHOWN]
            self.reject(Reject(record.number, record.place, outcome.refusal, raw))
            return
        self._output.write(record, outcome.text)
        if outcome.changes and "edits" in self._side:
            told = {"number": record.number, "id": record.id, **outcome.changes}
            self._side["edits"].write(told)

    def reject(self, reject: Reject) -> None:
        """Write a record that was not taken; where nobody named a file, that is begun here."""
        if "rejects" not in self._names.written:
            print(json.dumps(asdict(reject)), file=sys.stderr)
            return
        (self._side.get("rejects") or self._open("rejects", {})).write(asdict(reject))

    @property
    def _sinks(self) -> dict[str, FileSink | LinesSink]:
        """In the order of their finishing: the name of the last one says that all is whole."""
        return {**self._side, "output": self._output}

    def checkpoint(self) -> dict[str, Any]:
        """Make all durable; the states by name."""
        return {name: dict(sink.checkpoint()) for name, sink in self._sinks.items()}

    def finish(self) -> None:
        """Give everything its name; rejects of an earlier job go if this one had none."""
        if "rejects" in self._names.written and "rejects" not in self._side:
            self._names.written["rejects"].unlink(missing_ok=True)
        for sink in self._sinks.values():
            sink.finish()

    def abandon(self) -> None:
        """Close everything as it is."""
        for sink in self._sinks.values():
            sink.abandon()


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
