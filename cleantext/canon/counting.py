"""Counting what two aligned texts share: marks in comparable gaps, casing of equal words.

Marks are compared only in the gaps between words that are neighbours in both texts, casing only on
aligned words: a paragraph too many costs words, not commas.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cleantext.canon.align import Alignment, Run
from cleantext.canon.marks import Mark, gap_marks, quote_pairs
from cleantext.canon.score import Count
from cleantext.canon.sentences import sentence_ends
from cleantext.tagger.labels import case_of
from cleantext.words import Words

__all__ = ["case_counts", "gap_counts"]

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


def gap_counts(ours: Words, gold: Words, alignment: Alignment) -> dict[str, Count]:
    """Counts of every kind of mark, of quotations and sentence ends, and of whole gaps."""
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


def case_counts(
    ours: Words,
    gold: Words,
    alignment: Alignment,
    lowered: tuple[Sequence[str], Sequence[str]],
) -> dict[str, Count]:
    """Counts of every class of capital; ``lowered`` holds the words of both in small letters."""
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
