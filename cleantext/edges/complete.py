"""What a cut word was: the likeliest whole word, and how surely it is the right one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleantext.edges.fit import Edge, level, sources
from cleantext.edges.model import EdgeModel
from cleantext.edges.ngrams import Ngrams
from cleantext.lexicon import Lexicon

__all__ = ["Completion", "best_word", "complete_features", "completed", "likeliest"]

#: Fragments of fewer letters may be a part of too many words.
LEAST_LETTERS = 3
_FLOOR = 1e-9


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole word for a fragment.

    Attributes:
        word: lowered.
        confidence: that it is the right one, 0..1.
    """

    word: str
    confidence: float


def likeliest(edge: Edge) -> Completion | None:
    """The likeliest whole word for a fragment, however unsure; none if no word has it.

    >>> likeliest(Edge.of(["apitalism", "struggles", "on"], "start")).word
    'capitalism'
    """
    if not edge.candidates.words or len(edge.fragment) < LEAST_LETTERS:
        return None
    features = complete_features(edge)
    model = EdgeModel.load().complete[edge.side]
    return Completion(best_word(edge), model.probability(features))


def _weighed(edge: Edge) -> NDArray[np.float64]:
    weighed: NDArray[np.float64] = edge.candidates.sources @ EdgeModel.load().mixture[level(edge)]
    return weighed


def best_word(edge: Edge) -> str:
    """The candidate that fits best; there must be one."""
    return edge.candidates.words[int(_weighed(edge).argmax())]


def complete_features(edge: Edge) -> NDArray[np.float64]:
    """What speaks for and against the best candidate, ``float64[10]``."""
    weighed = _weighed(edge)
    order = np.argsort(-weighed, kind="stable")
    best, rest = weighed[order[0]], weighed[order[1:]]
    second = rest[0] if len(rest) else 0.0
    grams, word = Ngrams.load(), edge.candidates.words[order[0]]
    number = grams.number(edge.fragment)
    whole = sources(edge, [edge.fragment], np.array([number])) @ EdgeModel.load().mixture[0]
    share = best / weighed.sum()
    return np.array(
        [
            np.log((share + 1e-4) / (1 - share + 1e-4)),
            np.log((best + _FLOOR) / (second + _FLOOR)),
            np.log(best + _FLOOR),
            np.log(whole[0] + _FLOOR),
            np.log1p(grams.count(word)),
            min(len(edge.fragment), 10),
            min(len(word) - len(edge.fragment), 8),
            len(word) - len(edge.fragment) == 1,
            min(edge.article[word], 3),
            min(edge.followers[word], 2),
        ]
    )


def completed(stands: str, word: str, edge: Edge, *, cased: bool) -> str:
    """The whole word with the fragment as it stands and the new letters in fitting case.

    In capitals beside capitals, with one capital in copy in title case. A name whose first letter
    was cut off gets a capital where case survives; where it is lost, truecasing comes later.

    >>> edge = Edge.of(["apitalism", "struggles"], "start")
    >>> completed("APITALISM", "capitalism", edge, cased=False)
    'CAPITALISM'
    >>> completed("Apitalism", "capitalism", edge, cased=False)
    'Capitalism'
    """
    if edge.side == "end":
        new = word[len(stands) :]
        return stands + (new.upper() if _shouted(stands, cased) else new)
    new = word[: -len(stands)]
    if _shouted(stands, cased):
        return new.upper() + stands
    lexicon = Lexicon.load()
    if stands[0].isupper():  # copy in title case
        return new[0].upper() + new[1:] + stands[0].lower() + stands[1:]
    if cased and word in lexicon and lexicon.lower_share(word) < 0.5:
        new = new[0].upper() + new[1:]
    return new + stands


def _shouted(stands: str, cased: bool) -> bool:
    return stands.isupper() and (len(stands) > 1 or not cased)
