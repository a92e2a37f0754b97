"""What a text and a canonical version of its story agree on: gaps and the case of words.

Words are aligned; of every gap whose two words are neighbours in both, and of every word that both
have, it is known how the canonical version sets it. Nothing is taken over here: what is known is
evidence, which counts where the text itself has lost its own (:mod:`cleantext.tagger.known`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Literal

import regex

from cleantext.canon.align import Run, align
from cleantext.canon.gap_strings import (
    closing_part,
    opening_part,
    parts_of,
    sound_gap,
    starts_sentence,
)
from cleantext.canon.segments import lowered
from cleantext.canon.story import same_story
from cleantext.diagnosis import Masks, diagnose
from cleantext.lexicon import Lexicon
from cleantext.tagger.labels import normalise
from cleantext.tagger.openings import plain_gaps
from cleantext.words import LINE_END, Words, split

__all__ = ["Agreement", "HouseStyle", "Version"]

HouseStyle = Literal["canonical", "own"]
"""Whose house style gaps are known in: the canonical version's, or this library's common one."""

#: Share of the shorter text that the other must have in groups of :data:`PASSAGE` words and in the
#: same order, on average, to be followed: stricter than where two texts are called one story, for
#: two stories may quote one speech. Below :data:`CLEAR` one run of :data:`LONG` words is asked for
#: besides: a house that prints a wire story takes several paragraphs together, one that writes the
#: next story on a topic takes one here and there. Of 2,274 pairs of training articles nearest by
#: their rare words 3 pass, of outlets that print their own paragraphs again.
TELLS, CLEAR, PASSAGE, LONG = 0.47, 0.6, 5, 75
_SENTENCE_END = regex.compile(r"[.?!…][\"'”’)\]]*+$")


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is known of ``n`` words from a canonical version.

    Attributes:
        gaps: ``n + 1`` gaps as the canonical version has them, with ``" "`` or ``"\\n\\n"`` for
            white space; None where it says nothing.
        soft: gaps of which it is not known whether a paragraph ends there.
        forms: ``n`` words in the case they have there; None where it says nothing.
        begins: ``n`` flags: whether a sentence may begin at the word there, so that its capital is
            not its own.
        lengths: ``n`` numbers of words in the agreed run that the word is part of; 0 for none.
        usual_gaps: of the gaps that are not known, those whose two words stand elsewhere in the
            canonical version, always with this one between them: a hyphen, a stop, a blank.
        usual_forms: the same of words that no lexicon has, in the case that is their own there.
    """

    gaps: tuple[str | None, ...]
    soft: frozenset[int]
    forms: tuple[str | None, ...]
    begins: tuple[bool, ...]
    lengths: tuple[int, ...]
    usual_gaps: Mapping[int, str] = field(default_factory=dict)
    usual_forms: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def none(cls, n: int) -> Agreement:
        """Nothing known of ``n`` words."""
        return cls((None,) * (n + 1), frozenset(), (None,) * n, (False,) * n, (0,) * n)


