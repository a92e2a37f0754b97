"""Fitting ``data/edges.json``: is a word at an edge cut, and is the best candidate right."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleantext.edges.complete import LEAST_LETTERS, best_word, complete_features
from cleantext.edges.cut import cut_features, forget
from cleantext.edges.fit import LEVELS, SOURCES, Edge, Side, level, sources
from cleantext.edges.model import SIDES, EdgeModel, Logistic
from cleantext.edges.ngrams import Ngrams
from cleantext.training.corpus import Article, held_out, read
from cleantext.words import lower_word, split

__all__ = ["Cropped", "crop", "crops", "fit_edges", "logistic_regression"]

Floats = NDArray[np.float64]
#: Share of whole edges that may be called cut, with something to spare for other outlets.
FALSE_CUTS = 0.0015
#: How sure a cut must be whatever the share: outlets differ in how they begin and end.
SURE = 0.95
#: Share of completions that must be right, with something to spare for other outlets.
RIGHT = 0.975
#: Texts made of each article.
_EACH = 10


@dataclass(frozen=True, slots=True)
class Cropped:
    """A flat text with what its edges were.

    Attributes:
        words: lowered.
        wholes: by side, the whole word that was cut there; none where the edge is whole.
        natural: by side, whether the edge is a paragraph's own.
    """

    words: tuple[str, ...]
    wholes: dict[Side, str | None]
    natural: dict[Side, bool]

    @property
    def text(self) -> str:
        """The flat text."""
        return " ".join(self.words)

    def edge(self, side: Side) -> Edge:
        """One of its edges."""
        return Edge.of(self.words, side)


def crop(article: Article, rng: Random, *, inner: float = 0.0) -> Cropped | None:
    """A flat text of an article, each edge cut at a random character of a word or left whole.

    Args:
        article: whose paragraphs are taken.
        rng: decides.
        inner: how often (0..1) a whole edge is moved inside the article, to a paragraph's edge or
            between two words; else it is the article's own.

    Returns:
        None if the article is too short.
    """
    paragraphs = [[lower_word(w) for w in split(p).words] for p in article.paragraphs]
    words = [word for paragraph in paragraphs for word in paragraph]
    if len(words) < 40:
        return None
    borders = np.cumsum([len(p) for p in paragraphs if p]).tolist()
    third = len(words) // 3
    first, head, first_whole, start_natural = _edge(
        words[:third], [0, *(b for b in borders if b < third)], rng, inner, at_end=False
    )
    last, tail, last_whole, end_natural = _edge(
        words[-third:], [b - len(words) + third for b in borders if b > len(words) - third],
        rng, inner, at_end=True,
    )  # fmt: skip
    taken = words[first : len(words) - third + last + 1]
    taken[0], taken[-1] = head, tail
    return Cropped(
        tuple(taken),
        {"start": first_whole, "end": last_whole},
        {"start": start_natural, "end": end_natural},
    )


def _edge(
    words: list[str], borders: list[int], rng: Random, inner: float, *, at_end: bool
) -> tuple[int, str, str | None, bool]:
    """Where a text begins or ends: place, the word there, what it was if cut, whether natural."""
    if rng.random() < 0.5:
        inside = [(i, k) for i, word in enumerate(words) for k in range(1, len(word))]
        place, k = rng.choice(inside or [(0, 0)])
        if k:
            word = words[place]
            return place, word[:k] if at_end else word[k:], word, False
    own = len(words) - 1 if at_end else 0
    if rng.random() >= inner:
        return own, words[own], None, True
    natural = rng.random() < 0.5
    place = rng.choice(borders) - at_end if natural else rng.randrange(len(words))
    return place, words[place], None, natural


def crops(articles: Iterable[Article], *, each: int, seed: int, inner: float) -> Iterator[Cropped]:
    """``each`` texts of every article; an article's texts do not depend on the other articles."""
    for article in articles:
        for number in range(each):
            key = f"{seed} {number} {article.id}".encode()
            cropped = crop(article, Random(hashlib.sha256(key).digest()), inner=inner)
            if cropped is not None:
                yield cropped


# --- fitting --------------------------------------------------------------------------------------


