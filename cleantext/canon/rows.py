"""Two texts in rows for a view side by side: a sentence or so of one beside that of the other."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from cleantext.canon.differences import Difference
from cleantext.canon.pieces import Piece
from cleantext.canon.sentences import phrase_start, sentence_ends
from cleantext.words import Words

__all__ = ["Row", "side_by_side"]

#: Words after which a row ends at the next equal word, where no sentence ends.
_LONG = 60


@dataclass(frozen=True, slots=True)
class Row:
    """A stretch of both texts that belongs together, in code points.

    Attributes:
        text_start: where it starts in the text.
        text_stop: where it stops there.
        canonical_start: where it starts in the canonical version.
        canonical_stop: where it stops there.
        differences: those that touch it, in order; a long one touches many rows.
    """

    text_start: int
    text_stop: int
    canonical_start: int
    canonical_stop: int
    differences: tuple[Difference, ...] = ()

    def without_style(self) -> Row:
        """The row without differences of house style."""
        kept = tuple(found for found in self.differences if not found.house_style)
        return replace(self, differences=kept)


def side_by_side(
    sides: tuple[Words, Words], pieces: Sequence[Piece], differences: Sequence[Difference]
) -> list[Row]:
    """The rows of two texts; joined they hold every character of both.

    A row ends where the same word begins a sentence in either text, so that both sides stay level.

    Args:
        sides: words and gaps of the text and of the canonical version.
        pieces: the two side by side (:func:`cleantext.canon.pieces.find_pieces`).
        differences: of the two.
    """
    words, canonical = sides
    ends = len(words.text), len(canonical.text)
    places = [(0, 0), *_cuts(words, canonical, pieces), ends]
    rows = [
        Row(start, stop, canonical_start, canonical_stop)
        for (start, canonical_start), (stop, canonical_stop) in pairwise(places)
        if (start, canonical_start) != (stop, canonical_stop)
    ]
    found: list[dict[Difference, None]] = [{} for _ in rows]
    text_starts = [row.text_start for row in rows]
    canonical_starts = [row.canonical_start for row in rows]
    for difference in differences:
        _touch(found, text_starts, difference, difference.text_start, difference.text_stop)
        _touch(
            found,
            canonical_starts,
            difference,
            difference.canonical_start,
            difference.canonical_stop,
        )
    return [
        replace(row, differences=tuple(touching)) for row, touching in zip(rows, found, strict=True)
    ]


def _touch(
    found: Sequence[dict[Difference, None]],
    starts: Sequence[int],
    difference: Difference,
    start: int,
    stop: int,
) -> None:
    """Note a difference in every row that its span touches; an empty span touches none."""
    at = bisect_right(starts, start) - 1
    while start < stop and at < len(starts) and (starts[at] < stop):
        found[at][difference] = None
        at += 1


def _cuts(words: Words, canonical: Words, pieces: Sequence[Piece]) -> Iterator[tuple[int, int]]:
    """The places in both texts at which a row ends."""
    ends, canonical_ends = sentence_ends(words), sentence_ends(canonical)
    last, canonical_last = 0, 0
    for piece in pieces:
        if piece.kind != "same":
            continue
        for i, j in zip(
            range(piece.text_start, piece.text_stop),
            range(piece.canonical_start, piece.canonical_stop),
            strict=True,
        ):
            long = max(i - last, j - canonical_last) >= _LONG
            if (i and j) and (i in ends or j in canonical_ends or long):
                last, canonical_last = i, j
                yield phrase_start(words, i), phrase_start(canonical, j)
