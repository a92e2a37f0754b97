"""Two texts side by side: equal words, and what stands between them with its kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cleantext.canon.forms import LONGEST, compound, is_honorific, same_letters
from cleantext.canon.moved import Move, without
from cleantext.canon.segments import Segment
from cleantext.canon.variants import VariantKind, variant_of
from cleantext.words import Words, lower_char

__all__ = ["Piece", "PieceKind", "find_pieces", "place_of"]

PieceKind = (
    Literal["same", "mark", "honorific", "word changed", "phrase added", "phrase missing"]
    | VariantKind
)

#: Most words on either side of what is told as changed; more are told as added and missing.
_CHANGED = 4
#: Equal words around a difference that leave no doubt about its place.
_SUPPORT = 8

_APOSTROPHES = frozenset("'\u2019\u2018`\u00b4")

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of both texts that belong together, one side of which may be empty.

    Attributes:
        kind: ``same`` words, or what kind of difference; a ``mark`` is an apostrophe in a word.
        text_start: first word of the text.
        text_stop: behind its last word.
        canonical_start: first word of the canonical version.
        canonical_stop: behind its last word.
        spans: start and stop in code points of the text and of the canonical version.
        support: how many equal words stand in it and around it, as a share (0..1) of enough.
        detail: more about it, for a person.
    """

    kind: PieceKind
    text_start: int
    text_stop: int
    canonical_start: int
    canonical_stop: int
    spans: tuple[_Span, _Span]
    support: float = 1.0
    detail: str = ""

    @property
    def rows(self) -> int:
        """Number of words of the text."""
        return self.text_stop - self.text_start

    @property
    def columns(self) -> int:
        """Number of words of the canonical version."""
        return self.canonical_stop - self.canonical_start

    @property
    def aligned(self) -> bool:
        """Whether the words of both sides stand for each other, so that gaps beside them can be
        compared.
        """
        return bool(self.rows and self.columns)


def find_pieces(
    sides: tuple[Words, Words],
    low: tuple[Sequence[str], Sequence[str]],
    segments: Sequence[Segment],
    moves: Sequence[Move],
) -> list[Piece]:
    """The pieces of two texts in order; what stands elsewhere is in none.

    Args:
        sides: words and gaps of the text and of the canonical version.
        low: their words in the form they were aligned in.
        segments: what the alignment gave (:func:`cleantext.canon.segments.segments`).
        moves: what stands elsewhere (:func:`cleantext.canon.moved.find_moves`).
    """
    cutter = _Cutter(sides, low, moves)
    pieces: list[Piece] = []
    for at, segment in enumerate(segments):
        if segment.kind == "open":
            pieces += cutter.cut(segment, segments[at + 1] if at + 1 < len(segments) else None)
        else:
            pieces.append(cutter.aligned(segment))
    return _supported(pieces)


def place_of(words: Words, start: int, stop: int) -> _Span:
    """Start and stop of a range of words in code points; an empty one stands behind a word."""
    if start < stop:
        return words.starts[start], words.end(stop - 1)
    place = words.end(start - 1) if start else (words.starts[0] if words.words else 0)
    return place, place


