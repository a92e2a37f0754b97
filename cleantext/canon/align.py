"""Word alignment of two texts: the words they share in order, and the blocks that differ.

The alignment hangs on *anchors* (runs of words that stand exactly once in each text and in the same
order), as patience diff does, and is the one of least edit distance between two anchors. Least edit
distance alone would line up two unrelated stretches word by word rather than find the paragraph
that stands at the end of one text and at the start of the other. This is the home of rapidfuzz.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise, starmap
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel, Levenshtein, Opcodes

__all__ = ["Alignment", "Block", "BlockKind", "Run", "align", "edit_distance"]

#: Words in an anchor. Three are too often the same by chance (``one of the``), with eight a text in
#: which every fifth word differs has none.
ANCHOR = 4
#: Blocks of up to this size (words times words) are searched for equal words once more; that search
#: keeps a whole table in memory.
CLOSE = 250_000

BlockKind = Literal["added", "missing", "replaced"]


@dataclass(frozen=True, slots=True)
class Run:
    """``length`` words that are the same from ``text`` and from ``canonical`` on (word indices)."""

    text: int
    canonical: int
    length: int


@dataclass(frozen=True, slots=True)
class Block:
    """Words that differ: half-open ranges of word indices, one of which may be empty."""

    text_start: int
    text_stop: int
    canonical_start: int
    canonical_stop: int

    @property
    def kind(self) -> BlockKind:
        """``added`` (only the text has words), ``missing`` (only the canonical) or ``replaced``.

        >>> Block(3, 4, 3, 3).kind
        'added'
        """
        if self.canonical_start == self.canonical_stop:
            return "added"
        return "missing" if self.text_start == self.text_stop else "replaced"


@dataclass(frozen=True, slots=True)
class Alignment:
    """Two sequences of words side by side.

    Attributes:
        text_length: number of words in the text.
        canonical_length: number of words in the canonical version.
        runs: the equal words, in order; each run is as long as it can be.
        distance: least number of words to add, drop or replace to make one sequence the other. It
            is exact, and below what the blocks add up to where an anchor costs more than it saves.
    """

    text_length: int
    canonical_length: int
    runs: tuple[Run, ...]
    distance: int

    @property
    def identical(self) -> bool:
        """Whether the two sequences of words are the same."""
        return self.distance == 0

    @property
    def matched(self) -> int:
        """Number of words that are aligned with an equal one."""
        return sum(run.length for run in self.runs)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What stands between the runs; runs and blocks together hold every word once.

        >>> align(["a", "u", "s", "ship"], ["a", "us", "ship"]).blocks
        (Block(text_start=1, text_stop=3, canonical_start=1, canonical_stop=2),)
        """
        blocks: list[Block] = []
        i = j = 0
        for run in (*self.runs, Run(self.text_length, self.canonical_length, 0)):
            if (i, j) != (run.text, run.canonical):
                blocks.append(Block(i, run.text, j, run.canonical))
            i, j = run.text + run.length, run.canonical + run.length
        return tuple(blocks)

    def pairs(self) -> Iterator[tuple[int, int]]:
        """The indices of equal words, text first."""
        for run in self.runs:
            yield from zip(
                range(run.text, run.text + run.length),
                range(run.canonical, run.canonical + run.length),
                strict=True,
            )

    def gap_runs(self) -> tuple[Run, ...]:
        """The gaps that can be compared, as runs of gap indices.

        Those between two words that are neighbours in both texts, the first gap where the first
        words are aligned, and the last one where the last words are. Two texts without a word have
        one gap to compare.

        >>> align(["a", "b"], ["a", "b", "c"]).gap_runs()
        (Run(text=0, canonical=0, length=2),)
        """
        if not self.text_length and not self.canonical_length:
            return (Run(0, 0, 1),)
        found: list[Run] = []
        for run in self.runs:
            first = 0 if run.text == run.canonical == 0 else 1
            end = (run.text + run.length, run.canonical + run.length)
            last = run.length + (end == (self.text_length, self.canonical_length))
            if last > first:
                found.append(Run(run.text + first, run.canonical + first, last - first))
        return tuple(found)

    def inverse(self) -> Alignment:
        """The same alignment with the text and the canonical version changed over."""
        runs = tuple(Run(run.canonical, run.text, run.length) for run in self.runs)
        return Alignment(self.canonical_length, self.text_length, runs, self.distance)


