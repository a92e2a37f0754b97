"""Where sentences begin, once every gap is decided."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cleantext.tagger.evidence import Evidence
from cleantext.tagger.grammar import Grammar

__all__ = ["sentence_starts"]

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


def sentence_starts(
    roles: NDArray[np.int16],
    evidence: Evidence,
    grammar: Grammar,
    rows: NDArray[np.int64],
    probabilities: Floats,
) -> Bools:
    """``bool[n]``: whether a sentence begins at each word.

    Behind a stop that survived, what counts is the share of the roles with a stop that begin one.
    """
    with_stop = probabilities[:, grammar.starts | grammar.inside].sum(axis=1)
    share = np.zeros(len(roles), np.float32)
    share[rows] = probabilities[:, grammar.starts].sum(axis=1) / np.maximum(with_stop, 1e-9)
    n = len(evidence.words)
    starts = np.zeros(n, bool)
    chosen = roles[:-1]
    starts[chosen >= 0] = grammar.starts[chosen[chosen >= 0]]
    starts[chosen == -2] = True
    for i in np.flatnonzero(chosen == -1).tolist():
        starts[i] = _gap_starts(evidence.gaps[i], float(share[i]))
    if n and evidence.begins:
        starts[0] = True
    return starts


def _gap_starts(gap: str, share: float) -> bool:
    """Whether a sentence begins behind a gap that stands in the text."""
    if "\n" in gap:
        return True
    head = gap.split(maxsplit=1)[0] if gap and not gap[0].isspace() else ""
    head = head.rstrip("\"'”’)]")
    return gap != head and head[-1:] in (".", "?", "!", "…") and _has_blank(gap) and share > 0.5


def _has_blank(gap: str) -> bool:
    return any(map(str.isspace, gap))
