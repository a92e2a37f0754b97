"""What may be set where: roles that fit the words on both sides and are sure enough."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cleantext.tagger.evidence import BLANK, BROKEN, FIRST, LAST, Evidence
from cleantext.tagger.facets import Thresholds
from cleantext.tagger.grammar import Grammar

__all__ = ["allowed", "fitting", "product"]

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

#: Least probability of a break where no sentence ends: a paragraph ends in a stop, a heading not.
_HEADING = 0.5
#: Rows of a product at once.
_STRETCH = 48


def product(rows: Floats, matrix: Floats) -> Floats:
    """``rows @ matrix``, in stretches so small that BLAS does not wake its threads for them.

    They would spin while they wait, on the processors that other windows are read on.
    """
    count, inner = rows.shape
    padded = np.zeros((-(-count // _STRETCH), _STRETCH, inner), np.float32)
    padded.reshape(-1, inner)[:count] = rows
    made: Floats = np.matmul(padded, matrix).reshape(-1, matrix.shape[1])[:count]
    return made


def fitting(
    evidence: Evidence,
    rows: NDArray[np.int64],
    probabilities: Floats,
    grammar: Grammar,
    thresholds: Thresholds,
) -> Bools:
    """``bool[rows, roles]``: what may stand between the words on both sides.

    Marks inside a number must be sure enough by themselves: where ``1.5`` is not, ``1. 5`` is
    nothing to fall back on.
    """
    before, after, groups = (flags[rows] for flags in _digits(evidence.words))
    fits: Bools = grammar.between[before + 2 * after + 4 * groups]
    numbers = np.flatnonzero(before & after)
    sure = probabilities[numbers] >= thresholds.number
    fits[numbers] &= sure | ~grammar.numeric
    # no number has two points: 2 1 2 is left as it came
    points = numbers[probabilities[np.ix_(numbers, grammar.point)].sum(1) >= thresholds.number]
    doubled = points[np.isin(rows[points] + 1, rows[points])]
    fits[np.ix_(np.concatenate((doubled, doubled + 1)), grammar.point)] = False
    said = [word in ("and", "And", "AND") for word in (*evidence.words, "")]
    spoken = np.asarray([said[i] or said[i - 1] for i in rows.tolist()], bool)
    fits[np.ix_(spoken, grammar.ampersand)] = False  # "Q and A" has its and
    apart = np.flatnonzero(evidence.apart[rows])
    fits[apart] &= ~grammar.joining
    return fits


def allowed(
    probabilities: Floats,
    facets: Floats,
    floor: Floats,
    matrix: Floats,
    evidence: Evidence,
    rows: NDArray[np.int64],
    grammar: Grammar,
) -> Bools:
    """``bool[rows, roles]``: sure enough, and fit for the kind of gap."""
    found: Bools = product((facets < floor).astype(np.float32), matrix.T) < 0.5
    found &= probabilities > 0
    kinds = evidence.kinds[rows]
    closed = np.flatnonzero(~evidence.layout[rows])
    found[closed] &= ~grammar.breaks
    broken = kinds == BROKEN
    heading = broken | (probabilities[:, grammar.loose].sum(axis=1) >= _HEADING)
    found &= heading[:, None] | ~grammar.loose
    found[broken] &= grammar.breaks
    found[kinds == FIRST] &= grammar.first
    found[kinds == LAST] &= grammar.last
    found[(kinds == BLANK) | (kinds == FIRST) | (kinds == LAST), 0] = True
    found[broken, grammar.plain_break] = True
    return found


def _digits(words: Sequence[str]) -> tuple[Bools, Bools, Bools]:
    """For each gap: a digit before it, a digit after it, three figures after and few before."""
    n = len(words)
    before, after = np.zeros(n + 1, bool), np.zeros(n + 1, bool)
    groups = np.zeros(n + 1, bool)
    run = 0
    for i, word in enumerate(words):
        last = word[-1].isdigit()
        if last:
            before[i + 1] = True
        if word[0].isdigit():
            after[i] = True
            if run and len(word) == 3 and word.isdigit():
                groups[i] = run <= 3 and not (run == 3 and _lists(words, i))
            run = len(word) if word.isdigit() else 0
        else:
            run = 0
    return before, after, groups


def _lists(words: Sequence[str], i: int) -> bool:
    """Whether a number of three figures is one of several: ``routes 402 555 and 614``."""
    after = words[i + 1 : i + 4]
    numbers = [word.isdigit() and len(word) <= 3 for word in after[1:]]
    return after[:1] in (["and"], ["or"]) and numbers[:1] == [True] and numbers[1:] != [True]
