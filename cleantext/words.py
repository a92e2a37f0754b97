"""A text is words and gaps.

A *word* is a letter or digit followed by any run of letters, combining marks and digits; a *gap* is
whatever stands between two words. A text of ``n`` words has ``n + 1`` gaps, the ones before the
first and after the last word included, any of which may be empty at the edges. Every other module
speaks in these terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

__all__ = [
    "LINE_END",
    "WORD",
    "Words",
    "is_cased",
    "join",
    "lower_char",
    "lower_word",
    "lower_words",
    "split",
    "upper_char",
]

#: The definition of a word. ``\p{M}`` may not open one: a stray combining mark belongs to its gap.
WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}]*")

#: What ends a line, in any system's form.
LINE_END = regex.compile(r"\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Words:
    """The words and gaps of a text, with the code-point offset of each word.

    Attributes:
        words: the ``n`` words, as they stand.
        gaps: the ``n + 1`` gaps; ``gaps[i]`` stands before ``words[i]``, ``gaps[n]`` after the
            last.
        starts: offset of each word in the text, in code points.
    """

    words: tuple[str, ...]
    gaps: tuple[str, ...]
    starts: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.words)

    @property
    def text(self) -> str:
        """The text these words and gaps were split from."""
        return join(self.words, self.gaps)

    def end(self, index: int) -> int:
        """Offset just behind word ``index``, in code points."""
        return self.starts[index] + len(self.words[index])

    def gap_span(self, index: int) -> tuple[int, int]:
        """Start and end of gap ``index`` (``0 .. n``) in the text, in code points."""
        start = 0 if index == 0 else self.end(index - 1)
        return start, start + len(self.gaps[index])


def split(text: str) -> Words:
    """Split a text into words and gaps.

    >>> split("U.S. troops").words
    ('U', 'S', 'troops')
    >>> split("U.S. troops").gaps
    ('', '.', '. ', '')
    """
    words: list[str] = []
    gaps: list[str] = []
    starts: list[int] = []
    last = 0
    for match in WORD.finditer(text):
        start, end = match.span()
        gaps.append(text[last:start])
        words.append(text[start:end])
        starts.append(start)
        last = end
    gaps.append(text[last:])
    return Words(tuple(words), tuple(gaps), tuple(starts))


def join(words: Sequence[str], gaps: Sequence[str]) -> str:
    """Put words and gaps together again: ``join(s.words, s.gaps) == text`` for ``s = split(text)``.

    Raises:
        ValueError: if there is not exactly one gap more than there are words.

    >>> join(["Hun", "Sen"], ["", " ", "."])
    'Hun Sen.'
    """
    if len(gaps) != len(words) + 1:
        raise ValueError(
            f"{len(words)} words need {len(words) + 1} gaps, the first and the last included;"
            f" got {len(gaps)}"
        )
    parts = [gaps[0]]
    for word, gap in zip(words, gaps[1:], strict=True):
        parts.append(word)
        parts.append(gap)
    return "".join(parts)


@lru_cache(maxsize=4096)
def upper_char(char: str) -> str:
    """The capital of ``char`` if the two map one to one both ways, else ``char`` itself.

    >>> upper_char("é"), upper_char("ß")
    ('É', 'ß')
    """
    upper = char.upper()
    return upper if len(upper) == 1 and upper.lower() == char else char


@lru_cache(maxsize=4096)
def lower_char(char: str) -> str:
    """The small letter of ``char`` if the two map one to one both ways, else ``char`` itself.

    >>> lower_char("É"), lower_char("İ")
    ('é', 'İ')
    """
    lower = char.lower()
    return lower if len(lower) == 1 and lower.upper() == char else char


def lower_word(word: str) -> str:
    """``word`` with every capital lowered that can be raised again; its length never changes.

    This is the form the tagger, the lexicon and the alignment read.

    >>> lower_word("McConnell")
    'mcconnell'
    """
    lower = word.lower()
    if word.isascii():
        return lower
    return "".join(map(lower_char, word))


def lower_words(words: Iterable[str]) -> tuple[str, ...]:
    """Every word as :func:`lower_word` lowers it; in one go where all of them are ASCII.

    >>> lower_words(["U", "S", "McConnell"])
    ('u', 's', 'mcconnell')
    """
    words = tuple(words)
    joined = "\n".join(words)
    if joined.isascii():
        lowered = tuple(joined.lower().split("\n"))
        if len(lowered) == len(words):
            return lowered
    return tuple(map(lower_word, words))


def is_cased(char: str) -> bool:
    """Whether ``char`` is a letter that a case edit may touch."""
    return upper_char(char) != char or lower_char(char) != char
