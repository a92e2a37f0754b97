"""Glued words: a space was lost between two common words (``primeminister``, ``saidtuesday``).

The one home of symspellpy, whose word segmentation finds the parts. Its dictionary holds the common
words of our own counts and is built when a text first holds a candidate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from cleantext.draft import Draft
from cleantext.edges.cut import keeps_case
from cleantext.edges.ngrams import EDGE, SPECIAL, Ngrams
from cleantext.edits import Edit, Kind
from cleantext.lexicon import Lexicon
from cleantext.words import Words, lower_word

if TYPE_CHECKING:
    from symspellpy import SymSpell

__all__ = ["Glued"]

#: Letters of a candidate: shorter strings are abbreviations and names; longer ones are no prose.
SHORTEST, LONGEST = 8, 40
#: How often a word was seen that may be a part; parts of up to three letters come from a list.
_COMMON = 300
_SHORT_PARTS = frozenset(
    "of to in on at by an as is it he we or if be the and for was are has had not but his her its"
    " who our you she all one two new may can".split()
)
#: What begins or ends compounds that may well be written as one: ``comedown``, ``campuswide``.
_FORMING_FIRST = frozenset(
    "anti cyber counter multi post super over under after back down fore half mega mini self some"
    " every any where there here with through".split()
)
_FORMING_LAST = frozenset(
    "up down out off over back away around about through under like wide wise less able bound born"
    " free proof worthy friendly fold ship hood land side time room house line work maker makers"
    " self ever soever some thing things where".split()
)
#: Words that copy sets in small letters less often than this are names.
_NAME = 0.1
#: Where the counts do not know the parts beside their neighbours, the pair weighs so much less.
_UNKNOWN_BESIDE = 0.1


@dataclass(frozen=True, slots=True)
class Glued:
    """Sets a space between common words that were run together.

    Only where the whole is in no vocabulary and stands once in the text, its parts are common and
    often stand side by side, and it is no name: where case survives a word with a capital is left,
    where it is lost a string of names is. No other spelling is touched.

    Attributes:
        threshold: the least confidence (0..1) of a split.

    Raises:
        ValueError: if the threshold is no share.
    """

    threshold: float = 0.98

    name: ClassVar[str] = "glued"
    kinds: ClassVar[frozenset[Kind]] = frozenset({"split"})

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            raise ValueError(f"threshold is a share from 0 to 1, not {self.threshold}")

    def propose(self, draft: Draft) -> list[Edit]:
        """A ``split`` edit for every glued word."""
        edits = []
        for place in _candidates(draft.text, draft.words):
            found = _parts(draft.words, place)
            if found is not None and found[1] >= self.threshold:
                edits.append(_edit(draft.words, place, *found))
        if not edits:
            return []
        spans = draft.diagnosis.left_alone
        return [e for e in edits if not any(s.start < e.end and e.start < s.end for s in spans)]


def _candidates(text: str, words: Words) -> Iterator[int]:
    """The places of long words that no vocabulary knows and that stand once."""
    lexicon = Lexicon.load()
    forms = Counter(word for word in words.words if len(word) >= SHORTEST)
    seen: Counter[str] = Counter()
    for form, count in forms.items():
        lowered = lower_word(form)
        if lowered not in lexicon:
            seen[lowered] += count
    rare = {
        word
        for word, count in seen.items()
        if count == 1 and len(word) <= LONGEST and word.isascii() and word.isalpha()
    }
    if not rare:
        return
    vocabulary = Ngrams.load()
    cased = keeps_case(text)
    found = {word for word in rare if word not in vocabulary}
    for place, stands in enumerate(words.words if found else ()):
        long = len(stands) >= SHORTEST and lower_word(stands) in found
        if long and (stands.islower() or not cased):
            yield place


def _parts(words: Words, place: int) -> tuple[list[str], float] | None:
    """The parts of a glued word and the confidence; none if it does not fall into common words."""
    word = lower_word(words.words[place])
    found = _segmenter().word_segmentation(
        word, max_edit_distance=0, max_segmentation_word_length=LONGEST
    )
    parts = found.segmented_string.split()
    known = _segmenter().words
    if len(parts) < 2 or "".join(parts) != word or not all(part in known for part in parts):
        return None
    lexicon = Lexicon.load()
    names = all(lexicon.lower_share(part) < _NAME for part in parts)
    if names or parts[0] in _FORMING_FIRST or parts[-1] in _FORMING_LAST:
        return None
    seen = _seen_together(words, place, parts)
    return parts, seen / (seen + 1)


def _seen_together(words: Words, place: int, parts: list[str]) -> float:
    """How often the parts were seen side by side, less where they do not fit their neighbours.

    A lost space is about as likely wherever two words meet, so that the odds of one against a word
    that nobody has counted grow with the pair's count.
    """
    grams = Ngrams.load()
    numbers = [grams.number(part) for part in parts]
    seen = min(float(grams.pair(a, b)[0]) for a, b in pairwise(numbers))
    before = grams.number(lower_word(words.words[place - 1])) if place else EDGE
    last = place + 1 == len(words)
    after = EDGE if last else grams.number(lower_word(words.words[place + 1]))
    for pair in (grams.pair(before, numbers[0]), grams.pair(numbers[-1], after)):
        seen *= 1.0 if pair[0] else _UNKNOWN_BESIDE
    return seen


def _edit(words: Words, place: int, parts: list[str], confidence: float) -> Edit:
    stands, start = words.words[place], words.starts[place]
    pieces, at = [], 0
    for part in parts:
        pieces.append(stands[at : at + len(part)])
        at += len(part)
    return Edit(start, stands, " ".join(pieces), "split", "a lost space", round(confidence, 4))


@cache
def _segmenter() -> SymSpell:
    """symspellpy with the common words of our counts, scaled to the corpus that it reckons with."""
    from symspellpy import SymSpell

    grams = Ngrams.load()
    scale = int(1_024_908_267_229 / grams.total)
    segmenter = SymSpell(max_dictionary_edit_distance=0, prefix_length=7)
    for word, count in zip(grams.words, grams.counts[SPECIAL:].tolist(), strict=True):
        if count < _COMMON:
            break
        if len(word) > 3 or word in _SHORT_PARTS:
            segmenter.create_dictionary_entry(word, count * scale)
    return segmenter
