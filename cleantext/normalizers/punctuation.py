"""Punctuation: what stands in every gap, as the reading decided it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import regex

from cleantext.draft import Draft
from cleantext.edits import Edit, Kind
from cleantext.normalizers.groups import pair_groups, start_group
from cleantext.tagger.decode import Decision
from cleantext.tagger.evidence import BLANK, FIRST, LAST
from cleantext.tagger.facets import column, mark_facet, marks_of
from cleantext.tagger.labels import LabelTable, Role
from cleantext.tagger.reading import Region
from cleantext.tagger.style import Style
from cleantext.words import Words

__all__ = ["Punctuation"]

_REASONS = {
    "sentence": "sentence end",
    "question": "question",
    "exclamation": "exclamation",
    "comma": "comma",
    "semicolon": "semicolon",
    "colon": "colon",
    "ellipsis": "ellipsis",
    "dash": "dash",
    "hyphen": "hyphen",
    "apostrophe": "apostrophe",
    "abbreviation": "abbreviation or initials",
    "quote_open": "quotation",
    "quote_close": "quotation",
    "single_open": "quotation",
    "single_close": "quotation",
    "bracket_open": "brackets",
    "bracket_close": "brackets",
    "slash": "slash",
    "percent": "per cent",
    "dollar": "currency",
    "pound": "currency",
    "euro": "currency",
    "cent": "currency",
    "other": "sign",
}
_BLANK = regex.compile(r"\s+")
_RIGHT_MARK = regex.compile(r"(\[\.\.\.\]|\.{2,}|[^\s])(\s*)")
_ENDING = frozenset(("question", "exclamation", "ellipsis"))
_PAIRED = frozenset(
    f"{mark}_{side}" for mark in ("quote", "single", "bracket") for side in ("open", "close")
)
_MONEY = frozenset(("percent", "dollar", "pound", "euro", "cent"))


@dataclass(frozen=True, slots=True)
class Punctuation:
    """Sets the marks and paragraph breaks that were lost, and nothing where they were not.

    Each mark is an edit of its own with the confidence of its own facet: a full stop stands in one
    group with the capital and the paragraph break that depend on it, an opening quotation mark with
    its closing one.

    Attributes:
        style: the form of inserted marks; None takes it from what survives in the text, or from
            its canonical version.
    """

    style: Style | None = None

    name: ClassVar[str] = "punctuation"
    kinds: ClassVar[frozenset[Kind]] = frozenset({"mark", "number", "space"})
    reads: ClassVar[bool] = True

    def propose(self, draft: Draft) -> list[Edit]:
        """Edits for every gap that the reading sets otherwise than it stands."""
        reading = draft.reading
        if reading.table is None:
            return []
        style = self.style or draft.style
        edits: list[Edit] = []
        for region, decision in zip(reading.regions, reading.decisions, strict=True):
            setter = _Setter(draft.words, region, decision, reading.table, style)
            for i, role in enumerate(decision.roles.tolist()):
                if role > 0 or role == -2:
                    edits += setter.gap(i, role)
        return reading.calibration.applied(edits)


class _Setter:
    """Turns the chosen role of a gap into edits."""

    def __init__(
        self, words: Words, region: Region, decision: Decision, table: LabelTable, style: Style
    ) -> None:
        self.words, self.region, self.decision = words, region, decision
        self.roles, self.style = table.roles, style
        self.pairs = pair_groups(decision, region.start)

    def gap(self, i: int, index: int) -> Iterator[Edit]:
        """The edits of gap ``i`` of the region."""
        start, end = self.words.gap_span(self.region.start + i)
        stands = self.words.gaps[self.region.start + i]
        if index == -2:
            blank = _BLANK.search(stands)
            if blank is not None:
                yield self._space(i, start + blank.start(), blank.group(), self.style.break_)
            return
        role = self.roles[index]
        kind = int(self.region.evidence.kinds[i])
        if not role.space:
            yield self._joined(i, start, stands, role)
            return
        dash = "—" in role.right and self.style.dash == "—"
        for mark in marks_of(role.left):
            yield self._mark(i, start, mark, role, opening=False)
        if role.breaks and kind == BLANK and stands != self.style.break_:
            yield self._space(i, start, stands, self.style.break_)
        elif dash and kind not in (FIRST, LAST):
            yield self._space(i, start, stands, "")
        if kind == LAST:
            return
        for mark, tail in _RIGHT_MARK.findall(role.right):
            yield self._mark(i, end, mark, role, opening=True, tail="" if dash else tail)

    def _ended(self, i: int, role: Role) -> float:
        """How sure the mark at a sentence's end is: a question mark may be less so than the end."""
        marks = {mark_facet(mark, role, opening=False) for mark in marks_of(role.left)}
        return min(self._confidence(i, facet) for facet in {"sentence"} | marks & _ENDING)

    def _confidence(self, i: int, facet: str) -> float:
        return round(float(self.decision.facets[i, column(facet)]), 4)

    def _mark(
        self, i: int, place: int, mark: str, role: Role, *, opening: bool, tail: str = ""
    ) -> Edit:
        facet = mark_facet(mark, role, opening=opening)
        group = 0
        if facet in _PAIRED:
            group = self.pairs.get(i, 0)
        elif role.ends and facet in _ENDING | {"sentence"}:
            group = start_group(self.region.start + i)
        shown = self.style.mark(mark, opening=opening and facet != "apostrophe")
        if mark == "—":
            shown = self.style.dash.strip()
        return Edit(
            place,
            "",
            shown + tail,
            "number" if facet in _MONEY else "mark",
            _REASONS[facet],
            self._confidence(i, facet),
            group,
            Punctuation.name,
        )

    def _joined(self, i: int, start: int, stands: str, role: Role) -> Edit:
        """A gap without a blank: one edit that takes the blank away."""
        facets = [mark_facet(mark, role, opening=False) for mark in marks_of(role.text)]
        words = self.region.evidence.words
        digits = 0 < i < len(words) and words[i - 1][-1].isdigit() and words[i][0].isdigit()
        number = digits or bool(_MONEY & set(facets))
        text = "".join(self.style.mark(mark, opening=False) for mark in role.text)
        reason = "number" if digits else _REASONS[facets[0]]
        confidence = min(self._confidence(i, facet) for facet in facets)
        kind: Kind = "number" if number else "mark"
        return Edit(start, stands, text, kind, reason, confidence, 0, Punctuation.name)

    def _space(self, i: int, start: int, stands: str, after: str) -> Edit:
        if not after:
            group, reason, sure = 0, "dash", self._confidence(i, "dash")
            return Edit(start, stands, after, "space", reason, sure, group, Punctuation.name)
        sure = self._confidence(i, "paragraph")
        group = start_group(self.region.start + i)
        index = int(self.decision.roles[i])
        if index == -2 or self.roles[index].ends:
            # the break needs the stop before it, but the stop does not need the break
            group = 0
            sure = sure if index == -2 else min(sure, self._ended(i, self.roles[index]))
        return Edit(start, stands, after, "space", "paragraph", sure, group, Punctuation.name)
