"""What of a text is open to decision: which gaps may be set, and how, from the diagnosis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import regex
from numpy.typing import NDArray

from cleantext.diagnosis import Masks
from cleantext.tagger.evidence import BLANK, BREAKABLE, BROKEN, CLAMPED, FIRST, LAST
from cleantext.words import LINE_END, Words

__all__ = ["gap_kinds", "open_gaps", "plain_gaps"]

Bools = NDArray[np.bool_]

_SENTENCE_END = regex.compile(r"[.?!…][\"'”’)\]]*+\s++[\"'“‘(\[]*+$")


def plain_gaps(gaps: Sequence[str], layout: Bools) -> tuple[str, ...]:
    """Gaps with one form of line end; those of hard-wrapped lines, which end nothing, blank."""
    return tuple(
        gap if gap == " " else LINE_END.sub(" " if soft else "\n", gap)
        for gap, soft in zip(gaps, layout.tolist(), strict=True)
    )


def open_gaps(words: Words, masks: Masks) -> tuple[tuple[str, ...], NDArray[np.int8]]:
    """The gaps in plain form, and ``int8[n + 1]``: what may become of each.

    Args:
        words: of the text, at least one.
        masks: what of them is open.
    """
    stands = plain_gaps(words.gaps, masks.layout)
    kinds = gap_kinds(stands, masks.marks, masks.layout)
    if _is_cut(words.words[-2:]):
        kinds[-1] = CLAMPED
    return stands, kinds


def gap_kinds(gaps: Sequence[str], marks: Bools, layout: Bools) -> NDArray[np.int8]:
    """``int8[n + 1]``: what may become of each gap in plain form, its surroundings aside."""
    n = len(gaps) - 1
    kinds = np.full(n + 1, CLAMPED, np.int8)
    lines = np.fromiter(("\n" in gap for gap in gaps), bool, n + 1)
    kinds[marks] = BLANK
    kinds[marks & lines] = BROKEN
    for i in np.flatnonzero(layout & ~marks & ~lines).tolist():
        if 0 < i < n and _SENTENCE_END.search(gaps[i]):
            kinds[i] = BREAKABLE
    for end, kind in ((0, FIRST), (n, LAST)):
        blank = not gaps[end] or gaps[end].isspace()
        kinds[end] = kind if marks[end] and blank else CLAMPED
    return kinds


def _is_cut(last: Sequence[str]) -> bool:
    """Whether a text ends in one letter that is no word and no initial: no stop goes there."""
    word = last[-1]
    initials = len(last) > 1 and len(last[0]) == 1
    return len(word) == 1 and word.isalpha() and word.lower() not in "aidmst" and not initials
