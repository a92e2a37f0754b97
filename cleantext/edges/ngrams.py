"""Words of news copy, their pairs and triples, with counts: how well a word fits where it stands.

Counted as flat copy has them: lowered, marks ignored, so ``trump s`` is a pair. Built by
:func:`cleantext.training.ngrams.build_ngrams`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

__all__ = ["EDGE", "FIGURE", "RARE", "Ngrams", "pack_tables"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Steps = NDArray[np.uint8]
Runs = tuple[Ints, Ints]

#: Numbers of what is no word of the vocabulary: a paragraph's edge, an unknown word, a word with a
#: digit.
EDGE, RARE, FIGURE = 0, 1, 2
SPECIAL = 3
#: Steps an octave in which counts are kept.
_STEPS = 3
_FILE = Path(__file__).parents[1] / "data" / "ngrams.npz"


@dataclass(frozen=True, eq=False)
class Ngrams:
    """Counts of words, of pairs and of triples of neighbours.

    A word is known by its number: :data:`SPECIAL` and up, commonest first.

    Attributes:
        words: the vocabulary; ``words[i]`` has the number ``i + SPECIAL``.
        counts: ``int64[words + SPECIAL]``.
        pairs: ``int64[pairs]``, sorted, each ``first * size + second``.
        pair_steps: ``uint8[pairs]``, their counts in steps of a third of an octave.
        triples: ``int64[triples]``, sorted, each ``place of the pair * size + third``.
        triple_steps: ``uint8[triples]``.

    >>> grams = Ngrams.load()
    >>> prime, minister, ministers = map(grams.number, ("prime", "minister", "ministers"))
    >>> grams.pair(prime, minister) > 10 * grams.pair(prime, ministers)
    array([ True])
    """

    words: tuple[str, ...]
    counts: Ints
    pairs: Ints
    pair_steps: Steps
    triples: Ints
    triple_steps: Steps

    @staticmethod
    @cache
    def load() -> Ngrams:
        """The package's own tables, read once a process.

        Raises:
            ValueError: if the file is missing or damaged.
        """
        return Ngrams.read(_FILE)

    @staticmethod
    def read(path: Path) -> Ngrams:
        """Read tables that :func:`pack_tables` made.

        Raises:
            ValueError: names the file that is missing or damaged, and how to mend it.
        """
        try:
            with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as stored:
                return _unpacked({name: stored[name] for name in stored.files})
        except (OSError, EOFError, ValueError, LookupError, BadZipFile) as error:
            raise ValueError(
                f"the word counts {path.name} cannot be read ({error!r}); install the package"
                " again or rebuild them with cleantext.training.ngrams.build_ngrams"
            ) from error

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return len(self.counts)

    @cached_property
    def index(self) -> dict[str, int]:
        """The number of each word."""
        return {word: number for number, word in enumerate(self.words, SPECIAL)}

    @cached_property
    def total(self) -> float:
        """How many running words were counted."""
        return float(self.counts[RARE:].sum())

    def number(self, word: str) -> int:
        """The number of a lowered word."""
        return self.index.get(word, RARE) if word.isalpha() else FIGURE

    def count(self, word: str) -> int:
        """How often the lowered word was seen; 0 if it is unknown."""
        number = self.index.get(word)
        return 0 if number is None else int(self.counts[number])

    def __contains__(self, word: str) -> bool:
        return word in self.index

    @cached_property
    def _forwards(self) -> tuple[list[str], Ints]:
        return _ordered(self.words)

    @cached_property
    def _backwards(self) -> tuple[list[str], Ints]:
        return _ordered([word[::-1] for word in self.words])

    def beginning(self, fragment: str) -> Ints:
        """The numbers of the longer words that begin with the fragment.

        >>> grams = Ngrams.load()
        >>> "government" in [grams.words[i - SPECIAL] for i in grams.beginning("governm")]
        True
        """
        return _alike(*self._forwards, fragment)

    def ending(self, fragment: str) -> Ints:
        """The numbers of the longer words that end with the fragment.

        >>> grams = Ngrams.load()
        >>> "capitalism" in [grams.words[i - SPECIAL] for i in grams.ending("apitalism")]
        True
        """
        return _alike(*self._backwards, fragment[::-1])

    def pair(self, first: int | Ints, second: int | Ints) -> Floats:
        """How often the second word was seen behind the first; 0 if seldom. Arrays broadcast."""
        places, found = self._pair_places(first, second)
        return np.where(found, _counts(self.pair_steps[places]), 0.0)

    def triple(self, first: int | Ints, second: int | Ints, third: int | Ints) -> Floats:
        """How often three words were seen in a row; 0 if seldom. Arrays broadcast."""
        places, found = self._pair_places(first, second)
        keys = places * self.size + third
        where = np.minimum(np.searchsorted(self.triples, keys), len(self.triples) - 1)
        found = found & (self.triples[where] == keys)
        return np.where(found, _counts(self.triple_steps[where]), 0.0)

    def _pair_places(self, first: int | Ints, second: int | Ints) -> tuple[Ints, NDArray[np.bool_]]:
        keys = np.atleast_1d(np.asarray(first, np.int64) * self.size + second)
        places = np.minimum(np.searchsorted(self.pairs, keys), len(self.pairs) - 1)
        return places, self.pairs[places] == keys


def _ordered(words: Sequence[str]) -> tuple[list[str], Ints]:
    """The words in order, and the number of each."""
    order = sorted(range(len(words)), key=words.__getitem__)
    return [words[place] for place in order], np.array(order, np.int64) + SPECIAL


def _alike(words: list[str], numbers: Ints, fragment: str) -> Ints:
    first = bisect_right(words, fragment)
    return numbers[first : bisect_left(words, fragment + "\U0010ffff", first)]


# --- the file -------------------------------------------------------------------------------------


def pack_tables(words: Iterable[str], counts: Ints, pairs: Runs, triples: Runs) -> bytes:
    """The tables as the bytes of an ``.npz`` file.

    Args:
        words: the vocabulary, commonest first.
        counts: ``int64[words + SPECIAL]``.
        pairs: sorted numbers in base ``len(counts)``, with their counts.
        triples: the same of three; one whose first two words are no pair of the list is left out.
    """
    size = len(counts)
    keys, seen = triples
    places = np.minimum(np.searchsorted(pairs[0], keys // size), len(pairs[0]) - 1)
    kept = pairs[0][places] == keys // size
    tables = {
        "words": np.frombuffer("\n".join(words).encode(), np.uint8),
        "counts": _steps(np.maximum(counts, 1)),
        **_planes("pair", pairs[0] // size, pairs[0] % size, size),
        "pair_steps": _steps(pairs[1]),
        **_planes("triple", places[kept], keys[kept] % size, len(pairs[0])),
        "triple_steps": _steps(seen[kept]),
    }
    buffer = BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **tables)
    return buffer.getvalue()


def _unpacked(tables: dict[str, Steps]) -> Ngrams:
    counts = np.rint(_counts(tables["counts"])).astype(np.int64)
    size = len(counts)
    pairs = _rows(tables, "pair", size)
    triples = _rows(tables, "triple", size)
    words = tuple(tables["words"].tobytes().decode().split("\n"))
    lengths = len(words) + SPECIAL, len(tables["pair_steps"]), len(tables["triple_steps"])
    if lengths != (size, len(pairs), len(triples)):
        raise ValueError("its parts do not fit together")
    return Ngrams(words, counts, pairs, tables["pair_steps"], triples, tables["triple_steps"])


def _steps(counts: Ints) -> Steps:
    steps: Steps = np.rint(_STEPS * np.log2(counts)).astype(np.uint8)
    return steps


def _counts(steps: Steps) -> Floats:
    counts: Floats = np.exp2(np.arange(256) / _STEPS)[steps]
    return counts


def _planes(name: str, rows: Ints, columns: Ints, count: int) -> dict[str, Steps]:
    """Sorted places in a sparse matrix: how many in each row, and each column less the one before.

    Both are cut into planes of single bytes, which compress better than whole numbers do.
    """
    steps = np.diff(columns, prepend=0)
    begins = np.flatnonzero(np.diff(rows, prepend=-1))
    steps[begins] = columns[begins]
    lengths = np.bincount(rows, minlength=count)
    return {
        **{f"{name}_step{k}": (steps >> 8 * k & 255).astype(np.uint8) for k in range(3)},
        **{f"{name}_row{k}": (lengths >> 8 * k & 255).astype(np.uint8) for k in range(3)},
    }


def _rows(tables: dict[str, Steps], name: str, size: int) -> Ints:
    """What :func:`_planes` took apart, as ``row * size + column``."""
    steps, lengths = (
        np.sum([tables[f"{name}_{part}{k}"].astype(np.int64) << 8 * k for k in range(3)], axis=0)
        for part in ("step", "row")
    )
    begins = np.cumsum(lengths) - lengths
    sums = np.concatenate(([0], np.cumsum(steps)))
    rows = np.repeat(np.arange(len(lengths)), lengths)
    keys: Ints = rows * size + sums[1:] - sums[begins][rows]
    return keys
