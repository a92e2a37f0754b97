"""The marks in a gap, each of one kind, and the quotations they make.

Every mark of a gap is of exactly one kind (:data:`MARKS`), told from the gap and the characters on
both sides of it; what no rule names is ``other``. Nothing here knows of an alignment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import regex

from cleantext.words import Words

__all__ = ["LINE_BREAK", "MARKS", "Mark", "gap_marks", "neighbours", "quote_pairs"]

Mark = tuple[str, str]
"""The kind of a mark, one of :data:`MARKS`, and the mark as it stands."""

#: The kinds of mark.
MARKS: tuple[str, ...] = (
    "period",  # ends a sentence or an abbreviation
    "comma",
    "question",
    "exclamation",
    "colon",
    "semicolon",
    "ellipsis",
    "quotation",  # double quotation marks
    "single_quote",
    "apostrophe",  # it's, countries', '90s
    "hyphen",  # clings to a word: duty-free, two- and
    "dash",  # em or en dash, or a hyphen with white space on both sides
    "bracket",
    "initials",  # U.S., p.m., Ph.D.: the stops inside and the closing one
    "grouping",  # 800,000
    "decimal",  # 1.5, .500, 2:30
    "currency",  # attached to a number
    "percent",  # behind a number
    "paragraph",  # a line break between two words
    "other",
)

# --- marks ----------------------------------------------------------------------------------------

_TOKEN = regex.compile(
    r"\.{3,}|\u2026|\. \. \.|--+|''|\u2018\u2018|\u2019\u2019|``|\s+|.", regex.DOTALL
)
LINE_BREAK = regex.compile(r"[\n\r\x0b\x0c\x85\u2028\u2029]")
_DOUBLE = frozenset(
    ("''", "\u2018\u2018", "\u2019\u2019", "``", *'"\u201c\u201d\u201e\u201f«»\u2033')
)
_SINGLE = frozenset("'\u2018\u2019\u201a\u201b\u2032`\u00b4")
_HYPHENS = frozenset("-\u2010\u2011")
_DASHES = frozenset("\u2013\u2014\u2015\u2012\u2500")
_BRACKETS = frozenset("()[]{}")
_CURRENCY = regex.compile(r"\p{Sc}")


def gap_marks(words: Words) -> dict[int, tuple[Mark, ...]]:
    """The marks of every gap that has one, by the index of the gap.

    >>> from cleantext.words import split
    >>> gap_marks(split("He's in the U.S., isn't he?"))[6]
    (('initials', '.'), ('comma', ','))
    """
    marked = [i for i, gap in enumerate(words.gaps) if gap and gap != " "]
    quotes = _single_quotes(words, marked)
    found: dict[int, tuple[Mark, ...]] = {}
    initials = -2
    for i in marked:
        gap = words.gaps[i]
        before, after = neighbours(words, i)
        joins = gap == "." and _joins_initials(before, after)
        stops = joins or (initials == i - 1 and gap[0] == "." and not gap.startswith(".."))
        if joins:
            initials = i
        marks = _marks(gap, _side(before[-1:]), _side(after[:1]), stops, i in quotes)
        if marks:
            found[i] = marks
    return found


def neighbours(words: Words, i: int) -> tuple[str, str]:
    """The words before and after gap ``i``, empty at the edges of the text."""
    return words.words[i - 1] if i else "", words.words[i] if i < len(words) else ""


def _joins_initials(before: str, after: str) -> bool:
    """Whether a bare stop between two words is one of ``U.S``, ``p.m`` or ``Ph.D``."""
    if not (before.isalpha() and after[:1].isalpha()):
        return False
    return len(before) == 1 or (len(before) == 2 and len(after) == 1)


def _side(char: str) -> str:
    """What a gap needs to know of its neighbour: a digit, another word, or nothing."""
    return "" if not char else "9" if char.isdigit() else "a"


@lru_cache(maxsize=65536)
def _marks(gap: str, left: str, right: str, initials: bool, quotes: bool) -> tuple[Mark, ...]:
    """The marks of one gap; ``quotes`` says that its single marks are quotation marks."""
    marks: list[Mark] = []
    for match in _TOKEN.finditer(gap):
        token = match.group()
        if token.isspace():
            continue
        before, after = left + gap[: match.start()], gap[match.end() :] + right
        if token == "." and initials and not match.start():
            kind = "initials"
        elif token in _SINGLE:
            kind = "single_quote" if quotes else "apostrophe"
        else:
            kind = _kind(token, before, after)
        marks.append((kind, token))
    if left and right and LINE_BREAK.search(gap):
        marks.append(("paragraph", "\n"))
    return tuple(marks)


def _kind(token: str, before: str, after: str) -> str:
    """The kind of a mark between what stands before and after it in its gap.

    A word is one ``a`` or ``9`` at the outer end of ``before`` and ``after``.
    """
    glued = after == "a" or after == "9"
    match token:
        case "." if after == "9" and before != "a":
            return "decimal"
        case "." | "?" | "!" if after == "a" or (glued and token != "."):
            return "other"  # inside a web address, mostly
        case "." | "?" | "!":
            return {".": "period", "?": "question", "!": "exclamation"}[token]
        case "," | ":" if before == "9" and after == "9":
            return "grouping" if token == "," else "decimal"
        case ":" if after.startswith("/"):
            return "other"
        case "," | ":" | ";":
            return {",": "comma", ":": "colon", ";": "semicolon"}[token]
        case "%" | "\u2030" if before.rstrip() == "9":
            return "percent"
    if token in _DOUBLE:
        return "quotation"
    if token in _HYPHENS:
        spaced = (not before or before[-1].isspace()) and (not after or after[0].isspace())
        return "dash" if spaced else "hyphen"
    if token in _DASHES or token.startswith("--"):
        return "dash"
    if token in _BRACKETS:
        return "bracket"
    if token[0] == "\u2026" or len(token) > 1:
        return "ellipsis"
    if _CURRENCY.match(token) and (after.lstrip(".") == "9" or before == "9"):
        return "currency"
    return "other"


# --- quotations -----------------------------------------------------------------------------------

_OPENING_DOUBLE = frozenset(("``", "\u2018\u2018", *"\u201c\u201e\u00ab"))
_CLOSING_DOUBLE = frozenset(("\u2019\u2019", *"\u201d\u00bb"))
#: What stands before a straight quote that opens: white space, a bracket, a dash (``duty—"free"``).
_OPENS_BEHIND = regex.compile(r"\s|[(\[{/\p{Pd}]$")
#: Words with an apostrophe in front: 'em, rock 'n' roll, '90s.
_ELIDED = regex.compile(r"(?:\p{N}.*|em|n|til|till|tis|twas|cause|bout|cos)$", regex.IGNORECASE)


def _single_quotes(words: Words, marked: Iterable[int]) -> set[int]:
    """The gaps whose single marks are quotation marks: they open and close in one paragraph.

    ``countries' debt`` closes a quotation only if no other mark does.
    """
    found: set[int] = set()
    opened = possessive = -1
    for i in marked:
        gap = words.gaps[i]
        before, after = neighbours(words, i)
        for event in _single_events(gap, bool(before), bool(after)):
            if event == "close" and opened >= 0:
                if len(gap) == 2 and gap[1] == " " and before[-1] in "sS":
                    possessive = i
                else:
                    found |= {opened, i}
                    opened = possessive = -1
            elif event != "close":
                found |= {opened, possessive} if possessive >= 0 else set()
                opened = i if event == "open" and not _ELIDED.match(after) else -1
                possessive = -1
    return found | {opened, possessive} if possessive >= 0 else found


@lru_cache(maxsize=65536)
def _single_events(gap: str, before: bool, after: bool) -> tuple[str, ...]:
    """What the single marks and line breaks of a gap do: ``open``, ``close``, ``break``."""
    events: list[str] = []
    if len(gap) == 1 and before and after:
        return ("break",) if LINE_BREAK.match(gap) else ()
    for match in _TOKEN.finditer(gap):
        token = match.group()
        if token in _SINGLE:
            behind = not before or bool(_OPENS_BEHIND.search(gap[: match.start()]))
            opens = behind and token not in "\u2019\u00b4" and after
            events.append("open" if opens or token == "\u2018" else "close")
        elif LINE_BREAK.search(token):
            events.append("break")
    return tuple(events)


def quote_pairs(
    words: Words, marks: Mapping[int, Iterable[Mark]]
) -> set[tuple[int, int, str, str]]:
    """Double quotes that belong together: gap and mark of the opening one, and of the closing one.

    A straight quote opens before a word and closes behind one. A quotation that runs over a
    paragraph and is opened again there counts from where it was opened last.

    >>> from cleantext.words import split
    >>> text = split('"I agree," he said.')
    >>> quote_pairs(text, gap_marks(text))
    {(0, 2, '"', '"')}
    """
    pairs: set[tuple[int, int, str, str]] = set()
    opened: tuple[int, str] | None = None
    for i, found in marks.items():
        if not any(kind == "quotation" for kind, _ in found):
            continue
        for mark, opens in _double_quotes(words.gaps[i], i == 0):
            if opens:
                opened = (i, mark)
            elif opened:
                pairs.add((opened[0], i, opened[1], mark))
                opened = None
    return pairs


@lru_cache(maxsize=4096)
def _double_quotes(gap: str, first: bool) -> tuple[tuple[str, bool], ...]:
    """The double quotes of a gap and whether each opens; ``first`` is the gap before all words."""
    found: list[tuple[str, bool]] = []
    for match in _TOKEN.finditer(gap):
        mark, before = match.group(), gap[: match.start()]
        if mark in _OPENING_DOUBLE:
            found.append((mark, True))
        elif mark in _CLOSING_DOUBLE:
            found.append((mark, False))
        elif mark in _DOUBLE:
            found.append((mark, first or bool(_OPENS_BEHIND.search(before))))
    return tuple(found)
