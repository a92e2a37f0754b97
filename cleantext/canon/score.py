"""Scores: precision, recall and F1 by key, and the counts behind them, which add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cleantext.canon.marks import MARKS

__all__ = ["KEYS", "Count", "Counts", "Score"]

#: Everything that is counted: the marks, what is made of them, and the words.
KEYS: tuple[str, ...] = (
    *MARKS,
    "quote_pairs",
    "sentence_end",
    "gap",
    "number",
    "all_gaps",
    "case",
    "case_start",
    "case_name",
    "case_acronym",
    "case_mixed",
    "case_letter",
    "case_char",
    "all_cases",
    "words",
)


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 (0..1) of one key, with how often it stands in the two texts.

    ``precision`` is None where nothing was predicted, ``recall`` where there is nothing to be
    found, ``f1`` where both hold: there is nothing to be right or wrong about.

    Attributes:
        support: how many there are in the canonical version.
        predicted: how many there are in the text.
    """

    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    predicted: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many were right (``tp``), how many the text has and how many the canonical version has.

    >>> Count(8, 10, 16).score
    Score(precision=0.8, recall=0.5, f1=0.6153846153846154, support=16, predicted=10)
    """

    tp: int = 0
    predicted: int = 0
    gold: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.tp + other.tp, self.predicted + other.predicted, self.gold + other.gold)

    @property
    def score(self) -> Score:
        """The shares these counts make."""
        both = self.predicted + self.gold
        return Score(
            precision=self.tp / self.predicted if self.predicted else None,
            recall=self.tp / self.gold if self.gold else None,
            f1=2 * self.tp / both if both else None,
            support=self.gold,
            predicted=self.predicted,
        )


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one text or of many: ``sum(counts, Counts())`` gives micro figures.

    Attributes:
        by_key: a :class:`Count` for each of :data:`KEYS`; one that is not there counts as zero.
        word_errors: words added, missing or changed at the least (the word edit distance).

    >>> both = Counts({"comma": Count(1, 2, 3)}) + Counts({"comma": Count(1, 1, 1)}, word_errors=2)
    >>> both["comma"], both.word_errors
    (Count(tp=2, predicted=3, gold=4), 2)
    """

    by_key: Mapping[str, Count] = field(default_factory=dict)
    word_errors: int = 0

    def __post_init__(self) -> None:
        unknown = self.by_key.keys() - set(KEYS)
        if unknown:
            raise ValueError(f"nothing is counted under {sorted(unknown)}; the keys are {KEYS}")

    def __add__(self, other: Counts) -> Counts:
        keys = self.by_key.keys() | other.by_key.keys()
        summed = {key: self[key] + other[key] for key in KEYS if key in keys}
        return Counts(summed, self.word_errors + other.word_errors)

    def __getitem__(self, key: str) -> Count:
        return self.by_key.get(key, Count())

    @property
    def scores(self) -> dict[str, Score]:
        """The score of every key."""
        return {key: self[key].score for key in KEYS}

    @property
    def gap_accuracy(self) -> float | None:
        """Share of the compared gaps that are the same string; None if there is none."""
        return self["all_gaps"].score.recall

    @property
    def case_accuracy(self) -> float | None:
        """Share of the aligned words that are cased alike; None if there is none."""
        return self["all_cases"].score.recall

    @property
    def word_error_rate(self) -> float | None:
        """Word edit distance over the words of the canonical version; None if that has no word."""
        gold = self["words"].gold
        return self.word_errors / gold if gold else None