def align(text: Sequence[str], canonical: Sequence[str]) -> Alignment:
    """Align two sequences of words; equal strings are equal words.

    The result does not depend on the order: ``align(a, b) == align(b, a).inverse()``. Cost is
    linear between anchors, and for texts that share no word; where there is no anchor it is
    quadratic at about half a second for two unrelated texts of 100,000 words each.

    Args:
        text: words in the form to compare (see :func:`cleantext.words.lower_word`).
        canonical: words of the canonical version, in the same form.

    >>> align("the cat sat".split(), "the cat has sat".split()).runs
    (Run(text=0, canonical=0, length=2), Run(text=2, canonical=3, length=1))
    """
    text, canonical = tuple(text), tuple(canonical)
    if text == canonical:
        runs = (Run(0, 0, len(text)),) if text else ()
        return Alignment(len(text), len(canonical), runs, 0)
    if (len(canonical), canonical) < (len(text), text):
        return align(canonical, text).inverse()
    head = _common_head(text, canonical)
    tail = _common_tail(text, canonical, min(len(text), len(canonical)) - head)
    a, b = _numbered(text[head : len(text) - tail], canonical[head : len(canonical) - tail])
    between, distance = _align_numbers(a, b)
    found = [(0, 0, head)]
    found += [(head + i, head + j, length) for i, j, length in between]
    found.append((len(text) - tail, len(canonical) - tail, tail))
    return Alignment(len(text), len(canonical), tuple(starmap(Run, _merged(found))), distance)


def edit_distance(text: Sequence[str], canonical: Sequence[str]) -> int:
    """Least number of words to add, drop or replace to make one sequence the other.

    >>> edit_distance("the cat sat".split(), "a cat has sat".split())
    2
    """
    return Levenshtein.distance(*_numbered(text, canonical))


def _common_head(a: Sequence[str], b: Sequence[str]) -> int:
    """How many words the two begin with in common."""
    for i, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return i
    return min(len(a), len(b))


def _common_tail(a: Sequence[str], b: Sequence[str], most: int) -> int:
    """How many words the two end with in common, at the most ``most``."""
    for i in range(most):
        if a[-1 - i] != b[-1 - i]:
            return i
    return most


def _numbered(a: Sequence[str], b: Sequence[str]) -> tuple[list[int], list[int]]:
    """Each distinct word as a number: rapidfuzz compares hashes, and those of strings collide."""
    numbers = dict(zip(dict.fromkeys((*a, *b)), count(), strict=False))
    return list(map(numbers.__getitem__, a)), list(map(numbers.__getitem__, b))


#: A run while it is searched for (building many dataclasses would cost more than the search).
_Equal = tuple[int, int, int]


def _align_numbers(a: list[int], b: list[int]) -> tuple[list[_Equal], int]:
    """Equal runs in order, not yet merged, and the exact edit distance."""
    if set(a).isdisjoint(b):
        return [], max(len(a), len(b))
    anchors = _anchors(a, b)
    runs: list[_Equal] = []
    i = j = 0
    for text, canonical, length in (*anchors, (len(a), len(b), 0)):
        if i < text and j < canonical:
            between = _least_edits(a[i:text], b[j:canonical])
            runs += [(i + x, j + y, size) for x, y, size in between]
        runs.append((text, canonical, length))
        i, j = text + length, canonical + length
    distance = _cost(runs, len(a), len(b))
    if anchors and distance > 1:
        # The cost of this alignment bounds the distance, which keeps the search in a narrow band.
        distance = Levenshtein.distance(a, b, score_cutoff=distance, score_hint=distance)
    return runs, distance


def _least_edits(a: list[int], b: list[int]) -> list[_Equal]:
    """The equal runs of an alignment of least edit distance, with as many words as come cheap.

    Replacing every word of a block often costs no more than keeping one that is equal
    (``on u s`` and ``down on us``), and rapidfuzz then replaces.
    """
    if len(a) == len(b) == 1 and a != b:
        return []
    found: list[_Equal] = []
    i = j = 0
    for run in (*_equal(Levenshtein.opcodes(a, b)), (len(a), len(b), 0)):
        text, canonical, length = run
        rows, columns = text - i, canonical - j
        if rows and columns and 1 < rows * columns <= CLOSE:
            ours, gold = a[i:text], b[j:canonical]
            if not set(ours).isdisjoint(gold):
                kept = _equal(Indel.opcodes(ours, gold))
                if _cost(kept, rows, columns) <= max(rows, columns):
                    found += [(i + x, j + y, size) for x, y, size in kept]
        found.append(run)
        i, j = text + length, canonical + length
    return found