def fit_edges(corpora: Sequence[Path], path: Path) -> dict[str, Any]:
    """Fit the weights on the articles of corpora that every training run leaves out.

    The word counts know nothing of them either, so that they judge them as they judge new copy.

    Args:
        corpora: JSON-lines files (see :mod:`cleantext.training.corpus`).
        path: where to write ``edges.json``.

    Returns:
        What was written.
    """
    articles = [a for corpus in corpora for a in read(corpus) if held_out(a.id)]
    texts = list(crops(articles, each=_EACH, seed=1, inner=0.7))
    mixture = _fit_mixture(texts)
    blank = Logistic(np.zeros(0), 0.0, 1.0)
    unfitted = EdgeModel(mixture, dict.fromkeys(SIDES, blank), dict.fromkeys(SIDES, blank))
    _write(path, unfitted)  # the features are read through the mixture
    cut = {side: _fit_cut(texts, side) for side in SIDES}
    complete = {side: _fit_complete(texts, side) for side in SIDES}
    return _write(path, EdgeModel(mixture, cut, complete))


def _write(path: Path, model: EdgeModel) -> dict[str, Any]:
    data = model.to_dict()
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    EdgeModel.load.cache_clear()
    forget()
    return data


def _fit_mixture(texts: Sequence[Cropped]) -> Floats:
    """Expectation maximisation, level by level: how far each source foresees the cut words."""
    rows: list[list[Floats]] = [[] for _ in range(LEVELS)]
    grams = Ngrams.load()
    for text in texts:
        for side in SIDES:
            whole = text.wholes[side]
            if whole is not None and whole.isalpha():
                edge = text.edge(side)
                number = np.array([grams.number(whole)])
                rows[level(edge)].append(sources(edge, [whole], number)[0])
    return np.stack([_maximised(np.array(found)) for found in rows])


def _maximised(found: Floats, rounds: int = 100) -> Floats:
    weights = np.full(SOURCES, 1 / SOURCES)
    for _ in range(rounds):
        parts = found * weights
        sums = parts.sum(axis=1)
        weights = (parts[sums > 0] / sums[sums > 0, None]).mean(axis=0)
    return weights


def _fit_cut(texts: Sequence[Cropped], side: Side) -> Logistic:
    rows = [text for text in texts if text.words[0 if side == "start" else -1].isalpha()]
    features = np.stack([cut_features(text.edge(side)) for text in rows])
    cut = np.array([text.wholes[side] is not None for text in rows])
    weights, bias = logistic_regression(features, cut)
    natural = np.array([text.natural[side] for text in rows])
    wrong = np.sort(_probabilities(features[~cut & natural], weights, bias))
    return Logistic(weights, bias, max(SURE, float(wrong[int(len(wrong) * (1 - FALSE_CUTS))])))


def _fit_complete(texts: Sequence[Cropped], side: Side) -> Logistic:
    rows, right = [], []
    for text in texts:
        whole, edge = text.wholes[side], text.edge(side)
        if whole is None or len(edge.fragment) < LEAST_LETTERS or not edge.candidates.words:
            continue
        rows.append(complete_features(edge))
        right.append(best_word(edge) == whole)
    features, truth = np.stack(rows), np.array(right)
    weights, bias = logistic_regression(features, truth)
    return Logistic(weights, bias, _least(_probabilities(features, weights, bias), truth, RIGHT))


def _least(probabilities: Floats, right: NDArray[np.bool_], share: float) -> float:
    """The lowest threshold above which this share is right."""
    order = np.argsort(-probabilities)
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(shares >= share)
    return float(probabilities[order[good[-1]]]) if len(good) else 1.0


def _probabilities(features: Floats, weights: Floats, bias: float) -> Floats:
    found: Floats = 1 / (1 + np.exp(-np.clip(features @ weights + bias, -40, 40)))
    return found


def logistic_regression(
    features: Floats, truth: NDArray[np.bool_], *, penalty: float = 1.0, rounds: int = 50
) -> tuple[Floats, float]:
    """Weights and constant of a logistic regression, by Newton's method.

    Args:
        features: ``float64[rows, features]``, on any scale.
        truth: ``bool[rows]``.
        penalty: on the squares of the weights of the features at unit variance.
        rounds: steps at most.
    """
    means, spreads = features.mean(axis=0), features.std(axis=0) + 1e-9
    rows = np.column_stack([(features - means) / spreads, np.ones(len(features))])
    ridge = np.diag([penalty] * features.shape[1] + [0.0])
    weights = np.zeros(rows.shape[1])
    for _ in range(rounds):
        found = _probabilities(rows, weights, 0.0)
        slope = rows.T @ (truth - found) - ridge @ weights
        curve = (rows * (found * (1 - found))[:, None]).T @ rows + ridge
        step = np.linalg.solve(curve + 1e-9 * np.eye(len(curve)), slope)
        weights = weights + step
        if np.abs(step).max() < 1e-6:
            break
    scaled = weights[:-1] / spreads
    return scaled, float(weights[-1] - scaled @ means)
