"""Gap strings: their parts, and what of one found in a canonical version can be taken over."""

from __future__ import annotations

import regex

from cleantext.words import LINE_END

__all__ = ["closing_part", "opening_part", "parts_of", "sound_gap", "starts_sentence"]

#: A gap that is copy and no layout or markup: few marks, at most one break, before the marks that
#: cling to the next word. A row of asterisks between two paragraphs is none.
_SOUND = regex.compile(
    r"(?V1)(?<mark>[[\p{Po}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Sc}°+′″`´]--[*#@\\•·{}]]){0,5}+"
    r"(?:(?: |\n\n(?:[*•·–—-] )?)(?&mark){0,3}+(?: (?&mark){0,2}+)?)?"
)
_INVISIBLE = regex.compile(r"[\p{Cf}\p{Cc}--[\n]]", regex.VERSION1)
_BLANKS = regex.compile(r"\s+")
_NOT_A_START = frozenset(("", ",", ";"))


def parts_of(gap: str) -> tuple[str, str, str]:
    """A gap's marks before its first white space, that white space, and what follows.

    >>> parts_of(',” — '), parts_of('-')
    ((',”', ' ', '— '), ('-', '', ''))
    """
    match = _BLANKS.search(gap)
    if match is None:
        return gap, "", ""
    return gap[: match.start()], match.group(), gap[match.end() :]


def starts_sentence(gap: str) -> bool:
    """Whether a capital behind a gap may be there because a sentence begins.

    >>> [starts_sentence(gap) for gap in (". ", ', "', ", ", "-", " ")]
    [True, True, False, False, False]
    """
    left, space, right = parts_of(gap)
    return "\n" in space or bool(space and (left not in _NOT_A_START or right))


def sound_gap(gap: str, *, strip: bool) -> str | None:
    """A gap with plain white space; None if it is no gap of running copy."""
    if gap in (" ", ". ", ", "):
        return gap
    gap = _INVISIBLE.sub("", LINE_END.sub("\n", gap.replace("\t", " ")))
    gap = _BLANKS.sub(lambda m: "\n\n" if "\n" in m.group() else " ", gap)
    gap = gap.strip() if strip else gap
    return gap if _SOUND.fullmatch(gap) else None


def opening_part(gap: str) -> str:
    """What of a gap belongs to the word behind it, where a text begins there."""
    _, space, right = parts_of(gap)
    return right if space and " " not in right else ""


def closing_part(gap: str) -> str:
    """What of a gap belongs to the word before it, where a text ends there."""
    left, space, _ = parts_of(gap)
    return left.rstrip(",;:-–—") if space else ""
