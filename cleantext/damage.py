"""The damage that scrapers do to copy, as separate, seeded functions that compose.

A *damage* is a callable that holds its own settings, takes a text and a source of chance, and
returns the damaged text with its way back to what it was (:class:`Degraded`). :func:`degrade` runs
several in order. Tests, evaluation and training all use these, so that they mean the same copy.

Every damage draws from a generator of its own, seeded from the seed, the text, the damage's name
and its turn among damages of that name. So the settings of one never move the dice of another, and
one seed serves a whole corpus without cutting each article at the same place.
"""

from __future__ import annotations

import unicodedata
import zlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from random import Random
from typing import Literal, NamedTuple, Protocol, get_args

import regex

from cleantext.words import WORD, lower_char, upper_char

__all__ = [
    "DEFAULT",
    "FLAT",
    "Casefold",
    "Damage",
    "Degraded",
    "DuplicateLines",
    "Flatten",
    "Letters",
    "Mojibake",
    "Partial",
    "Span",
    "StripMarks",
    "TitleCase",
    "UpperCase",
    "Window",
    "degrade",
]

Policy = Literal["keep", "ascii", "space"]
Unit = Literal["paragraph", "sentence"]
Codec = Literal["cp1252", "latin-1"]

_BREAKS = "\n\r\v\f\x85\u2028\u2029"
_LINE_BREAK = regex.compile(rf"[{_BREAKS}]+")
_PARAGRAPH_BREAK = regex.compile(r"\R\s*\R")
#: Runs that are not one blank already; at the edges of the text a blank is one too many.
_MARKS = regex.compile(r"[^\p{L}\p{N}\p{M}]{2,}+|[^\p{L}\p{N}\p{M} ]|\A | \Z")
_MARK = regex.compile(r"[^\p{L}\p{N}\p{M}]")
_MARK_IN_LINE = regex.compile(rf"[^\p{{L}}\p{{N}}\p{{M}}{_BREAKS}]")
_SPACE_RUN = regex.compile(rf"\s{{2,}}+|[{_BREAKS}]")
_BEYOND_ASCII = regex.compile(r"[^\x00-\x7f]")
_LETTER_BEYOND_ASCII = regex.compile(r"(?V1)[[\p{L}\p{N}\p{M}]--[\x00-\x7f]]")
#: The first character of a word, but not of what follows an apostrophe: Don't, not Don'T.
_FIRST = regex.compile(r"(?<![\p{L}\p{N}\p{M}]['\u2019]?)[\p{L}\p{N}]")
_SENTENCE_BREAK = regex.compile(
    r"(?:[?!…]|(?<!\b(?:\p{Lu}|Mr|Mrs|Ms|Dr|St|Sen|Rep|Gov|Gen|Lt|Col|Sgt|Rev|No))\.)"
    r"[\"'\u201d\u2019)\]]*+(\s++)(?=[\"'\u201c\u2018(\[]*+[\p{Lu}\p{Lt}\p{N}])"
)
#: Letters that Unicode does not decompose, as newsrooms spell them in ASCII.
_ASCII_SPELLING = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "\u0131": "i",
}  # fmt: skip
#: Windows-1252 by byte; the five bytes it leaves undefined stay control characters, as in browsers.
_CP1252 = {
    b: bytes([b]).decode("cp1252") for b in range(0x80, 0xA0) if b not in b"\x81\x8d\x8f\x90\x9d"
}
#: How far (code points) a window's edge may move to find a word to cut.
_REACH = 200


# --- a degraded text and its way back -------------------------------------------------------------


