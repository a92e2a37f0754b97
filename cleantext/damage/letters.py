"""Damages of single characters: their case, their accents, their encoding."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Literal, get_args

import regex

from cleantext.damage.degraded import Degraded
from cleantext.damage.protocol import one_of
from cleantext.words import lower_char, upper_char

__all__ = ["Casefold", "Letters", "Mojibake", "TitleCase", "UpperCase"]

Policy = Literal["keep", "ascii", "space"]
Codec = Literal["cp1252", "latin-1"]

_BEYOND_ASCII = regex.compile(r"[^\x00-\x7f]")
_LETTER_BEYOND_ASCII = regex.compile(r"(?V1)[[\p{L}\p{N}\p{M}]--[\x00-\x7f]]")
#: The first character of a word, but not of what follows an apostrophe: Don't, not Don'T.
_FIRST = regex.compile(r"(?<![\p{L}\p{N}\p{M}]['\u2019]?)[\p{L}\p{N}]")
#: Letters that Unicode does not decompose, as newsrooms spell them in ASCII.
_ASCII_SPELLING = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "\u0131": "i",
}  # fmt: skip
#: Windows-1252 by byte; the five bytes it leaves undefined stay control characters, as in browsers.
_CP1252 = {
    b: bytes([b]).decode("cp1252") for b in range(0x80, 0xA0) if b not in b"\x81\x8d\x8f\x90\x9d"
}


def _by_character(text: str, form: Callable[[str], str]) -> str:
    # one call for each distinct character and one pass in C
    return text.translate({ord(char): form(char) for char in set(text)})


def _lowered(text: str) -> str:
    return text.lower() if text.isascii() else _by_character(text, lower_char)


@dataclass(frozen=True, slots=True)
class Casefold:
    """Capitals lowered as in :func:`cleantext.words.lower_word`; the length never changes.

    >>> from cleantext.damage import degrade
    >>> degrade("McConnell of Kentucky", damage=[Casefold()]).text
    'mcconnell of kentucky'
    """

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Lower every capital that can be raised again."""
        return Degraded.mapped(text, _lowered(text))


@dataclass(frozen=True, slots=True)
class UpperCase:
    """Every letter raised that can be lowered again; the length never changes.

    >>> from cleantext.damage import degrade
    >>> degrade("Straße in Köln", damage=[UpperCase()]).text
    'STRAßE IN KÖLN'
    """

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Raise every letter that can be lowered again."""
        return Degraded.mapped(
            text, text.upper() if text.isascii() else _by_character(text, upper_char)
        )


@dataclass(frozen=True, slots=True)
class TitleCase:
    """Every word with a capital in front, as some outlets set headlines.

    Attributes:
        keep_capitals: leave other capitals as they are (NASA, McConnell) rather than lower them.

    >>> from cleantext.damage import degrade
    >>> degrade("NASA doesn't say", damage=[TitleCase()]).text
    "Nasa Doesn't Say"
    """

    keep_capitals: bool = False

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Raise the first letter of every word."""
        rest = text if self.keep_capitals else _lowered(text)
        return Degraded.mapped(text, _FIRST.sub(lambda match: upper_char(match[0]), rest))


@lru_cache(maxsize=4096)
def _ascii(char: str) -> str:
    if unicodedata.category(char).startswith("M"):
        return ""
    folded = _ASCII_SPELLING.get(char) or unicodedata.normalize("NFKD", char)
    # ½ decomposes with a fraction slash; without it one half would read twelve
    return _BEYOND_ASCII.sub("", folded.replace("\u2044", "/")) or " "


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters, digits and combining marks beyond ASCII kept, folded to ASCII or turned to spaces.

    Other characters, curly quotes among them, stay. Put it before
    :class:`~cleantext.damage.StripMarks`, which collapses the spaces it leaves.

    Attributes:
        policy: ``ascii`` folds (é to e, ß to ss) and sets a space for what has no ASCII form.

    >>> from cleantext.damage import degrade
    >>> degrade("Beyoncé in Gießen", damage=[Letters("ascii")]).text
    'Beyonce in Giessen'
    >>> degrade("Beyoncé in Gießen", damage=[Letters("space")]).text
    'Beyonc  in Gie en'
    """

    policy: Policy = "keep"

    def __post_init__(self) -> None:
        one_of("policy", self.policy, get_args(Policy))

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Fold, blank or keep the letters."""
        if self.policy == "keep" or text.isascii():
            return Degraded.mapped(text, text)
        if self.policy == "space":
            return Degraded.mapped(text, _LETTER_BEYOND_ASCII.sub(" ", text))
        return Degraded.replaced(
            text,
            ((*match.span(), _ascii(match[0])) for match in _LETTER_BEYOND_ASCII.finditer(text)),
        )


@dataclass(frozen=True, slots=True)
class Mojibake:
    """UTF-8 read as another encoding, so that ``é`` becomes ``Ã©``.

    Bytes that Windows-1252 does not define stay control characters, as browsers read them, so every
    text has a result; lone surrogates are taken as the three bytes they would have had.

    >>> from cleantext.damage import degrade
    >>> degrade("a café for £5", damage=[Mojibake()]).text
    'a cafÃ© for Â£5'
    """

    encoding: Codec = "cp1252"

    def __post_init__(self) -> None:
        one_of("encoding", self.encoding, get_args(Codec))

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Read the text in the wrong encoding."""
        return Degraded.replaced(
            text,
            ((*match.span(), self._misread(match[0])) for match in _BEYOND_ASCII.finditer(text)),
        )

    def _misread(self, char: str) -> str:
        read = char.encode("utf-8", "surrogatepass").decode("latin-1")
        return read.translate(_CP1252) if self.encoding == "cp1252" else read
