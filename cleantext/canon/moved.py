"""Stretches of words that stand in both texts, but not at the same place: moved, or repeated.

An alignment goes forward in both texts. What it leaves over in one text is looked for in the other:
among the words that are left over there it was *moved*, among those that are aligned it stands
*twice* here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from cleantext.canon.segments import Segment

__all__ = ["Move", "find_moves", "without"]

#: Words in a group that is looked up.
_GROUP = 5
#: Places of one group that are tried: a refrain stands anywhere.
_TRIED = 4
#: Fewest words in a row that are told as moved or repeated: less is a phrase that comes again.
_LEAST = 8
#: Least share of different words in such a row, over its first words: ``ha ha ha`` is anywhere.
_VARIED, _FIRST = 0.5, 40


_MoveKind = Literal["moved", "twice in text", "twice in canonical"]

_INVERSE: dict[_MoveKind, _MoveKind] = {
    "moved": "moved",
    "twice in text": "twice in canonical",
    "twice in canonical": "twice in text",
}


@dataclass(frozen=True, slots=True)
class Move:
    """``length`` words that are the same from ``text`` and from ``canonical`` on (word indices).

    Attributes:
        text: index of the first word in the text.
        canonical: index of the first word in the canonical version.
        length: number of words.
        kind: ``moved``; or twice: aligned with something else already on one side, and here once
            more on the other.
    """

    text: int
    canonical: int
    length: int
    kind: _MoveKind

    def inverse(self) -> Move:
        """The same with the text and the canonical version changed over."""
        return Move(self.canonical, self.text, self.length, _INVERSE[self.kind])


_Span = tuple[int, int]


def find_moves(
    text: Sequence[str], canonical: Sequence[str], segments: Iterable[Segment]
) -> list[Move]:
    """Where words that the alignment left over stand in the other text.

    Linear in both texts; nothing is read if no stretch that was left over is long enough.

    Args:
        text: words in the form they were aligned in.
        canonical: the same of the canonical version.
        segments: what the alignment gave; only the open ones matter.

    >>> a, b = "a b c d e f g h x y".split(), "x y a b c d e f g h".split()
    >>> find_moves(a, b, [Segment(0, 8, 0, 0, "open"), Segment(10, 10, 2, 10, "open")])
    [Move(text=0, canonical=2, length=8, kind='moved')]
    """
    left = [segment for segment in segments if segment.kind == "open"]
    ours = [(s.text_start, s.text_stop) for s in left if s.rows >= _LEAST]
    gold = [(s.canonical_start, s.canonical_stop) for s in left if s.columns >= _LEAST]
    if (len(canonical), *canonical) < (len(text), *text):  # the same moves with sides changed over
        return [move.inverse() for move in _moves(canonical, text, gold, ours)]
    return _moves(text, canonical, ours, gold)


def _moves(
    text: Sequence[str], canonical: Sequence[str], ours: list[_Span], gold: list[_Span]
) -> list[Move]:
    moves: list[Move] = []
    if ours and gold:
        found = _search(text, ours, canonical, gold, once=True)
        moves += [Move(i, j, length, "moved") for i, j, length in found]
    if ours:
        rest = without(ours, ((move.text, move.text + move.length) for move in moves))
        found = _search(text, rest, canonical, without([(0, len(canonical))], gold))
        moves += [Move(i, j, length, "twice in text") for i, j, length in found]
    if gold:
        moved = sorted((m.canonical, m.length) for m in moves if m.kind == "moved")
        rest = without(gold, ((j, j + length) for j, length in moved))
        found = _search(canonical, rest, text, without([(0, len(text))], ours))
        moves += [Move(i, j, length, "twice in canonical") for j, i, length in found]
    return moves


def _search(
    words: Sequence[str],
    spans: Iterable[_Span],
    other: Sequence[str],
    other_spans: Iterable[_Span],
    *,
    once: bool = False,
) -> list[tuple[int, int, int]]:
    """Runs of words in ``spans`` that stand in ``other_spans`` too; there only once, if asked."""
    places: dict[tuple[str, ...], list[_Span]] = {}
    for start, stop in other_spans:
        for j in range(start, stop - _GROUP + 1):
            known = places.setdefault(tuple(other[j : j + _GROUP]), [])
            if len(known) < _TRIED:
                known.append((j, stop))
    used = bytearray(len(other))
    found: list[tuple[int, int, int]] = []
    for start, stop in spans:
        i = start
        while i + _LEAST <= stop:
            best = at = 0
            for j, end in places.get(tuple(words[i : i + _GROUP]), ()):
                most, length = min(stop - i, end - j), 0
                while (
                    length < most
                    and words[i + length] == other[j + length]
                    and not used[j + length]
                ):
                    length += 1
                if length > best:
                    best, at = length, j
            if best >= _LEAST:
                first = words[i : i + min(best, _FIRST)]
                if len(set(first)) >= _VARIED * len(first):
                    found.append((i, at, best))
                    if once:
                        used[at : at + best] = b"\1" * best
            i += best if best >= _LEAST else 1
    return found


def without(spans: Iterable[_Span], taken: Iterable[_Span]) -> list[_Span]:
    """What is left of ``spans`` where ``taken`` are cut out; both in order.

    >>> without([(0, 9)], [(2, 4)])
    [(0, 2), (4, 9)]
    """
    left: list[_Span] = []
    cuts = iter(taken)
    cut = next(cuts, None)
    for start, stop in spans:
        while cut and cut[0] < stop:
            if cut[0] > start:
                left.append((start, cut[0]))
            start = max(start, cut[1])
            cut = next(cuts, None)
        if start < stop:
            left.append((start, stop))
    return left
