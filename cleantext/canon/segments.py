"""Two aligned texts in segments: words that are the same, variants of one thing, and the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cleantext.canon.align import Alignment, Block, align
from cleantext.canon.variants import Unit, find_units
from cleantext.words import Words, lower_words

__all__ = ["Segment", "lowered", "segments"]


#: Most equal words that can be the same by chance, and how many times as many words, of both texts
#: together, must differ on each side.
_CHANCE, _BESIDE = 3, 4


@dataclass(frozen=True, slots=True)
class Segment:
    """Half-open ranges of word indices of both texts that belong together.

    Attributes:
        text_start: first word of the text.
        text_stop: behind its last word.
        canonical_start: first word of the canonical version.
        canonical_stop: behind its last word.
        kind: ``same`` words, a ``variant`` of one thing, or ``open``: words that differ, where one
            of the ranges may be empty.
        ours: the unit of the text in a variant; None if it is a plain word.
        gold: the same of the canonical version.
    """

    text_start: int
    text_stop: int
    canonical_start: int
    canonical_stop: int
    kind: Literal["same", "variant", "open"]
    ours: Unit | None = None
    gold: Unit | None = None

    @property
    def rows(self) -> int:
        """Number of words of the text."""
        return self.text_stop - self.text_start

    @property
    def columns(self) -> int:
        """Number of words of the canonical version."""
        return self.canonical_stop - self.canonical_start


def lowered(words: Words) -> list[str]:
    """The words in the form they are aligned in."""
    return list(lower_words(words.words))


def segments(text: Words, canonical: Words, alignment: Alignment) -> list[Segment]:
    """The segments of two aligned texts, in order; they hold every word of both once.

    >>> from cleantext.words import split
    >>> a, b = split("the U.S. criticised it"), split("the United States criticized it")
    >>> [(s.kind, s.rows, s.columns) for s in segments(a, b, align(lowered(a), lowered(b)))]
    [('same', 1, 1), ('variant', 2, 2), ('variant', 1, 1), ('same', 1, 1)]
    """
    sides = _Side.of(text), _Side.of(canonical)
    found: list[Segment] = []
    i = j = 0
    end = Block(len(text), len(text), len(canonical), len(canonical))
    for block, parts in [*_widened(alignment.blocks, *sides), (end, [])]:
        if block.text_start > i:
            found.append(Segment(i, block.text_start, j, block.canonical_start, "same"))
        found += _read(block, parts, *sides)
        i, j = block.text_stop, block.canonical_stop
    return _without_chance(found)


def _without_chance(found: Sequence[Segment]) -> list[Segment]:
    """The segments with words that are the same by chance made part of what stands around them.

    Where a paragraph was written anew, ``the`` and ``of the`` stand in both versions.
    """
    kept: list[list[Segment]] = []
    for segment in found:
        if segment.kind != "open" and kept and kept[-1][0].kind != "open":
            kept[-1].append(segment)
            continue
        kept.append([segment])
        while segment.kind == "open" and len(kept) > 2 and _by_chance(*kept[-3:]):
            (first,), _, (last,) = kept[-3:]
            i, j = first.text_start, first.canonical_start
            kept[-3:] = [[replace(last, text_start=i, canonical_start=j)]]
    return [segment for run in kept for segment in run]


def _by_chance(before: list[Segment], run: list[Segment], behind: list[Segment]) -> bool:
    """Whether a short run stands between two stretches that are long beside it."""
    length = max(sum(s.rows for s in run), sum(s.columns for s in run))
    least = _BESIDE * length + 2
    return (
        length <= _CHANCE
        and before[0].rows + before[0].columns >= least
        and behind[0].rows + behind[0].columns >= least
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """One text: its words in small letters, and the unit each word belongs to, if any."""

    low: list[str]
    unit: list[Unit | None]

    @classmethod
    def of(cls, words: Words) -> _Side:
        unit: list[Unit | None] = [None] * len(words)
        for found in find_units(words):
            unit[found.start : found.stop] = [found] * (found.stop - found.start)
        return cls(lowered(words), unit)

    def before(self, index: int) -> int:
        """Words before ``index`` that belong to a unit that goes on there."""
        unit = self.unit[index] if index < len(self.unit) else None
        return index - unit.start if unit else 0

    def behind(self, index: int) -> int:
        """Words from ``index`` on that belong to a unit that began before."""
        unit = self.unit[index - 1] if index else None
        return unit.stop - index if unit else 0

    def units(self, start: int, stop: int) -> list[tuple[str, int, int, Unit | None]]:
        """The keys and places of units and plain words between two borders of units."""
        found: list[tuple[str, int, int, Unit | None]] = []
        while start < stop:
            unit = self.unit[start]
            behind = unit.stop if unit else start + 1
            found.append((unit.key if unit else self.low[start], start, behind, unit))
            start = behind
        return found


def _widened(blocks: Sequence[Block], ours: _Side, gold: _Side) -> list[tuple[Block, list[Block]]]:
    """Blocks widened over equal words until they cut no unit, with the blocks they are made of."""
    found: list[tuple[Block, list[Block]]] = []
    at = 0
    while at < len(blocks):
        block, parts = blocks[at], [blocks[at]]
        at += 1
        while True:
            start, stop = block.text_start, block.text_stop
            left = max(ours.before(start), gold.before(block.canonical_start))
            right = max(ours.behind(stop), gold.behind(block.canonical_stop))
            if left and found and start - left < found[-1][0].text_stop:
                last, before = found.pop()
                before += parts
                block, parts = _joined(last, block), before
            elif right and at < len(blocks) and stop + right > blocks[at].text_start:
                block = _joined(block, blocks[at])
                parts.append(blocks[at])
                at += 1
            elif left or right:
                gold_start, gold_stop = block.canonical_start, block.canonical_stop
                block = Block(start - left, stop + right, gold_start - left, gold_stop + right)
            else:
                break
        found.append((block, parts))
    return found


def _joined(first: Block, last: Block) -> Block:
    return replace(last, text_start=first.text_start, canonical_start=first.canonical_start)


def _read(block: Block, parts: Sequence[Block], ours: _Side, gold: _Side) -> Iterator[Segment]:
    """The segments of a widened block: its variants if it has any, else its parts as they were."""
    rows = ours.units(block.text_start, block.text_stop)
    columns = gold.units(block.canonical_start, block.canonical_stop)
    if not any(entry[3] for entry in (*rows, *columns)):
        yield from _plain(block, parts)
        return
    paired = align([row[0] for row in rows], [column[0] for column in columns])
    pairs = [(rows[x], columns[y]) for x, y in paired.pairs() if _agree(rows[x], columns[y])]
    if all(_same(ours, gold, row, column) for row, column in pairs):
        yield from _plain(block, parts)
        return
    i, j = block.text_start, block.canonical_start
    for row, column in pairs:
        yield from _open(ours, gold, i, row[1], j, column[1])
        i, j = row[2], column[2]
        place = (row[1], i, column[1], j)
        if _same(ours, gold, row, column):
            yield Segment(*place, "same")
        else:
            yield Segment(*place, "variant", row[3], column[3])
    yield from _open(ours, gold, i, block.text_stop, j, block.canonical_stop)


_Entry = tuple[str, int, int, Unit | None]


def _agree(row: _Entry, column: _Entry) -> bool:
    """Whether two units with one key are no contradiction: $5 and £5 are."""
    ours, gold = (
        entry[3].number.money if entry[3] and entry[3].number else "" for entry in (row, column)
    )
    return not (ours and gold) or ours.endswith(gold) or gold.endswith(ours)


def _same(ours: _Side, gold: _Side, row: _Entry, column: _Entry) -> bool:
    return ours.low[row[1] : row[2]] == gold.low[column[1] : column[2]]


def _plain(block: Block, parts: Sequence[Block]) -> Iterator[Segment]:
    """The parts of a block that was widened in vain, with the equal words between them."""
    i, j = block.text_start, block.canonical_start
    end = Block(block.text_stop, block.text_stop, block.canonical_stop, block.canonical_stop)
    for part in (*parts, end):
        if part.text_start > i:
            yield Segment(i, part.text_start, j, part.canonical_start, "same")
        i, j = part.text_stop, part.canonical_stop
        if part is not end:
            yield Segment(part.text_start, i, part.canonical_start, j, "open")


def _open(ours: _Side, gold: _Side, i: int, i_stop: int, j: int, j_stop: int) -> Iterator[Segment]:
    """What differs between two variants, without the equal words at its ends."""
    head = tail = 0
    most = min(i_stop - i, j_stop - j)
    while head < most and ours.low[i + head] == gold.low[j + head]:
        head += 1
    while tail < most - head and ours.low[i_stop - 1 - tail] == gold.low[j_stop - 1 - tail]:
        tail += 1
    if head:
        yield Segment(i, i + head, j, j + head, "same")
    if i_stop - i > head + tail or j_stop - j > head + tail:
        yield Segment(i + head, i_stop - tail, j + head, j_stop - tail, "open")
    if tail:
        yield Segment(i_stop - tail, i_stop, j_stop - tail, j_stop, "same")
