"""Runs of words: sums of evidence over them, and the best path through kept and damaged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cleantext.diagnosis.findings import Bools, Floats, Ints
from cleantext.diagnosis.reading import Copy


@dataclass(frozen=True, slots=True)
class Found:
    """Words ``first`` to ``behind`` are damaged; ``score`` is the evidence, in log odds."""

    first: int
    behind: int
    form: str
    score: float
    reason: str


def sum_by(values: Floats | Bools, first: Ints) -> Floats:
    """The sum of the values from each place in ``first`` to the next."""
    sums: Floats = np.add.reduceat(values, first, dtype=np.float64)
    return sums


def block_shares(copy: Copy, part: Bools, whole: Bools) -> Floats:
    """Of each block, the share that ``part`` is of ``whole``."""
    first = copy.blocks[:-1]
    parts = np.add.reduceat(part, first, dtype=np.int64)
    wholes = np.add.reduceat(whole, first, dtype=np.int64)
    shares: Floats = parts / np.maximum(wholes, 1)
    return shares


def heavy_blocks(copy: Copy, breaks: Bools, weights: Floats, least: float) -> list[int]:
    """Blocks that hold a run, between two breaks, of at least this weight (below 0 counts as 0)."""
    turn = breaks.copy()
    turn[copy.blocks[:-1]] = True
    runs = np.flatnonzero(turn)
    heavy = runs[sum_by(np.maximum(weights, 0.0), runs) >= least]
    return [int(block) for block in np.unique(copy.block_of[heavy])]


def turns(kinds: Bools) -> Ints:
    """Where runs of equal values begin."""
    turn = np.ones(len(kinds), bool)
    turn[1:] = kinds[1:] != kinds[:-1]
    return np.flatnonzero(turn)


def best_path(scores: Sequence[float], switch: float, edge: float) -> Iterator[tuple[int, int]]:
    """Ranges of items that are damaged on the best of all paths through kept and damaged.

    Args:
        scores: log odds of each item.
        switch: what a change between kept and damaged costs.
        edge: what it costs to begin or to end damaged.
    """
    kept, lost = 0.0, -edge
    entered: list[bool] = []
    left: list[bool] = []
    for score in scores:
        entered.append(kept - switch > lost)
        left.append(lost - switch > kept)
        kept, lost = max(kept, lost - switch), max(lost, kept - switch) + score
    inside, behind = lost - edge > kept, len(scores)
    for i in range(len(scores) - 1, -1, -1):
        if inside and entered[i]:
            yield i, behind
            inside = False
        elif not inside and left[i]:
            inside, behind = True, i
    if inside:
        yield 0, behind
