"""Where every stretch of a document's text comes from: the raw text, or the edits that wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cleantext.document import Document, Pass
from cleantext.edits import Edit

__all__ = ["Run", "provenance"]


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a text that has one origin.

    Attributes:
        text: what stands there; empty where something was taken out.
        raw: its place in the raw text, in code points; of what was written, the place where it was
            put.
        edits: what wrote it, in the order made; none if it stands as it came. There are several
            where a later edit replaced what an earlier one had written.
    """

    text: str
    raw: int
    edits: tuple[Edit, ...] = ()


def provenance(document: Document) -> list[Run]:
    """The text in runs; joined they are ``document.text``, and every edit stands in one at least.

    Linear in the text and its edits for each pass.

    >>> doc = Document.start("i see").after_pass([Edit(0, "i", "I", "case", "pronoun")])
    >>> [(run.text, run.raw, len(run.edits)) for run in provenance(doc)]
    [('I', 0, 1), (' see', 1, 0)]
    """
    runs = [Run(document.raw, 0)] if document.raw else []
    for made in document.passes:
        runs = _after(runs, made)
    return runs


def _after(runs: Sequence[Run], made: Pass) -> list[Run]:
    """The runs of the text after a pass, from those before it."""
    found: list[Run] = []
    before = _Before(runs)
    for edit in made.edits:
        found += before.until(edit.start)
        taken = before.until(edit.end)
        raw = next((run.raw for run in taken if run.text), before.raw)
        earlier = dict.fromkeys(old for run in taken if run.text for old in run.edits)
        # what was taken out here before keeps its place
        gone = [run for run in taken if not run.text]
        found += [run for run in gone if run.raw < raw]
        found.append(Run(edit.after, raw, (*earlier, edit)))
        found += [run for run in gone if run.raw >= raw]
    return found + before.until(None)


class _Before:
    """The runs of a text, given out from left to right as far as is asked for."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = runs
        self._index = 0  # of the run that is next
        self._inside = 0  # how much of that was given out
        self._at = 0  # place in the text

    def until(self, end: int | None) -> list[Run]:
        """The next runs up to a place in the text, the last one parted there; None: all."""
        given: list[Run] = []
        while self._index < len(self._runs) and (end is None or self._at < end):
            run = self._runs[self._index]
            left = len(run.text) - self._inside
            size = left if end is None else min(left, end - self._at)
            text = run.text[self._inside : self._inside + size]
            given.append(Run(text, self.raw, run.edits))
            self._at += size
            self._inside += size
            if size == left:
                self._index += 1
                self._inside = 0
        return given

    @property
    def raw(self) -> int:
        """The place in the raw text of what is next."""
        if self._index < len(self._runs):
            run = self._runs[self._index]
            return run.raw if run.edits else run.raw + self._inside
        if not self._runs:
            return 0
        last = self._runs[-1]
        return last.raw if last.edits else last.raw + len(last.text)