class Span(NamedTuple):
    """A stretch of a degraded text and the stretch of the source it came from, in code points.

    Sides of equal length correspond character by character, others as a whole; an empty source side
    marks something inserted. A named tuple, because a megabyte has fifty thousand of them.
    """

    start: int
    end: int
    source_start: int
    source_end: int

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The source of ``start .. end``, a part of the degraded side."""
        if self.end - self.start != self.source_end - self.source_start:
            return self.source_start, self.source_end
        shift = self.source_start - self.start
        return start + shift, end + shift


@dataclass(frozen=True, slots=True)
class Degraded:
    """A degraded text, the text that went in, and how the two belong together.

    Attributes:
        text: the degraded text.
        source: the text that went in.
        spans: tile ``text`` from its start to its end. Their source sides ascend as well, save that
            a duplicated line goes back to the line it repeats; what is in none of them was dropped.
        hit: the stretches ``(start, end)`` of ``source`` that were damaged, ascending: the whole
            text, or the units that :class:`Partial` and :class:`DuplicateLines` chose. A damage
            that changed nothing hits nothing.
    """

    text: str
    source: str
    spans: tuple[Span, ...]
    hit: tuple[tuple[int, int], ...]

    @classmethod
    def mapped(cls, source: str, text: str) -> Degraded:
        """A text that corresponds to its source character by character.

        Raises:
            ValueError: if the lengths differ.
        """
        size = len(source)
        if len(text) != size:
            raise ValueError(
                f"the text has {len(text)} code points and its source {size}; where the length"
                " changes, say what was replaced with Degraded.replaced"
            )
        spans = (Span(0, size, 0, size),) if size else ()
        return cls(text, source, spans, _whole(source, text))

    @classmethod
    def replaced(cls, source: str, changes: Iterable[tuple[int, int, str]]) -> Degraded:
        """A text in which each ``(start, end, new)`` puts ``new`` for ``source[start:end]``.

        Args:
            source: the text that goes in.
            changes: in ascending order, without overlap.

        >>> Degraded.replaced("the U.S.", [(5, 6, " "), (7, 8, "")]).text
        'the U S'
        """
        parts: list[str] = []
        spans: list[Span] = []
        copied = opened = shift = 0
        for start, end, new in changes:
            parts += (source[copied:start], new)
            copied = end
            grown = len(new) - (end - start)
            if not grown:
                continue
            here = start + shift
            if start > opened:
                spans.append(Span(opened + shift, here, opened, start))
            if new:
                spans.append(Span(here, here + len(new), start, end))
            shift += grown
            opened = end
        parts.append(source[copied:])
        if len(source) > opened:
            spans.append(Span(opened + shift, len(source) + shift, opened, len(source)))
        text = "".join(parts)
        return cls(text, source, tuple(spans), _whole(source, text))

    def source_of(self, offset: int) -> int:
        """The place in the source that a place in the text came from, both in code points.

        Raises:
            IndexError: if the offset is not in ``0 .. len(text)``.

        >>> degrade("Mr. Hun Sen", damage=FLAT).source_of(3)
        4
        """
        if not 0 <= offset <= len(self.text):
            raise IndexError(f"offset {offset} is outside the text (0 to {len(self.text)})")
        if not self.spans:
            return 0
        span = self.spans[bisect_right(self.spans, offset, key=attrgetter("start")) - 1]
        if offset == span.end:
            return span.source_end
        last = max(span.source_end - 1, span.source_start)
        return min(span.source_start + offset - span.start, last)

    def then(self, later: Degraded) -> Degraded:
        """This damage and a later one of its text, as one.

        Raises:
            ValueError: if the later one did not start from this text.
        """
        if later.source != self.text:
            raise ValueError(
                "the later damage starts from another text; damage the .text of the earlier one"
            )
        return Degraded(later.text, self.source, _composed(self, later), _hits(self, later))


def _whole(source: str, text: str) -> tuple[tuple[int, int], ...]:
    return ((0, len(source)),) if source != text else ()


def _is_mapped(damaged: Degraded) -> bool:
    size = len(damaged.text)
    return damaged.spans == ((0, size, 0, size),) and len(damaged.source) == size


def _composed(first: Degraded, second: Degraded) -> tuple[Span, ...]:
    if not second.spans or _is_mapped(first):
        return second.spans
    if _is_mapped(second):
        return first.spans
    starts = [span.start for span in first.spans]
    spans: list[Span] = []
    for start, end, middle_start, middle_end in second.spans:
        if middle_start == middle_end:
            place = first.source_of(middle_start)
            spans.append(Span(start, end, place, place))
            continue
        parts: list[Span] = []
        shift = start - middle_start
        for index in range(bisect_right(starts, middle_start) - 1, len(starts)):
            inner = first.spans[index]
            if inner.start >= middle_end:
                break
            low, high = max(inner.start, middle_start), min(inner.end, middle_end)
            parts.append(Span(low + shift, high + shift, *inner.source(low, high)))
        if end - start != middle_end - middle_start:
            # a run that reaches from a line into its copy turns back: it ends where the line does
            reach = max(part.source_end for part in parts)
            parts = [Span(start, end, parts[0].source_start, reach)]
        spans += parts
    return tuple(spans)


def _hits(first: Degraded, second: Degraded) -> tuple[tuple[int, int], ...]:
    whole = ((0, len(first.source)),)
    if not second.hit or first.hit == whole:
        return first.hit
    if second.hit == ((0, len(second.source)),):
        return whole
    found = list(first.hit)
    for start, end in second.hit:
        low = bisect_right(first.spans, start, key=attrgetter("start")) - 1
        high = bisect_right(first.spans, end - 1, key=attrgetter("start"))
        parts = [
            span.source(max(span.start, start), min(span.end, end))
            for span in first.spans[low:high]
        ]
        found.append((min(part[0] for part in parts), max(part[1] for part in parts)))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


def _spliced(source: str, pieces: Iterable[tuple[int, Degraded]]) -> Degraded:
    """``source`` with the stretch at each start replaced by its damaged form, the rest as is."""
    parts: list[str] = []
    spans: list[Span] = []
    hit: list[tuple[int, int]] = []
    copied = place = 0
    for start, piece in pieces:
        if start > copied:
            spans.append(Span(place, place + start - copied, copied, start))
        parts += (source[copied:start], piece.text)
        place += start - copied
        spans += (
            Span(
                span.start + place,
                span.end + place,
                span.source_start + start,
                span.source_end + start,
            )
            for span in piece.spans
        )
        place += len(piece.text)
        copied = start + len(piece.source)
        if piece.hit:
            hit.append((start, copied))
    if len(source) > copied:
        spans.append(Span(place, place + len(source) - copied, copied, len(source)))
    parts.append(source[copied:])
    return Degraded("".join(parts), source, tuple(spans), tuple(hit))


# --- the damages ----------------------------------------------------------------------------------


class Damage(Protocol):
    """Anything that damages a text: a callable that holds its own settings.

    It takes all its chance from ``rng`` and returns a :class:`Degraded` whose source is ``text``;
    :meth:`Degraded.replaced` and :meth:`Degraded.mapped` build one.
    """

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Damage ``text``."""
        ...


