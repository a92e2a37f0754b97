"""Boilerplate: what scrapers left in the copy is taken out, and kept in the document."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from cleantext.boilerplate.findings import Cut, Finding, cuts, disjoint
from cleantext.boilerplate.layout import settle
from cleantext.boilerplate.lines import Line, lines_of
from cleantext.document import Span
from cleantext.draft import Draft
from cleantext.edits import Edit, Kind
from cleantext.words import WORD

__all__ = ["Boilerplate", "drops", "refusal"]

#: Share of a text's words that may go in one pass; a text that is more than half boilerplate is no
#: article. What a later round finds is measured against what is left, or a second run would go on.
LARGEST_SHARE = 0.5
#: Share of a line from which on all of it goes, and code points of a line that never goes in part.
_MOST, _SHORT_LINE = 0.6, 250
_OPENS, _CLINGS = "\"'“‘([", ".,;:?!…\"'”’)]"


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """Takes out teasers, credits, newsletter pleas, repeated captions and the like.

    Attributes:
        policy: ``"drop"`` takes out what is sure enough; ``"mark"`` leaves it and lists it in the
            document; ``"keep"`` does not look for it.
        threshold: least confidence (0..1) of what goes or is listed.

    >>> from cleantext.document import Document
    >>> draft = Draft(Document.start("The ferry left.\\n\\nADVERTISEMENT\\n\\nIt came back."))
    >>> draft.document.after_pass(Boilerplate().propose(draft)).text
    'The ferry left.\\n\\nIt came back.'
    """

    policy: Literal["drop", "mark", "keep"] = "drop"
    threshold: float = 0.9

    name: ClassVar[str] = "boilerplate"
    kinds: ClassVar[frozenset[Kind]] = frozenset({"drop"})

    def __post_init__(self) -> None:
        if self.policy not in ("drop", "mark", "keep"):
            raise ValueError(f'policy is "drop", "mark" or "keep", not {self.policy!r}')
        if not 0 <= self.threshold <= 1:
            raise ValueError(f"threshold is a share from 0 to 1, not {self.threshold}")

    @property
    def reads_parts(self) -> bool:
        """Whether the tagger is asked."""
        return self.policy != "keep"

    def findings(self, draft: Draft) -> list[Finding]:
        """The boilerplate of the text by place, the unsure included; none if policy is "keep".

        By rules and repeats where the lines are kept, by the tagger where they are lost.
        """
        if self.policy == "keep":
            return []
        first: list[Finding] | None = draft.found.get("furniture")
        return disjoint([*settle(draft.text, self.threshold, first), *_foreign(draft)])

    def propose(self, draft: Draft) -> list[Edit]:
        """The drops; those of one block share a group. None if more than half would go."""
        if self.policy != "drop":
            return []
        sure = self._sure(draft)
        return [] if refusal(draft.text, sure) else drops(draft.text, sure)

    def marked(self, draft: Draft) -> list[Span]:
        """What is told apart and left in place, under the policy "mark"."""
        if self.policy != "mark":
            return []
        return [
            Span(f.start, f.stop, draft.text[f.start : f.stop], f.reason, f.confidence)
            for f in self._sure(draft)
        ]

    def warnings(self, draft: Draft) -> list[str]:
        """Why nothing is dropped although something was found."""
        told = refusal(draft.text, self._sure(draft)) if self.policy == "drop" else None
        return [told] if told else []

    def _sure(self, draft: Draft) -> list[Finding]:
        """What goes or is listed; found once a draft."""
        key = f"boilerplate {self.policy} {self.threshold}"
        if key not in draft.found:
            draft.found[key] = [f for f in self.findings(draft) if f.confidence >= self.threshold]
        sure: list[Finding] = draft.found[key]
        return sure


def _foreign(draft: Draft) -> Iterator[Finding]:
    """What the tagger took for boilerplate, with the marks that still cling to it."""
    if not draft.parts:
        return
    words, lines = draft.words, lines_of(draft.text)
    for part in draft.parts:
        if part.name == "boilerplate":
            before, after = words.gaps[part.start], words.gaps[part.stop]
            start = words.starts[part.start] - len(before) + len(before.rstrip(_OPENS))
            stop = words.end(part.stop - 1) + len(after) - len(after.lstrip(_CLINGS))
            start, stop = _whole_lines(lines, start, stop)
            if start < stop:
                reason = "other stories' headlines or page furniture"
                # whole spans are right oftener than the mean of their words says
                sure = round(1 - (1 - part.confidence) ** 2, 4)
                yield Finding(start, stop, "tagger", "foreign", reason, sure)


def _whole_lines(lines: Sequence[Line], start: int, stop: int) -> tuple[int, int]:
    """A span that takes short lines whole or not at all; empty if nothing is left of it."""
    if len(lines) == 1:
        return start, stop
    first = max(bisect_right(lines, start, key=lambda line: line.start) - 1, 0)
    last = bisect_left(lines, stop, key=lambda line: line.start) - 1
    whole = [_goes(line, start, stop) for line in (lines[first], lines[last])]
    if whole[0] is not None:
        start = lines[first].start if whole[0] else lines[min(first + 1, last)].start
    if whole[1] is not None:
        stop = lines[last].stop if whole[1] else lines[max(last - 1, first)].stop
    return (start, stop) if first < last or whole[0] is not False else (start, start)


def _goes(line: Line, start: int, stop: int) -> bool | None:
    """Whether all of a line goes with a span or none of it; None if a part of it may."""
    if min(stop, line.stop) - max(start, line.start) >= _MOST * (line.stop - line.start):
        return True
    return False if line.stop - line.start <= _SHORT_LINE else None


def refusal(text: str, findings: Sequence[Finding]) -> str | None:
    """Why these findings may not be dropped, in a sentence; None if they may.

    Args:
        text: what the findings are of.
        findings: by place, none overlapping another.
    """
    if not findings:
        return None
    words = len(WORD.findall(text))  # marks that are set later change nothing
    gone = sum(len(WORD.findall(text, found.start, found.stop)) for found in findings)
    if gone <= LARGEST_SHARE * words:
        return None
    return (
        f"boilerplate was left in place: {gone} of {words} words look like it, more than half of"
        " the text"
    )


def drops(text: str, findings: Sequence[Finding]) -> list[Edit]:
    """The edits that take findings out, with the break that is then one too many.

    Args:
        text: what the findings are of.
        findings: by place, none overlapping another.

    Returns:
        Edits of kind ``drop``, one a finding; those of one block share a group.
    """
    edits: list[Edit] = []
    for group, cut in enumerate(cuts(text, findings), 1):
        edits += _block(text, cut, group if len(cut.findings) > 1 else 0)
    return edits


def _block(text: str, cut: Cut, group: int) -> Iterator[Edit]:
    begins = [cut.start, *(found.start for found in cut.findings[1:])]
    ends = [*begins[1:], cut.stop]
    glued = text[cut.start - 1 : cut.start].isalnum() and text[cut.stop : cut.stop + 1].isalnum()
    for found, start, stop in zip(cut.findings, begins, ends, strict=True):
        after = " " if glued and stop == cut.stop else ""
        yield Edit(
            start,
            text[start:stop],
            after,
            "drop",
            found.reason,
            found.confidence,
            group,
            Boilerplate.name,
        )
