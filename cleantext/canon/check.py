"""Checking a text against its canonical version: the one scorer of the project.

Words are aligned first. Marks are compared only in the gaps between words that are neighbours in
both texts, casing only on aligned words: a paragraph too many costs words, not commas.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from cleantext.canon.align import Alignment, Block, Run, align, edit_distance
from cleantext.canon.score import (
    Count,
    Counts,
    Mark,
    Score,
    gap_marks,
    quote_pairs,
    sentence_ends,
)
from cleantext.tagger.labels import case_of, normalise
from cleantext.words import Words, lower_word, split

__all__ = ["Report", "check"]


@dataclass(frozen=True, slots=True)
class Report:
    """How a text compares with its canonical version.

    Attributes:
        text: the words and gaps of the text as they were compared (after the equivalences of house
            style, if those were asked for); all indices are into them.
        canonical: the same of the canonical version.
        alignment: which words are the same.
        counts: what all scores are made of; add up those of many reports for micro figures.
        words_added: words of the text that the canonical version does not have.
        words_missing: words of the canonical version that the text does not have.
        words_changed: words that differ, as pairs of indices, the text's first.
        style: whether the equivalences of house style were applied.
    """

    text: Words
    canonical: Words
    alignment: Alignment
    counts: Counts
    words_added: tuple[int, ...]
    words_missing: tuple[int, ...]
    words_changed: tuple[tuple[int, int], ...]
    style: bool

    @property
    def scores(self) -> Mapping[str, Score]:
        """Precision, recall and F1 of every key of :data:`cleantext.canon.score.KEYS`."""
        return self.counts.scores

    @property
    def word_error_rate(self) -> float | None:
        """Words added, missing and changed at the least, over the words of the canonical version.

        As jiwer defines it, so it may exceed 1; None if the canonical version has no word.
        """
        return self.counts.word_error_rate

    @property
    def case_accuracy(self) -> float | None:
        """Share of the aligned words that are cased alike; None if no word is aligned."""
        return self.counts.case_accuracy

    @property
    def gap_accuracy(self) -> float | None:
        """Share of the compared gaps that are the same string; None if there is none."""
        return self.counts.gap_accuracy

    @property
    def coverage(self) -> tuple[float | None, float | None]:
        """Share of the text's words that the canonical version has, and the other way round."""
        words = self.counts["words"].score
        return words.precision, words.recall

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON; words are given with their indices."""
        text, canonical = self.text.words, self.canonical.words
        covered, covers = self.coverage
        return {
            "style": self.style,
            "scores": {key: asdict(score) for key, score in self.scores.items()},
            "word_error_rate": self.word_error_rate,
            "case_accuracy": self.case_accuracy,
            "gap_accuracy": self.gap_accuracy,
            "coverage_of_text": covered,
            "coverage_of_canonical": covers,
            "words_added": [[i, text[i]] for i in self.words_added],
            "words_missing": [[j, canonical[j]] for j in self.words_missing],
            "words_changed": [[i, j, text[i], canonical[j]] for i, j in self.words_changed],
        }

    def __str__(self) -> str:
        lines = [f"{'':<14}{'precision':>10}{'recall':>8}{'F1':>7}{'support':>9}{'predicted':>11}"]
        for key, score in self.scores.items():
            if score.f1 is None:
                continue
            lines.append(
                f"{key:<14}{_points(score.precision):>10}{_points(score.recall):>8}"
                f"{_points(score.f1):>7}{score.support:>9,}{score.predicted:>11,}"
            )
        covered, covers = self.coverage
        lines += [
            "",
            f"word error rate {_points(self.word_error_rate)} %: {len(self.words_added):,} added,"
            f" {len(self.words_missing):,} missing, {len(self.words_changed):,} changed",
            f"covered: {_points(covered)} % of the text,"
            f" {_points(covers)} % of the canonical version",
            f"gaps alike {_points(self.gap_accuracy)} %, words cased alike"
            f" {_points(self.case_accuracy)} %",
        ]
        return "\n".join(lines)


def _points(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def check(text: str, canonical: str, *, style: bool = False) -> Report:
    """Compare a text with its canonical version.

    White space around either text does not count. Marks are compared as they stand: without
    ``style`` a curly quote is not a straight one.

    Args:
        text: the text to check.
        canonical: how it ought to read.
        style: whether to leave differences of house style out: curly and straight quotes, comma and
            stop inside or outside a closing quote, dashes, ``…``, ``Mr`` and ``Mr.``, one or two
            line breaks, ``US`` and ``U.S.``. Both texts are brought to the common style of
            :func:`cleantext.tagger.labels.normalise` first.

    >>> report = check("The U.S. and its allies agreed", "The U.S., and its Allies, agreed.")
    >>> report.scores["comma"].recall, report.scores["initials"].f1, report.case_accuracy
    (0.0, 1.0, 0.8571428571428571)
    """
    ours, gold = (split(_common_style(t) if style else t.strip()) for t in (text, canonical))
    lowered, gold_lowered = _lowered(ours), _lowered(gold)
    alignment = align(lowered, gold_lowered)
    counts = _gap_counts(ours, gold, alignment)
    counts |= _case_counts(ours, gold, alignment, (lowered, gold_lowered))
    same = _same_acronyms(ours, gold, alignment) if style else ()
    counts["words"] = Count(
        alignment.matched + len(same),
        len(ours) - sum(block.text_stop - block.text_start - 1 for block in same),
        len(gold) - sum(block.canonical_stop - block.canonical_start - 1 for block in same),
    )
    errors = alignment.distance
    if same:
        errors = edit_distance(_with_gold(lowered, gold_lowered, same), gold_lowered)
    return Report(
        ours,
        gold,
        alignment,
        Counts(counts, errors),
        *_differing(alignment, same),
        style,
    )


def _common_style(text: str) -> str:
    return "\n\n".join(filter(None, map(normalise, text.splitlines())))


def _lowered(words: Words) -> list[str]:
    return [word.lower() if word.isascii() else lower_word(word) for word in words.words]


# --- marks and casing -----------------------------------------------------------------------------

Feature = tuple[str, object]
"""A key of the scores and what has to be the same on both sides for it to be right."""

Features = Mapping[int, tuple[Feature, ...]]
"""The features of gaps or of words, by index; what is flat or in small letters has none."""


@dataclass(frozen=True, slots=True)
class _Partners:
    """For each index in one text the index it is compared with in the other, or -1."""

    to_gold: list[int]
    to_ours: list[int]

    @classmethod
    def of(cls, runs: Iterable[Run], ours: int, gold: int) -> _Partners:
        """The partners of ``ours`` and ``gold`` words (or gaps) under an alignment."""
        to_gold, to_ours = [-1] * ours, [-1] * gold
        for run in runs:
            end, gold_end = run.text + run.length, run.canonical + run.length
            to_gold[run.text : end] = range(run.canonical, gold_end)
            to_ours[run.canonical : gold_end] = range(run.text, end)
        return cls(to_gold, to_ours)

    def tally(self, ours: Features, gold: Features) -> dict[str, Count]:
        """Counts by key over the features of what is aligned."""
        predicted: list[Feature] = []
        right: list[Feature] = []
        for i, features in ours.items():
            j = self.to_gold[i]
            if j < 0:
                continue
            predicted += features
            other = gold.get(j, ())
            if features == other:
                right += features
            elif other:
                right += (Counter(features) & Counter(other)).elements()
        support = [f for j, features in gold.items() if self.to_ours[j] >= 0 for f in features]
        tp, has, ought = (Counter(key for key, _ in found) for found in (right, predicted, support))
        return {key: Count(tp[key], has[key], ought[key]) for key in has | ought}

    def accuracy(self, ours: Features, gold: Features, total: int, right: int) -> Count:
        """Agreement over all ``total`` places; ``right`` of those that have features agree."""
        featured = {self.to_gold[i] for i in ours} | {j for j in gold if self.to_ours[j] >= 0}
        wrong = len(featured - {-1}) - right
        return Count(total - wrong, total, total)


def _gap_counts(ours: Words, gold: Words, alignment: Alignment) -> dict[str, Count]:
    runs = alignment.gap_runs()
    partners = _Partners.of(runs, len(ours) + 1, len(gold) + 1)
    marks, gold_marks = gap_marks(ours), gap_marks(gold)
    features, gold_features = (
        _gap_features(ours, marks),
        _gap_features(gold, gold_marks),
    )
    counts = partners.tally(features, gold_features)
    total = sum(run.length for run in runs)
    right = counts.get("gap", Count()).tp
    counts["all_gaps"] = partners.accuracy(features, gold_features, total, right)
    pairs = {
        (partners.to_gold[i], partners.to_gold[j], *quotes)
        for i, j, *quotes in quote_pairs(ours, marks)
        if partners.to_gold[i] >= 0 and partners.to_gold[j] >= 0
    }
    gold_pairs = {
        pair
        for pair in quote_pairs(gold, gold_marks)
        if partners.to_ours[pair[0]] >= 0 and partners.to_ours[pair[1]] >= 0
    }
    counts["quote_pairs"] = Count(len(pairs & gold_pairs), len(pairs), len(gold_pairs))
    return counts


def _gap_features(words: Words, marks: Mapping[int, tuple[Mark, ...]]) -> Features:
    ends = sentence_ends(words)
    features: dict[int, tuple[Feature, ...]] = {}
    for i, gap in enumerate(words.gaps):
        if gap == " " or not gap:
            continue
        found: tuple[Feature, ...] = (("gap", gap), *marks.get(i, ()))
        if i in ends:
            found += (("sentence_end", True),)
        if (i and words.words[i - 1][-1].isdigit()) or (
            i < len(words) and words.words[i][0].isdigit()
        ):
            found += (("number", gap),)
        features[i] = found
    return features


def _case_counts(
    ours: Words, gold: Words, alignment: Alignment, lowered: tuple[list[str], list[str]]
) -> dict[str, Count]:
    partners = _Partners.of(alignment.runs, len(ours), len(gold))
    starts = sentence_ends(gold) | {0}
    features = {
        i: _case_features(word, partners.to_gold[i] in starts)
        for i, (word, lower) in enumerate(zip(ours.words, lowered[0], strict=True))
        if word != lower
    }
    gold_features = {
        j: _case_features(word, j in starts)
        for j, (word, lower) in enumerate(zip(gold.words, lowered[1], strict=True))
        if word != lower
    }
    counts = partners.tally(features, gold_features)
    right = counts.get("case", Count()).tp
    counts["all_cases"] = partners.accuracy(features, gold_features, alignment.matched, right)
    return counts


@lru_cache(maxsize=65536)
def _case_features(word: str, start: bool) -> tuple[Feature, ...]:
    """The features of a word with a capital; ``start``: a sentence of the canonical version begins.

    Its class goes by its own casing first, so that a name that heads a sentence is a start, but
    ``NATO`` and ``McConnell`` are what they are anywhere. A capital alone (``I``, the letters of
    ``U.S.``) inside a sentence is neither name nor acronym.
    """
    pattern = case_of(word)
    if pattern == "title":
        letters = sum(map(str.isalpha, word))
        kind = "case_start" if start else "case_name" if letters > 1 else "case_letter"
    else:
        kind = "case_acronym" if pattern == "upper" else "case_mixed"
    capitals = [("case_char", i) for i, char in enumerate(word) if char.isupper()]
    return (("case", word), (kind, word), *capitals)


# --- words ----------------------------------------------------------------------------------------

#: Written with stops in one house and without in another; ``us`` without a capital is the pronoun.
_ACRONYMS = frozenset({"US", "UK", "UN", "EU", "DC", "PhD", "AM", "PM", "am", "pm"})


def _same_acronyms(ours: Words, gold: Words, alignment: Alignment) -> tuple[Block, ...]:
    """The blocks that hold one acronym in two house styles: ``US`` and ``U.S.``."""
    found: list[Block] = []
    for block in alignment.blocks:
        sides = ours.words[_text(block)], gold.words[_canonical(block)]
        joined = {"".join(side) for side in sides}
        if min(map(len, sides)) == 1 and len(joined) == 1 and joined <= _ACRONYMS:
            found.append(block)
    return tuple(found)


def _with_gold(ours: list[str], gold: list[str], blocks: Iterable[Block]) -> list[str]:
    """Our words with those of the canonical version put in at the blocks."""
    words = list(ours)
    for block in sorted(blocks, key=lambda block: -block.text_start):
        words[_text(block)] = gold[_canonical(block)]
    return words


def _text(block: Block) -> slice:
    return slice(block.text_start, block.text_stop)


def _canonical(block: Block) -> slice:
    return slice(block.canonical_start, block.canonical_stop)


def _differing(
    alignment: Alignment, same: Collection[Block]
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[tuple[int, int], ...]]:
    """Words added, missing and changed; what a block has too many of on one side stands last."""
    added: list[int] = []
    missing: list[int] = []
    changed: list[tuple[int, int]] = []
    for block in alignment.blocks:
        if block in same:
            continue
        ours = range(block.text_start, block.text_stop)
        gold = range(block.canonical_start, block.canonical_stop)
        changed += zip(ours, gold, strict=False)
        added += ours[len(gold) :]
        missing += gold[len(ours) :]
    return tuple(added), tuple(missing), tuple(changed)
