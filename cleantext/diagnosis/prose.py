"""What is no English prose and is left alone: tables, code, other languages, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from cleantext.diagnosis.findings import Bools, Ints, LeftAlone, Span, inside
from cleantext.diagnosis.reading import ALIEN, CODE, DIGIT, Copy, table

ENGLISH = (
    "the of and to a in that is was for on with as at by it he she they we you i be are were been"
    " has have had his her its their our your from or an this these those but not no who which"
    " will would could should can may about after before into over than if when what there said"
    " says him them us more one two up out also all some new do does did so how why s t"
)
_FOREIGN = (
    "der die das und nicht ein eine einen einem einer ist von mit für auf den dem des sich auch"
    " im zu wird sind werden el la los las que de del y en por con una un para su se al lo como"
    " le les et est dans pour une du qui sur pas au aux ce par il plus son avec di che e per non"
    " sono della nel alla o os da em não com uma na dos het een van niet op te zijn voor och att"
    " det som på av är inte til ikke og jeg w nie na się że jest z"
)
_OTHER_LANGUAGES = frozenset(_FOREIGN.split())
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+|(?<![\w&])[@#]\w+"
    r"|(?<![\w.@-])[\w-]{1,64}(?:\.[\w-]{1,64}){0,3}\.(?:com|org|net|gov|edu|uk|ly|tv)\b(?:/\S*)?",
    re.IGNORECASE,
)
_ADDRESS_HINT = re.compile(r"[@#]|://|www\.|\.(?:com|org|net|gov|edu|uk|ly|tv)\b", re.IGNORECASE)
_DOMAINS = frozenset(("com", "org", "edu"))
#: A line that no sentence looks like: a definition, an import, a call that is a whole line.
_CODE_LINE = re.compile(
    r"^[ \t]*+(?:(?:def|class)[ ]+\w+[ ]*[(:]|from[ ]+[\w.]+[ ]+import\b|return[ ]+[\w.]+\("
    r"|#include\b|(?:var|let|const)[ ]+\w+[ ]*=|[\w.]++\(.*\)[ ]*[;{:]?$|.*[{}]$)",
    re.MULTILINE,
)
_LINE = 200
_CELL = 80
SHORT = 8


def left_alone(copy: Copy) -> tuple[LeftAlone, ...]:
    """Spans that are no English prose, and addresses, by place; none overlaps another."""
    english = _totals(table(ENGLISH)[copy.ids])
    known = _totals(copy.ids >= 0)
    code = _totals((copy.bits & CODE) > 0)
    found: list[tuple[int, int, str]] = []
    for a, b in _cells(copy.blocks):
        reason = _no_prose(copy, a, b, english, known, code)
        if reason and found and found[-1][1] == a and found[-1][2] == reason:
            found[-1] = (found[-1][0], b, reason)
        elif reason:
            found.append((a, b, reason))
    spans = [LeftAlone(*copy.span(a, b), reason) for a, b, reason in found]
    closed = inside(copy.starts, [(span.start, span.end) for span in spans])
    for match in _addresses(copy):
        first, behind = np.searchsorted(copy.starts, match)
        if not closed[max(first - 1, 0) : behind].any():
            spans.append(LeftAlone(*match, "an address, a handle or a hashtag"))
    return tuple(sorted(spans, key=lambda span: span.start))


def _cells(blocks: Ints) -> Iterator[tuple[int, int]]:
    """Word ranges to judge the language of: blocks, long ones cut, short neighbours merged."""
    pending: int | None = None
    for a, b in pairwise(blocks.tolist()):
        short = b - a < SHORT
        if pending is not None and (not short or b - pending > _CELL):
            yield pending, a
            pending = None
        if short:
            pending = a if pending is None else pending
        else:
            parts = max(1, (b - a) // _CELL)
            cuts = [a + (b - a) * k // parts for k in range(parts + 1)]
            yield from pairwise(cuts)
    if pending is not None:
        yield pending, int(blocks[-1])


def _no_prose(copy: Copy, a: int, b: int, english: Ints, known: Ints, code: Ints) -> str:
    """Why the words ``a`` to ``b`` are no English prose; empty if they are, or are too few."""
    n = b - a
    start, end = int(copy.starts[a]), int(copy.ends[b - 1])
    function = (english[b] - english[a]) / n
    if code[b] - code[a] >= max(3, 0.12 * n):
        return "code or markup"
    lines = copy.text.count("\n", start, end) + 1
    if 2 * len(_CODE_LINE.findall(copy.text, *_whole_lines(copy.text, start, end))) >= lines:
        return "code or markup"
    if copy.text.count("\t", start, end) >= max(3, 0.3 * n):
        return "a table"
    if n < SHORT or function >= 0.2:
        return ""
    bits = copy.bits[a:b]
    if ((bits & ALIEN) > 0).mean() > 0.5:
        return "another script"
    if ((bits & DIGIT) > 0).mean() >= 0.35 and function < 0.12:
        return "figures: a table or a list of scores"
    foreign = sum(word in _OTHER_LANGUAGES for word in copy.lowered[a:b]) / n
    if foreign > max(0.12, function):
        return "another language"
    familiar = (known[b] - known[a]) / n
    if n >= 12 and function < 0.1 and familiar < 0.5:
        return "no English prose"
    if n >= 25 and function < 0.04 and "  " not in copy.text[start:end]:
        return "a list, no running text"
    return ""


def _whole_lines(text: str, start: int, end: int) -> Span:
    """The span widened to whole lines; no line of code is longer than :data:`_LINE`."""
    begin = text.rfind("\n", max(0, start - _LINE), start)
    stop = text.find("\n", end, end + _LINE)
    return begin + 1 if begin >= 0 else max(0, start - _LINE), (
        stop if stop >= 0 else min(len(text), end + _LINE)
    )


def _totals(flags: Bools) -> Ints:
    """Running totals with a leading zero: ``totals[b] - totals[a]`` counts words ``a`` to ``b``."""
    return np.concatenate(([0], np.cumsum(flags)))


def _addresses(copy: Copy) -> Iterator[Span]:
    if _ADDRESS_HINT.search(copy.text):
        for match in _ADDRESS.finditer(copy.text):
            yield match.span()
    last = 0
    for end in _address_ends(copy):
        first = _address_start(copy, last, end)
        if first < end:
            yield copy.span(first, end + 1)
        last = end + 1


def _address_ends(copy: Copy) -> list[int]:
    """The last words of flattened addresses: ``www example com``, ``bbc co uk``, ``senate gov``."""
    ends = np.zeros(len(copy), bool)
    if not _DOMAINS.isdisjoint(copy.lowered):
        ends |= np.fromiter((word in _DOMAINS for word in copy.lowered), bool, len(copy))
    left, right = copy.ids[:-1], copy.ids[1:]
    ends[1:] |= table("co")[left] & table("uk")[right]
    ends[1:] |= table("house senate")[left] & table("gov")[right]
    begins, domain = table("www")[copy.ids], table("gov net uk tv")[copy.ids]
    for apart in (2, 3):
        ends[apart:] |= begins[:-apart] & domain[apart:]
    return [int(end) for end in np.flatnonzero(ends)]


def _address_start(copy: Copy, least: int, end: int) -> int:
    """Where a flattened address begins: at its ``www``, or two words before its last."""
    first = end
    while (
        first > max(least, end - 4) and copy.text[copy.ends[first - 1] : copy.starts[first]] == " "
    ):
        first -= 1
        if copy.lowered[first] in ("http", "https"):
            return first
        if copy.lowered[first] == "www":
            return first - (first > least and copy.lowered[first - 1] in ("http", "https"))
    return max(first, end - 2)