@dataclass
class Version:
    """A canonical version, read once and compared with the words of a text as they change.

    Attributes:
        text: the version.
        style: whose house style its gaps are known in.

    >>> version = Version("He met U.S. President Donald Trump, twice.")
    >>> version.agreement(split("he met u s president donald trump the other day")).gaps[3:7]
    ('.', '. ', ' ', ' ')
    """

    text: str
    style: HouseStyle = "canonical"
    _last: tuple[list[str], Agreement] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def words(self) -> Words:
        """Words and gaps, in the house style asked for."""
        if self.style == "canonical":
            return split(self.text)
        return split("\n\n".join(filter(None, map(normalise, LINE_END.split(self.text)))))

    def tells(self, words: Words) -> bool:
        """Whether a text of these words is the same story; of another story nothing is known."""
        story = same_story(lowered(words), self._low)
        shorter = min(len(words), len(self._low))
        if not story.same or shorter < PASSAGE:
            return story.same
        shared = story.text_shared if len(words) == shorter else story.canonical_shared
        lengths = self.agreement(words).lengths
        in_order = sum(length >= PASSAGE for length in lengths) / shorter
        followed = (shared + in_order) / 2
        long = max(lengths) >= min(LONG, shorter / 3)
        return followed >= TELLS and (long or followed >= CLEAR)

    def agreement(self, words: Words) -> Agreement:
        """What is known of these words; the last answer is kept."""
        low = lowered(words)
        if self._last is None or self._last[0] != low:
            self._last = low, self._agreement(low)
        return self._last[1]

    @cached_property
    def _low(self) -> list[str]:
        return lowered(self.words)

    @cached_property
    def _masks(self) -> Masks:
        return diagnose(self.words.text).masks(self.words)

    @cached_property
    def _gaps(self) -> list[str | None]:
        """The gaps that are sound; what the version itself has lost is nothing to go by."""
        found: list[str | None] = []
        plain = plain_gaps(self.words.gaps, self._masks.layout)
        last = len(plain) - 1
        for i, (gap, lost) in enumerate(zip(plain, self._masks.marks.tolist(), strict=True)):
            sound = sound_gap(gap, strip=i in (0, last))
            inside = 0 < i < last
            found.append(None if lost or (inside and not sound) else sound)
        return found

    @cached_property
    def _begins(self) -> list[bool]:
        return [i == 0 or starts_sentence(gap) for i, gap in enumerate(self.words.gaps[:-1])]

    @cached_property
    def _usual(self) -> tuple[Mapping[Hashable, str], Mapping[Hashable, str]]:
        """Gaps by their two words and cases by the word, of those that never stand otherwise."""
        low, forms, lost = self._low, self.words.words, self._masks.case.tolist()
        lexicon = Lexicon.load()  # a common word stands in names as well: "the church", "St Ann's"
        gaps = (
            ((low[i - 1], low[i]), gap)
            for i, gap in enumerate(self._gaps[1:-1], 1)
            if gap is not None and not (low[i - 1][-1].isdigit() and low[i][0].isdigit())
        )
        own = (
            (word, form)
            for word, form, begins, gone in zip(low, forms, self._begins, lost, strict=True)
            if not begins and not gone and word not in lexicon
        )
        joined = {
            pair: gap for pair, gap in _constant(gaps).items() if gap == " " or not parts_of(gap)[1]
        }
        return joined, _constant(own)

    @cached_property
    def _brackets(self) -> list[tuple[int, int]]:
        """The gaps at which brackets open and close; -1 where the other one is missing."""
        pairs: list[tuple[int, int]] = []
        opened: list[int] = []
        for i, gap in enumerate(self._gaps):
            for char in gap or "":
                if char in "([":
                    opened.append(i)
                elif char in ")]":
                    pairs.append((opened.pop() if opened else -1, i))
                elif char == "\n":
                    pairs += [(at, -1) for at in opened]
                    opened.clear()
        return pairs + [(at, -1) for at in opened]

    def _agreement(self, low: list[str]) -> Agreement:
        n, canonical = len(low), self.words
        known = _Known(n, len(canonical))
        lost = self._masks.case.tolist()
        for run in align(low, self._low).runs:
            known.add(run)
        apart = known.apart(self._brackets)
        soft = self._masks.layout.tolist()
        gaps: list[str | None] = [None] * (n + 1)
        for i, j in known.gaps.items():
            gap = None if j in apart else self._gaps[j]
            if gap is not None and i == 0 < j:
                gap = opening_part(gap)
            if gap is not None and i == n and j < len(canonical):
                gap = closing_part(gap)
            gaps[i] = gap
        places = known.words
        usual_gaps, usual_forms = self._usual
        return Agreement(
            gaps=tuple(gaps),
            soft=frozenset(
                i
                for i, j in known.gaps.items()
                if soft[j] and _SENTENCE_END.search(parts_of(gaps[i] or "")[0])
            ),
            forms=tuple(None if j < 0 or lost[j] else canonical.words[j] for j in places),
            begins=tuple(j >= 0 and self._begins[j] for j in places),
            lengths=tuple(known.lengths),
            usual_gaps={
                i: usual_gaps[pair]
                for i, pair in enumerate(pairwise(low), 1)
                if gaps[i] is None and pair in usual_gaps
            },
            usual_forms={
                i: usual_forms[word]
                for i, word in enumerate(low)
                if places[i] < 0 and word in usual_forms
            },
        )


class _Known:
    """The places of a text's words and gaps in the canonical version."""

    def __init__(self, n: int, m: int) -> None:
        self.n, self.m = n, m
        self.words = [-1] * n
        self.lengths = [0] * n
        self.gaps: dict[int, int] = {}

    def add(self, run: Run) -> None:
        """A run of equal words; the gaps at the text's own edges are known in part at least."""
        i, j, length = run.text, run.canonical, run.length
        self.words[i : i + length] = range(j, j + length)
        self.lengths[i : i + length] = [length] * length
        first = 0 if i == 0 else 1
        last = length + 1 if i + length == self.n else length
        self.gaps.update(zip(range(i + first, i + last), range(j + first, j + last), strict=True))

    def apart(self, pairs: Sequence[tuple[int, int]]) -> set[int]:
        """Gaps of the canonical version with a bracket whose other one does not stand here."""
        here = set(self.gaps.values())
        return {gap for pair in pairs for gap in pair if not here.issuperset(pair)}


def _constant(found: Iterable[tuple[Hashable, str]]) -> dict[Hashable, str]:
    """What is always found with each key, of those that are found with one thing alone."""
    known: dict[Hashable, str] = {}
    varied: set[Hashable] = set()
    for key, value in found:
        if known.setdefault(key, value) != value:
            varied.add(key)
    return {key: value for key, value in known.items() if key not in varied}


def _left(gap: str | None) -> str:
    return parts_of(gap or "")[0]
