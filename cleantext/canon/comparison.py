"""What a report reads only when it is asked for: the differences of two texts and their story."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from cleantext.canon.align import Alignment, align
from cleantext.canon.differences import Difference
from cleantext.canon.furniture import with_boilerplate
from cleantext.canon.moved import Move, find_moves
from cleantext.canon.naming import find_differences
from cleantext.canon.pieces import Piece, find_pieces
from cleantext.canon.rows import Row, side_by_side
from cleantext.canon.segments import Segment, lowered, segments
from cleantext.canon.story import Missing, Story, find_missing, same_story
from cleantext.words import Words, split

__all__ = ["Comparison"]


@dataclass(frozen=True)  # no slots: what is read once is kept
class Comparison:
    """Two texts as they were given, and what is found out about them when it is asked for.

    Attributes:
        text: the text.
        canonical: the canonical version.
        known: the alignment of their words, where it is known already.
    """

    text: str
    canonical: str
    known: Alignment | None = field(default=None, repr=False, compare=False)

    @cached_property
    def words(self) -> tuple[Words, Words]:
        """Words and gaps of both."""
        return split(self.text), split(self.canonical)

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """Every difference, in the order of the text."""
        found = find_differences(*self.words, self._pieces, self._moves)
        return with_boilerplate(found, self.text, self.canonical)

    def side_by_side(self) -> list[Row]:
        """Both texts sentence by sentence, with the differences that touch each."""
        return side_by_side(self.words, self._pieces, self.differences)

    @cached_property
    def story(self) -> Story:
        """Whether they are one story."""
        return same_story(*self._low)

    @cached_property
    def missing(self) -> Missing:
        """What the canonical version has that the text lacks; nothing for another story."""
        if not self.story.same:
            return Missing()
        return find_missing(self.words[1], self._segments, self._moves)

    @cached_property
    def _low(self) -> tuple[list[str], list[str]]:
        return lowered(self.words[0]), lowered(self.words[1])

    @cached_property
    def _segments(self) -> list[Segment]:
        return segments(*self.words, self.known or align(*self._low))

    @cached_property
    def _moves(self) -> list[Move]:
        return find_moves(*self._low, self._segments)

    @cached_property
    def _pieces(self) -> list[Piece]:
        return find_pieces(self.words, self._low, self._segments, self._moves)
