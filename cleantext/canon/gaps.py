"""What differs in one gap that stands in two texts: mark by mark, then style, then spacing."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import regex

from cleantext.canon.marks import Mark
from cleantext.words import Words

__all__ = ["Gap", "GapDifference", "GapKind", "PlacedMark", "compare_gap", "place_marks"]

GapKind = Literal["mark", "quote style", "mark style", "number form", "spacing"]

_QUOTES = frozenset(("quotation", "single_quote", "apostrophe"))
_JOINS = frozenset(("hyphen", "dash"))
#: Marks that can stand for each other at the end of a phrase.
_STOPS = frozenset(
    ("period", "comma", "question", "exclamation", "colon", "semicolon", "dash", "ellipsis")
)
#: Marks whose string is content: a dollar is not a pound.
_CONTENT = frozenset(("currency", "percent", "other", "bracket"))
_BLANK = r"[^\S\n\r\x0b\x0c\x85\u2028\u2029]"
_BREAK = regex.compile(rf"(?<!{_BLANK}){_BLANK}*+[\n\r\x0b\x0c\x85\u2028\u2029]\s*")


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """A mark, its kind (:data:`cleantext.canon.marks.MARKS`) and its place in code points."""

    kind: str
    mark: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class GapDifference:
    """One difference in a gap.

    Attributes:
        kind: what kind of difference.
        marks: the kind of mark in the text and in the canonical version; empty where there is none.
        text: start and stop in the text, in code points.
        canonical: the same in the canonical version.
    """

    kind: GapKind
    marks: tuple[str, str]
    text: tuple[int, int]
    canonical: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap, or what a unit beside it leaves of it.

    Attributes:
        start: where it starts in code points.
        string: what stands there.
        marks: its marks in order; a line break comes last.
    """

    start: int
    string: str
    marks: tuple[PlacedMark, ...]

    @property
    def span(self) -> tuple[int, int]:
        """Start and stop in code points."""
        return self.start, self.start + len(self.string)

    def without_first(self) -> Gap:
        """The gap without its first character, which is a mark of its own."""
        return Gap(self.start + 1, self.string[1:], self.marks[1:])

    def place(self, mark: PlacedMark, other: Gap) -> tuple[int, int]:
        """Where a mark of the other gap would stand in this one: an empty span."""
        before = other.string[: mark.start - other.start]
        clings_behind = any(char.isspace() for char in before)
        return (self.span[1],) * 2 if clings_behind else (self.start,) * 2


def place_marks(words: Words, index: int, marks: Sequence[Mark], start: int, stop: int) -> Gap:
    """Gap ``index`` between two places in code points, with those of its marks that are there.

    Args:
        words: the text.
        index: which gap.
        marks: all marks of this gap, from :func:`cleantext.canon.marks.gap_marks`.
        start: where the part to compare starts; a unit before it may hold some of the gap.
        stop: where it stops.
    """
    gap = words.gaps[index]
    offset, _ = words.gap_span(index)
    placed: list[PlacedMark] = []
    at = 0
    for kind, mark in marks:
        if kind == "paragraph":
            found = _BREAK.search(gap)
            first, last = found.span() if found else (0, len(gap))
        else:
            first = gap.index(mark, at)
            last = at = first + len(mark)
        placed.append(PlacedMark(kind, mark, offset + first, offset + last))
    inside = tuple(mark for mark in placed if start <= mark.start and mark.stop <= stop)
    return Gap(start, gap[start - offset : stop - offset], inside)


def compare_gap(ours: Gap, gold: Gap) -> Iterator[GapDifference]:
    """What differs between two gaps; nothing if they are the same string.

    >>> from cleantext.canon.marks import gap_marks
    >>> from cleantext.words import split
    >>> a, b = split("so, he"), split("so. He")
    >>> one, other = (place_marks(w, 1, gap_marks(w)[1], *w.gap_span(1)) for w in (a, b))
    >>> list(compare_gap(one, other))
    [GapDifference(kind='mark', marks=('comma', 'period'), text=(2, 3), canonical=(2, 3))]
    """
    if ours.string == gold.string:
        return
    pairs, ours_left, gold_left = _paired(ours.marks, gold.marks)
    found = [_written(a, b) for a, b in pairs if a.mark != b.mark]
    for group in (_STOPS, _QUOTES, _JOINS):
        replaced = _replaced(ours_left, gold_left, group)
        found += [_written(a, b) for a, b in replaced]
        done = {mark for pair in replaced for mark in pair}
        ours_left = [mark for mark in ours_left if mark not in done]
        gold_left = [mark for mark in gold_left if mark not in done]
    found += [
        GapDifference("mark", (mark.kind, ""), (mark.start, mark.stop), gold.place(mark, ours))
        for mark in ours_left
    ]
    found += [
        GapDifference("mark", ("", mark.kind), ours.place(mark, gold), (mark.start, mark.stop))
        for mark in gold_left
    ]
    if not found:
        found.append(GapDifference(_unequal(ours, gold), ("", ""), ours.span, gold.span))
    yield from found


_Pairs = list[tuple[PlacedMark, PlacedMark]]


def _paired(
    ours: Iterable[PlacedMark], gold: Iterable[PlacedMark]
) -> tuple[_Pairs, list[PlacedMark], list[PlacedMark]]:
    """Marks of one kind with each other, in order; and what each side has left."""
    waiting: defaultdict[str, deque[PlacedMark]] = defaultdict(deque)
    for mark in gold:
        waiting[mark.kind].append(mark)
    pairs: _Pairs = []
    left: list[PlacedMark] = []
    for mark in ours:
        if waiting[mark.kind]:
            pairs.append((mark, waiting[mark.kind].popleft()))
        else:
            left.append(mark)
    gold_left = sorted((m for marks in waiting.values() for m in marks), key=lambda m: m.start)
    return pairs, left, gold_left


def _replaced(
    ours: Iterable[PlacedMark], gold: Iterable[PlacedMark], group: frozenset[str]
) -> _Pairs:
    return list(
        zip(
            [mark for mark in ours if mark.kind in group],
            [mark for mark in gold if mark.kind in group],
            strict=False,
        )
    )


def _written(ours: PlacedMark, gold: PlacedMark) -> GapDifference:
    """The difference between two marks that stand for each other."""
    kinds = {ours.kind, gold.kind}
    kind: GapKind = "mark"
    if kinds <= _QUOTES:
        kind = "quote style"
    elif kinds == {"decimal"}:
        kind = "number form"
    elif len(kinds) == 1 and not kinds & _CONTENT:
        kind = "mark style"
    places = (ours.start, ours.stop), (gold.start, gold.stop)
    return GapDifference(kind, (ours.kind, gold.kind), *places)


def _unequal(ours: Gap, gold: Gap) -> GapKind:
    """What differs between two gaps with the same marks: their order, or the space around them."""
    order, other = ([mark.kind for mark in gap.marks] for gap in (ours, gold))
    if order == other:
        return "spacing"
    return "quote style" if _QUOTES & {*order} else "mark style"