def _one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; choose one of {', '.join(allowed)}")


def _at_least(name: str, value: int | None, least: int) -> None:
    if value is not None and value < least:
        raise ValueError(f"{name} is {value} code points; give {least} or more")


def _is_share(share: float) -> None:
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share}; give a part of the whole, from 0 to 1")


def _by_character(text: str, form: Callable[[str], str]) -> str:
    # one call for each distinct character and one pass in C
    return text.translate({ord(char): form(char) for char in set(text)})


def _lowered(text: str) -> str:
    return text.lower() if text.isascii() else _by_character(text, lower_char)


@dataclass(frozen=True, slots=True)
class Casefold:
    """Capitals lowered as in :func:`cleantext.words.lower_word`; the length never changes.

    >>> degrade("McConnell of Kentucky", damage=[Casefold()]).text
    'mcconnell of kentucky'
    """

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Lower every capital that can be raised again."""
        return Degraded.mapped(text, _lowered(text))


@dataclass(frozen=True, slots=True)
class UpperCase:
    """Every letter raised that can be lowered again; the length never changes.

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

    >>> degrade("NASA doesn't say", damage=[TitleCase()]).text
    "Nasa Doesn't Say"
    """

    keep_capitals: bool = False

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Raise the first letter of every word."""
        rest = text if self.keep_capitals else _lowered(text)
        return Degraded.mapped(text, _FIRST.sub(lambda match: upper_char(match[0]), rest))


