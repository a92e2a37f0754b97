"""Where a character window cut the first and the last word of a text."""

from __future__ import annotations

from math import log

from cleantext.diagnosis.evidence import Evidence
from cleantext.diagnosis.reading import Copy
from cleantext.diagnosis.runs import Found
from cleantext.edges.cut import find_cuts


def cut_edges(copy: Copy, evidence: Evidence) -> list[Found]:
    """Words that a character window cut at the start and at the end of the text."""
    found = []
    for cut in find_cuts(copy.text):
        first = 0 if cut.side == "start" else len(copy) - 1
        if not evidence.alone[first]:
            score = 4 * log(cut.confidence / max(1 - cut.confidence, 1e-6))
            reason = f"{cut.fragment!r} is a part of a word"
            found.append(Found(first, first + 1, cut.side, score, reason))
    return found
