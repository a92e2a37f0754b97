"""Numbers as news copy writes them: ``10bn``, ``US$10 billion``, ``five``, ``2 p.m.``, ``3%``.

The value of a number is its key, whatever it is written as. Times of day and ordinals are kinds
of their own: ``2pm`` is not the number 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import regex

from cleantext.words import Words

__all__ = ["NUMBER_WORDS", "Number", "read_number", "read_ordinal"]

#: Longest number that is read, in digits: what is longer is no quantity.
_DIGITS = 15

_SMALL = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
        " fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
_POWERS = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_SHORT_POWERS = {"k": 3, "m": 6, "mn": 6, "bn": 9, "b": 9, "tn": 12, "trn": 12}
_ORDINALS = {
    word: str(value)
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
        " thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
        " twentieth".split(),
        start=1,
    )
}
_MONEY = {
    "dollar": "$",
    "dollars": "$",
    "pound": "£",
    "pounds": "£",
    "euro": "€",
    "euros": "€",
    "yen": "¥",
}
#: Letters in front of a currency sign: ``US$``, ``A$``.
_COUNTRIES = frozenset("us a c s hk nz nt z r j".split())
#: Every word without a figure that can begin a number.
NUMBER_WORDS = frozenset((*_SMALL, *_TENS, *_ORDINALS, *_COUNTRIES))
_FIGURES = regex.compile(r"([0-9]+)(k|m|mn|bn|b|tn|trn|am|pm)?")
_ORDINAL = regex.compile(r"([0-9]+)(?:st|nd|rd|th)")
_GLUED_SIGN = regex.compile(r"\p{Sc}$")
_SIGN_BEHIND = regex.compile(r"\s?\p{Sc}")
_PERCENT = regex.compile(r"\s?%")
_BLANK = frozenset((" ", "\u00a0", "\u202f", "-", "\u2011"))


@dataclass(frozen=True, slots=True)
class Number:
    """A number and where it stands.

    Attributes:
        stop: index behind its last word.
        text_start: where it starts in code points, with a currency sign in front.
        text_stop: where it ends, with a sign behind.
        key: its value, the same for all ways to write it.
        money: its currency sign, with the letters in front (``US$``); empty if none is named.
    """

    stop: int
    text_start: int
    text_stop: int
    key: str
    money: str = ""


def read_number(words: Words, low: list[str], i: int) -> Number | None:
    """The number that begins at word ``i``, if one does; ``low`` are the words in small letters.

    >>> from cleantext.words import split
    >>> words = split("Some US$1.5 billion by 2:30 p.m.")
    >>> read_number(words, [word.lower() for word in words.words], 1)
    Number(stop=5, text_start=5, text_stop=19, key='n:1500000000', money='US$')
    """
    first = _behind_country(words, low, i)
    if first >= len(low):
        return None
    figures = low[first][0].isdigit()
    read = _figures(words, low, first) if figures else _spelled(words, low, first)
    if first > i and not figures:
        return None
    return _completed(words, low, i, first, *read) if read else None


def read_ordinal(words: Words, low: list[str], i: int) -> Number | None:
    """The ordinal at word ``i``, if it is one: ``26th``, ``third``."""
    match = _ORDINAL.fullmatch(low[i])
    value = match.group(1).lstrip("0") if match else _ORDINALS.get(low[i])
    if not value or len(value) > _DIGITS:
        return None
    return Number(i + 1, words.starts[i], words.end(i), f"o:{value}")


def _behind_country(words: Words, low: list[str], i: int) -> int:
    """The word after ``i`` if word ``i`` is the ``US`` of ``US$10``, else ``i``."""
    sign = words.gaps[i + 1]
    return i + (len(sign) == 1 and low[i] in _COUNTRIES and bool(_GLUED_SIGN.match(sign)))


_Read = tuple[Decimal, str, int]
"""A value, the letters behind its last figure (``bn``, ``pm``), and the index behind."""


def _figures(words: Words, low: list[str], i: int) -> _Read | None:
    """Figures with grouping and decimals."""
    match = _FIGURES.fullmatch(low[i])
    if not match:
        return None
    digits, suffix = match.group(1), match.group(2) or ""
    stop = i + 1
    while not suffix and stop < len(low) and words.gaps[stop] == "," and len(digits) <= _DIGITS:
        match = _FIGURES.fullmatch(low[stop])
        if not match or len(match.group(1)) != 3:
            break
        digits, suffix, stop = digits + match.group(1), match.group(2) or "", stop + 1
    if not suffix and stop < len(low) and words.gaps[stop] in (".", ":"):
        match = _FIGURES.fullmatch(low[stop])
        if match and (words.gaps[stop] == "." or len(match.group(1)) == 2):
            digits, suffix, stop = f"{digits}.{match.group(1)}", match.group(2) or "", stop + 1
    return (Decimal(digits), suffix, stop) if len(digits) <= _DIGITS else None


def _spelled(words: Words, low: list[str], i: int) -> _Read | None:
    """Number words as far as they make one number."""
    total = current = 0
    last = ""
    stop = i
    while stop < len(low) and (stop == i or words.gaps[stop] in _BLANK):
        word = low[stop]
        if word in _SMALL and (last in ("", "hundred") or (last == "tens" and _SMALL[word] < 10)):
            current, last = current + _SMALL[word], "small"
        elif word in _TENS and last in ("", "hundred"):
            current, last = current + _TENS[word], "tens"
        elif word == "hundred" and 0 < current < 100:
            current, last = current * 100, "hundred"
        elif word in _POWERS and current:
            total, current, last = total + current * 10 ** _POWERS[word], 0, ""
        elif word != "and" or last != "hundred" or (_next(low, stop) not in _SMALL.keys() | _TENS):
            break
        stop += 1
    return (Decimal(total + current), "", stop) if stop > i else None


def _next(low: list[str], i: int) -> str:
    return low[i + 1] if i + 1 < len(low) else ""


def _completed(
    words: Words, low: list[str], i: int, first: int, value: Decimal, suffix: str, stop: int
) -> Number:
    """A number with what stands around it: magnitude, time of day, per cent, currency."""
    start = words.starts[i]
    glued = words.gaps[first][-1:] if _GLUED_SIGN.search(words.gaps[first]) else ""
    money = (low[i].upper() if first > i else "") + glued
    if first == i and glued:
        start -= 1
    value = value.scaleb(_SHORT_POWERS.get(suffix, 0))
    if not suffix and _follows(words, low, stop) in _POWERS | {"bn": 9, "mn": 6, "tn": 12}:
        value = value.scaleb({**_POWERS, **_SHORT_POWERS}[low[stop]])
        stop += 1
    time, behind = _time_of_day(words, low, suffix, stop)
    if time:
        end = words.end(behind - 1) + (words.gaps[behind][:1] == "." and behind - stop > 1)
        return Number(behind, start, end, f"t:{value:.2f}{time}", money)
    if ":" in words.gaps[first + 1 : stop]:  # a time or a score: 2:30 is not 2.3
        return Number(stop, start, words.end(stop - 1), f"c:{value:.2f}", money)
    text = f"{value:f}"
    key = "n:" + (text.rstrip("0").rstrip(".") if "." in text else text)
    percent = _PERCENT.match(words.gaps[stop])
    if percent:
        return Number(stop, start, words.end(stop - 1) + percent.end(), key + "%", money)
    behind = _percent_word(words, low, stop)
    if behind:
        return Number(behind, start, words.end(behind - 1), key + "%", money)
    return _with_currency(words, low, stop, start, key, money)


def _with_currency(
    words: Words, low: list[str], stop: int, start: int, key: str, money: str
) -> Number:
    end = words.end(stop - 1)
    sign = _SIGN_BEHIND.match(words.gaps[stop])
    if money or not (sign or _follows(words, low, stop) in _MONEY):
        return Number(stop, start, end, key, money)
    # a sign that is glued to the next figure is that one's: €5, $10
    if sign and (sign.end() < len(words.gaps[stop]) or sign.end() == 1):
        return Number(stop, start, end + sign.end(), key, sign.group().strip())
    if sign:
        return Number(stop, start, end, key, money)
    return Number(stop + 1, start, words.end(stop), key, _MONEY[low[stop]])


def _follows(words: Words, low: list[str], i: int) -> str:
    """Word ``i`` if it belongs to the phrase before it, else nothing."""
    return low[i] if i < len(low) and (words.gaps[i] in _BLANK or not words.gaps[i]) else ""


def _time_of_day(words: Words, low: list[str], suffix: str, i: int) -> tuple[str, int]:
    """``am`` or ``pm`` and the index behind it."""
    if suffix in ("am", "pm"):
        return suffix, i
    word = _follows(words, low, i)
    if word in ("am", "pm"):
        return word, i + 1
    if word in ("a", "p") and _next(low, i) == "m" and words.gaps[i + 1] in (".", " ", ". "):
        return word + "m", i + 2
    return "", i


def _percent_word(words: Words, low: list[str], i: int) -> int:
    """The index behind ``percent`` or ``per cent``, or 0."""
    word = _follows(words, low, i)
    if word in ("percent", "pct"):
        return i + 1
    return i + 2 if word == "per" and _follows(words, low, i + 1) == "cent" else 0