@dataclass(frozen=True, slots=True)
class StripMarks:
    """Every character that is no letter, digit or combining mark turned into a space.

    Attributes:
        collapse: a run becomes one space, and none at the edges of the text: so it is in real copy.
            Without it the length does not change.
        keep_newlines: leave line breaks standing.

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
                new = "".join(_LINE_BREAK.findall(match[0])) or new
            yield start, end, new


@dataclass(frozen=True, slots=True)
class Flatten:
    """The layout lost: white space that holds a line break becomes one space, or none at the edges.

    Attributes:
        wrap: break the flat text again into lines of at most so many code points; a longer word
            stands alone.

    >>> degrade("Headline\\n\\nFirst  line\\nand more\\n", damage=[Flatten()]).text
    'Headline First  line and more'
    """

    wrap: int | None = None

    def __post_init__(self) -> None:
        _at_least("wrap", self.wrap, 1)

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Take the line breaks out."""
        if not any(char in text for char in _BREAKS):
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
            if _LINE_BREAK.search(match[0]):
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

    Other characters, curly quotes among them, stay. Put it before :class:`StripMarks`, which
    collapses the spaces it leaves.

    Attributes:
        policy: ``ascii`` folds (é to e, ß to ss) and sets a space for what has no ASCII form.

    >>> degrade("Beyoncé in Gießen", damage=[Letters("ascii")]).text
    'Beyonce in Giessen'
    >>> degrade("Beyoncé in Gießen", damage=[Letters("space")]).text
    'Beyonc  in Gie en'
    """

    policy: Policy = "keep"

    def __post_init__(self) -> None:
        _one_of("policy", self.policy, get_args(Policy))

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
class Window:
    """A window of characters that cuts words at both ends.

    Without ``start`` it falls at random and its edges move inwards until each parts a word in two;
    a text no longer than the window loses a part of its first and last word. Where no word of two
    characters is in reach the edge stays.

    Attributes:
        chars: the most code points it holds.
        start: take exactly ``text[start : start + chars]`` instead, wherever that cuts.

    >>> degrade("Hun Sen wrote", damage=[Window(8, start=1)]).text
    'un Sen w'
    """

    chars: int = 3500
    start: int | None = None

    def __post_init__(self) -> None:
        _at_least("chars", self.chars, 1)
        _at_least("start", self.start, 0)

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Take the window."""
        if self.start is None:
            start, end = self._edges(text, rng)
        else:
            start = min(self.start, len(text))
            end = min(start + self.chars, len(text))
        spans = (Span(0, end - start, start, end),) if end > start else ()
        cut = text[start:end]
        return Degraded(cut, text, spans, _whole(text, cut))

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


@dataclass(frozen=True, slots=True)
class Mojibake:
    """UTF-8 read as another encoding, so that ``é`` becomes ``Ã©``.

    Bytes that Windows-1252 does not define stay control characters, as browsers read them, so every
    text has a result; lone surrogates are taken as the three bytes they would have had.

    >>> degrade("a café for £5", damage=[Mojibake()]).text
    'a cafÃ© for Â£5'
    """

    encoding: Codec = "cp1252"

    def __post_init__(self) -> None:
        _one_of("encoding", self.encoding, get_args(Codec))

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Read the text in the wrong encoding."""
        return Degraded.replaced(
            text,
            ((*match.span(), self._misread(match[0])) for match in _BEYOND_ASCII.finditer(text)),
        )

    def _misread(self, char: str) -> str:
        read = char.encode("utf-8", "surrogatepass").decode("latin-1")
        return read.translate(_CP1252) if self.encoding == "cp1252" else read


@dataclass(frozen=True, slots=True)
class DuplicateLines:
    """Lines that stand twice, as captions do: the copy follows on a line of its own.

    Attributes:
        share: share (0..1) of the lines that are no blank to repeat.

    >>> degrade("A caption\\n\\nThe story", damage=[DuplicateLines(1)]).text
    'A caption\\nA caption\\n\\nThe story\\nThe story'
    """

    share: float = 0.2

    def __post_init__(self) -> None:
        _is_share(self.share)

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Repeat some lines."""
        lines = _between(text, (match.span() for match in _LINE_BREAK.finditer(text)))
        return _spliced(
            text,
            (
                (lines[i][0], _twice(text[slice(*lines[i])]))
                for i in _chosen(lines, self.share, rng)
            ),
        )


