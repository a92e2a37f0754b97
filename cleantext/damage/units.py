"""Damages of some lines, sentences or paragraphs of a text, and one damage after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

import regex

from cleantext.damage.degraded import Degraded, Span, spliced
from cleantext.damage.protocol import LINE_BREAK, Damage, is_share, one_of

__all__ = ["DuplicateLines", "Partial", "run"]

Unit = Literal["paragraph", "sentence"]

_PARAGRAPH_BREAK = regex.compile(r"\R\s*\R")
_SENTENCE_BREAK = regex.compile(
    r"(?:[?!…]|(?<!\b(?:\p{Lu}|Mr|Mrs|Ms|Dr|St|Sen|Rep|Gov|Gen|Lt|Col|Sgt|Rev|No))\.)"
    r"[\"'\u201d\u2019)\]]*+(\s++)(?=[\"'\u201c\u2018(\[]*+[\p{Lu}\p{Lt}\p{N}])"
)


def run(text: str, damages: Iterable[Damage], key: str) -> Degraded:
    """Several damages in order, each with the chance that its name and its turn give it."""
    damaged = Degraded.mapped(text, text)
    turns: Counter[str] = Counter()
    for damage in damages:
        name = type(damage).__name__
        turns[name] += 1
        damaged = damaged.then(damage(damaged.text, Random(f"{key}/{name}/{turns[name]}")))
    return damaged


@dataclass(frozen=True, slots=True)
class DuplicateLines:
    """Lines that stand twice, as captions do: the copy follows on a line of its own.

    Attributes:
        share: share (0..1) of the lines that are no blank to repeat.

    >>> from cleantext.damage import degrade
    >>> degrade("A caption\\n\\nThe story", damage=[DuplicateLines(1)]).text
    'A caption\\nA caption\\n\\nThe story\\nThe story'
    """

    share: float = 0.2

    def __post_init__(self) -> None:
        is_share(self.share)

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Repeat some lines."""
        lines = _between(text, (match.span() for match in LINE_BREAK.finditer(text)))
        return spliced(
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

    >>> from cleantext.damage import FLAT, degrade
    >>> degrade("One. Two.\\n\\nThree.", damage=[Partial(FLAT, 1.0, "sentence")]).text
    'one two\\n\\nthree'
    """

    damage: Damage | Sequence[Damage]
    share: float
    unit: Unit = "paragraph"

    def __post_init__(self) -> None:
        is_share(self.share)
        one_of("unit", self.unit, get_args(Unit))

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Damage some units."""
        damages = (self.damage,) if callable(self.damage) else self.damage
        key = rng.getrandbits(64)
        units = _units(text, self.unit)
        chosen = _chosen(units, self.share, rng)
        return spliced(
            text,
            ((units[i][0], run(text[slice(*units[i])], damages, f"{key}/{i}")) for i in chosen),
        )


def _units(text: str, unit: Unit) -> list[tuple[int, int]]:
    breaks = _PARAGRAPH_BREAK if _PARAGRAPH_BREAK.search(text) else LINE_BREAK
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
