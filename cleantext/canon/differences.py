"""A difference between a text and its canonical version: its kind, its places, how sure it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

__all__ = ["KINDS", "Difference", "DifferenceKind"]

DifferenceKind = Literal[
    "casing",
    "mark",
    "quote style",
    "mark style",
    "spacing",
    "spelling variant",
    "number form",
    "abbreviation",
    "honorific",
    "word changed",
    "phrase added",
    "phrase missing",
    "sentence moved",
    "block repeated",
    "boilerplate",
]
"""What a difference is of.

``casing``
    the same word with other capitals.
``mark``
    a mark that one of them lacks, or another mark; ``marks`` says which.
``quote style``
    quotation marks and apostrophes of another form, or in another order with comma and stop.
``mark style``
    another form of the same mark: a dash, an ellipsis, a bracket.
``spacing``
    white space only.
``spelling variant``
    British and American, or one word and two (``southeast``, ``south-east``).
``number form``
    one number, date or time written in two ways.
``abbreviation``
    a short form and a long one, or a short form with stops and without.
``honorific``
    a title before a name, or another one.
``word changed``
    up to four words in the place of others.
``phrase added``
    words that only the text has.
``phrase missing``
    words that only the canonical version has.
``sentence moved``
    eight words or more that stand elsewhere in the canonical version.
``block repeated``
    eight words or more that stand twice in one of them and once in the other.
``boilerplate``
    a block that only one of them has and that belongs to the page, not to the story.
"""

KINDS: tuple[DifferenceKind, ...] = get_args(DifferenceKind)


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference; all places are code points of the two texts as they were given.

    Attributes:
        kind: see :data:`DifferenceKind`.
        text_start: where it starts in the text.
        text_stop: where it stops there; the same place where the text has nothing.
        canonical_start: where it starts in the canonical version.
        canonical_stop: where it stops there.
        text: what stands there in the text.
        canonical: what stands there in the canonical version.
        detail: what it is, in a few words for a person.
        marks: for marks, their kinds (:data:`cleantext.canon.marks.MARKS`) in the text and in the
            canonical version, one of which may be empty.
        confidence: how sure the kind is (0..1): by its rule, and by how many equal words stand
            around it. A rule of thumb, not measured as a probability.
    """

    kind: DifferenceKind
    text_start: int
    text_stop: int
    canonical_start: int
    canonical_stop: int
    text: str
    canonical: str
    detail: str = ""
    marks: tuple[str, str] = ("", "")
    confidence: float = 1.0

    @property
    def house_style(self) -> bool:
        """Whether ``check(..., style=True)`` leaves it out.

        >>> Difference("abbreviation", 0, 4, 0, 2, "U.S.", "US").house_style
        True
        >>> Difference("abbreviation", 0, 4, 0, 13, "U.S.", "United States").house_style
        False
        """
        if self.kind == "abbreviation":
            ours, gold = ("".join(filter(str.isalnum, s)) for s in (self.text, self.canonical))
            return ours == gold
        if self.kind == "number form":  # 5 pm and 5 p.m.
            ours, gold = ("".join(filter(str.isalnum, s)) for s in (self.text, self.canonical))
            return ours == gold and ours[-2:].lower() in ("am", "pm")
        return self.kind in ("quote style", "mark style", "spacing")

    def to_dict(self) -> dict[str, Any]:
        """The fields, for JSON."""
        return {**asdict(self), "marks": list(self.marks)}
