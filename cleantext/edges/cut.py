"""Whether a character window cut the first and the last word of a text.

A mark beside the word, or a capital where case survives, says that it is whole and nothing more is
read. Where copy is flat the word itself must say it: is it a word at all, does it fit its
neighbours, do texts begin or end with it, and how well would the longer words fit that it may be a
part of?
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from unicodedata import category

import numpy as np
from numpy.typing import NDArray

from cleantext.edges.fit import Edge, Side, level, sources
from cleantext.edges.model import EdgeModel
from cleantext.edges.ngrams import EDGE, RARE, SPECIAL, Ngrams
from cleantext.words import WORD, lower_word

__all__ = [
    "Cut",
    "cut_features",
    "find_cuts",
    "forget",
    "keeps_case",
    "open_edges",
    "read_cut",
    "read_edge",
]

#: Texts of fewer words are left as they are: too little stands beside their edges.
SHORT = 4
#: Code points looked at from each edge, at first and in doubt.
_LOOK, _READ = 2_000, 150_000
#: Words beside the first that show whether case survives.
_NEIGHBOURS = 40
#: Share of them in small letters from which on it does.
_SMALL = 0.3
_FLOOR = 1e-8
#: Words of a text up to which its edges are kept in memory: those of two batches.
_KEPT = 3_000
#: What may stand between two words of prose without a space, and how far a gap is looked through.
_JOINS = "-‐–—'’\"“”"
_GAP = 20


@dataclass(frozen=True, slots=True)
class Cut:
    """A word that a window cut.

    Attributes:
        side: of the text.
        start, stop: of the fragment, in code points.
        fragment: what is left of the word, lowered.
        confidence: that it was cut, 0..1.
    """

    side: Side
    start: int
    stop: int
    fragment: str
    confidence: float


def find_cuts(text: str) -> tuple[Cut, ...]:
    """The cut words of a text, at most its first and its last.

    >>> [cut.fragment for cut in find_cuts("apitalism struggles during the pandemi")]
    ['apitalism', 'pandemi']
    >>> find_cuts("Capitalism struggles during the pandemic.")
    ()
    """
    found = (read_cut(text, side, start, stop) for side, start, stop in open_edges(text))
    return tuple(cut for cut in found if cut is not None)


def read_cut(text: str, side: Side, start: int, stop: int) -> Cut | None:
    """The word at an open edge as a cut one; none if it reads as whole."""
    words = _words(text, side)
    sure = (_sure if len(words) <= _KEPT else _sure.__wrapped__)(words, side)
    if sure < EdgeModel.load().cut[side].threshold:
        return None
    return Cut(side, start, stop, lower_word(text[start:stop]), sure)


def open_edges(text: str) -> list[tuple[Side, int, int]]:
    """The edges that nothing in the text shows to be whole, with the code points of their words."""
    head = _head(text)
    if len(head) < SHORT:
        return []
    found: list[tuple[Side, int, int]] = []
    start, stop = head[0]
    blank = not text[:start].strip() and _parts_words(text[stop : head[1][0]])
    raised = text[start].isupper() and keeps_case(text)
    if blank and not raised and _is_plain(text[start:stop]):
        found.append(("start", start, stop))
    start, stop = _last_word(text)
    if _is_plain(text[start:stop]) and _parts_words(_gap_before(text, start)):
        found.append(("end", start, stop))
    return found


def _parts_words(gap: str) -> bool:
    """Whether a gap stands between two words of prose; the one in ``example.com`` does not."""
    return any(map(str.isspace, gap)) or (bool(gap) and not gap.strip(_JOINS))


def _gap_before(text: str, start: int) -> str:
    first = start
    while first > max(0, start - _GAP) and not text[first - 1].isalnum():
        first -= 1
    return text[first:start]


def keeps_case(text: str) -> bool:
    """Whether the words behind a text's first show that a capital there would mean something."""
    beside = _head(text)[1:]
    return sum(text[start].islower() for start, _ in beside) >= _SMALL * max(len(beside), 1)


