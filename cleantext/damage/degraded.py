"""A degraded text and its way back to what it was."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

__all__ = ["Degraded", "Span", "spliced", "whole"]


class Span(NamedTuple):
    """A stretch of a degraded text and the stretch of the source it came from, in code points.

    Sides of equal length correspond character by character, others as a whole; an empty source side
    marks something inserted. A named tuple, because a megabyte has fifty thousand of them.
    """

    start: int
    end: int
    source_start: int
    source_end: int

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The source of ``start .. end``, a part of the degraded side."""
        if self.end - self.start != self.source_end - self.source_start:
            return self.source_start, self.source_end
        shift = self.source_start - self.start
        return start + shift, end + shift


@dataclass(frozen=True, slots=True)
class Degraded:
    """A degraded text, the text that went in, and how the two belong together.

    Attributes:
        text: the degraded text.
        source: the text that went in.
        spans: tile ``text`` from its start to its end. Their source sides ascend as well, save that
            a duplicated line goes back to the line it repeats; what is in none of them was dropped.
        hit: the stretches ``(start, end)`` of ``source`` that were damaged, ascending: the whole
            text, or the units that :class:`~cleantext.damage.Partial` and
            :class:`~cleantext.damage.DuplicateLines` chose. A damage
            that changed nothing hits nothing.
    """

    text: str
    source: str
    spans: tuple[Span, ...]
    hit: tuple[tuple[int, int], ...]

    @classmethod
    def mapped(cls, source: str, text: str) -> Degraded:
        """A text that corresponds to its source character by character.

        Raises:
            ValueError: if the lengths differ.
        """
        size = len(source)
        if len(text) != size:
            raise ValueError(
                f"the text has {len(text)} code points and its source {size}; where the length"
                " changes, say what was replaced with Degraded.replaced"
            )
        spans = (Span(0, size, 0, size),) if size else ()
        return cls(text, source, spans, whole(source, text))

    @classmethod
    def replaced(cls, source: str, changes: Iterable[tuple[int, int, str]]) -> Degraded:
        """A text in which each ``(start, end, new)`` puts ``new`` for ``source[start:end]``.

        Args:
            source: the text that goes in.
            changes: in ascending order, without overlap.

        >>> Degraded.replaced("the U.S.", [(5, 6, " "), (7, 8, "")]).text
        'the U S'
        """
        parts: list[str] = []
        spans: list[Span] = []
        copied = opened = shift = 0
        for start, end, new in changes:
            parts += (source[copied:start], new)
            copied = end
            grown = len(new) - (end - start)
            if not grown:
                continue
            here = start + shift
            if start > opened:
                spans.append(Span(opened + shift, here, opened, start))
            if new:
                spans.append(Span(here, here + len(new), start, end))
            shift += grown
            opened = end
        parts.append(source[copied:])
        if len(source) > opened:
            spans.append(Span(opened + shift, len(source) + shift, opened, len(source)))
        text = "".join(parts)
        return cls(text, source, tuple(spans), whole(source, text))

    def source_of(self, offset: int) -> int:
        """The place in the source that a place in the text came from, both in code points.

        Raises:
            IndexError: if the offset is not in ``0 .. len(text)``.

        >>> from cleantext.damage import FLAT, degrade
        >>> degrade("Mr. Hun Sen", damage=FLAT).source_of(3)
        4
        """
        if not 0 <= offset <= len(self.text):
            raise IndexError(f"offset {offset} is outside the text (0 to {len(self.text)})")
        if not self.spans:
            return 0
        span = self.spans[bisect_right(self.spans, offset, key=attrgetter("start")) - 1]
        if offset == span.end:
            return span.source_end
        last = max(span.source_end - 1, span.source_start)
        return min(span.source_start + offset - span.start, last)

    def then(self, later: Degraded) -> Degraded:
        """This damage and a later one of its text, as one.

        Raises:
            ValueError: if the later one did not start from this text.
        """
        if later.source != self.text:
            raise ValueError(
                "the later damage starts from another text; damage the .text of the earlier one"
            )
        return Degraded(later.text, self.source, _composed(self, later), _hits(self, later))


def whole(source: str, text: str) -> tuple[tuple[int, int], ...]:
    """All of a source as what was hit; nothing if the text is the same."""
    return ((0, len(source)),) if source != text else ()


def _is_mapped(damaged: Degraded) -> bool:
    size = len(damaged.text)
    return damaged.spans == ((0, size, 0, size),) and len(damaged.source) == size


def _composed(first: Degraded, second: Degraded) -> tuple[Span, ...]:
    if not second.spans or _is_mapped(first):
        return second.spans
    if _is_mapped(second):
        return first.spans
    starts = [span.start for span in first.spans]
    spans: list[Span] = []
    for start, end, middle_start, middle_end in second.spans:
        if middle_start == middle_end:
            place = first.source_of(middle_start)
            spans.append(Span(start, end, place, place))
            continue
        parts: list[Span] = []
        shift = start - middle_start
        for index in range(bisect_right(starts, middle_start) - 1, len(starts)):
            inner = first.spans[index]
            if inner.start >= middle_end:
                break
            low, high = max(inner.start, middle_start), min(inner.end, middle_end)
            parts.append(Span(low + shift, high + shift, *inner.source(low, high)))
        if end - start != middle_end - middle_start:
            # a run that reaches from a line into its copy turns back: it ends where the line does
            reach = max(part.source_end for part in parts)
            parts = [Span(start, end, parts[0].source_start, reach)]
        spans += parts
    return tuple(spans)


def _hits(first: Degraded, second: Degraded) -> tuple[tuple[int, int], ...]:
    whole = ((0, len(first.source)),)
    if not second.hit or first.hit == whole:
        return first.hit
    if second.hit == ((0, len(second.source)),):
        return whole
    found = list(first.hit)
    for start, end in second.hit:
        low = bisect_right(first.spans, start, key=attrgetter("start")) - 1
        high = bisect_right(first.spans, end - 1, key=attrgetter("start"))
        parts = [
            span.source(max(span.start, start), min(span.end, end))
            for span in first.spans[low:high]
        ]
        found.append((min(part[0] for part in parts), max(part[1] for part in parts)))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


def spliced(source: str, pieces: Iterable[tuple[int, Degraded]]) -> Degraded:
    """``source`` with the stretch at each start replaced by its damaged form, the rest as is."""
    parts: list[str] = []
    spans: list[Span] = []
    hit: list[tuple[int, int]] = []
    copied = place = 0
    for start, piece in pieces:
        if start > copied:
            spans.append(Span(place, place + start - copied, copied, start))
        parts += (source[copied:start], piece.text)
        place += start - copied
        spans += (
            Span(
                span.start + place,
                span.end + place,
                span.source_start + start,
                span.source_end + start,
            )
            for span in piece.spans
        )
        place += len(piece.text)
        copied = start + len(piece.source)
        if piece.hit:
            hit.append((start, copied))
    if len(source) > copied:
        spans.append(Span(place, place + len(source) - copied, copied, len(source)))
    parts.append(source[copied:])
    return Degraded("".join(parts), source, tuple(spans), tuple(hit))
