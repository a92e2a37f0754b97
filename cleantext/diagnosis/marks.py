"""Where the marks of a text are lost, and its layout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from cleantext.diagnosis.evidence import KEPT, Evidence, block_marks, mark_weights
from cleantext.diagnosis.findings import Bools, Floats
from cleantext.diagnosis.reading import Copy
from cleantext.diagnosis.runs import Found, best_path, heavy_blocks, sum_by, turns

#: Evidence (log odds) enough to say that a whole block has lost its marks, a run of words inside a
#: block, and a whole text that has none.
MARKS_BLOCK, MARKS_RUN, MARKS_TEXT = 9.0, 13.0, 12.0
#: Enough for a block without capitals, in a text of which another such block has lost its marks.
SECOND = 1.0
#: A block whose casing is lost and that has no mark at all.
FLAT_CASE = 7.0
#: Words from which a single block has lost its layout: without marks, and with them.
FLAT_WORDS, LONG_WORDS = 150, 250


def lost_marks(copy: Copy, evidence: Evidence, case: Sequence[Found]) -> list[Found]:
    """Where the marks are lost."""
    first, last = copy.blocks[:-1], copy.blocks[1:] - 1
    weights = mark_weights(copy, evidence)
    scores, marked = block_marks(copy, evidence)
    block_of, bounds = copy.block_of, set(copy.blocks.tolist())
    whole = [run for run in case if run.first in bounds and run.behind in bounds]
    cased = np.zeros(len(first), bool)
    cased[block_of[[f.first for f in whole]]] = True
    sizes = np.diff(copy.blocks)
    bare = sizes[cased & (marked == 0)].sum() >= 0.9 * sizes[cased].sum()
    scores += FLAT_CASE * (cased & (marked == 0) & (sizes >= 6)) * bool(bare)
    lost = (marked == 0) & (scores >= MARKS_BLOCK)
    plain = (marked == 0) & (scores > 0)
    if sizes[plain].sum() >= 0.9 * sizes.sum() and scores[plain].sum() >= MARKS_TEXT:
        lost |= plain
    elif lost.any() and bare:
        lost |= (marked == 0) & (scores >= SECOND) & cased
    reason = "no mark where copy has them"
    found = [
        Found(int(first[k]), int(last[k]) + 1, "lost", float(scores[k]), reason)
        for k in np.flatnonzero(lost).tolist()
    ]
    parts = [run for run in case if run.first not in bounds or run.behind not in bounds]
    within = list(_flat_case_runs(parts, weights))
    taken = {int(block_of[run.first]) for run in within}
    for block in heavy_blocks(copy, weights <= KEPT, weights, MARKS_BLOCK):
        if marked[block] and block not in taken:
            found += _bare_runs(weights, int(first[block]), int(last[block]) + 1)
    return sorted(found + within, key=lambda f: f.first)


def _flat_case_runs(case: Sequence[Found], weights: Floats) -> Iterator[Found]:
    """Those of the runs without casing that have no mark at all."""
    for run in case:
        inside = weights[run.first : run.behind - 1]
        score = float(inside.sum()) + FLAT_CASE
        if len(inside) >= 5 and inside.min() > KEPT and score >= MARKS_BLOCK:
            yield Found(run.first, run.behind, "lost", score, "neither marks nor capitals")


def _bare_runs(weights: Floats, a: int, b: int) -> Iterator[Found]:
    """Runs without marks inside the block of words ``a`` to ``b``, which has some."""
    runs = turns(weights[a:b] <= KEPT)
    scores = sum_by(weights[a:b], runs)
    bounds = [*(runs + a).tolist(), b]
    for first, behind in best_path(scores.tolist(), MARKS_RUN / 2, MARKS_BLOCK / 2):
        score = float(scores[first:behind].sum())
        # the gaps are those behind the words, so the word behind the last gap belongs to the run
        end = min(bounds[behind] + 1, b)
        yield Found(bounds[first], end, "lost", score, "a stretch without the marks copy has")


def lost_layout(copy: Copy, marks: Sequence[Found], alone: Bools) -> list[Found]:
    """Blocks too long to be paragraphs, and hard-wrapped lines."""
    found = [Found(a, b, "wrapped", 8.0, "lines broken at a fixed width") for a, b in copy.wrapped]
    n = len(copy) - int(alone.sum())
    lost = np.zeros(len(copy), bool)
    for run in marks:
        lost[run.first : run.behind] = True
    lost &= ~alone
    for a, b in pairwise(copy.blocks.tolist()):
        size = b - a - int(alone[a:b].sum())
        if size > LONG_WORDS and size >= 0.9 * n:
            found.append(Found(a, b, "flat", size / 50, f"{size} words in one block"))
        elif size > FLAT_WORDS and lost[a:b].sum() > FLAT_WORDS:
            inside = np.flatnonzero(lost[a:b]) + a
            span = int(inside[0]), int(inside[-1]) + 1
            reason = f"{size} words in one block without marks"
            found.append(Found(*span, "flat", size / 50, reason))
    return found
