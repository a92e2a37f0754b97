"""One pass: what a normalizer is, and what becomes of the edits and notes it gives."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

from cleantext.document import Document, Origin, Span
from cleantext.draft import Draft
from cleantext.edits import Edit, Kind, in_order

__all__ = ["Normalizer", "PipelineError", "collect", "told"]


class PipelineError(ValueError):
    """A pipeline that cannot be built, or a normalizer that broke its own declaration."""


@runtime_checkable
class Normalizer(Protocol):
    """A pure function from a draft to edits, with what it declares of itself.

    Attributes:
        name: unique in a pipeline.
        kinds: the kinds of edit it may propose; the pipeline refuses any other.

    One that has an attribute ``reads`` that is true gets the tagger's reading in the draft;
    neighbours in the pipeline that do share one reading and are applied in one pass. One that has
    an attribute ``reads_parts`` that is true gets the parts of what lost its layout. One that has
    methods ``marked(draft)`` or ``warnings(draft)`` tells what it left in place: spans of the
    draft's text, and plain sentences.
    """

    @property
    def name(self) -> str:
        """Unique in a pipeline."""

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of edit it may propose."""

    def propose(self, draft: Draft) -> Iterable[Edit]:
        """The edits to make, for ``draft.text``."""


def collect(stage: Sequence[Normalizer], draft: Draft, bar: float) -> tuple[Edit, ...]:
    """The edits of a stage, checked against what each normalizer declared."""
    edits: list[Edit] = []
    for normalizer in stage:
        for edit in normalizer.propose(draft):
            if edit.kind not in normalizer.kinds:
                raise PipelineError(
                    f"{normalizer.name!r} proposed a {edit.kind!r} edit but declares only"
                    f" {sorted(normalizer.kinds)}"
                )
            edits.append(edit if edit.normalizer else replace(edit, normalizer=normalizer.name))
    made = draft.document.passes
    taken = max((edit.group for each in made for edit in each.edits), default=0)
    kept = _above(edits, bar)
    if taken:  # numbers of groups hold for a whole document
        kept = [replace(e, group=e.group + taken) if e.group else e for e in kept]
    return in_order(kept)


def _above(edits: list[Edit], bar: float) -> list[Edit]:
    """The edits whose whole group is at least as sure as the bar."""
    if bar <= 0:
        return edits
    low = {edit.group for edit in edits if edit.group and edit.confidence < bar}
    return [
        edit for edit in edits if edit.group not in low and (edit.group or edit.confidence >= bar)
    ]


def told(doc: Document, stage: Sequence[Normalizer], draft: Draft) -> Document:
    """The document with what the normalizers of a stage tell of it, each thing once."""
    marked, warnings = list(doc.marked), list(doc.warnings)
    for normalizer in stage:
        spans = getattr(normalizer, "marked", _nothing)(draft)
        origin = Origin(doc.passes if spans else ())
        for span in spans:
            start, end = origin.span(span.start, span.end)
            at = bisect_left(marked, start, key=lambda other: other.end - 1)
            if at == len(marked) or marked[at].start >= end:
                found = Span(start, end, doc.raw[start:end], span.reason, span.confidence)
                marked.insert(at, found)
        warnings += getattr(normalizer, "warnings", _nothing)(draft)
    all_marked, all_warnings = tuple(marked), tuple(dict.fromkeys(warnings))
    if (all_marked, all_warnings) == (doc.marked, doc.warnings):
        return doc
    return replace(doc, marked=all_marked, warnings=all_warnings)


def _nothing(draft: Draft) -> tuple[()]:
    return ()
