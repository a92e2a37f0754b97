"""Building ``data/ngrams.npz``: the words of a corpus, their pairs and their triples, counted.

Words are counted as flat copy has them: lowered, marks ignored, ``trump s`` as two. A paragraph's
end is a word of its own, so that a pair with it says how readily a text begins or ends there.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cleantext.edges.ngrams import EDGE, FIGURE, RARE, SPECIAL, pack_tables
from cleantext.training.corpus import Article, clean, held_out, read
from cleantext.words import lower_word, split

__all__ = ["build_ngrams", "count_words", "training_articles"]

Ints = NDArray[np.int64]


def training_articles(corpora: Sequence[Path]) -> Iterator[Article]:
    """The articles of corpora, without those that are held out of every training run."""
    for path in corpora:
        for article in read(path):
            if not held_out(article.id):
                yield article


def count_words(
    articles: Iterable[Article], furniture: frozenset[str] = frozenset()
) -> tuple[list[str], NDArray[np.int32]]:
    """The distinct words of articles, and every running word as its place among them.

    Places 0, 1, 2 stand for a paragraph's edge, a word too rare to be kept (none here yet) and a
    word with a digit.
    """
    places: dict[str, int] = {}
    running = array("i", [EDGE])
    for article in articles:
        for paragraph in clean(article, furniture):
            for word in split(paragraph.text).words:
                if not word.isalpha():
                    running.append(FIGURE)
                else:
                    lowered = lower_word(word)
                    running.append(places.setdefault(lowered, len(places) + SPECIAL))
            running.append(EDGE)
    return list(places), np.frombuffer(running, np.int32)


def build_ngrams(
    corpora: Sequence[Path],
    path: Path,
    *,
    furniture: frozenset[str] = frozenset(),
    least_word: int = 3,
    least_pair: int = 3,
    least_triple: int = 6,
) -> int:
    """Write the tables that :class:`cleantext.edges.ngrams.Ngrams` reads.

    Args:
        corpora: JSON-lines files (see :mod:`cleantext.training.corpus`).
        path: where to write.
        furniture: lines to leave out.
        least_word: words seen less often are left out.
        least_pair: pairs of neighbours seen less often are left out.
        least_triple: the same of three words in a row.

    Returns:
        The number of bytes written.
    """
    counted = count_words(training_articles(corpora), furniture)
    kept, running = _common(*counted, least_word)
    size = len(kept) + SPECIAL
    pairs, triples = _runs(running, size, 2, least_pair), _runs(running, size, 3, least_triple)
    data = pack_tables(kept, np.bincount(running, minlength=size), pairs, triples)
    path.write_bytes(data)
    return len(data)


def _common(words: Sequence[str], running: NDArray[np.int32], least: int) -> tuple[list[str], Ints]:
    """The words seen often enough, commonest first, and the running words numbered by them.

    Words of other scripts are left out: no fragment of English copy needs them.
    """
    seen = np.bincount(running, minlength=len(words) + SPECIAL)[SPECIAL:]
    kept = [
        word
        for word, count in sorted(zip(words, seen.tolist(), strict=True), key=lambda w: (-w[1], w))
        if count >= least and word.islower() and max(word) < "\u0250"
    ]
    order = {word: number for number, word in enumerate(kept, SPECIAL)}
    renumber = np.array([*range(SPECIAL), *(order.get(word, RARE) for word in words)], np.int64)
    return kept, renumber[running]


def _runs(running: Ints, size: int, length: int, least: int) -> tuple[Ints, Ints]:
    """Runs of so many words seen often enough, as numbers in base ``size``, and their counts."""
    keys = np.zeros(len(running) - length + 1, np.int64)
    good = np.ones(len(keys), bool)
    for k in range(length):
        part = running[k : len(running) - length + 1 + k]
        keys = keys * size + part
        good &= part != RARE
        if 0 < k < length - 1:  # no run leads over a paragraph's edge
            good &= part != EDGE
    found, counts = np.unique(keys[good], return_counts=True)
    often = counts >= least
    return found[often], counts[often]
