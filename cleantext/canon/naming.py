"""Naming the differences of two texts that stand side by side in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cleantext.canon.differences import Difference, DifferenceKind
from cleantext.canon.forms import is_abbreviated
from cleantext.canon.gaps import Gap, compare_gap, place_marks
from cleantext.canon.marks import gap_marks
from cleantext.canon.moved import Move
from cleantext.canon.pieces import Piece
from cleantext.tagger.labels import case_of
from cleantext.words import Words

__all__ = ["find_differences"]

#: How sure a kind is where many equal words stand on both sides. Rules of thumb: a list or the
#: letters themselves decide most kinds; a few other words may be read in two ways.
_SURE: Mapping[str, float] = {
    "spelling variant": 0.98,
    "number form": 0.97,
    "abbreviation": 0.97,
    "honorific": 0.95,
    "word changed": 0.9,
    "sentence moved": 0.95,
    "block repeated": 0.95,
}
#: Words of a moved stretch that leave no doubt.
_LONG = 16
#: Marks for each word: a text that has fewer than the first lost them if the other one has more
#: than the second.
_LOST, _KEPT = 0.02, 0.08

_Span = tuple[int, int]


def find_differences(
    text: Words, canonical: Words, pieces: Sequence[Piece], moves: Sequence[Move]
) -> tuple[Difference, ...]:
    """The differences of two texts that were cut into pieces, by their place in the text.

    Args:
        text: words and gaps of the text as it was given.
        canonical: the same of the canonical version.
        pieces: the two side by side (:func:`cleantext.canon.pieces.find_pieces`).
        moves: what stands elsewhere; none of it is in a piece.
    """
    namer = _Namer(text, canonical)
    found: list[Difference] = []
    for before, piece in zip((None, *pieces), pieces, strict=False):
        found += namer.border(before, piece)
        found += namer.inside(piece)
    found += namer.border(pieces[-1] if pieces else None, None)
    for move in moves:
        found += namer.move(move)
    return tuple(sorted(found, key=lambda d: (d.text_start, d.canonical_start, d.text_stop)))


class _Namer:
    """Two texts with their marks; names the differences of one piece at a time."""

    def __init__(self, text: Words, canonical: Words) -> None:
        self._words = text, canonical
        self._strings = text.text, canonical.text
        self._marks = gap_marks(text), gap_marks(canonical)
        shares = sorted(
            len(marks) / max(1, len(words))
            for words, marks in zip(self._words, self._marks, strict=True)
        )
        self._flat = shares[0] < _LOST and shares[1] > _KEPT

    def inside(self, piece: Piece) -> Iterator[Difference]:
        """The differences between the borders of one piece."""
        if piece.kind == "same":
            yield from self._same(piece)
            return
        detail, marks = piece.detail, ("", "")
        if piece.kind == "mark":
            marks = ("apostrophe", "") if piece.rows > piece.columns else ("", "apostrophe")
            detail = _said(marks)
        yield self._made(piece.kind, *piece.spans, detail, support=piece.support, marks=marks)
        if piece.kind == "spelling variant" and piece.rows == piece.columns == 1:
            i, j = piece.text_start, piece.canonical_start
            if case_of(self._words[0].words[i]) != case_of(self._words[1].words[j]):
                yield self._casing(i, j, piece.support)

    def _same(self, piece: Piece) -> Iterator[Difference]:
        """Casing of equal words, and the gaps between them."""
        ours, gold = self._words
        for i, j in zip(
            range(piece.text_start, piece.text_stop),
            range(piece.canonical_start, piece.canonical_stop),
            strict=True,
        ):
            if i > piece.text_start and ours.gaps[i] != gold.gaps[j]:
                yield from self._gap(i, j, ours.gap_span(i), gold.gap_span(j), piece.support)
            if ours.words[i] != gold.words[j]:
                yield self._casing(i, j, piece.support)

    def _casing(self, i: int, j: int, support: float) -> Difference:
        ours, gold = self._words
        detail = f"{case_of(ours.words[i])} for {case_of(gold.words[j])}"
        spans = (ours.starts[i], ours.end(i)), (gold.starts[j], gold.end(j))
        return self._made("casing", *spans, detail, support=support)

    def border(self, before: Piece | None, after: Piece | None) -> Iterator[Difference]:
        """The gap between two pieces, or at an edge of both texts, if it can be compared."""
        ours, gold = self._words
        if not all(piece.aligned for piece in (before, after) if piece):
            return
        i, j = (after.text_start, after.canonical_start) if after else (len(ours), len(gold))
        if ((before.text_stop, before.canonical_stop) if before else (0, 0)) != (i, j):
            return
        span, canonical_span = (
            _trimmed(
                self._strings[side],
                before.spans[side][1] if before else 0,
                after.spans[side][0] if after else len(self._strings[side]),
                first=not before,
                last=not after,
            )
            for side in (0, 1)
        )
        support = min((piece.support for piece in (before, after) if piece), default=1.0)
        unit = before if before and before.kind != "same" else None
        yield from self._gap(i, j, span, canonical_span, support, unit)

    def _gap(
        self,
        i: int,
        j: int,
        span: _Span,
        canonical_span: _Span,
        support: float,
        before: Piece | None = None,
    ) -> Iterator[Difference]:
        """The differences of gap ``i`` and gap ``j`` between two places each."""
        ours = place_marks(self._words[0], i, self._marks[0].get(i, ()), *span)
        gold = place_marks(self._words[1], j, self._marks[1].get(j, ()), *canonical_span)
        if before:
            ours, gold = self._one_stop(before, ours, gold)
        for found in compare_gap(ours, gold):
            kind: DifferenceKind = found.kind
            if kind == "mark" and sorted(found.marks) == ["", "period"] and self._short(i, j):
                kind = "abbreviation"
            places = found.text, found.canonical
            detail = _said(found.marks)
            yield self._made(kind, *places, detail, support=support, marks=found.marks)

    def _one_stop(self, before: Piece, ours: Gap, gold: Gap) -> tuple[Gap, Gap]:
        """A stop that ends an abbreviation and its sentence at once is missing from neither."""
        ended, other_ended = (
            string.endswith(".", *span)
            for string, span in zip(self._strings, before.spans, strict=True)
        )
        if ended and not other_ended and gold.string[:1] == "." != ours.string[:1]:
            return ours, gold.without_first()
        if other_ended and not ended and ours.string[:1] == "." != gold.string[:1]:
            return ours.without_first(), gold
        return ours, gold

    def _short(self, i: int, j: int) -> bool:
        """Whether a stop in gaps ``i`` and ``j`` is one that houses set or leave out."""
        if self._flat or not i or not j:
            return False
        ours, gold = self._words
        return is_abbreviated(ours.words[i - 1]) and is_abbreviated(gold.words[j - 1])

    def move(self, move: Move) -> Iterator[Difference]:
        """What stands elsewhere, and for a moved stretch what differs within it."""
        ours, gold = self._words
        stop, canonical_stop = move.text + move.length, move.canonical + move.length
        spans = (
            (ours.starts[move.text], ours.end(stop - 1)),
            (gold.starts[move.canonical], gold.end(canonical_stop - 1)),
        )
        support = min(1.0, move.length / _LONG)
        if move.kind == "moved":
            detail = "elsewhere in the canonical version"
            yield self._made("sentence moved", *spans, detail, support=support)
            yield from self._same(
                Piece("same", move.text, stop, move.canonical, canonical_stop, spans, support)
            )
        else:
            side = "text" if move.kind == "twice in text" else "canonical version"
            detail = f"once more in the {side}"
            yield self._made("block repeated", *spans, detail, support=support)

    def _made(
        self,
        kind: DifferenceKind,
        span: _Span,
        canonical_span: _Span,
        detail: str,
        *,
        support: float,
        marks: tuple[str, str] = ("", ""),
    ) -> Difference:
        return Difference(
            kind,
            *span,
            *canonical_span,
            self._strings[0][slice(*span)],
            self._strings[1][slice(*canonical_span)],
            detail,
            marks,
            round(_SURE.get(kind, 1.0) * (0.5 + 0.5 * support), 3),
        )


def _said(marks: tuple[str, str]) -> str:
    ours, gold = (mark.replace("_", " ") for mark in marks)
    if ours == gold:
        return ours
    if not ours or not gold:
        return f"{ours} added" if ours else f"{gold} missing"
    return f"{ours} for {gold}"


def _trimmed(string: str, start: int, stop: int, *, first: bool, last: bool) -> _Span:
    """A gap at an edge of a text without the white space outside."""
    while first and start < stop and string[start].isspace():
        start += 1
    while last and start < stop and string[stop - 1].isspace():
        stop -= 1
    return start, stop