def _equal(opcodes: Opcodes) -> list[_Equal]:
    """The equal runs of rapidfuzz's opcodes."""
    return [
        (op.src_start, op.dest_start, op.src_end - op.src_start)
        for op in opcodes
        if op.tag == "equal"
    ]


def _cost(runs: Iterable[_Equal], rows: int, columns: int) -> int:
    """Words added, missing or changed under an alignment with these equal runs."""
    cost = end_i = end_j = 0
    for i, j, length in (*runs, (rows, columns, 0)):
        between, other = i - end_i, j - end_j
        cost += between if between > other else other
        end_i, end_j = i + length, j + length
    return cost


def _anchors(a: list[int], b: list[int]) -> list[_Equal]:
    """Runs of words that stand once in each sequence, in the same order."""
    anchors: list[_Equal] = []
    end_i = end_j = 0
    for i, j, length in _in_order(_matches(a, b)):
        # two anchors may overlap in one of the sequences by less than their length
        skip = max(end_i - i, end_j - j, 0)
        left = length + ANCHOR - 1 - skip
        if left > 0:
            anchors.append((i + skip, j + skip, left))
            end_i, end_j = i + skip + left, j + skip + left
    return _merged(anchors)


def _matches(a: list[int], b: list[int]) -> list[_Equal]:
    """The groups of ``ANCHOR`` neighbours that stand once in each sequence; by place in ``a``.

    A run of ``length`` says that so many groups that follow each other in one sequence do so in
    the other one.
    """
    if min(len(a), len(b)) < ANCHOR:
        return []
    ours, gold, size = _grams(a, b)
    once = (np.bincount(ours, minlength=size) == 1) & (np.bincount(gold, minlength=size) == 1)
    places = np.zeros(size, np.int64)
    places[gold] = np.arange(len(gold))
    i = np.flatnonzero(once[ours])
    j = places[ours[i]]
    breaks = np.flatnonzero((np.diff(i) != 1) | (np.diff(j) != 1)) + 1
    starts = np.concatenate(([0], breaks)) if len(i) else breaks
    lengths = np.diff(np.append(starts, len(i)))
    return list(zip(i[starts].tolist(), j[starts].tolist(), lengths.tolist(), strict=True))


_Numbers = NDArray[np.int64]


def _grams(a: list[int], b: list[int]) -> tuple[_Numbers, _Numbers, int]:
    """Each group of ``ANCHOR`` (a power of two) neighbours as a number, and how many there are.

    Pairs are numbered, then pairs of pairs, so that no number leaves 64 bits.
    """
    ours, gold = np.array(a, np.int64), np.array(b, np.int64)
    size = max(int(ours.max()), int(gold.max())) + 1
    reach = 1
    while reach < ANCHOR:
        pairs = [x[:-reach] * size + x[reach:] for x in (ours, gold)]
        found, numbers = np.unique(np.concatenate(pairs), return_inverse=True)
        ours, gold = numbers[: len(pairs[0])], numbers[len(pairs[0]) :]
        size = len(found)
        reach *= 2
    return ours, gold, size


def _in_order(matches: list[_Equal]) -> list[_Equal]:
    """The longest chain of matches that goes forward in both sequences."""
    if all(one[1] < other[1] for one, other in pairwise(matches)):
        return matches
    single = [(i + k, j + k) for i, j, length in matches for k in range(length)]
    return [(i, j, 1) for i, j in _longest_increasing(single)]


def _longest_increasing(matches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest chain of matches that goes forward in both sequences (by patience sorting).

    Args:
        matches: pairs of indices, sorted by the first.
    """
    tops: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for index, (_, j) in enumerate(matches):
        pile = bisect_left(tops, j)
        before.append(piles[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(j)
            piles.append(index)
        else:
            tops[pile], piles[pile] = j, index
    chain: list[tuple[int, int]] = []
    index = piles[-1] if piles else -1
    while index >= 0:
        chain.append(matches[index])
        index = before[index]
    return chain[::-1]


def _merged(runs: Iterable[_Equal]) -> list[_Equal]:
    """Runs that touch in both sequences made one, empty ones left out."""
    merged: list[_Equal] = []
    start = canonical_start = end = canonical_end = 0
    for i, j, length in runs:
        if not length:
            continue
        if (i, j) != (end, canonical_end):
            if end > start:
                merged.append((start, canonical_start, end - start))
            start, canonical_start = i, j
        end, canonical_end = i + length, j + length
    if end > start:
        merged.append((start, canonical_start, end - start))
    return merged
