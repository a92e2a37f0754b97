"""What a damage is, and the checks of the settings that damages have."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Protocol

import regex

from cleantext.damage.degraded import Degraded

__all__ = ["BREAKS", "LINE_BREAK", "Damage", "at_least", "is_share", "one_of"]

#: The characters that break a line.
BREAKS = "\n\r\v\f\x85\u2028\u2029"
LINE_BREAK = regex.compile(rf"[{BREAKS}]+")


class Damage(Protocol):
    """Anything that damages a text: a callable that holds its own settings.

    It takes all its chance from ``rng`` and returns a :class:`Degraded` whose source is ``text``;
    :meth:`Degraded.replaced` and :meth:`Degraded.mapped` build one.
    """

    def __call__(self, text: str, rng: Random, /) -> Degraded:
        """Damage ``text``."""
        ...


def one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    """Refuse a setting that is none of those there are."""
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; choose one of {', '.join(allowed)}")


def at_least(name: str, value: int | None, least: int) -> None:
    """Refuse a length (in code points) that is too short."""
    if value is not None and value < least:
        raise ValueError(f"{name} is {value} code points; give {least} or more")


def is_share(share: float) -> None:
    """Refuse what is no share of a whole."""
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share}; give a part of the whole, from 0 to 1")
