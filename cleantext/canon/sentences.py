"""Where sentences end in a text of words and gaps, and where what follows begins."""

from __future__ import annotations

from functools import lru_cache

import regex

from cleantext.canon.marks import LINE_BREAK, neighbours
from cleantext.tagger.labels import ABBREVIATIONS, TITLES
from cleantext.words import Words

__all__ = ["phrase_start", "sentence_ends"]

_SPACE = regex.compile(r"\s")
_TERMINAL = regex.compile(r"[.?!\u2026][\"'\u201d\u2019\u00bb)\]}]*$")
_OPENING = regex.compile(r"\s[(\[]*[\"'\u201c\u2018\u00ab]$")
#: Words that have a capital inside a sentence only by chance. After an abbreviation, which ends a
#: sentence about as often as not, they decide.
_OPENERS = frozenset(
    "a an the he she they we you it his her its their this that these those there but and or so"
    " if when while as after before although though since because for from with by at to what how"
    " why where meanwhile however also both some many most such even".split()
)


def sentence_ends(words: Words) -> set[int]:
    """The gaps in which a sentence ends.

    A sentence ends at a line break between two words; at the end of the text if a terminal mark
    stands there; and at ``.``, ``?``, ``!`` or an ellipsis, with closing quotes and brackets,
    before white space and a capital, a digit or an opening quote. The stop of a title (Mr.) never
    ends one, that of an abbreviation or an initial only before a word like ``The`` or ``But``.

    >>> from cleantext.words import split
    >>> sorted(sentence_ends(split("Mr. Hun of the U.S. The end. Now, p.m. Eastern")))
    [6, 8]
    """
    return {
        i
        for i, gap in enumerate(words.gaps)
        if i and gap and gap != " " and _ends_sentence(gap, *neighbours(words, i))
    }


@lru_cache(maxsize=65536)
def _ends_sentence(gap: str, before: str, after: str) -> bool:
    if after and LINE_BREAK.search(gap):
        return True
    left = _SPACE.split(gap, maxsplit=1)[0]
    if not _TERMINAL.search(left) or (after and left == gap):
        return False
    if not after:
        return True
    if not (after[0].isupper() or after[0].isdigit() or _OPENING.search(gap)):
        return False
    if left[0] != "." or left.startswith(".."):
        return True
    key = before.lower()
    if key in TITLES:
        return False
    short = len(before) == 1 and before.isalpha()
    if short or (key in ABBREVIATIONS and (before[0].isupper() or key in {"etc", "al", "no"})):
        return left != "." or (after.istitle() and after.lower() in _OPENERS)
    return True


def phrase_start(words: Words, index: int) -> int:
    """Where what word ``index`` begins stands, in code points: with the marks that cling to it.

    >>> from cleantext.words import split
    >>> phrase_start(split('Yes. "No."'), 1)
    5
    """
    if index == len(words):
        return words.gap_span(index)[1]
    gap = words.gaps[index]
    clinging = len(gap.split()[-1]) if gap and not gap[-1].isspace() else 0
    joined = index and clinging == len(gap)  # nothing parts it from the word before
    return words.starts[index] - (0 if joined else clinging)
