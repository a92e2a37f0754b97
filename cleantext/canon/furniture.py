"""Which of the differences are boilerplate: blocks of the page that one of two texts still has."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from cleantext.boilerplate import Finding, find
from cleantext.canon.differences import Difference

__all__ = ["with_boilerplate"]

#: Share of a phrase that has to lie in findings of boilerplate.
_MOST = 0.8


def with_boilerplate(
    differences: Sequence[Difference], text: str, canonical: str
) -> tuple[Difference, ...]:
    """The differences, where a phrase that only one text has is told as boilerplate if it is that.

    Args:
        differences: of the two texts.
        text: the text as it was given.
        canonical: the canonical version as it was given.
    """
    kinds = {difference.kind for difference in differences}
    ours = find(text) if "phrase added" in kinds else []
    gold = find(canonical) if "phrase missing" in kinds else []
    return tuple(_told(difference, ours, gold) for difference in differences)


def _told(difference: Difference, ours: Sequence[Finding], gold: Sequence[Finding]) -> Difference:
    if difference.kind == "phrase added":
        start, stop, findings = difference.text_start, difference.text_stop, ours
    elif difference.kind == "phrase missing":
        start, stop, findings = difference.canonical_start, difference.canonical_stop, gold
    else:
        return difference
    within = list(_within(findings, start, stop))
    covered = sum(min(stop, found.stop) - max(start, found.start) for found in within)
    if covered < _MOST * (stop - start):
        return difference
    surest = max(within, key=lambda found: found.confidence)
    sure = round(min(found.confidence for found in within) * difference.confidence, 3)
    return replace(difference, kind="boilerplate", detail=surest.reason, confidence=sure)


def _within(findings: Sequence[Finding], start: int, stop: int) -> Iterator[Finding]:
    """The findings that touch a span; ``findings`` are in order and do not overlap."""
    at = bisect_right(findings, start, key=lambda found: found.stop)
    while at < len(findings) and findings[at].start < stop:
        yield findings[at]
        at += 1
