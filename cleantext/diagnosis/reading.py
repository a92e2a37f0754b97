"""Reading a text into arrays: a word a row, with what the gap behind it holds."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cleantext.diagnosis.findings import Bools, Ints, Span
from cleantext.lexicon import Lexicon
from cleantext.words import lower_word

# What a character is; a word and the gap behind it are described by the bits of their characters.
WORD, LETTER, LOWER, UPPER, DIGIT, ALIEN = 1, 2, 4, 8, 16, 32
SPACE, LINE, STOP, MARK, SIGN, CODE = 64, 128, 256, 512, 1024, 2048
_LINE_ENDS = "\n\r\x85\u2028\u2029"
_MARKS = ",;:?!()[]\u2026\u2014\u2013\"'\u201c\u201d\u2018\u2019-"
_CODE_SIGNS = "{}<>=_|\\^~`"
_TABLE_SIZE = 0x3000

Bits = NDArray[np.uint16]


def _bits(char: str) -> int:
    category = unicodedata.category(char)
    if category[0] == "L":
        alien = 0 if ord(char) < 0x250 or 0x1E00 <= ord(char) < 0x1F00 else ALIEN
        case = {"Ll": LOWER, "Lu": UPPER, "Lt": UPPER}.get(category, 0)
        return WORD | LETTER | alien | case
    if category[0] in "NM":
        return WORD | (DIGIT if category[0] == "N" else 0)
    if char in _LINE_ENDS:
        return SPACE | LINE
    if char.isspace():
        return SPACE
    code = CODE if char in _CODE_SIGNS else 0
    return code | (STOP if char == "." else MARK if char in _MARKS else SIGN)


@cache
def _bit_table() -> Bits:
    return np.fromiter((_bits(chr(code)) for code in range(_TABLE_SIZE)), np.uint16, _TABLE_SIZE)


def _char_bits(text: str) -> Bits:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    bits = _bit_table()[np.minimum(codes, _TABLE_SIZE - 1)]
    rare = np.flatnonzero(codes >= _TABLE_SIZE)
    if len(rare):
        kinds, which = np.unique(codes[rare], return_inverse=True)
        bits[rare] = np.array([_bits(chr(code)) for code in kinds], np.uint16)[which]
    if "\r\n" in text:  # one line end, not two
        bits[:-1][(codes[:-1] == 13) & (codes[1:] == 10)] = SPACE
    return bits


@dataclass(frozen=True, slots=True, eq=False)
class Copy:
    """A text as arrays: ``n`` words, each with the gap behind it, in blocks (lines, mostly)."""

    text: str
    starts: Ints
    ends: Ints
    bits: Bits  # of the word and the gap behind it
    first: Bits  # of the word's first character
    head: int  # of the gap before the first word
    lowered: list[str]
    ids: Ints  # in the lexicon
    lines: Ints  # line ends in the gap behind
    ended: Bools  # a mark follows, before any white space
    blocks: Ints  # first word of each block, and n
    wrapped: tuple[tuple[int, int], ...]  # first and behind-last word of what was hard-wrapped

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def block_of(self) -> Ints:
        """The block of each word."""
        return np.repeat(np.arange(len(self.blocks) - 1), np.diff(self.blocks))

    def span(self, first: int, behind: int) -> Span:
        """Code points of words ``first`` to ``behind``, without the gaps around them."""
        return int(self.starts[first]), int(self.ends[behind - 1])


def read(text: str) -> Copy | None:
    """The arrays of a text; none if it has no word."""
    bits = _char_bits(text)
    word = np.concatenate(([False], (bits & WORD) > 0, [False]))
    turns = np.flatnonzero(word[1:] != word[:-1])
    starts, ends = turns[::2], turns[1::2]
    if not len(starts):
        return None
    lower = text.lower()
    if not text.isascii() and (len(lower) != len(text) or "İ" in text):
        lower = lower_word(text)
    lowered = [lower[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    line_ends = (bits & LINE) > 0
    lines = np.add.reduceat(line_ends, starts, dtype=np.int64)
    ended = _ended(bits, ends)
    blocks, wrapped = _blocks(starts, ends, lines, ended)
    return Copy(
        text=text,
        starts=starts,
        ends=ends,
        bits=np.bitwise_or.reduceat(bits, starts),
        first=bits[starts],
        head=int(np.bitwise_or.reduce(bits[: starts[0]])),
        lowered=lowered,
        ids=Lexicon.load().ids(lowered),
        lines=lines,
        ended=ended,
        blocks=blocks,
        wrapped=wrapped,
    )


def _ended(bits: Bits, ends: Ints) -> Bools:
    """Whether a mark stands behind each word, at once or behind a sign (``9%.``)."""
    padded = np.concatenate((bits, np.full(2, SPACE, np.uint16)))
    one, two = padded[ends], padded[ends + 1]
    marks = STOP | MARK
    found: Bools = ((one & marks) > 0) | (((one & SPACE) == 0) & ((two & marks) > 0))
    return found


def _blocks(
    starts: Ints, ends: Ints, lines: Ints, ended: Bools
) -> tuple[Ints, tuple[tuple[int, int], ...]]:
    """The first words of the blocks (and ``n``), hard-wrapped lines taken as one block."""
    n = len(starts)
    begins = np.concatenate(([0], np.flatnonzero(lines[:-1]) + 1, [n]))
    if len(begins) < 4:
        return begins, ()
    widths = ends[begins[1:] - 1] - starts[begins[:-1]]
    apart = lines[begins[1:] - 1] > 1
    groups: list[tuple[int, int]] = []
    joined = np.zeros(len(begins), bool)
    edges = np.unique(np.concatenate(([0], np.flatnonzero(apart) + 1, [len(widths)])))
    several = [(a, b) for a, b in pairwise(edges.tolist()) if b - a >= 2]
    long = [
        (a, b)
        for a, b in several
        if b - a >= 3 and _is_wrapped(widths[a : b - 1], ended[begins[a + 1 : b] - 1])
    ]
    known = set(long)
    short = [group for group in several if group not in known]
    found = long + _alike(widths, ended[begins[1:] - 1], long, short)
    for a, b in sorted(found):
        groups.append((int(begins[a]), int(begins[b])))
        joined[a + 1 : b] = True
    return begins[~joined], tuple(groups)


def _alike(
    widths: Ints, ended: Bools, long: list[tuple[int, int]], short: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Pairs of lines that are wrapped as the rest of the text is, or one as the other."""
    pairs = [a for a, b in short if b - a == 2]
    if long:
        width = max(int(widths[a : b - 1].max()) for a, b in long)
        fits = [a for a in pairs if 0.7 * width <= widths[a] <= width + 15 and not ended[a]]
        return [(a, a + 2) for a in fits]
    if len(pairs) >= 3 and _is_wrapped(widths[pairs], ended[pairs]):
        return [(a, a + 2) for a in pairs]
    return []


def _is_wrapped(full: Ints, ended: Bools) -> bool:
    """Whether lines of these widths, few of which end in a mark, were broken at a fixed width."""
    if full.max() > 100 or full.min() < max(30, 0.7 * full.max()):
        return False
    return bool(ended.mean() < 0.5)


@cache
def table(words: str) -> Bools:
    """By place in the lexicon, whether a word is one of these; of the unknown, none is."""
    lexicon = Lexicon.load()
    found = np.zeros(len(lexicon) + 1, bool)
    found[[lexicon.index[word] for word in words.split() if word in lexicon]] = True
    return found
