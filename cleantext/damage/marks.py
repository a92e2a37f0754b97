"""Damages of what stands between words: marks, the layout, and the edges of a window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import regex

from cleantext.damage.degraded import Degraded, Span, whole
from cleantext.damage.protocol import BREAKS, LINE_BREAK, at_least
from cleantext.words import WORD

__all__ = ["Flatten", "StripMarks", "Window"]

#: Runs that are not one blank already; at the edges of the text a blank is one too many.
_MARKS = regex.compile(r"[^\p{L}\p{N}\p{M}]{2,}+|[^\p{L}\p{N}\p{M} ]|\A | \Z")
_MARK = regex.compile(r"[^\p{L}\p{N}\p{M}]")
_MARK_IN_LINE = regex.compile(rf"[^\p{{L}}\p{{N}}\p{{M}}{BREAKS}]")
_SPACE_RUN = regex.compile(rf"\s{{2,}}+|[{BREAKS}]")
#: How far (code points) a window's edge may move to find a word to cut.
_REACH = 200


@dataclass(frozen=True, slots=True)
class StripMarks:
    """Every character that is no letter, digit or combining mark turned into a space.

    Attributes:
        collapse: a run becomes one space, and none at the edges of the text: so it is in real copy.
            Without it the length does not change.
        keep_newlines: leave line breaks standing.

    >>> from cleantext.damage import degrade
    >>> degrade("the U.S. sent $1,000.", damage=[StripMarks()]).text
    'the U S sent 1 000'
    >>> degrade("the U.S. sent", damage=[StripMarks(collapse=False)]).text
    'the U S  sent'
    """

    collapse: bool = True
    keep_newlines: bool = False

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Turn marks into spaces."""
        if self.collapse:
            return Degraded.replaced(text, self._runs(text))
        marks = _MARK_IN_LINE if self.keep_newlines else _MARK
        return Degraded.mapped(text, marks.sub(" ", text))

    def _runs(self, text: str) -> Iterator[tuple[int, int, str]]:
        size = len(text)
        for match in _MARKS.finditer(text):
            start, end = match.span()
            new = "" if start == 0 or end == size else " "
            if self.keep_newlines:
                new = "".join(LINE_BREAK.findall(match[0])) or new
            yield start, end, new


@dataclass(frozen=True, slots=True)
class Flatten:
    """The layout lost: white space that holds a line break becomes one space, or none at the edges.

    Attributes:
        wrap: break the flat text again into lines of at most so many code points; a longer word
            stands alone.

    >>> from cleantext.damage import degrade
    >>> degrade("Headline\\n\\nFirst  line\\nand more\\n", damage=[Flatten()]).text
    'Headline First  line and more'
    """

    wrap: int | None = None

    def __post_init__(self) -> None:
        at_least("wrap", self.wrap, 1)

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Take the line breaks out."""
        if not any(char in text for char in BREAKS):
            flat = Degraded.mapped(text, text)
        else:
            flat = Degraded.replaced(text, self._runs(text))
        if self.wrap is None:
            return flat
        return flat.then(Degraded.mapped(flat.text, _wrapped(flat.text, self.wrap)))

    @staticmethod
    def _runs(text: str) -> Iterator[tuple[int, int, str]]:
        size = len(text)
        for match in _SPACE_RUN.finditer(text):
            if LINE_BREAK.search(match[0]):
                start, end = match.span()
                yield start, end, "" if start == 0 or end == size else " "


def _wrapped(text: str, width: int) -> str:
    lines: list[str] = []
    start = 0
    while len(text) - start > width:
        # no line is left empty, so a blank in front of it is no place to break
        cut = text.rfind(" ", start + 1, start + width + 1)
        if cut < 0:
            cut = text.find(" ", start + width + 1)
        if cut < 0:
            break
        lines.append(text[start:cut])
        start = cut + 1
    lines.append(text[start:])
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Window:
    """A window of characters that cuts words at both ends.

    Without ``start`` it falls at random and its edges move inwards until each parts a word in two;
    a text no longer than the window loses a part of its first and last word. Where no word of two
    characters is in reach the edge stays.

    Attributes:
        chars: the most code points it holds.
        start: take exactly ``text[start : start + chars]`` instead, wherever that cuts.

    >>> from cleantext.damage import degrade
    >>> degrade("Hun Sen wrote", damage=[Window(8, start=1)]).text
    'un Sen w'
    """

    chars: int = 3500
    start: int | None = None

    def __post_init__(self) -> None:
        at_least("chars", self.chars, 1)
        at_least("start", self.start, 0)

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Take the window."""
        if self.start is None:
            start, end = self._edges(text, rng)
        else:
            start = min(self.start, len(text))
            end = min(start + self.chars, len(text))
        spans = (Span(0, end - start, start, end),) if end > start else ()
        cut = text[start:end]
        return Degraded(cut, text, spans, whole(text, cut))

    def _edges(self, text: str, rng: Random) -> tuple[int, int]:
        place, first, last = rng.random(), rng.random(), rng.random()
        start = int(place * (max(len(text) - self.chars, 0) + 1))
        end = min(start + self.chars, len(text))
        if not _parts_a_word(text, start):
            start = next(_cuts(text, start, min(start + _REACH, end), first), start)
        if not _parts_a_word(text, end):
            for cut in _cuts(text, max(end - _REACH, start), end, last):
                end = cut
        return start, end


def _parts_a_word(text: str, place: int) -> bool:
    around = text[max(place - 1, 0) : place + 1]
    return len(around) == 2 and WORD.fullmatch(around) is not None


def _cuts(text: str, start: int, end: int, where: float) -> Iterator[int]:
    """A place inside each word between ``start`` and ``end``, the share ``where`` along it."""
    for match in WORD.finditer(text, start, end):
        low, high = match.span()
        if high - low > 1:
            yield low + 1 + int(where * (high - low - 1))
