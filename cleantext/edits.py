"""Edits: what was changed, where, why and how surely; checked when made, applied and undone here.

Every kind of edit has a predicate that says what an edit of that kind may do to the letters of a
text. An edit that breaks its predicate cannot be built, so no normalizer can slip a changed word
through as a change of case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import regex

from cleantext.words import WORD, lower_char, lower_word

__all__ = ["KINDS", "Edit", "EditError", "Kind", "apply", "in_order", "invert"]

Kind = Literal["decode", "space", "drop", "split", "complete", "case", "mark", "number"]
"""What an edit is of.

``decode``
    mojibake, entities, control characters: may change anything.
``space``
    white space and invisible characters only.
``drop``
    takes text away and leaves at most white space.
``split``
    sets white space inside a word.
``complete``
    lengthens a word that was cut.
``case``
    raises or lowers letters that map one to one both ways.
``mark``
    punctuation; touches no letter and no digit.
``number``
    marks that belong to a number (grouping, decimals, ranges, currency, per cent); touches no
    letter and no digit.
"""

KINDS: tuple[Kind, ...] = get_args(Kind)

_WORD_CHAR = regex.compile(r"[\p{L}\p{N}\p{M}]")
_SPLIT = regex.compile(r"\S+(?:\s+\S+)+")
_NOT_BLANK = regex.compile(r"[^\s\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Co}]")


class EditError(ValueError):
    """An edit that breaks its kind's predicate, or edits that do not fit their text."""


def _blank(text: str) -> bool:
    return _NOT_BLANK.search(text) is None


def _allowed(kind: Kind, before: str, after: str) -> bool:
    match kind:
        case "decode":
            return True
        case "space":
            return _blank(before) and _blank(after)
        case "drop":
            return bool(before) and _blank(after)
        case "split":
            return _SPLIT.fullmatch(after) is not None and "".join(after.split()) == before
        case "complete":
            old, new = lower_word(before), lower_word(after)
            words = WORD.fullmatch(before) and WORD.fullmatch(after)
            return (
                bool(words) and len(new) > len(old) and (new.startswith(old) or new.endswith(old))
            )
        case "case":
            if before.isascii() and after.isascii():
                return before.lower() == after.lower()
            return len(before) == len(after) and all(
                a == b or lower_char(a) == lower_char(b) for a, b in zip(before, after, strict=True)
            )
        case "mark" | "number":
            return not _WORD_CHAR.search(before) and not _WORD_CHAR.search(after)


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to a text.

    Attributes:
        start: where ``before`` stands, in code points of the text that the edit applies to.
        before: what stands there; empty for an insertion.
        after: what takes its place; empty for a deletion.
        kind: see :data:`Kind`.
        reason: why, in a few words for a person.
        confidence: 0..1.
        group: edits of one document with the same number stand or fall together; 0 stands alone.
        normalizer: the name of the normalizer that proposed it.

    Raises:
        EditError: if the kind does not allow the change, it changes nothing, or the confidence is
            no share.

    >>> Edit(0, "a", "A", "case", "sentence start")
    Edit(start=0, before='a', after='A', kind='case', reason='sentence start', confidence=1.0, \
group=0, normalizer='')
    >>> Edit(0, "a", "b", "case", "typo")
    Traceback (most recent call last):
    ...
    cleantext.edits.EditError: a 'case' edit may not turn 'a' into 'b'
    """

    start: int
    before: str
    after: str
    kind: Kind
    reason: str
    confidence: float = 1.0
    group: int = 0
    normalizer: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise EditError(f"there is no kind of edit {self.kind!r}; the kinds are {KINDS}")
        if not 0 <= self.confidence <= 1:
            raise EditError(f"a confidence is a share from 0 to 1, not {self.confidence}")
        if self.before == self.after:
            raise EditError(f"an edit must change something; {self.before!r} stays as it is")
        if not _allowed(self.kind, self.before, self.after):
            raise EditError(
                f"a {self.kind!r} edit may not turn {self.before!r} into {self.after!r}"
            )

    @property
    def end(self) -> int:
        """Offset just behind ``before``, in code points."""
        return self.start + len(self.before)

    def to_dict(self) -> dict[str, Any]:
        """The fields, for JSON."""
        return asdict(self)


def in_order(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits by place: insertions at a place before the edit that replaces what stands there."""
    return tuple(sorted(edits, key=lambda edit: (edit.start, bool(edit.before))))


def apply(text: str, edits: Sequence[Edit]) -> str:
    """The text with all edits made.

    Args:
        text: what the edits were proposed for.
        edits: in the order of :func:`in_order`.

    Raises:
        EditError: if two edits overlap, are out of order, or do not find their ``before``.

    >>> apply("u s", [Edit(1, " ", ".", "mark", "initials"), Edit(3, "", ".", "mark", "initials")])
    'u.s.'
    """
    parts: list[str] = []
    last = 0
    for edit in edits:
        if edit.start < last:
            raise EditError(f"edits overlap or are out of order at {edit.start}: {edit}")
        if not text.startswith(edit.before, edit.start) or edit.end > len(text):
            found = text[edit.start : edit.end]
            raise EditError(f"expected {edit.before!r} at {edit.start}, found {found!r}")
        parts.append(text[last : edit.start])
        parts.append(edit.after)
        last = edit.end
    parts.append(text[last:])
    return "".join(parts)


def invert(text: str, edits: Sequence[Edit]) -> str:
    """The text before all edits were made: ``invert(apply(t, e), e) == t``.

    Raises:
        EditError: if the text is not what the edits made.
    """
    parts: list[str] = []
    last = shift = 0
    for edit in edits:
        start = edit.start + shift
        end = start + len(edit.after)
        if start < last or text[start:end] != edit.after:
            raise EditError(f"expected {edit.after!r} at {start}, found {text[start:end]!r}")
        parts.append(text[last:start])
        parts.append(edit.before)
        shift += len(edit.after) - len(edit.before)
        last = end
    parts.append(text[last:])
    return "".join(parts)
