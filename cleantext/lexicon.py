"""How often a word stands in small letters, in title form, in capitals: counts from news copy.

Read by the diagnosis (a small ``trump`` is evidence of lost case) and by the casing, for inner
capitals (``McConnell``). The file is built by :func:`cleantext.training.lexicon.build_lexicon`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["Lexicon"]

_FILE = Path(__file__).parent / "data" / "lexicon.tsv"
_FIELDS = 7
_NO_PATTERN = "-"
#: Shares of running words in small letters, title form, capitals and the rest: one occurrence's
#: worth is added to every word's counts.
_PRIOR = np.array([0.87, 0.12, 0.008, 0.002])


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Counts of words inside sentences by their case; every lookup takes the lowered word.

    The arrays hold one entry a word, commonest first, and a last one that stands for every unknown
    word, so that ``array[lexicon.ids(words)]`` works for any words.

    Attributes:
        index: place of each word in the arrays.
        counts: ``int64[words + 1]``, occurrences; 0 for the unknown.
        lower_shares: ``float64[words + 1]``, share (0..1) in small letters; 0 for the unknown.
        patterns: the commonest pattern of each word other than lower, title and upper, else ``-``.
        pattern_counts: ``int64[words + 1]``, occurrences of that pattern.
        log_shares: ``float32[words + 1, 3]``, smoothed natural logarithms of the shares in small
            letters, in title form and in capitals.
        log_rest: ``float32[words + 1]``, the same of every other pattern together.

    >>> lexicon = Lexicon.load()
    >>> lexicon.lower_share("monday") < 0.01 < 0.99 < lexicon.lower_share("the")
    True
    >>> lexicon.mixed("mcconnell")[0], lexicon.mixed("the"), "qwxz" in lexicon
    ('0,2', None, False)
    """

    index: dict[str, int]
    counts: NDArray[np.int64]
    lower_shares: NDArray[np.float64]
    patterns: tuple[str, ...]
    pattern_counts: NDArray[np.int64]
    log_shares: NDArray[np.float32]
    log_rest: NDArray[np.float32]

    @staticmethod
    @cache
    def load(path: Path = _FILE) -> Lexicon:
        """A lexicon, by default this package's own, read once a process.

        Raises:
            ValueError: if the file is missing or damaged.
        """
        return Lexicon.read(path)

    @staticmethod
    def read(path: Path) -> Lexicon:
        """Read a lexicon file.

        Raises:
            ValueError: names the file that is missing or damaged, and how to mend it.
        """
        try:
            fields = path.read_text(encoding="utf-8").split()
            if not fields or len(fields) % _FIELDS:
                raise ValueError(f"expected {_FIELDS} fields a line")
            total, lower, title, upper, pattern = (
                np.array([*map(int, fields[column::_FIELDS]), 0]) for column in (1, 2, 3, 4, 6)
            )
        except (OSError, ValueError) as error:
            raise ValueError(
                f"the word list {path.name} cannot be read ({error}); install the package again"
                " or rebuild the list with cleantext.training.lexicon.build_lexicon"
            ) from error
        words = fields[::_FIELDS]
        rest = total - lower - title - upper
        smooth = np.log((np.stack([lower, title, upper, rest], 1) + _PRIOR) / (total + 1)[:, None])
        return Lexicon(
            index=dict(zip(words, range(len(words)), strict=True)),
            counts=total,
            lower_shares=lower / np.maximum(total, 1),
            patterns=tuple(fields[5::_FIELDS]),
            pattern_counts=pattern,
            log_shares=smooth[:, :3].astype(np.float32),
            log_rest=smooth[:, 3].astype(np.float32),
        )

    def __len__(self) -> int:
        return len(self.index)

    def __contains__(self, word: str) -> bool:
        return word in self.index

    def ids(self, words: Iterable[str]) -> NDArray[np.int64]:
        """The place of each word in the arrays, ``int64[words]``; -1 for the unknown."""
        return np.fromiter(map(self.index.get, words, repeat(-1)), np.int64)

    def count(self, word: str) -> int:
        """How often the word was seen inside a sentence; 0 if it is unknown."""
        return int(self.counts[self.index.get(word, -1)])

    def lower_share(self, word: str) -> float:
        """Share (0..1) of the word's occurrences in small letters; 0 if it is unknown."""
        return float(self.lower_shares[self.index.get(word, -1)])

    def begins_a_word(self, fragment: str) -> bool:
        """Whether a longer word begins with the fragment.

        >>> Lexicon.load().begins_a_word("governm"), Lexicon.load().begins_a_word("qwx")
        (True, False)
        """
        return _any_longer(_sorted_words(self, reverse=False), fragment)

    def ends_a_word(self, fragment: str) -> bool:
        """Whether a longer word ends with the fragment.

        >>> Lexicon.load().ends_a_word("apitalism"), Lexicon.load().ends_a_word("qwx")
        (True, False)
        """
        return _any_longer(_sorted_words(self, reverse=True), fragment[::-1])

    def mixed(self, word: str) -> tuple[str, float] | None:
        """The word's commonest mixed pattern and its share (0..1) of the occurrences, if any.

        Patterns are those of :func:`cleantext.tagger.labels.case_of`: capitals by position
        (``"0,2"``), ``upper-last``, ``upper-first``.
        """
        place = self.index.get(word)
        if place is None or self.patterns[place] == _NO_PATTERN:
            return None
        return self.patterns[place], float(self.pattern_counts[place] / self.counts[place])


@cache
def _sorted_words(lexicon: Lexicon, *, reverse: bool) -> list[str]:
    """The words, or their mirror images, in order: a bisect finds those that begin alike."""
    return sorted(word[::-1] for word in lexicon.index) if reverse else sorted(lexicon.index)


def _any_longer(words: list[str], fragment: str) -> bool:
    place = bisect_right(words, fragment)
    return place < len(words) and words[place].startswith(fragment)
