"""Whether two texts are one story, and what the canonical version has that the text lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cleantext.canon.moved import Move
from cleantext.canon.segments import Segment
from cleantext.canon.sentences import phrase_start, sentence_ends
from cleantext.words import Words

__all__ = ["Missing", "Story", "find_missing", "same_story"]

#: Words in a group. Two stories on one topic share names and turns of phrase of three or four
#: words, and now and then a quotation.
_GROUP = 5
#: Share of the shorter text that stands in the other one in groups, from which on they are one
#: story. Two outlets that carry one wire story share half of it at the least; a house that writes
#: a second story on a topic takes over its background paragraphs, seldom more than two fifths.
_SAME = 0.45
#: How far from there the share leaves no doubt.
_CLEAR = 0.3
#: Fewest words that have to be shared, unless the shorter text has hardly more.
_LEAST = 12
#: Share of a shorter text's words that has to be shared, and words in a row that count in it.
_MOST, _FEW = 0.7, 3
#: Where the text begins and ends in the canonical version so many of the next words are there.
_SOLID, _NEAR = 4, 8
#: Most words on either side that stand for each other though they differ.
_CHANGED = 4
#: Share of a sentence's words that have to be missing for the sentence to be.
_WHOLE = 0.8


@dataclass(frozen=True, slots=True)
class Story:
    """Whether two texts are one story.

    Attributes:
        same: whether they are.
        confidence: how far the shares are from where it would be undecided, 0.5..1.
        text_shared: share (0..1) of the text's words that stand in the canonical version in groups
            of five words in a row (three or four in a text of fewer than 20), at any place.
        canonical_shared: the same of the canonical version.
    """

    same: bool
    confidence: float
    text_shared: float
    canonical_shared: float


@dataclass(frozen=True, slots=True)
class Missing:
    """What the canonical version has that the text lacks, as it stands there.

    Attributes:
        start: what stands before the first words that the text has; empty if nothing is cut off.
        end: what stands behind the last words that the text has.
        sentences: sentences between that are missing as a whole, in order.
    """

    start: str = ""
    end: str = ""
    sentences: tuple[str, ...] = ()


def same_story(text: Sequence[str], canonical: Sequence[str]) -> Story:
    """Whether two texts are one story, one of them cut, extended or reworded as may be.

    Args:
        text: words in the form they are aligned in.
        canonical: the same of the canonical version.

    >>> story = "the ship left the port on monday with forty men on board".split()
    >>> same_story(story[3:], story).same, same_story(story[:4] + ["us"] * 9, story).same
    (True, False)
    """
    least = min(len(text), len(canonical))
    size = min(_GROUP, max(_FEW, least // 4), least)
    if not size:
        same = len(text) == len(canonical)
        return Story(same, 1.0, float(same), float(same))
    groups, canonical_groups = _groups(text, size), _groups(canonical, size)
    covered, covers = _covered(groups, canonical_groups), _covered(canonical_groups, groups)
    shorter, covered_shorter = min((len(text), covered), (len(canonical), covers))
    share = covered_shorter / shorter
    enough = covered_shorter >= min(_LEAST, _MOST * shorter)
    same = share >= _SAME and enough
    near = min(1.0, abs(share - _SAME) / _CLEAR) if enough or shorter > 2 * _LEAST else 1.0
    near *= min(1.0, shorter / (2 * _LEAST))  # a few words say little either way
    return Story(same, 0.5 + near / 2, covered / len(text), covers / len(canonical))


def _groups(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return list(zip(*(words[k:] for k in range(size)), strict=False))


def _covered(groups: list[tuple[str, ...]], other: list[tuple[str, ...]]) -> int:
    """How many words stand in a group that the other text has."""
    known = set(other)
    covered = end = 0
    for i, group in enumerate(groups):
        if group in known:
            covered += i + len(group) - max(end, i)
            end = i + len(group)
    return covered


def find_missing(canonical: Words, segments: Sequence[Segment], moves: Sequence[Move]) -> Missing:
    """What the text lacks.

    Args:
        canonical: words and gaps of the canonical version.
        segments: the two texts side by side (:func:`cleantext.canon.segments.segments`).
        moves: what stands elsewhere in the text, which is not missing.
    """
    present = bytearray(len(canonical))
    for at, segment in enumerate(segments):
        # at an edge a few words for more are what is left of a cut
        inside = 0 < at < len(segments) - 1 or segment.rows == segment.columns
        changed = inside and 0 < segment.rows <= _CHANGED >= segment.columns
        if segment.kind != "open" or changed:
            present[segment.canonical_start : segment.canonical_stop] = b"\1" * segment.columns
    first = _edge(present)
    last = len(present) - _edge(present[::-1])
    if first >= last:
        return Missing()
    for move in moves:
        if move.kind != "twice in text":
            present[move.canonical : move.canonical + move.length] = b"\1" * move.length
    text = canonical.text
    start = text[: phrase_start(canonical, first)].strip() if first else ""
    end = text[phrase_start(canonical, last) :].strip() if last < len(canonical) else ""
    return Missing(start, end, tuple(_sentences(canonical, present, first, last)))


def _edge(present: Sequence[int]) -> int:
    """The first word that the text has, with more around it: one alone may be chance."""
    near = sum(present[:_NEAR])
    for i, has in enumerate(present):
        if has and near >= min(_SOLID, len(present) - i):
            return i
        near += (present[i + _NEAR] if i + _NEAR < len(present) else 0) - has
    return len(present)


def _sentences(canonical: Words, present: Sequence[int], first: int, last: int) -> Iterator[str]:
    """The sentences between two words of which the text has next to nothing."""
    text = canonical.text
    ends = sorted(end for end in sentence_ends(canonical) if first < end < last)
    for start, stop in pairwise((first, *ends, last)):
        size = stop - start
        if size - sum(present[start:stop]) >= _WHOLE * size:
            yield text[phrase_start(canonical, start) : phrase_start(canonical, stop)].strip()
