"""Windows: how a text of any length is read by a network that sees 256 subwords at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

__all__ = ["MARGIN", "SIZE", "Window", "windows"]

#: Subwords a window holds, the two special ones included.
SIZE = 256
#: Subwords at an inner edge of a window whose words are read in the neighbouring one.
MARGIN = 32


@dataclass(frozen=True, slots=True)
class Window:
    """A range of words to read, and the part of it to keep.

    Attributes:
        start: first word read.
        stop: behind the last word read.
        keep_start: first word whose case is kept; the gap before it is kept only in the first
            window.
        keep_stop: behind the last word kept; the gap behind each kept word is kept.
    """

    start: int
    stop: int
    keep_start: int
    keep_stop: int


def windows(lengths: Sequence[int], *, size: int = SIZE, margin: int = MARGIN) -> list[Window]:
    """As few windows as can be over words of the given lengths; each word is kept in one.

    Args:
        lengths: subwords of each word, each from 1 to ``size - 2 - 2 * margin``.
        size: subwords a window may hold, the two special ones included.
        margin: subwords to read beyond what is kept, on each side that has a neighbour.

    All windows read about as many subwords, so that no text ends in a short rest.

    >>> [(w.start, w.stop, w.keep_start, w.keep_stop) for w in windows([1] * 10, size=8, margin=1)]
    [(0, 6, 0, 5), (4, 10, 5, 10)]
    """
    room = size - 2
    bounds = [0, *accumulate(lengths)]
    total, n = bounds[-1], len(lengths)
    if total <= room:
        return [Window(0, n, 0, n)] if n else []
    count = -(-(total - 2 * margin) // (room - 2 * margin))
    each = (total + 2 * margin * (count - 1)) / count
    made: list[Window] = []
    word = 0
    while word < n:
        start, one_sided = word, bounds[word] + room - margin
        limit = one_sided - margin if made else one_sided
        goal = each * (len(made) + 1) - margin * (2 * len(made) + 1)
        if total <= one_sided:
            word = n
        while word < n and (word == start or bounds[word + 1] <= min(goal, limit)):
            word += 1
        made.append(_widen(bounds, start, word, room, margin))
    return made


def _widen(
    bounds: Sequence[int], keep_start: int, keep_stop: int, room: int, margin: int
) -> Window:
    """Read the margin before and behind the kept words, and not a word more."""
    start, stop = keep_start, keep_stop
    while start and bounds[keep_start] - bounds[start] < margin:
        start -= 1
    while stop + 1 < len(bounds) and bounds[stop] - bounds[keep_stop] < margin:
        stop += 1
    while bounds[stop] - bounds[start] > room:  # a long word at the margin's far end
        if bounds[keep_start] - bounds[start] > bounds[stop] - bounds[keep_stop]:
            start += 1
        else:
            stop -= 1
    return Window(start, stop, keep_start, keep_stop)
