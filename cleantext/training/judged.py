"""Which edits of the tagger are right: each beside the article it was made for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from cleantext.document import Document, Origin
from cleantext.edits import Edit
from cleantext.tagger.calibration import topic
from cleantext.tagger.facets import marks_of
from cleantext.tagger.labels import Role, normalise
from cleantext.words import Words, split

__all__ = ["Judged", "judge"]

_STRAIGHT = str.maketrans("“”‘’", "\"\"''")
_TAGGER = frozenset(("casing", "punctuation"))


@dataclass(frozen=True, slots=True)
class Judged:
    """An edit, as far as calibration looks at it.

    Attributes:
        topic: see :func:`cleantext.tagger.calibration.topic`.
        confidence: what the edit carries, 0..1.
        right: whether the article has what the edit sets.
        group: edits of one article with the same number stand or fall together; 0 stands alone.
    """

    topic: str
    confidence: float
    right: bool
    group: int = 0


def judge(doc: Document, gold: str) -> Iterator[Judged]:
    """Every edit of casing and punctuation, judged; nothing if the words are not those of ``gold``.

    A mark is right if the article, brought to the common style, has it on the same side of the same
    gap, whatever else stands there (single and double quotation marks count as equal); a mark that
    joins two words if it is all that stands between them; a break if the article breaks there; a
    capital if the whole word comes out as the article has it.

    Args:
        doc: restored from copy whose words are exactly those of ``gold``.
        gold: the article as published.
    """
    copy, ours = split(doc.raw), split(doc.text)
    ought = split("\n\n".join(filter(None, map(normalise, gold.splitlines()))))
    if not len(copy) == len(ours) == len(ought):
        return
    for number, made in enumerate(doc.passes):
        origin = Origin(doc.passes[:number])
        for edit in made.edits:
            if edit.normalizer not in _TAGGER:
                continue
            place = origin(edit.start)
            if edit.kind == "case":
                word = bisect_right(copy.starts, place) - 1
                right = ours.words[word] == ought.words[word]
            else:
                gap = bisect_left(copy.starts, place)
                opening = gap < len(copy) and place == copy.starts[gap]
                right = _stands(edit, ought, gap, opening=opening)
            yield Judged(topic(edit), edit.confidence, right, edit.group)


def _stands(edit: Edit, ought: Words, gap: int, *, opening: bool) -> bool:
    """Whether a gap of the article has what an edit sets there."""
    string = ought.gaps[gap]
    set_ = edit.after.translate(_STRAIGHT).strip(" ")
    if not set_:
        return "—" in string
    if "\n" in set_:
        return "\n" in string
    if edit.before:
        return string == set_
    role = Role(string)
    side = role.right if opening and role.space else role.left
    if gap == 0:
        side = string
    marks = marks_of(side)
    if edit.reason == "quotation":
        return any(mark in "\"'" for mark in marks)
    return set_ in marks
