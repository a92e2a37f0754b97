"""What to take away of a text with a cut word: the word, or its sentence."""

from __future__ import annotations

import numpy as np
import regex

from cleantext.edges.fit import Side
from cleantext.words import Words

__all__ = ["broken_sentence", "broken_word"]

#: Words from the edge in which the end of a sentence is looked for.
REACH = 96
#: The least probability of a sentence's end in copy whose marks are lost.
_END = 0.5

_SENTENCE_END = regex.compile(r"[.?!…][\"'”’)\]]*\s")


def broken_word(words: Words, side: Side) -> tuple[int, int]:
    """The code points of the word at an edge and of the gap beside it.

    Marks that cling to the word that stays are kept.
    """
    return _outside(words, 1 if side == "start" else len(words) - 1, side)


def broken_sentence(words: Words, side: Side) -> tuple[int, int] | None:
    """The code points of the sentence at an edge; none if its other end is not found.

    At most half the text is looked through. Where no mark shows the end the tagger tells it.
    """
    n = len(words)
    reach = min(REACH, (n - 1) // 2)
    gaps = range(1, reach + 1) if side == "start" else range(n - 1, n - 1 - reach, -1)
    marked = next((gap for gap in gaps if _SENTENCE_END.search(words.gaps[gap])), None)
    if marked is None:
        marked = next((gap for gap in gaps if "\n\n" in words.gaps[gap]), None)
    if marked is None:
        ends = _sentence_ends(words, side, reach)
        marked = next((gap for gap in gaps if ends[gap] >= _END), None)
    return None if marked is None else _outside(words, marked, side)


def _outside(words: Words, gap: int, side: Side) -> tuple[int, int]:
    """From a gap to the edge; the marks on the gap's far side stay."""
    start = words.gap_span(gap)[0]
    inner = words.gaps[gap]
    if side == "start":
        blank = max((i for i, char in enumerate(inner) if char.isspace()), default=len(inner) - 1)
        return words.starts[0], start + blank + 1
    blank = min((i for i, char in enumerate(inner) if char.isspace()), default=0)
    return start + blank, words.end(len(words) - 1)


def _sentence_ends(words: Words, side: Side, reach: int) -> dict[int, float]:
    """The probability of a sentence's end at each gap within reach."""
    from cleantext.tagger.onnx import load_tagger

    tagger = load_tagger()
    n = len(words)
    first, behind = (
        (0, min(n, reach + REACH)) if side == "start" else (max(0, n - reach - REACH), n)
    )
    gaps = tagger.read(words.words[first:behind]).gaps
    ends = np.array([role.ends for role in tagger.table.roles])
    shares = np.exp(gaps)[:, ends].sum(axis=1)
    return {first + place: float(share) for place, share in enumerate(shares)}