def _head(text: str) -> list[tuple[int, int]]:
    """The code points of a text's first words."""
    words = WORD.finditer(text[:_LOOK])
    return [match.span() for match in islice(words, SHORT + _NEIGHBOURS)]


def _is_plain(word: str) -> bool:
    """Whether the word has only letters that English copy is written in."""
    return word.isalpha() and max(word) < "\u0250"


def _last_word(text: str) -> tuple[int, int]:
    """The last word's code points; none if it is no word of prose."""
    stop = len(text)
    while stop and text[stop - 1].isspace():
        stop -= 1
    start = stop
    while start and stop - start < _LOOK and text[start - 1].isalpha():
        start -= 1
    joined = start > 0 and category(text[start - 1])[0] in "LMN"
    return (0, 0) if joined else (start, stop)


def read_edge(text: str, side: Side) -> Edge:
    """An edge of a text with what stands beside it, as far as is read."""
    words = _words(text, side)
    return _edge(words, side) if len(words) <= _KEPT else Edge.of(words, side)


def _words(text: str, side: Side) -> tuple[str, ...]:
    part = text[:_READ] if side == "start" else text[-_READ:]
    return tuple(WORD.findall(lower_word(part)))


# The diagnosis of every round and what mends an edge ask for it again; its words stay the same.


@lru_cache(maxsize=256)
def _edge(words: tuple[str, ...], side: Side) -> Edge:
    return Edge.of(words, side)


@lru_cache(maxsize=512)
def _sure(words: tuple[str, ...], side: Side) -> float:
    """The probability that the word was cut."""
    edge = _edge(words, side) if len(words) <= _KEPT else Edge.of(words, side)
    return EdgeModel.load().cut[side].probability(cut_features(edge))


def forget() -> None:
    """Forget the edges that were read, where the model of edges is another now."""
    _edge.cache_clear()
    _sure.cache_clear()


def cut_features(edge: Edge) -> NDArray[np.float64]:
    """What speaks for and against a word having been cut, ``float64[14]``."""
    grams, fragment = Ngrams.load(), edge.fragment
    weights = EdgeModel.load().mixture[level(edge)]
    number = grams.number(fragment)
    whole = sources(edge, [fragment], np.array([number])) @ weights
    longer = edge.candidates.sources @ weights
    numbers = edge.candidates.numbers
    share, share_beside, beside = _edge_shares(edge, number)
    return np.array(
        [
            np.log(whole[0] + _FLOOR),
            np.log(longer.sum() + _FLOOR),
            np.log(longer.max(initial=0.0) + _FLOOR),
            np.log(share),
            np.log(share_beside),
            np.log1p(grams.counts[number] * (number >= SPECIAL)),
            np.log1p(grams.counts[numbers[numbers >= SPECIAL]].sum()),
            *(len(fragment) == length for length in range(1, 5)),
            min(len(fragment), 10),
            edge.article[fragment] > 0,
            np.log1p(beside),
        ]
    )


def _edge_shares(edge: Edge, number: int) -> tuple[float, float, float]:
    """How often paragraphs end (or begin) with the word, and with it beside its neighbour."""
    grams = Ngrams.load()
    nearest = edge.near[0]
    if edge.side == "end":
        at_edge = grams.pair(number, EDGE)
        beside, both = grams.pair(nearest, number), grams.triple(nearest, number, EDGE)
    else:
        at_edge = grams.pair(EDGE, number)
        beside, both = grams.pair(number, nearest), grams.triple(EDGE, number, nearest)
    share = float((at_edge[0] + 0.5) / (grams.counts[number] + 60))
    alone = 0.01 if number == RARE else share
    return alone, float((both[0] + 30 * alone) / (beside[0] + 30)), float(beside[0])
