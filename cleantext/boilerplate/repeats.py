"""Paragraphs and captions that stand twice in a text, word for word or nearly so."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from cleantext.boilerplate.findings import Finding
from cleantext.boilerplate.lines import Line, flatten
from cleantext.boilerplate.rules import load_rules

__all__ = ["repeats"]

#: Fewer words are a refrain, a name or a cell of a table as easily as a repeated caption.
LEAST_WORDS, LEAST_APART = 8, 12
#: Characters of a line's head by which its twin is looked for.
HEAD = 24
_SOLID = re.compile(r"\w+")
_NUMBER = re.compile(r"\d")
_QUOTES = tuple("\"'“‘«„")


def repeats(
    text: str, low: str, lines: Sequence[Line], taken: Collection[int]
) -> Iterator[Finding]:
    """The copies of lines that stood before, or the one of two that has a credit glued on.

    Each line is compared with one earlier line at most, the last that begins alike, so that the
    cost is linear in the text's length.

    Args:
        text: any string.
        low: the same in small letters, each at its place.
        lines: those of the text.
        taken: numbers of lines that are boilerplate anyway.
    """
    heads: dict[str, int] = {}
    counts: dict[str, int] = {}
    gone: set[int] = set()
    previous = -1
    for number, (start, stop) in enumerate(lines):
        if number in taken:
            continue
        head = low[start : start + HEAD]
        twin = heads.get(head)
        if twin is not None and stop - start >= HEAD:
            counts = counts or _counts(low, lines)
            adjacent = twin == previous
            found = None
            if adjacent or counts[low[start:stop]] <= 2:
                found = _compare(text, low, lines, twin, number, adjacent=adjacent)
            if found is not None:
                loser, finding = found
                gone.add(loser)
                yield finding
        if number not in gone:
            heads[head] = previous = number


def _counts(low: str, lines: Sequence[Line]) -> dict[str, int]:
    """How often each line stands: what comes a third time is a refrain or a form."""
    counts: dict[str, int] = {}
    for start, stop in lines:
        line = low[start:stop]
        counts[line] = counts.get(line, 0) + 1
    return counts


def _compare(
    text: str, low: str, lines: Sequence[Line], first: int, second: int, *, adjacent: bool
) -> tuple[int, Finding] | None:
    """Which of two lines goes, if they are one paragraph twice."""
    one, two = (flatten(low[slice(*lines[k])]) for k in (first, second))
    words = min(one.count(" "), two.count(" ")) + 1
    if words < (LEAST_WORDS if adjacent else LEAST_APART):
        return None
    if one == two:
        if not adjacent and _is_speech(text, lines[second]):
            return None
        return _gone(
            lines, second, "repeated-line", "the line stood before", 0.98 if adjacent else 0.93
        )
    longer, shorter = (first, second) if len(one) > len(two) else (second, first)
    extra = _extra(text, lines[longer], max(one, two, key=len), min(one, two, key=len))
    if extra == "credit":
        reason = "the same line stands without its credit"
        return _gone(lines, longer, "repeated-with-credit", reason, 0.97)
    if extra == "sentences" and adjacent and longer > shorter and words >= LEAST_APART:
        return _gone(lines, shorter, "repeated-in-next", "the next line begins with it", 0.93)
    if extra == "" and adjacent and _nearly(one.split(), two.split()):
        return _gone(lines, second, "nearly-repeated", "the line before is nearly the same", 0.92)
    return None


def _gone(
    lines: Sequence[Line], number: int, rule: str, reason: str, confidence: float
) -> tuple[int, Finding]:
    start, stop = lines[number]
    return number, Finding(start, stop, rule, "repeat", reason, confidence)


def _is_speech(text: str, line: Line) -> bool:
    """Whether a line is one quotation: said twice, it may have been said twice."""
    return (
        text.startswith(_QUOTES, line.start)
        and not text[line.stop - 1].isalnum()
        and (line.stop - line.start < 120)
    )


def _extra(text: str, line: Line, longer: str, shorter: str) -> str:
    """What the longer line has more than the shorter: a credit, whole sentences, or neither."""
    if not longer.startswith(shorter):
        return ""
    content = text[slice(*line)]
    for rule in load_rules():
        span = rule.match(content) if rule.where == "end" else None
        if span and flatten(content[: span[0]].lower()) == shorter:
            return "credit"
    if longer[len(shorter) :].startswith(" ") and _sentence_end(content, shorter.count(" ") + 1):
        return "sentences"
    return ""


def _sentence_end(content: str, words: int) -> bool:
    """Whether a sentence ends behind so many words of a line."""
    for number, match in enumerate(_SOLID.finditer(content), 1):
        if number == words:
            return content[match.end() : match.end() + 1] in (".", "!", "?", "…")
    return False


def _nearly(one: list[str], two: list[str]) -> bool:
    """Whether two lines differ in one place by a word or two, none of them a number."""
    least, most = sorted((len(one), len(two)))
    if least < 15 or most - least > 2:
        return False
    front = 0
    while front < least and one[front] == two[front]:
        front += 1
    back = 0
    while back < least - front and one[-1 - back] == two[-1 - back]:
        back += 1
    changed = one[front : len(one) - back] + two[front : len(two) - back]
    return most - front - back <= 2 and not any(_NUMBER.search(word) for word in changed)
