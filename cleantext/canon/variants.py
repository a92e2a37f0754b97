"""Two ways to write one thing: spellings, numbers, dates and times, abbreviations.

A text is read into *units*, each a stretch of words with a key; two units with one key say the
same (``10bn`` and ``10 billion``, ``U.S.`` and ``United States``, ``colour`` and ``color``). Units
of one text know nothing of the other, so reading them is linear.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import regex

from cleantext.canon.forms import Forms, american, load_forms, may_be_ise
from cleantext.canon.numbers import NUMBER_WORDS, Number, read_number, read_ordinal
from cleantext.words import Words, lower_word

__all__ = [
    "Unit",
    "VariantKind",
    "find_units",
    "variant_of",
]

VariantKind = Literal["spelling variant", "number form", "abbreviation"]

_MONTHS = frozenset(
    "january february march april may june july august september october november december".split()
)
#: What may stand between the words of one name.
_JOINS = frozenset(" -\u00a0\u2010\u2011")


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of words that can be written in another way.

    Attributes:
        start: index of its first word.
        stop: index behind its last word.
        text_start: where it starts in code points; a currency sign in front belongs to it.
        text_stop: where it ends; the stop of an abbreviation and a per cent sign belong to it.
        key: the same for all ways to write it.
        kind: what kind of variant it can be.
        number: the number it is, if it is one.
        day_first: whether it is a date that begins with the day.
    """

    start: int
    stop: int
    text_start: int
    text_stop: int
    key: str
    kind: VariantKind
    number: Number | None = None
    day_first: bool = False


def find_units(words: Words) -> list[Unit]:
    """The units of a text in order; words that can be written in one way only are in none.

    >>> from cleantext.words import split
    >>> [(u.start, u.stop, u.key) for u in find_units(split("The U.S. sent $10bn on 26 Nov."))]
    [(1, 3, '=united states'), (4, 5, 'n:10000000000'), (6, 8, 'd:=november 26')]
    """
    low = [lower_word(word) for word in words.words]
    table, openers = load_forms(), _openers()
    units: list[Unit] = []
    i = 0
    while i < len(words):
        word = low[i]
        if not (word in openers or len(word) == 1 or word[0].isdigit() or may_be_ise(word)):
            i += 1
            continue
        unit = (
            _date(words, low, i, table)
            or _number(words, low, i)
            or _initials(words, low, i, table)
            or _name(words, low, i, table)
            or _spelling(words, low, i)
        )
        if unit:
            units.append(unit)
        i = unit.stop if unit else i + 1
    return units


@cache
def _openers() -> frozenset[str]:
    """Every word of the lists that can begin a unit: most words are none, and quickly passed."""
    table = load_forms()
    return NUMBER_WORDS | _MONTHS | table.spelling.keys() | table.short.keys() | table.long.keys()


def variant_of(ours: Unit | None, gold: Unit | None) -> VariantKind:
    """The kind of a difference between two units with one key; a unit of plain words is None."""
    if ours and gold and ours.key[:2] == "d:" and ours.day_first == gold.day_first:
        return "abbreviation"
    kinds = {unit.kind for unit in (ours, gold) if unit}
    for kind in ("number form", "abbreviation"):
        if kind in kinds:
            return kind
    return "spelling variant"


# --- one kind of unit each ------------------------------------------------------------------------


def _joined(words: Words, start: int, stop: int) -> bool:
    """Whether the words from ``start`` to ``stop`` stand in one phrase, with nothing between."""
    return all(words.gaps[k] in _JOINS for k in range(start + 1, stop))


def _stop(words: Words, index: int) -> int:
    """Where word ``index`` ends in code points, with the stop of an abbreviation."""
    gap = words.gaps[index + 1]
    return words.end(index) + (gap[:1] == "." and gap[1:2] != ".")


def _spelling(words: Words, low: list[str], i: int) -> Unit | None:
    word = low[i]
    key = american(word)
    if key == word:
        return None
    return Unit(i, i + 1, words.starts[i], words.end(i), key, "spelling variant")


def _name(words: Words, low: list[str], i: int, table: Forms) -> Unit | None:
    """A name that can be abbreviated, or its short form as one word."""
    word, lower = words.words[i], low[i]
    for name, key in table.long.get(lower, ()):
        stop = i + len(name)
        if tuple(map(american, low[i:stop])) == name and _joined(words, i, stop):
            return Unit(i, stop, words.starts[i], words.end(stop - 1), key, "abbreviation")
    cased = table.cased.get(word)
    key = cased or ("" if lower in load_forms().cased_only else table.short.get(lower, ""))
    if not key:
        return None
    # a stop behind US is that of the sentence, one behind Nov its own
    stop = words.end(i) if word.isupper() else _stop(words, i)
    return Unit(i, i + 1, words.starts[i], stop, key, "abbreviation")


def _initials(words: Words, low: list[str], i: int, table: Forms) -> Unit | None:
    """``U.S.``, ``F.B.I.``; flattened ``u s`` only where the list knows it."""
    if len(low[i]) != 1 or not low[i].isalpha():
        return None
    stop = i + 1
    while stop < len(low) and len(low[stop]) == 1 and words.gaps[stop] in (".", ". "):
        stop += 1
    if stop > i + 1:
        key = table.short.get("".join(low[i:stop])) or "".join(low[i:stop])
    else:
        stop = i + 1 + next((n for n in (2, 1) if _flat(words, low, i, n, table)), 0)
        key = table.short["".join(low[i:stop])] if stop > i + 1 else ""
    return (
        Unit(i, stop, words.starts[i], _stop(words, stop - 1), key, "abbreviation") if key else None
    )


def _flat(words: Words, low: list[str], i: int, more: int, table: Forms) -> bool:
    """Whether word ``i`` and ``more`` behind it are the letters of one name the list knows."""
    letters = low[i : i + more + 1]
    return (
        all(len(letter) == 1 for letter in letters)
        and len(letters) == more + 1
        and all(words.gaps[k] == " " for k in range(i + 1, i + more + 1))
        and "".join(letters) in table.short
    )


def _number(words: Words, low: list[str], i: int) -> Unit | None:
    number = read_number(words, low, i) or read_ordinal(words, low, i)
    if not number:
        return None
    return Unit(
        i, number.stop, number.text_start, number.text_stop, number.key, "number form", number
    )


def _date(words: Words, low: list[str], i: int, table: Forms) -> Unit | None:
    """``November 26``, ``Nov. 26th``, ``26 November``: one key."""
    if i + 1 >= len(low) or words.gaps[i + 1] not in (" ", "\u00a0", ". "):
        return None
    month, other = _month(words.words[i], table), _month(words.words[i + 1], table)
    day = _day(low[i + 1] if month else low[i])
    if not day or bool(month) == bool(other):
        return None
    key = f"d:{month or other} {day}"
    stop = words.end(i + 1) if month else _stop(words, i + 1)
    return Unit(i, i + 2, words.starts[i], stop, key, "number form", day_first=not month)


def _month(word: str, table: Forms) -> str:
    low = lower_word(word)
    if low in _MONTHS:
        return "=" + low
    key = table.short.get(low, "")
    return (
        key if key[1:] in _MONTHS and (low not in load_forms().cased_only or word.istitle()) else ""
    )


_DAY = regex.compile(r"([12]?[0-9]|3[01])(?:st|nd|rd|th)?")


def _day(word: str) -> str:
    match = _DAY.fullmatch(word)
    return match.group(1) if match else ""
