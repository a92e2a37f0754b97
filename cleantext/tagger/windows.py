"""Windows: how a text of any length is read by a network that sees 256 subwords at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

__all__ = ["MARGIN", "SIZE", "Window", "windows"]

#: Subwords a window holds, the two special ones included.
SIZE = 256
#: Subwords at an inner edge of a window whose words are read in the neighbouring one.
MARGIN = 16


@dataclass(frozen=True, slots=True)
class Window:
    """A range of words to read, and the part of it to keep.

    Attributes:
        start: first word read.
        stop: behind the last word read.
        keep_start: first word whose case is kept; the gap before it is kept only in the first
        window. keep_stop: behind the last word kept; the gap behind each kept word is kept.
    """

    start: int
    stop: int
    keep_start: int
    keep_stop: int


def windows(lengths: Sequence[int], *, size: int = SIZE, margin: int = MARGIN) -> list[Window]:
    """Windows over words of the given lengths; each word is kept in exactly one.

    Args:
        lengths: subwords of each word, each from 1 to ``size - 2 - 2 * margin``.
        size: subwords a window may hold, the two special ones included.
        margin: subwords to read beyond what is kept, on each side that has a neighbour.

    The windows are spread evenly, so that no text ends in a short rest read without context.

    >>> [(w.start, w.stop, w.keep_start, w.keep_stop) for w in windows([1] * 10, size=8, margin=1)]
    [(0, 6, 0, 3), (1, 7, 3, 6), (4, 10, 6, 10)]
    """
    room = size - 2
    bounds = [0, *accumulate(lengths)]
    total = bounds[-1]
    if total <= room:
        return [Window(0, len(lengths), 0, len(lengths))] if lengths else []
    limit = room - 2 * margin
    count = -(-total // limit)
    made: list[Window] = []
    word = 0
    while word < len(lengths):
        goal = total * (len(made) + 1) / count
        keep_start, used = word, 0
        while word < len(lengths) and (not used or used + lengths[word] <= limit):
            if used and bounds[word + 1] > goal:
                break
            used += lengths[word]
            word += 1
        made.append(_widen(lengths, keep_start, word, room))
    return made


def _widen(lengths: Sequence[int], keep_start: int, keep_stop: int, room: int) -> Window:
    """Read as many words around the kept ones as fit, evenly on both sides."""
    start, stop = keep_start, keep_stop
    left = room - sum(lengths[start:stop])
    grown = True
    while grown:
        grown = False
        if start > 0 and lengths[start - 1] <= left:
            start -= 1
            left -= lengths[start]
            grown = True
        if stop < len(lengths) and lengths[stop] <= left:
            left -= lengths[stop]
            stop += 1
            grown = True
    return Window(start, stop, keep_start, keep_stop)
