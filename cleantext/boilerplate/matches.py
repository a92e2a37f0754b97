"""What the rules take of a text, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cleantext.boilerplate.keys import suspects
from cleantext.boilerplate.lines import Line, flatten
from cleantext.boilerplate.rules import Rule

__all__ = ["Match", "matches"]


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule takes of a line.

    Attributes:
        line: number of the line.
        start: where it begins in the text, in code points.
        stop: just behind it.
        rule: which one.
    """

    line: int
    start: int
    stop: int
    rule: Rule


def matches(text: str, low: str, lines: Sequence[Line]) -> Iterator[Match]:
    """What the rules take: of each line the whole once, or what is glued to its edges.

    Args:
        text: any string.
        low: the same in small letters, each at its place.
        lines: those of the text; at least one.
    """
    found = suspects(low, lines)
    for number in sorted(found):
        yield from _of_line(text, low, number, lines[number], found[number])


def _of_line(
    text: str, low: str, number: int, place: Line, suspected: set[Rule]
) -> Iterator[Match]:
    start, stop = place
    line = text[start:stop]
    tried = sorted(suspected, key=lambda rule: (rule.where != "lead", -rule.confidence, rule.id))
    as_words = any(rule.form == "words" for rule in tried)
    flat = flatten(low[start:stop]) if as_words else ""
    for rule in tried:
        if rule.whole and rule.match(line, flat):
            yield Match(number, start, stop, rule)
            return
    for where in ("start", "end"):
        for rule in tried:
            if rule.where == where and (span := rule.match(line)):
                yield Match(number, start + span[0], start + span[1], rule)
                break
