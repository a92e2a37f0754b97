"""The forms of single words: spellings, short forms, titles, and one word that is cut in two.

The lists are files in ``cleantext/data``; this is the one place that reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import regex

from cleantext.tagger.labels import HONORIFICS

__all__ = [
    "LONGEST",
    "Forms",
    "american",
    "compound",
    "is_abbreviated",
    "is_honorific",
    "load_forms",
    "may_be_ise",
    "same_letters",
]

_DATA = Path(__file__).parents[1] / "data"
#: Longest name with an abbreviation, in words.
LONGEST = 8
_TITLES = HONORIFICS | frozenset(
    "sir lord lady dame miss madam president senator senators governor general colonel major"
    " captain lieutenant admiral sergeant professor doctor representative congressman"
    " congresswoman congressmember prime minister secretary chancellor king queen prince princess"
    " pope judge justice mayor sheriff".split()
)
#: ``organise``: a list never has them all. Short words are left out: prise is no spelling of prize.
_ISE = regex.compile(r"(?<=\p{L}{3})(is|ys)(?=(?:e[drs]?|ers|ing|ations?|able)$)")


@dataclass(frozen=True, slots=True)
class Forms:
    """The lists in the form they are looked up in.

    Attributes:
        spelling: American spelling by British.
        short: long form by short form in small letters.
        cased: long form by short form as it stands, where that is also an ordinary word.
        cased_only: the short forms of ``cased`` in small letters.
        long: word sequences of long forms by their first word, with the key, longest first.
    """

    spelling: dict[str, str]
    short: dict[str, str]
    cased: dict[str, str]
    cased_only: set[str]
    long: dict[str, list[tuple[tuple[str, ...], str]]]


@cache
def load_forms() -> Forms:
    """The lists of ``spelling.tsv`` and ``abbreviations.tsv``."""
    rows = (_DATA / "spelling.tsv").read_text("utf-8").splitlines()
    table = Forms(dict(row.split("\t") for row in rows), {}, {}, set(), {})
    for row in (_DATA / "abbreviations.tsv").read_text("utf-8").splitlines():
        names, shorts, *flags = row.split("\t")
        key = "=" + names.partition("|")[0].lower()
        for name in names.split("|"):
            words = tuple(name.lower().split())
            table.long.setdefault(words[0], []).append((words, key))
        for short in shorts.split("|"):
            table.short[short.replace(" ", "").lower()] = key
            if flags:
                table.cased[short] = key
                table.cased_only.add(short.lower())
    for found in table.long.values():
        found.sort(key=lambda entry: -len(entry[0]))
    return table


def american(word: str) -> str:
    """A word in small letters as it is spelled in American English.

    >>> american("colour"), american("reorganised"), american("revised")
    ('color', 'reorganized', 'revized')
    """
    listed = load_forms().spelling.get(word)
    return listed or (_ISE.sub(_with_z, word) if may_be_ise(word) else word)


def _with_z(match: regex.Match[str]) -> str:
    return match.group()[0] + "z"


def may_be_ise(word: str) -> bool:
    """Whether the rule for -ise may apply to a word; quick, and never wrong with a no."""
    return len(word) > 6 and ("is" in word[3:] or "ys" in word[3:])


def same_letters(
    ours: Sequence[str], gold: Sequence[str]
) -> Literal["spelling variant", "number form", "abbreviation"] | None:
    """The kind of variant where only spaces and hyphens inside a word differ, else None.

    >>> same_letters(["south", "east"], ["southeast"]), same_letters(["f", "b", "i"], ["fbi"])
    ('spelling variant', 'abbreviation')
    """
    if len(ours) == len(gold) or "".join(ours) != "".join(gold):
        return None
    more = max(ours, gold, key=len)
    if all(len(word) == 1 and word.isalpha() for word in more) or tuple(more) == ("ph", "d"):
        return "abbreviation"
    return "number form" if any(word[0].isdigit() for word in more) else "spelling variant"


def compound(ours: Sequence[str], gold: Sequence[str]) -> tuple[int, int]:
    """How many words at the start of both have the same letters, but are cut into words otherwise.

    >>> compound(["upended", "regimes"], ["up", "ended"]), compound(["up"], ["up", "ended"])
    ((1, 2), (0, 0))
    """
    rows = columns = 0
    one = other = ""
    while max(rows, columns) <= LONGEST:
        if len(one) <= len(other):
            if rows == len(ours):
                break
            one, rows = one + ours[rows], rows + 1
        else:
            if columns == len(gold):
                break
            other, columns = other + gold[columns], columns + 1
        if one == other:
            return (rows, columns) if rows != columns else (0, 0)
        if not (one.startswith(other) or other.startswith(one)):
            break
    return 0, 0


def is_honorific(words: Sequence[str]) -> bool:
    """Whether these words (in small letters) are titles before a name, and nothing else.

    >>> is_honorific(["prime", "minister"]), is_honorific(["mr", "trump"]), is_honorific([])
    (True, False, False)
    """
    return bool(words) and all(word in _TITLES for word in words)


def is_abbreviated(word: str) -> bool:
    """Whether a word is a short form that some houses write with a stop: ``Mr``, ``Nov``.

    >>> is_abbreviated("Nov"), is_abbreviated("nov"), is_abbreviated("November")
    (True, False, False)
    """
    low = word.lower()
    return word.istitle() and len(word) > 1 and (low in HONORIFICS or low in load_forms().short)
