"""The damage that scrapers do to copy, as separate, seeded functions that compose.

A *damage* is a callable that holds its own settings, takes a text and a source of chance, and
returns the damaged text with its way back to what it was (:class:`Degraded`). :func:`degrade` runs
several in order. Tests, evaluation and training all use these, so that they mean the same copy.

Every damage draws from a generator of its own, seeded from the seed, the text, the damage's name
and its turn among damages of that name. So the settings of one never move the dice of another, and
one seed serves a whole corpus without cutting each article at the same place.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from cleantext.damage.degraded import Degraded, Span
from cleantext.damage.letters import Casefold, Letters, Mojibake, TitleCase, UpperCase
from cleantext.damage.marks import Flatten, StripMarks, Window
from cleantext.damage.protocol import Damage
from cleantext.damage.units import DuplicateLines, Partial, run

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

#: Case, marks and layout lost, every word whole.
FLAT: tuple[Damage, ...] = (Casefold(), StripMarks(), Flatten())
#: What scraped copy looks like: :data:`FLAT`, and cut off in the middle of a word at both ends.
DEFAULT: tuple[Damage, ...] = (*FLAT, Window())


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
    return run(text, damage, key)