def _twice(line: str) -> Degraded:
    size = len(line)
    spans = Span(0, size, 0, size), Span(size, size + 1, size, size)
    again = Span(size + 1, 2 * size + 1, 0, size)
    return Degraded(f"{line}\n{line}", line, (*spans, again), ((0, size),))


@dataclass(frozen=True, slots=True)
class Partial:
    """A damage, or several in order, done to a random share of the paragraphs or sentences only.

    Everything else stays byte for byte, the white space around the units included. With another
    share the same units are hit first. A paragraph ends at an empty line, or at every line break in
    a text without empty lines. A sentence ends in a paragraph where ``.``, ``?``, ``!`` or ``…``,
    closing quotes and white space are followed by a capital or a digit, unless a single capital, a
    title or ``No`` stands before the stop: simple, and wrong behind other abbreviations.

    Attributes:
        damage: what is done to each unit chosen.
        share: share (0..1) of the units; a remainder is one unit more with that probability.
        unit: what is chosen.

    >>> degrade("One. Two.\\n\\nThree.", damage=[Partial(FLAT, 1.0, "sentence")]).text
    'one two\\n\\nthree'
    """

    damage: Damage | Sequence[Damage]
    share: float
    unit: Unit = "paragraph"

    def __post_init__(self) -> None:
        _is_share(self.share)
        _one_of("unit", self.unit, get_args(Unit))

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Damage some units."""
        damages = (self.damage,) if callable(self.damage) else self.damage
        key = rng.getrandbits(64)
        units = _units(text, self.unit)
        chosen = _chosen(units, self.share, rng)
        return _spliced(
            text,
            ((units[i][0], _run(text[slice(*units[i])], damages, f"{key}/{i}")) for i in chosen),
        )


def _units(text: str, unit: Unit) -> list[tuple[int, int]]:
    breaks = _PARAGRAPH_BREAK if _PARAGRAPH_BREAK.search(text) else _LINE_BREAK
    gaps = [match.span() for match in breaks.finditer(text)]
    if unit == "sentence":
        gaps += [match.span(1) for match in _SENTENCE_BREAK.finditer(text)]
        gaps.sort()
    return _between(text, gaps)


def _between(text: str, gaps: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """What stands between the gaps, without the white space around it; blanks are left out."""
    found: list[tuple[int, int]] = []
    last = 0
    for start, end in (*gaps, (len(text), len(text))):
        piece = text[last:start]
        if kept := piece.strip():
            left = last + len(piece) - len(piece.lstrip())
            found.append((left, left + len(kept)))
        last = end
    return found


def _chosen(units: Sequence[object], share: float, rng: Random) -> list[int]:
    count = int(share * len(units) + rng.random())
    order = sorted((rng.random(), index) for index in range(len(units)))
    return sorted(index for _, index in order[:count])


# --- running them ---------------------------------------------------------------------------------

#: Case, marks and layout lost, every word whole.
FLAT: tuple[Damage, ...] = (Casefold(), StripMarks(), Flatten())
#: What scraped copy looks like: :data:`FLAT`, and cut off in the middle of a word at both ends.
DEFAULT: tuple[Damage, ...] = (*FLAT, Window())


def _run(text: str, damages: Iterable[Damage], key: str) -> Degraded:
    damaged = Degraded.mapped(text, text)
    turns: Counter[str] = Counter()
    for damage in damages:
        name = type(damage).__name__
        turns[name] += 1
        damaged = damaged.then(damage(damaged.text, Random(f"{key}/{name}/{turns[name]}")))
    return damaged


def degrade(text: str, *, seed: int = 0, damage: Sequence[Damage] = DEFAULT) -> Degraded:
    """Damage a text as scrapers do; the same text, seed and damage give the same result.

    Args:
        text: clean copy, of any length.
        seed: another seed, other choices, in the damages that choose.
        damage: what is done, in this order.

    >>> degrade("PHNOM PENH (AP) — Mr. Trump's letter, he said.", damage=FLAT).text
    'phnom penh ap mr trump s letter he said'
    >>> degrade("Capitalism struggles during COVID-19 pandemic", seed=3).text
    'alism struggles during covid 19 pandemi'
    """
    key = f"{seed}/{zlib.crc32(text.encode('utf-8', 'surrogatepass'))}"
    return _run(text, damage, key)
