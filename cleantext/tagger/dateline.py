"""Datelines: ``phnom penh cambodia ap`` as ``PHNOM PENH, Cambodia (AP) —``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cleantext.tagger.labels import case_of
from cleantext.words import lower_word, lower_words, split

__all__ = ["Dateline", "dateline_end", "read_dateline", "wire_end"]

_PATH = Path(__file__).parents[1] / "data" / "datelines.tsv"
#: Words in the longest dateline.
_LONGEST = 10


@dataclass(frozen=True, slots=True)
class Dateline:
    """How the words of a dateline are set.

    Attributes:
        gaps: ``n`` gap strings, the one behind the last word included; empty where the city's own
            name decides.
        cases: ``n`` case patterns.
    """

    gaps: tuple[str, ...]
    cases: tuple[str, ...]


@lru_cache(maxsize=1)
def _forms() -> dict[str, dict[tuple[str, ...], str]]:
    """Regions and agencies by their lowered words, each with its form in print."""
    found: dict[str, dict[tuple[str, ...], str]] = {"region": {}, "agency": {}}
    for line in _PATH.read_text(encoding="utf-8").splitlines():
        kind, form = line.split("\t")
        found[kind].setdefault(tuple(map(lower_word, split(form).words)), form)
    return found


def _suffix(words: tuple[str, ...], forms: dict[tuple[str, ...], str]) -> str | None:
    """The longest form that the words end in, if something stands before it."""
    for size in range(min(4, len(words)), 0, -1):
        if words[-size:] in forms:
            return forms[words[-size:]]
    return None


def dateline_end(words: Sequence[str], stop: int) -> int:
    """Where a dateline ends that was found to end at about word ``stop``.

    An agency ends it, found up to two words off; or else a region up to two words before.

    >>> dateline_end("phnom penh cambodia ap cambodian prime".split(), 5)
    4
    >>> dateline_end("washington u s senators".split(), 1)
    1
    """
    lowered = lower_words(words[: stop + 2])
    for kind, steps in (("agency", (0, -1, 1, -2, 2)), ("region", (0, -1, -2))):
        for end in (stop + step for step in steps):
            form = _suffix(lowered[:end], _forms()[kind]) if 1 < end <= len(lowered) else None
            if form is not None and len(split(form).words) < end:
                return end
    return stop


def wire_end(words: Sequence[str]) -> int:
    """Behind the agency of a text that begins with a place, a region and an agency; else 0.

    >>> wire_end("richmond va reuters officials said".split()), wire_end("the ap said".split())
    (3, 0)
    """
    lowered = lower_words(words[:_LONGEST])
    for end in range(3, len(lowered) + 1):
        agency = _suffix(lowered[:end], _forms()["agency"])
        if agency is not None:
            at = end - len(split(agency).words)
            region = _suffix(lowered[:at], _forms()["region"])
            return end if region is not None and len(split(region).words) < at else 0
    return 0


def read_dateline(words: Sequence[str]) -> Dateline | None:
    """How a dateline is set: city in capitals, region after a comma, agency in brackets.

    Args:
        words: those of the dateline alone, in any case.

    Returns:
        None if the words are no dateline: too many, or an agency without a place.

    >>> read_dateline("richmond va reuters".split()).gaps
    (', ', '. (', ') — ')
    >>> read_dateline("phnom penh cambodia ap".split()).cases
    ('upper', 'upper', 'title', 'upper')
    """
    lowered = lower_words(words)
    if not 0 < len(lowered) <= _LONGEST:
        return None
    gaps = [""] * len(lowered)
    cases = ["upper"] * len(lowered)
    stop, closing = len(lowered), " — "
    agency = _suffix(lowered, _forms()["agency"])
    if agency is not None:
        at = stop - len(split(agency).words)
        _place(agency, at, gaps, cases)
        gaps[-1] = ") — "
        if at == 0:
            return None
        stop, closing = at, " ("
    region = _suffix(lowered[:stop], _forms()["region"])
    size = len(split(region).words) if region is not None else 0
    if region is not None and size < stop:
        at = stop - size
        _place(region, at, gaps, cases)
        gaps[at - 1] = ", "
        gaps[stop - 1] = "." + closing if region.endswith(".") else closing
    else:
        gaps[stop - 1] = closing
    return Dateline(tuple(gaps), tuple(cases))


def _place(form: str, at: int, gaps: list[str], cases: list[str]) -> None:
    """Set the words of a form, whose own gaps stand between them."""
    found = split(form)
    for i, word in enumerate(found.words):
        cases[at + i] = case_of(word)
        if i:
            gaps[at + i - 1] = found.gaps[i]
