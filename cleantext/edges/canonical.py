"""What the canonical version has at a text's edge."""

from __future__ import annotations

from collections.abc import Sequence

from cleantext.edges.fit import Side

__all__ = ["canonical_word"]

#: Words beside the edge that both versions must share, and at most how many are compared.
LEAST, MOST = 2, 12


def canonical_word(words: Sequence[str], canonical: Sequence[str], side: Side) -> str | None:
    """The canonical version's word in the place of the one at a text's edge; all words lowered.

    The place is where most of the words beside the edge stand in the canonical version too. A
    word-by-word alignment would not do: what follows a window's last word is all missing from the
    text, so that the last few words fit many places equally well.

    Returns:
        The word itself if it is whole, the longer one if it was cut, None if the versions differ.

    >>> canonical_word(["taken", "a", "li"], ["had", "taken", "a", "line"], "end")
    'line'
    """
    if side == "start":
        words, canonical = words[::-1], canonical[::-1]
    fragment, beside = words[-1], words[-2 : -2 - MOST : -1]
    best, found = min(LEAST, len(beside)), set[str]()
    for place in range(len(canonical) - 1):
        shared = _shared(beside, canonical, place)
        if shared > best:
            best, found = shared, set()
        if shared == best:
            found.add(canonical[place + 1])
    if fragment in found:
        return fragment
    part_of = str.endswith if side == "start" else str.startswith
    fitting = [word for word in found if part_of(word, fragment) and word.isalpha()]
    return fitting[0] if len(fitting) == 1 else None


def _shared(beside: Sequence[str], canonical: Sequence[str], place: int) -> int:
    """How many words back from a place are those beside the edge."""
    count = 0
    while count < min(len(beside), place + 1) and beside[count] == canonical[place - count]:
        count += 1
    return count
