"""Headlines of other stories: the lines behind a lead-in such as "Top stories"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from cleantext.boilerplate.findings import Finding
from cleantext.boilerplate.lines import Line, flatten
from cleantext.boilerplate.matches import Match
from cleantext.boilerplate.rules import load_prose
from cleantext.words import WORD

__all__ = ["behind_leads", "lost_stops"]

#: Words of a headline, and headlines of a block.
SHORTEST, LONGEST, MOST = 3, 18, 15
#: Words of a headline where no marks tell it from a sentence.
LONGEST_FLAT = 15
#: A single line behind a lead-in may be the next section's heading; those are shorter.
LEAST_ALONE = 5
#: Weight of prose (see ``load_prose``) below which a flat line is a headline, and at which none.
SURE_HEADLINE, PROSE = 2, 4
#: Words of more than three letters that show title case.
LEAST_TITLED = 4
_CLOSERS = "\"'”’»)]"


def lost_stops(text: str, lines: Sequence[Line]) -> bool:
    """Whether long lines end without a stop: then the marks are lost, not only in headlines."""
    long = stopped = 0
    for start, stop in lines:
        if stop - start > 160:
            long += 1
            stopped += text[start:stop].rstrip(_CLOSERS)[-1:] in ".?!…:"
    return long > 0 and 2 * stopped < long


def behind_leads(
    text: str, low: str, lines: Sequence[Line], found: Mapping[int, Match]
) -> Iterator[tuple[int, Finding]]:
    """The headlines right behind each lead-in, with the numbers of their lines.

    A block ends at the first line that is prose. Lines that a rule takes do not end it.

    Args:
        text: any string.
        low: the same in small letters, each at its place.
        lines: those of the text.
        found: what rules took, by number of the line.
    """
    flat = lost_stops(text, lines)
    for number, match in found.items():
        if match.rule.where == "lead":
            for headline in _block(text, low, lines, found, number + 1, flat=flat):
                reason = f"headline behind {text[match.start : match.stop].strip(' :.').lower()!r}"
                confidence = match.rule.confidence - (0.03 if flat else 0.01)
                start, stop = lines[headline]
                yield (
                    headline,
                    Finding(start, stop, "headline", "teaser", reason, round(confidence, 2)),
                )


def _block(
    text: str,
    low: str,
    lines: Sequence[Line],
    found: Mapping[int, Match],
    first: int,
    *,
    flat: bool,
) -> list[int]:
    """The headlines from line ``first`` on, up to the last that is surely one."""
    block: list[int] = []
    sure = 0
    for number in range(first, min(len(lines), first + 2 * MOST)):
        match = found.get(number)
        if match is not None:
            if match.rule.where == "lead":
                break
            continue
        start, stop = lines[number]
        verdict = _headline(text[start:stop], low[start:stop], flat=flat)
        if verdict == "no" or len(block) == MOST:
            break
        block.append(number)
        sure = len(block) if verdict == "yes" else sure
    if sure == 1 and flatten(low[slice(*lines[block[0]])]).count(" ") + 1 < LEAST_ALONE:
        return []
    return block[:sure]


def _headline(line: str, low: str, *, flat: bool) -> Literal["yes", "maybe", "no"]:
    """Whether a line is a headline; one that may be is, if one that surely is comes behind it."""
    if len(line) > 14 * LONGEST:
        return "no"
    words = flatten(low).split()
    if not SHORTEST <= len(words) <= (LONGEST_FLAT if flat else LONGEST):
        return "no"
    if flat:
        prose = load_prose()
        weight = sum(prose.get(word, 0) for word in words)
        return "yes" if weight < SURE_HEADLINE else "maybe" if weight < PROSE else "no"
    last = line.rstrip(_CLOSERS)[-1:]
    if last in ":;," or (line[0] in '"“' and line[-1] in '"”'):
        return "no"
    if last in ".!…?":
        # headlines of two sentences, and questions: some outlets set them in title case
        return "yes" if _title_case(line) else "maybe" if last == "?" else "no"
    return "yes"


def _title_case(line: str) -> bool:
    """Whether nearly every longer word of a line begins with a capital."""
    long = [word for word in WORD.findall(line) if len(word) > 3]
    return len(long) >= LEAST_TITLED and sum(word[0].isupper() for word in long) >= 0.8 * len(long)
