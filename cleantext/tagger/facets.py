"""Facets: what a role is made of. Roles are predicted jointly, confidence is counted by facet.

``.\\n\\n`` at .45 and ``. `` at .45 are two roles, but one full stop at .9. A fixed matrix sums
roles to facets; a facet below its threshold is not set, and the best role without it is taken
instead.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
import regex
from numpy.typing import NDArray

from cleantext.tagger.labels import LabelTable, Role

__all__ = [
    "FACETS",
    "Thresholds",
    "column",
    "facet_matrix",
    "facets_of",
    "mark_facet",
    "marks_of",
    "threshold_row",
]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability on each facet speaks for its role: the one place for thresholds.

    A role is worth the sum over its facets of probability less threshold, so a facet a little below
    its own can be carried by the others of its role. Those of numbers and money are strict.

    Chosen on dev for F1, ``number``, ``currency`` and ``percent`` for at least 98 right in 100; see
    ``cleantext/training/NOTES.md``. ``case`` is the least probability for raising a letter.
    """

    sentence: float = 0.44
    question: float = 0.36
    exclamation: float = 0.4
    comma: float = 0.39
    semicolon: float = 0.3
    colon: float = 0.2
    ellipsis: float = 0.4
    dash: float = 0.14
    hyphen: float = 0.46
    apostrophe: float = 0.42
    abbreviation: float = 0.42
    quote: float = 0.28
    single_quote: float = 0.3
    bracket: float = 0.22
    paragraph: float = 0.28
    slash: float = 0.5
    currency: float = 0.89
    percent: float = 0.9
    number: float = 0.94
    other: float = 0.4
    case: float = 0.5


#: Facets that share a threshold: which currency it is must be sure as well, and whether a mark
#: opens.
_SHARED = {
    "dollar": "currency",
    "pound": "currency",
    "euro": "currency",
    "cent": "currency",
    "quote_open": "quote",
    "quote_close": "quote",
    "single_open": "single_quote",
    "single_close": "single_quote",
    "bracket_open": "bracket",
    "bracket_close": "bracket",
}
#: Facets that may never be set below their threshold, not even to complete a pair.
HARD = frozenset(("dollar", "pound", "euro", "cent", "percent"))
#: The facets, in the order of the matrix's columns.
FACETS: tuple[str, ...] = (
    *(f.name for f in fields(Thresholds) if f.name not in {"case", "number", *_SHARED.values()}),
    *_SHARED,
)
_COLUMN = {name: i for i, name in enumerate(FACETS)}

_MARK = regex.compile(r"\[\.\.\.\]|\.{2,}|[^\s]")
_BY_SIGN = {
    ",": "comma",
    ";": "semicolon",
    ":": "colon",
    "—": "dash",
    "-": "hyphen",
    "?": "question",
    "!": "exclamation",
    "/": "slash",
    "$": "dollar",
    "£": "pound",
    "€": "euro",
    "¢": "cent",
    "%": "percent",
    "°": "other",
    "&": "other",
    "(": "bracket_open",
    ")": "bracket_close",
    "[": "bracket_open",
    "]": "bracket_close",
}


def marks_of(part: str) -> list[str]:
    """The marks of one side of a role, each as it is set: ``',"'`` is a comma and a quote.

    >>> marks_of('..."'), marks_of('— ')
    (['...', '"'], ['—'])
    """
    found: list[str] = _MARK.findall(part)
    return found


def mark_facet(mark: str, role: Role, *, opening: bool) -> str:
    """The facet of one mark of a role, on its left side or on its opening right one."""
    if mark == '"':
        return "quote_open" if opening else "quote_close"
    if mark == ".":
        return "sentence" if role.ends else "abbreviation"
    if mark[0] == "." or mark == "[...]":
        return "ellipsis"
    if mark == "'":
        quoted = role.tag == "quote" or (role.tag != "elision" and bool(role.space))
        if not quoted:
            return "apostrophe"
        return "single_open" if opening else "single_close"
    return _BY_SIGN.get(mark, "other")


def facets_of(role: Role) -> frozenset[str]:
    """The facets that must all be sure enough for a role to be set.

    >>> sorted(facets_of(Role('."\\n\\n')))
    ['paragraph', 'quote_close', 'sentence']
    """
    found = {mark_facet(mark, role, opening=False) for mark in marks_of(role.left)}
    found |= {mark_facet(mark, role, opening=True) for mark in marks_of(role.right)}
    if role.ends:
        found.add("sentence")
    if role.breaks:
        found.add("paragraph")
    return frozenset(found)


@lru_cache(maxsize=4)
def facet_matrix(table: LabelTable) -> NDArray[np.float32]:
    """``float32[roles, facets]``: 1 where a role has a facet."""
    matrix = np.zeros((len(table.roles), len(FACETS)), np.float32)
    for i, role in enumerate(table.roles):
        for facet in facets_of(role):
            matrix[i, _COLUMN[facet]] = 1
    return matrix


def threshold_row(thresholds: Thresholds) -> NDArray[np.float32]:
    """``float32[facets]``: the threshold of each facet, in the matrix's order."""
    values = [getattr(thresholds, _SHARED.get(name, name)) for name in FACETS]
    return np.asarray(values, np.float32)


def column(facet: str) -> int:
    """The matrix column of a facet."""
    return _COLUMN[facet]
