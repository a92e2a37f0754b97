"""A document: the raw text, the passes of edits that were made, and the text they gave."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import accumulate
from typing import Any

from cleantext.edits import Edit, EditError, Kind, apply, invert

__all__ = ["Document", "Origin", "Pass", "Span"]


@dataclass(frozen=True, slots=True)
class Pass:
    """Edits that were made together; their places are offsets into the text before the pass."""

    edits: tuple[Edit, ...]

    def apply(self, text: str) -> str:
        """The text after the pass."""
        return apply(text, self.edits)

    def undo(self, text: str) -> str:
        """The text before the pass."""
        return invert(text, self.edits)

    def before(self, offset: int) -> int:
        """The offset before the pass of a place after it.

        A place inside something inserted or replaced maps to where that was put.
        """
        shift = 0
        for edit in self.edits:
            start = edit.start + shift
            if offset < start:
                break
            if offset < start + len(edit.after):
                return edit.start + min(offset - start, len(edit.before))
            shift += len(edit.after) - len(edit.before)
        return offset - shift


class Origin:
    """Traces places back through passes; made once for many places of one text.

    Args:
        passes: in the order in which they were made.
    """

    def __init__(self, passes: Sequence[Pass]) -> None:
        self._steps: list[tuple[tuple[Edit, ...], list[int], list[int]]] = []
        for made in reversed(passes):
            grown = [len(edit.after) - len(edit.before) for edit in made.edits]
            shifts = [0, *accumulate(grown)]
            begins = [e.start + shift for e, shift in zip(made.edits, shifts, strict=False)]
            self._steps.append((made.edits, shifts, begins))

    def __call__(self, offset: int) -> int:
        """The place before all passes of a place after them, in code points."""
        for edits, shifts, begins in self._steps:
            last = bisect_right(begins, offset) - 1
            if last >= 0 and offset < begins[last] + len(edits[last].after):
                edit = edits[last]
                offset = edit.start + min(offset - begins[last], len(edit.before))
            else:
                offset -= shifts[last + 1]
        return offset

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The same of a stretch; what was taken out right behind it is not counted in."""
        return self(start), self._behind(end) if end > start else self(start)

    def _behind(self, offset: int) -> int:
        """The place behind a stretch that ends here."""
        for edits, shifts, begins in self._steps:
            last = bisect_left(begins, offset) - 1
            stop = begins[last] + len(edits[last].after) if last >= 0 else -1
            if offset < stop:
                edit = edits[last]
                offset = edit.start + min(offset - begins[last], len(edit.before))
            elif offset == stop:
                offset = edits[last].end
            else:
                offset -= shifts[last + 1]
        return offset


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the raw text that was taken out, or told apart and kept.

    Attributes:
        start, end: where it stands in the raw text, in code points.
        text: what was taken out, as it stood when it was; what stands there in the raw text if it
            was kept.
        reason: why, in a few words for a person.
        confidence: 0..1.
    """

    start: int
    end: int
    text: str
    reason: str
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """The fields, for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Document:
    """What became of a text, and how.

    Attributes:
        raw: the text as it came in.
        text: the text as it is now.
        passes: the edits in the order in which they were made; replaying them leads from ``raw`` to
            ``text``.
        quality: share (0..1) of the gaps and cases open to decision that were decided below their
            threshold or are less likely right than not; 0.0 where nothing was in doubt. High
            values are for a person.
        warnings: what could not be done, in plain sentences.
        marked: stretches that were told apart from the story and kept, as ``Boilerplate`` does
            under the policy ``"mark"``.
        canonical_id: the id of the canonical version that a library had; empty if none was found
            there.

    >>> from cleantext.edits import Edit
    >>> doc = Document.start("i see").after_pass([Edit(0, "i", "I", "case", "pronoun")])
    >>> doc.text, doc.undo()
    ('I see', 'i see')
    """

    raw: str
    text: str
    passes: tuple[Pass, ...] = ()
    quality: float = 0.0
    warnings: tuple[str, ...] = field(default=())
    marked: tuple[Span, ...] = field(default=())
    canonical_id: str = ""

    @classmethod
    def start(cls, raw: str) -> Document:
        """A document of which nothing has been changed yet."""
        return cls(raw, raw)

    def after_pass(self, edits: tuple[Edit, ...] | list[Edit]) -> Document:
        """This document with one more pass; itself if there are no edits.

        Raises:
            EditError: if the edits do not fit the text.
        """
        if not edits:
            return self
        made = Pass(tuple(edits))
        return replace(self, text=made.apply(self.text), passes=(*self.passes, made))

    @property
    def edits(self) -> tuple[Edit, ...]:
        """Every edit of every pass, in the order made."""
        return tuple(edit for made in self.passes for edit in made.edits)

    @property
    def changed(self) -> bool:
        """Whether the text differs from the raw one."""
        return bool(self.passes)

    def undo(self) -> str:
        """The raw text, worked back from ``text`` through the passes.

        Raises:
            EditError: if the passes do not belong to the text.
        """
        text = self.text
        for made in reversed(self.passes):
            text = made.undo(text)
        return text

    def to_raw(self, offset: int) -> int:
        """The place in the raw text that a place in ``text`` came from, both in code points.

        Raises:
            IndexError: if the offset is not in ``0 .. len(text)``.
        """
        if not 0 <= offset <= len(self.text):
            raise IndexError(f"offset {offset} is outside the text (0 to {len(self.text)})")
        for made in reversed(self.passes):
            offset = made.before(offset)
        return offset

    @property
    def dropped(self) -> tuple[Span, ...]:
        """What was taken out of the text, in the order of the raw text.

        A span lies around another where a later pass took out what stood around it.
        """
        found: list[Span] = []
        for number, made in enumerate(self.passes):
            drops = [edit for edit in made.edits if edit.kind == "drop"]
            origin = Origin(self.passes[:number] if drops else ())
            for edit in drops:
                place = origin.span(edit.start, edit.end)
                found.append(Span(*place, edit.before, edit.reason, edit.confidence))
        return tuple(sorted(found, key=lambda span: (span.start, span.end)))

    def counts(self) -> dict[Kind, int]:
        """How many edits of each kind were made."""
        return dict(Counter(edit.kind for edit in self.edits))

    def explain(self) -> str:
        """Every change as a line for a person: place, what, why, how surely."""
        from cleantext.show import explain

        return explain(self)

    def to_html(self, *, title: str = "Restored text", lang: str = "en") -> str:
        """A page that needs nothing else: the text with every change marked, filters, reasons.

        Args:
            title: heading of the page, plain text.
            lang: language of the text, a BCP 47 tag.
        """
        from cleantext.page_document import document_page

        return document_page(self, title=title, lang=lang)

    def _repr_html_(self) -> str:
        """The text with its changes, for a notebook."""
        from cleantext.page_document import document_fragment

        return document_fragment(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON; :meth:`from_dict` is its inverse."""
        return {
            "raw": self.raw,
            "text": self.text,
            "quality": self.quality,
            "warnings": list(self.warnings),
            "marked": [span.to_dict() for span in self.marked],
            "canonical_id": self.canonical_id,
            "passes": [[edit.to_dict() for edit in made.edits] for made in self.passes],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Document:
        """A document from :meth:`to_dict`'s data.

        Raises:
            EditError: if the edits do not lead from ``raw`` to ``text``.
            KeyError: if ``raw``, ``text`` or ``passes`` is missing; without them there is none.
        """
        doc = cls.start(data["raw"])
        for edits in data["passes"]:
            doc = doc.after_pass([Edit(**edit) for edit in edits])
        if doc.text != data["text"]:
            raise EditError("the edits do not lead from 'raw' to 'text'")
        return replace(
            doc,
            quality=data.get("quality", 0.0),
            warnings=tuple(data.get("warnings", ())),
            marked=tuple(Span(**span) for span in data.get("marked", ())),
            canonical_id=data.get("canonical_id", ""),
        )

    def __str__(self) -> str:
        return self.text
