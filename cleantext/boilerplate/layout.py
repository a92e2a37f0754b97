"""Boilerplate in copy whose lines are kept: all that rules, repeats and places tell of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate

from cleantext.boilerplate.findings import Cut, Finding, cuts, disjoint
from cleantext.boilerplate.lines import lines_of, lowered
from cleantext.boilerplate.matches import Match, matches
from cleantext.boilerplate.repeats import repeats
from cleantext.boilerplate.teasers import behind_leads

__all__ = ["find", "settle"]

Span = tuple[int, int]

#: Rounds of :func:`settle`: what is taken away may bring two copies of a line together.
ROUNDS = 6


def find(text: str) -> list[Finding]:
    """The boilerplate of a text, by place; no finding overlaps another.

    Lines must be those of the page; marks and case may be lost. Linear in the text's length.

    >>> text = "He left.PHOTO: AP\\n\\nADVERTISEMENT\\n\\nShe stayed."
    >>> [(found.rule, found.start, found.stop) for found in find(text)]
    [('credit-glued-end', 8, 17), ('advert-label', 19, 32)]
    """
    lines, low = lines_of(text), lowered(text)
    if not lines:
        return []
    made: list[Finding] = []
    whole: dict[int, Match] = {}
    for match in matches(text, low, lines):
        rule = match.rule
        made.append(
            Finding(match.start, match.stop, rule.id, rule.kind, rule.reason, rule.confidence)
        )
        if rule.whole:
            whole[match.line] = match
    taken = set(whole)
    if whole:
        for number, finding in behind_leads(text, low, lines, whole):
            taken.add(number)
            made.append(finding)
    made += repeats(text, low, lines, taken)
    return disjoint(sorted(made, key=lambda f: (f.start, -f.stop)))


def settle(text: str, threshold: float, first: list[Finding] | None = None) -> list[Finding]:
    """The findings, and those that come to light once the sure ones are taken away.

    Args:
        text: any string.
        threshold: least confidence (0..1) of what is taken away.
        first: what :func:`find` says of the text, if it was asked already.

    Returns:
        Findings by place; offsets are those of ``text``.
    """
    settled: list[Finding] = []
    unsure: list[Finding] = []
    removed: list[Span] = []  # by place, in the text as it came
    rest = text
    for _ in range(ROUNDS):
        place = _places(removed)
        inner = find(rest) if first is None or removed else first
        found = [replace(f, start=place(f.start), stop=place(f.stop - 1) + 1) for f in inner]
        settled += [finding for finding in found if finding.confidence >= threshold]
        unsure = [finding for finding in found if finding.confidence < threshold]
        gone = cuts(rest, [finding for finding in inner if finding.confidence >= threshold])
        if not gone:
            break
        rest = _without(rest, gone)
        removed = _merged(removed, [(place(c.start), place(c.stop - 1) + 1) for c in gone])
    return disjoint(settled + unsure)


def _without(text: str, gone: list[Cut]) -> str:
    parts: list[str] = []
    last = 0
    for cut in gone:
        parts.append(text[last : cut.start])
        last = cut.stop
    parts.append(text[last:])
    return "".join(parts)


def _places(removed: list[Span]) -> Callable[[int], int]:
    """Leads from a place in what is left to the same place in the text as it came."""
    shifts = [0, *accumulate(stop - start for start, stop in removed)]
    seams = [start - shift for (start, _), shift in zip(removed, shifts, strict=False)]
    return lambda offset: offset + shifts[bisect_right(seams, offset)]


def _merged(removed: list[Span], more: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, stop in sorted(removed + more):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged
