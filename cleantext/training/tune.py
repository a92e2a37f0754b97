"""Choosing the thresholds: for each facet the one that gives the best F1 on dev.

A facet is set where its probability is above its threshold, so each can be chosen by itself. For
what belongs to numbers the least threshold is taken at which enough are right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleantext.lexicon import Lexicon
from cleantext.tagger.facets import FACETS, HARD, facet_matrix
from cleantext.tagger.labels import label, normalise
from cleantext.tagger.onnx import Tagger
from cleantext.training.calibrate import expected_error
from cleantext.training.corpus import Article

__all__ = ["Curve", "calibration_error", "curves"]

#: Precision that facets of numbers must reach.
NUMBERS_RIGHT = 0.985


@dataclass(frozen=True, slots=True)
class Curve:
    """A facet's best threshold, and what it gives.

    Attributes:
        facet: its name.
        threshold: 0..1.
        f1: at the threshold, 0..1, mean over outlets.
        support: how many there are in the gold texts.
        calibration: expected calibration error, 0..1.
    """

    facet: str
    threshold: float
    f1: float
    support: int
    calibration: float


def curves(articles: Sequence[Article], tagger: Tagger) -> list[Curve]:
    """The best threshold of every facet on these articles, each outlet counting the same."""
    sure, gold, outlets = _facets(articles, tagger)
    names = sorted(set(outlets))
    index = np.asarray([names.index(outlet) for outlet in outlets])
    found = []
    for column, facet in enumerate(FACETS):
        chosen = [
            _f1_by_threshold(sure[index == k, column], gold[index == k, column])
            for k in range(len(names))
        ]
        known = [shares for shares in chosen if shares is not None]
        if not known:
            continue
        mean = np.mean(known, axis=0)
        best = int(mean.argmax())
        if facet in HARD:
            best = max(best, _precise_enough(sure[:, column], gold[:, column]))
        found.append(
            Curve(
                facet,
                float(_GRID[best]),
                float(mean[best]),
                int(gold[:, column].sum()),
                calibration_error(sure[:, column], gold[:, column]),
            )
        )
    return found


_GRID = np.round(np.arange(0.1, 0.99, 0.02), 2)
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


def _facets(articles: Sequence[Article], tagger: Tagger) -> tuple[Floats, Bools, list[str]]:
    """Probability and truth of every facet at every gap between two words."""
    lexicon = Lexicon.load()
    shares = {word: lexicon.lower_share(word) for word in lexicon.index}
    matrix = facet_matrix(tagger.table)
    sure, gold, outlets = [], [], []
    for article in articles:
        text = "\n\n".join(filter(None, map(normalise, article.paragraphs)))
        labels = label(text, shares)
        ids = [tagger.table.role_index.get(role, 1) for role in labels.roles[1:-1]]
        scores = tagger.read(labels.words.words)
        sure.append(np.exp(scores.gaps[1:-1]) @ matrix)
        gold.append(matrix[ids] > 0)
        outlets += [article.source] * len(ids)
    return np.concatenate(sure), np.concatenate(gold), outlets


def _f1_by_threshold(sure: Floats, gold: Bools) -> NDArray[np.float64] | None:
    total = int(gold.sum())
    if total < 5:
        return None
    values = []
    for threshold in _GRID:
        chosen = sure >= threshold
        right = int((chosen & gold).sum())
        values.append(2 * right / max(int(chosen.sum()) + total, 1))
    return np.asarray(values)


def _precise_enough(sure: Floats, gold: Bools) -> int:
    for i, threshold in enumerate(_GRID):
        chosen = sure >= threshold
        if chosen.sum() and (chosen & gold).sum() >= NUMBERS_RIGHT * chosen.sum():
            return i
    return len(_GRID) - 1


def calibration_error(sure: Floats, gold: Bools) -> float:
    """Expected calibration error of a facet, set or not, 0..1.

    Only places with a probability of at least 1 % count: the sea of sure blanks would hide the
    rest.
    """
    live = sure >= 0.01
    return expected_error(sure[live].astype(np.float64), gold[live])
