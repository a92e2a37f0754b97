"""How well words fit at an edge of a text: candidates for a fragment, with their probabilities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cleantext.edges.ngrams import EDGE, FIGURE, RARE, SPECIAL, Ngrams

__all__ = ["LEVELS", "SOURCES", "Candidates", "Edge", "Side", "level", "sources"]

Floats = NDArray[np.float64]
Side = Literal["start", "end"]

#: How often the two words next to the edge were seen as a pair: bounds of the levels at which
#: the sources of evidence are weighed apart.
_BOUNDS = (1, 30, 300, 3000)
LEVELS = len(_BOUNDS) + 1
#: How many sources there are.
SOURCES = 5
#: Words of the article that are looked through for candidates, from the edge on.
REACH = 20_000


@dataclass(frozen=True, eq=False)
class Edge:
    """The first or the last word of a text, with what stands beside it.

    Attributes:
        side: which end of the text.
        fragment: the word at the edge, lowered.
        beside: the lowered words of the text without it, the one next to it first.
    """

    side: Side
    fragment: str
    beside: Sequence[str]

    @classmethod
    def of(cls, words: Sequence[str], side: Side) -> Edge:
        """The edge of a text's lowered words, of which there must be two or more.

        >>> Edge.of(["he", "has", "tak"], "end").beside
        ['has', 'he']
        """
        if side == "start":
            return cls(side, words[0], list(words[1 : 1 + REACH]))
        return cls(side, words[-1], list(words[-2 : -2 - REACH : -1]))

    @cached_property
    def near(self) -> tuple[int, int]:
        """Numbers of the two words next to the edge, the nearest first."""
        grams = Ngrams.load()
        numbers = [grams.number(word) for word in self.beside[:2]]
        return numbers[0], numbers[1] if len(numbers) > 1 else EDGE

    @cached_property
    def article(self) -> Counter[str]:
        """How often each word stands in the rest of the article."""
        return Counter(self.beside)

    @cached_property
    def followers(self) -> Counter[str]:
        """What stands in the edge's place elsewhere in the article, beside the same word."""
        words, nearest = self.beside, self.beside[0]
        return Counter(words[i - 1] for i in range(1, len(words)) if words[i] == nearest)

    @cached_property
    def candidates(self) -> Candidates:
        """The longer words that the fragment may be a part of."""
        grams = Ngrams.load()
        found = grams.beginning if self.side == "end" else grams.ending
        numbers = found(self.fragment)
        words = [grams.words[number - SPECIAL] for number in numbers.tolist()]
        known = set(words)
        new = [w for w in self.article if w not in known and self._completes(w)]
        numbers = np.concatenate((numbers, np.full(len(new), RARE, np.int64)))
        words += new
        return Candidates(tuple(words), numbers, sources(self, words, numbers))

    def _completes(self, word: str) -> bool:
        whole = word.startswith if self.side == "end" else word.endswith
        return len(word) > len(self.fragment) and word.isalpha() and whole(self.fragment)


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Words with what each source of evidence gives them.

    Attributes:
        words: lowered.
        numbers: ``int64[words]``; :data:`RARE` for those that only the article knows.
        sources: ``float64[words, 5]``, see :func:`sources`.
    """

    words: tuple[str, ...]
    numbers: NDArray[np.int64]
    sources: Floats


def sources(edge: Edge, words: Sequence[str], numbers: NDArray[np.int64]) -> Floats:
    """Probabilities of words at an edge by five sources, ``float64[words, 5]``.

    The counts of the word alone, next to its neighbour, and next to its two neighbours; its share
    of the article, and of the places in the article where the same neighbour stands.
    """
    grams = Ngrams.load()
    nearest, second = edge.near
    alone = grams.counts[numbers] * (numbers >= SPECIAL) / grams.total
    if edge.side == "end":
        pair, triple = grams.pair(nearest, numbers), grams.triple(second, nearest, numbers)
        beside = grams.pair(second, nearest)[0]
    else:
        pair, triple = grams.pair(numbers, nearest), grams.triple(numbers, nearest, second)
        beside = grams.pair(nearest, second)[0]
    known = nearest >= FIGURE
    article, followers = edge.article.get, edge.followers.get
    own = np.array([article(word, 0) for word in words], float)
    follow = np.array([followers(word, 0) for word in words], float)
    return np.stack(
        [
            alone,
            pair / max(grams.counts[nearest], 1) * known,
            triple / max(beside, 1.0),
            own / (len(edge.beside) + 1),
            follow / (edge.followers.total() + 1),
        ],
        axis=1,
    )


def level(edge: Edge) -> int:
    """How much the pair of words next to the edge says, ``0 .. LEVELS - 1``."""
    grams = Ngrams.load()
    nearest, second = edge.near
    first, then = (second, nearest) if edge.side == "end" else (nearest, second)
    return int(np.searchsorted(_BOUNDS, grams.pair(first, then)[0], side="right"))