class _Cutter:
    def __init__(
        self,
        sides: tuple[Words, Words],
        low: tuple[Sequence[str], Sequence[str]],
        moves: Sequence[Move],
    ) -> None:
        self._sides = sides
        self._low = low
        self._taken = (
            sorted((m.text, m.text + m.length) for m in moves if m.kind != "twice in canonical"),
            sorted(
                (m.canonical, m.canonical + m.length) for m in moves if m.kind != "twice in text"
            ),
        )
        self._at = [0, 0]

    def aligned(self, segment: Segment) -> Piece:
        """The piece of equal words or of one variant."""
        if segment.kind == "same":
            return self._piece("same", *_place(segment))
        piece = self._piece(variant_of(segment.ours, segment.gold), *_place(segment))
        spans = tuple(
            (unit.text_start, unit.text_stop) if unit else span
            for unit, span in zip((segment.ours, segment.gold), piece.spans, strict=True)
        )
        money = [u.number.money if u and u.number else "" for u in (segment.ours, segment.gold)]
        detail = ""
        if bool(money[0]) != bool(money[1]):
            detail = "currency added" if money[0] else "currency missing"
        return replace(piece, spans=(spans[0], spans[1]), detail=detail)

    def cut(self, segment: Segment, behind: Segment | None) -> Iterator[Piece]:
        """The pieces of words that differ, without those that stand elsewhere."""
        i, i_stop, j, j_stop = _place(segment)
        left, canonical_left = self._left(0, i, i_stop), self._left(1, j, j_stop)
        if left != [(i, i_stop)] * (i < i_stop) or canonical_left != [(j, j_stop)] * (j < j_stop):
            yield from (self._piece("phrase added", *span, j, j) for span in left)
            yield from (
                self._piece("phrase missing", i_stop, i_stop, *span) for span in canonical_left
            )
        else:
            yield from self._named(segment, behind)

    def _left(self, side: int, start: int, stop: int) -> list[_Span]:
        """What is left of a range of words on one side when moved words are taken out."""
        taken, cuts = self._taken[side], []
        while self._at[side] < len(taken) and taken[self._at[side]][0] < stop:
            cuts.append(taken[self._at[side]])
            self._at[side] += 1
        return without([(start, stop)] if start < stop else [], cuts)

    def _named(self, segment: Segment, behind: Segment | None) -> Iterator[Piece]:
        while True:  # words glued or parted, one after the other
            i, i_stop, j, j_stop = _place(segment)
            rows, columns = compound(
                self._low[0][i : min(i_stop, i + LONGEST + 1)],
                self._low[1][j : min(j_stop, j + LONGEST + 1)],
            )
            if not rows:
                break
            yield self._piece(self._compound(i, rows, j, columns), i, i + rows, j, j + columns)
            segment = replace(segment, text_start=i + rows, canonical_start=j + columns)
        ours, gold = self._low[0][i:i_stop], self._low[1][j:j_stop]
        cut = self._cut_word(segment)
        if cut is not None:
            yield from self._around(segment, *cut)
        elif ours and gold and self._titles(ours, behind) and self._titles(gold, behind):
            yield self._piece("honorific", i, i_stop, j, j_stop)
        elif ours and gold and max(len(ours), len(gold)) <= _CHANGED:
            yield self._piece("word changed", i, i_stop, j, j_stop)
        else:
            yield from self._unmatched(i, i_stop, j, j_stop, behind)

    def _compound(self, i: int, rows: int, j: int, columns: int) -> PieceKind:
        """The kind of one word that is cut in two in one of the texts."""
        ours, gold = self._low[0][i : i + rows], self._low[1][j : j + columns]
        words, start, stop = (
            (self._sides[0], i, i + rows) if rows > columns else (self._sides[1], j, j + columns)
        )
        if all(words.gaps[k] in _APOSTROPHES for k in range(start + 1, stop)):
            return "mark"
        return same_letters(ours, gold) or "spelling variant"

    def _titles(self, words: Sequence[str], behind: Segment | None) -> bool:
        """Whether the words are titles and a name follows: ``sen`` in ``Hun Sen has`` is none."""
        if not behind or behind.kind != "same" or not is_honorific(words):
            return False
        names = (
            self._sides[0].words[behind.text_start],
            self._sides[1].words[behind.canonical_start],
        )
        return any(lower_char(name[0]) != name[0] for name in names)

    def _cut_word(self, segment: Segment) -> tuple[int, int] | None:
        """The half word at an edge of one text, and the word it was, as indices."""
        i, i_stop, j, j_stop = _place(segment)
        ours, gold = self._low
        if not segment.rows or not segment.columns:
            return None
        single, canonical_single = segment.rows == 1, segment.columns == 1
        if (single and i_stop == len(ours)) or (canonical_single and j_stop == len(gold)):
            one, other = ours[i], gold[j]
            if one.startswith(other) or other.startswith(one):
                return i, j
        if (single and not i) or (canonical_single and not j):
            one, other = ours[i_stop - 1], gold[j_stop - 1]
            if one.endswith(other) or other.endswith(one):
                return i_stop - 1, j_stop - 1
        return None

    def _around(self, segment: Segment, at: int, canonical_at: int) -> Iterator[Piece]:
        """A half word with what stands before and behind it."""
        i, i_stop, j, j_stop = _place(segment)
        yield from self._unmatched(i, at, j, canonical_at)
        word = self._piece("word changed", at, at + 1, canonical_at, canonical_at + 1)
        yield replace(word, detail="cut word")
        yield from self._unmatched(at + 1, i_stop, canonical_at + 1, j_stop)

    def _unmatched(
        self, i: int, i_stop: int, j: int, j_stop: int, behind: Segment | None = None
    ) -> Iterator[Piece]:
        """Words that only one text has; ``behind`` is what follows in both."""
        if i < i_stop:
            titles = self._titles(self._low[0][i:i_stop], behind)
            yield self._piece("honorific" if titles else "phrase added", i, i_stop, j, j)
        if j < j_stop:
            titles = self._titles(self._low[1][j:j_stop], behind)
            kind: PieceKind = "honorific" if titles else "phrase missing"
            yield self._piece(kind, i_stop, i_stop, j, j_stop)

    def _piece(self, kind: PieceKind, i: int, i_stop: int, j: int, j_stop: int) -> Piece:
        spans = place_of(self._sides[0], i, i_stop), place_of(self._sides[1], j, j_stop)
        if kind != "same":
            spans = (
                _with_last_stop(self._sides[0], i, i_stop, spans[0]),
                _with_last_stop(self._sides[1], j, j_stop, spans[1]),
            )
        return Piece(kind, i, i_stop, j, j_stop, spans)


def _with_last_stop(words: Words, start: int, stop: int, span: _Span) -> _Span:
    """The span of words with the last stop of initials: ``U.S.`` is not ``U.S`` and a stop."""
    initials = stop - start > 1 and len(words.words[stop - 1]) == 1 and words.gaps[stop - 1] == "."
    return span[0], span[1] + (initials and words.gaps[stop][:1] == ".")


def _place(segment: Segment) -> tuple[int, int, int, int]:
    return (
        segment.text_start,
        segment.text_stop,
        segment.canonical_start,
        segment.canonical_stop,
    )


def _supported(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with the share of equal words around each that leaves no doubt."""
    known = [piece.rows if piece.kind == "same" else 0 for piece in pieces]
    before, behind = _nearest(known), _nearest(known[::-1])[::-1]
    return [
        replace(piece, support=min(1.0, (own + left + right) / _SUPPORT))
        for piece, own, left, right in zip(pieces, known, before, behind, strict=True)
    ]


def _nearest(known: Sequence[int]) -> list[int]:
    """For each piece the equal words of the last piece before it that has some."""
    nearest: list[int] = []
    left = 0
    for own in known:
        nearest.append(left)
        left = own or left
    return nearest
