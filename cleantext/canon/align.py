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
from typing import Literal

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
    linear between anchors; where there are none it is quadratic at about half a second for two
    unrelated texts of 100,000 words each.

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
    rest, canonical_rest = text[head:], canonical[head:]
    tail = _common_head(rest[::-1], canonical_rest[::-1])
    a, b = _numbered(rest[: len(rest) - tail], canonical_rest[: len(canonical_rest) - tail])
    runs_between, distance = _align_numbers(a, b)
    found = [Run(0, 0, head)]
    found += [Run(head + run.text, head + run.canonical, run.length) for run in runs_between]
    found.append(Run(len(text) - tail, len(canonical) - tail, tail))
    return Alignment(len(text), len(canonical), _merged(found), distance)


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


def _numbered(a: Sequence[str], b: Sequence[str]) -> tuple[list[int], list[int]]:
    """Each distinct word as a number: rapidfuzz compares hashes, and those of strings collide."""
    numbers: dict[str, int] = {}
    first = [numbers.setdefault(word, len(numbers)) for word in a]
    return first, [numbers.setdefault(word, len(numbers)) for word in b]


def _align_numbers(a: list[int], b: list[int]) -> tuple[list[Run], int]:
    """Equal runs in order, not yet merged, and the exact edit distance."""
    anchors = _anchors(a, b)
    runs: list[Run] = []
    i = j = 0
    for anchor in (*anchors, Run(len(a), len(b), 0)):
        between = _least_edits(a[i : anchor.text], b[j : anchor.canonical])
        runs += [Run(i + run.text, j + run.canonical, run.length) for run in between]
        runs.append(anchor)
        i, j = anchor.text + anchor.length, anchor.canonical + anchor.length
    distance = _cost(runs, len(a), len(b))
    if anchors and distance > 1:
        # The cost of this alignment bounds the distance, which keeps the search in a narrow band.
        distance = Levenshtein.distance(a, b, score_cutoff=distance, score_hint=distance)
    return runs, distance


def _least_edits(a: list[int], b: list[int]) -> list[Run]:
    """The equal runs of an alignment of least edit distance, with as many words as come cheap.

    Replacing every word of a block often costs no more than keeping one that is equal
    (``on u s`` and ``down on us``), and rapidfuzz then replaces.
    """
    runs = _equal(Levenshtein.opcodes(a, b))
    found: list[Run] = []
    i = j = 0
    for run in (*runs, Run(len(a), len(b), 0)):
        rows, columns = run.text - i, run.canonical - j
        if rows and columns and 1 < rows * columns <= CLOSE:
            kept = _equal(Indel.opcodes(a[i : run.text], b[j : run.canonical]))
            if _cost(kept, rows, columns) <= max(rows, columns):
                found += [Run(i + k.text, j + k.canonical, k.length) for k in kept]
        found.append(run)
        i, j = run.text + run.length, run.canonical + run.length
    return found


def _equal(opcodes: Opcodes) -> list[Run]:
    """The equal runs of rapidfuzz's opcodes."""
    return [
        Run(op.src_start, op.dest_start, op.src_end - op.src_start)
        for op in opcodes
        if op.tag == "equal"
    ]


def _cost(runs: Iterable[Run], rows: int, columns: int) -> int:
    """Words added, missing or changed under an alignment with these equal runs."""
    cost = i = j = 0
    for run in (*runs, Run(rows, columns, 0)):
        cost += max(run.text - i, run.canonical - j)
        i, j = run.text + run.length, run.canonical + run.length
    return cost


def _anchors(a: list[int], b: list[int]) -> list[Run]:
    """Runs of words that stand once in each sequence, in the same order."""
    places = _unique_places(b)
    matches = [(i, places[gram]) for gram, i in _unique_places(a).items() if gram in places]
    anchors: list[Run] = []
    end_a = end_b = 0
    for i, j in _longest_increasing(matches):
        skip = max(end_a - i, end_b - j, 0)
        length = ANCHOR - skip
        if length > 0:
            anchors.append(Run(i + skip, j + skip, length))
            end_a, end_b = i + ANCHOR, j + ANCHOR
    return list(_merged(anchors))


def _unique_places(numbers: list[int]) -> dict[tuple[int, ...], int]:
    """Where each group of ``ANCHOR`` neighbours stands that stands only once, in order."""
    places: dict[tuple[int, ...], int] = {}
    repeated: set[tuple[int, ...]] = set()
    grams = zip(*(numbers[k:] for k in range(ANCHOR)), strict=False)
    for i, gram in enumerate(grams):
        if gram in places:
            repeated.add(gram)
        else:
            places[gram] = i
    for gram in repeated:
        del places[gram]
    return places


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


def _merged(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Runs that touch in both sequences made one, empty ones left out."""
    merged: list[Run] = []
    for run in runs:
        if not run.length:
            continue
        last = merged[-1] if merged else None
        if last and (last.text + last.length, last.canonical + last.length) == (
            run.text,
            run.canonical,
        ):
            merged[-1] = Run(last.text, last.canonical, last.length + run.length)
        else:
            merged.append(run)
    return tuple(merged)
